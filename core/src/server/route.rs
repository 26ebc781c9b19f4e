//! Bodies of requests: collected within bounds, read as messages, and brought to whom they are for.
//!
//! Source: 2025-11-25, basic/transports, "Sending Messages to the Server".

use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use bytes::Bytes;

use super::event::{Body, ServerEvent, ServerOutput};
use super::exchange::{Said, State};
use super::reject::Reason;
use super::shutdown::Phase;
use super::stream::StreamId;
use super::{Server, Timer};
use crate::ids::{ExchangeId, SessionId};
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::Notification;
use crate::version::Version;

/// Where a message belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) exchange: ExchangeId,
    pub(super) session: Option<SessionId>,
    pub(super) version: Version,
}

impl Server {
    pub(super) fn on_chunk(&mut self, id: ExchangeId, data: &[u8]) {
        let limit = self.config.limits.body;
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        let State::Receiving(body) = &mut exchange.state else {
            return;
        };
        if body.len() + data.len() > limit {
            let said = exchange.said.clone();
            let version = self.version_of_errors(&said);
            self.reject(id, &Reason::BodyTooLarge(limit), None, version);
        } else {
            body.extend_from_slice(data);
        }
    }

    pub(super) fn body_is_late(&mut self, id: ExchangeId) {
        let version = self
            .exchanges
            .get(&id)
            .and_then(|exchange| self.version_of_errors(&exchange.said));
        self.reject(id, &Reason::BodyTooLate, None, version);
    }

    pub(super) fn on_end(&mut self, id: ExchangeId) {
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        let State::Receiving(body) = &mut exchange.state else {
            return;
        };
        let body = core::mem::take(body);
        let said = exchange.said.clone();
        self.timers.clear(Timer::Body(id));
        let scanned = core::str::from_utf8(&body)
            .map_err(|_| Reason::BadJson("it is not UTF-8".to_string()))
            .and_then(|text| {
                jsonrpc::scan(text).map_err(|reason| {
                    if jsonrpc::is_value(text.as_bytes()) {
                        Reason::BadEnvelope(reason.to_string())
                    } else {
                        Reason::BadJson(reason.to_string())
                    }
                })
            });
        match scanned {
            Ok(Scanned::One(message)) => self.on_one(id, &said, message),
            Ok(Scanned::Batch(messages)) => self.on_batch(id, &said, messages),
            Err(reason) => {
                let raw_id = core::str::from_utf8(&body).ok().and_then(readable_id);
                self.reject(id, &reason, raw_id, self.version_of_errors(&said));
            }
        }
    }

    fn on_one(&mut self, id: ExchangeId, said: &Said, message: Message<'_>) {
        let is_modern = self.is_modern(said, &message);
        if let Err(reason) = self.judge_message(&message) {
            let version = if is_modern {
                Some(*self.config.versions.end())
            } else {
                said.named_version()
            };
            return self.reject(id, &reason, id_of(&message), version);
        }
        if is_modern {
            return self.on_modern(id, said, message);
        }
        if !self.speaks_legacy() {
            return self.refuse_legacy(id, said, &message);
        }
        if let Message::Request {
            id: raw,
            method,
            params,
        } = &message
            && *method == "initialize"
        {
            return self.on_initialize(id, said, raw, *params);
        }
        let raw_id = id_of(&message);
        let place = match self.place(id, said) {
            Ok(place) => place,
            Err(reason) => return self.reject(id, &reason, raw_id, said.named_version()),
        };
        if let Some(session) = place.session {
            self.use_session(session);
        }
        match message {
            Message::Request {
                id: raw,
                method,
                params,
            } => {
                if method == "ping" {
                    return self.answer_whole(id, 200, jsonrpc::result(raw, "{}"));
                }
                if let Err(reason) = self.has_room_for(place, 1) {
                    return self.reject(id, &reason, Some(raw), Some(place.version));
                }
                let stream = self.new_response_stream(place);
                self.oblige(place, stream, raw, method.into_owned(), params);
            }
            other => {
                self.accept_message(place, other);
                self.acknowledge(id);
            }
        }
    }

    /// The revision that errors are written in, before anything else is known.
    pub(super) fn version_of_errors(&self, said: &Said) -> Option<Version> {
        let only = (!self.speaks_legacy()).then_some(*self.config.versions.end());
        said.named_version().or(only)
    }

    /// What no session and no revision would make acceptable.
    fn judge_message(&self, message: &Message<'_>) -> Result<(), Reason> {
        match message {
            Message::Request { method, .. } | Message::Notification { method, .. }
                if method.is_empty() =>
            {
                Err(Reason::BadEnvelope("its method is empty".to_string()))
            }
            Message::Request { .. } if self.phase != Phase::Serving => Err(Reason::ShuttingDown),
            _ => Ok(()),
        }
    }

    /// A notification, or a response to a request of the application's.
    fn accept_message(&mut self, place: Place, message: Message<'_>) {
        match message {
            Message::Notification { method, params } => match &*method {
                "notifications/cancelled" => self.on_cancelled(place, params),
                "notifications/progress" if self.on_progress(place, params) => {}
                _ => {
                    let params = params.map(|params| Bytes::copy_from_slice(params.as_bytes()));
                    self.event(ServerEvent::Notification {
                        exchange: place.exchange,
                        session: place.session,
                        notification: Notification::new(method.into_owned(), params),
                    });
                }
            },
            Message::Result { id, result } => self.on_result(place, id, result),
            Message::Error { id, error } => self.on_error(place, id, error),
            Message::Request { .. } => {}
        }
    }

    /// Several messages in one body, which 2025-03-26 alone knows.
    fn on_batch(&mut self, id: ExchangeId, said: &Said, messages: jsonrpc::Batch<'_>) {
        let place = match self.place(id, said) {
            Ok(place) if place.version.has_batches() => place,
            Ok(_) => {
                let reason = Reason::BadEnvelope("a batch, which only 2025-03-26 has".to_string());
                return self.reject(id, &reason, None, self.version_of_errors(said));
            }
            Err(reason) => return self.reject(id, &reason, None, self.version_of_errors(said)),
        };
        let mut read = Vec::new();
        for message in messages {
            match message {
                Ok(Message::Request { method, .. }) if method == "initialize" => {
                    let reason = Reason::BadEnvelope(
                        "initialize stands alone, never in a batch".to_string(),
                    );
                    return self.reject(id, &reason, None, Some(place.version));
                }
                Ok(message) => {
                    if let Err(reason) = self.judge_message(&message) {
                        return self.reject(id, &reason, None, Some(place.version));
                    }
                    read.push(message);
                }
                Err(reason) => {
                    let reason = Reason::BadEnvelope(format!("a message of the batch: {reason}"));
                    return self.reject(id, &reason, None, Some(place.version));
                }
            }
        }
        let requests = read
            .iter()
            .filter(|message| matches!(message, Message::Request { .. }))
            .count();
        if let Err(reason) = self.has_room_for(place, requests) {
            return self.reject(id, &reason, None, Some(place.version));
        }
        if let Some(session) = place.session {
            self.use_session(session);
        }
        if requests == 0 {
            for message in read {
                self.accept_message(place, message);
            }
            return self.acknowledge(id);
        }
        let stream = self.new_response_stream(place);
        self.expect_answers(stream, requests);
        for message in read {
            match message {
                Message::Request {
                    id: raw, method, ..
                } if method == "ping" => {
                    self.answer_in_batch(stream, jsonrpc::result(raw, "{}"));
                }
                Message::Request {
                    id: raw,
                    method,
                    params,
                } => {
                    self.oblige(place, stream, raw, method.into_owned(), params);
                }
                other => self.accept_message(place, other),
            }
        }
    }

    /// Which session and revision a request is spoken in.
    fn place(&self, exchange: ExchangeId, said: &Said) -> Result<Place, Reason> {
        let named = match &said.version {
            Some(name) => match Version::from_name(name) {
                Some(version) if self.config.versions.contains(&version) => Some(version),
                _ if self.speaks_modern() => return Err(Reason::OtherVersion(name.to_string())),
                _ => return Err(Reason::UnsupportedVersion(name.to_string())),
            },
            None => None,
        };
        if !self.config.sessions {
            // Without a session nothing remembers what was negotiated: the header says it, and its absence
            // means the revision before the header (2025-11-25, transports, "Protocol Version Header").
            let before_header = Version::V2025_03_26;
            let is_served = self.config.versions.contains(&before_header);
            if named.is_none() && self.speaks_modern() && !is_served {
                let reason = "MCP-Protocol-Version is missing".to_string();
                return Err(Reason::HeaderMismatch(reason));
            }
            let version = named.unwrap_or(before_header);
            return Ok(Place {
                exchange,
                session: None,
                version,
            });
        }
        let session = self.session_of(said)?;
        let version = named.unwrap_or_else(|| self.sessions.version(session));
        Ok(Place {
            exchange,
            session: Some(session),
            version,
        })
    }

    /// The session that a request names: missing, unknown, or another principal's, which is as unknown.
    pub(super) fn session_of(&self, said: &Said) -> Result<SessionId, Reason> {
        let key = said.session.as_deref().ok_or(Reason::NoSession)?;
        self.sessions
            .find(key, said.principal.as_deref())
            .ok_or(Reason::UnknownSession)
    }

    pub(super) fn has_room_for(&self, place: Place, requests: usize) -> Result<(), Reason> {
        if self.obligations.len() + requests > self.config.limits.in_flight {
            return Err(Reason::TooMany("requests are in flight"));
        }
        let most = self.config.limits.obligations;
        let in_flight = place
            .session
            .map_or(0, |session| self.sessions.in_flight(session));
        if in_flight + requests > most {
            return Err(Reason::TooMany("requests of this session are in flight"));
        }
        Ok(())
    }

    /// The body was taken in, and nothing is owed for it.
    pub(super) fn acknowledge(&mut self, exchange: ExchangeId) {
        self.exchange_is_over(exchange);
        self.out.push_back(ServerOutput::Head {
            exchange,
            status: 202,
            headers: Vec::new(),
            body: Body::Whole(Bytes::new()),
        });
    }

    pub(super) fn new_response_stream(&mut self, place: Place) -> StreamId {
        let stream = self.open_response_stream(place);
        if let Some(exchange) = self.exchanges.get_mut(&place.exchange) {
            exchange.state = State::Waiting(stream);
        }
        stream
    }
}

const fn id_of<'a>(message: &Message<'a>) -> Option<&'a str> {
    match message {
        Message::Request { id, .. } => Some(id),
        _ => None,
    }
}

/// The id of a message that is not valid otherwise, so that its sender can tell which one was refused.
fn readable_id(text: &str) -> Option<&str> {
    let id = jsonrpc::member(text, "id")?;
    let is_id = id.starts_with('"') || id.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    is_id.then_some(id)
}

/// The text of a payload. What the core keeps was checked when it came in.
pub(super) fn text_of(bytes: &Bytes) -> &str {
    core::str::from_utf8(bytes).unwrap_or("null")
}
