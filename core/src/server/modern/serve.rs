//! A modern message: judged, and brought to whom it is for. What the protocol itself answers, the core
//! answers; the rest is the application's.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use crate::ids::ExchangeId;
use crate::jsonrpc::code::METHOD_NOT_FOUND;
use crate::jsonrpc::{self, Message};
use crate::message::{Handshake, Notification, RpcError};
use crate::meta;
use crate::server::Server;
use crate::server::event::ServerEvent;
use crate::server::exchange::Said;
use crate::server::reject::Reason;
use crate::server::route::Place;
use crate::subscription::LISTEN;
use crate::version::{Era, Version};

impl Server {
    /// Whether a message is a modern one: by what it says itself, or by what its header says. Never by its
    /// method.
    pub(in crate::server) fn is_modern(&self, said: &Said, message: &Message<'_>) -> bool {
        let params = match message {
            Message::Request { params, .. } | Message::Notification { params, .. } => *params,
            Message::Result { .. } | Message::Error { .. } => None,
        };
        meta::of(params, meta::PROTOCOL_VERSION).is_some()
            || said.named_version().map(Version::era) == Some(Era::Modern) && self.speaks_modern()
    }

    pub(in crate::server) fn speaks_modern(&self) -> bool {
        self.config.versions.end().era() == Era::Modern
    }

    pub(in crate::server) fn speaks_legacy(&self) -> bool {
        self.config.versions.start().era() == Era::Legacy
    }

    /// A modern message to a server of the legacy era only. It answers as its own era does, for clients take the
    /// errors of the modern one for a modern server.
    fn refuse_modern(&mut self, id: ExchangeId, message: &Message<'_>) {
        let (raw, params) = match message {
            Message::Request {
                id: raw, params, ..
            } => (Some(*raw), *params),
            Message::Notification { params, .. } => (None, *params),
            Message::Result { .. } | Message::Error { .. } => (None, None),
        };
        let named = meta::of(params, meta::PROTOCOL_VERSION).and_then(jsonrpc::string);
        let reason = Reason::UnsupportedVersion(named.unwrap_or_default().into_owned());
        self.reject(id, &reason, raw, Some(*self.config.versions.end()));
    }

    /// A legacy message to a server of the modern era only. Its client has no other way to learn which
    /// revisions there are.
    pub(in crate::server) fn refuse_legacy(
        &mut self,
        id: ExchangeId,
        said: &Said,
        message: &Message<'_>,
    ) {
        let (raw, asked) = match message {
            Message::Request {
                id: raw,
                method,
                params,
            } => {
                let asked = (*method == "initialize")
                    .then(|| jsonrpc::member((*params)?, "protocolVersion"))
                    .flatten();
                (Some(*raw), asked.and_then(jsonrpc::string))
            }
            _ => (None, None),
        };
        let named = asked
            .map(String::from)
            .or_else(|| said.version.as_deref().map(Into::into));
        let reason = match named {
            Some(named) => Reason::OtherVersion(named),
            None => Reason::HeaderMismatch(format!(
                "MCP-Protocol-Version is missing; spoken here: {}",
                self.supported_versions()
            )),
        };
        self.reject(id, &reason, raw, Some(*self.config.versions.end()));
    }

    pub(in crate::server) fn on_modern(
        &mut self,
        id: ExchangeId,
        said: &Said,
        message: Message<'_>,
    ) {
        let newest = Some(Version::V2026_07_28);
        if !self.speaks_modern() {
            return self.refuse_modern(id, &message);
        }
        match message {
            Message::Request {
                id: raw,
                method,
                params,
            } => {
                if let Err(reason) = self.serve(id, said, raw, &method, params) {
                    self.reject(id, &reason, Some(raw), newest);
                }
            }
            Message::Notification { method, params } => {
                match self.validate_notification(said, &method, params) {
                    // Closing its exchange is how a modern client cancels.
                    Ok(_) if method == "notifications/cancelled" => self.acknowledge(id),
                    Ok(_) => {
                        let params = params.map(|params| Bytes::copy_from_slice(params.as_bytes()));
                        self.event(ServerEvent::Notification {
                            exchange: id,
                            session: None,
                            notification: Notification::new(method.into_owned(), params),
                        });
                        self.acknowledge(id);
                    }
                    Err(reason) => self.reject(id, &reason, None, newest),
                }
            }
            Message::Result { .. } | Message::Error { .. } => {
                let what = "a response, which this protocol version does not post";
                self.reject(id, &Reason::BadEnvelope(what.into()), None, newest);
            }
        }
    }

    fn serve(
        &mut self,
        id: ExchangeId,
        said: &Said,
        raw: &str,
        method: &str,
        params: Option<&str>,
    ) -> Result<(), Reason> {
        let (version, asker) = self.validate(said, method, params)?;
        let place = Place {
            exchange: id,
            session: None,
            version,
        };
        if let Handshake::Core(identity) = &self.config.handshake {
            match method {
                "server/discover" => {
                    let result = self.discover_result(identity);
                    self.answer_whole(id, 200, jsonrpc::result(raw, &result));
                    return Ok(());
                }
                LISTEN => return self.open_listen(place, raw, params, &asker),
                _ if is_removed(method) => {
                    let sentence = format!("{method} is not a method of {version}");
                    let error = RpcError::new(METHOD_NOT_FOUND, sentence);
                    self.answer_whole(id, 404, jsonrpc::error(raw, &error));
                    return Ok(());
                }
                _ => {}
            }
        }
        self.has_room_for(place, 1)?;
        let stream = self.new_response_stream(place);
        let obligation = self.oblige(place, stream, raw, method.into(), params);
        if let Some(obligation) = self.obligations.get_mut(&obligation) {
            obligation.asker = Some(Box::new(asker));
        }
        Ok(())
    }
}

/// What earlier revisions had and this one has not (2026-07-28, changelog).
fn is_removed(method: &str) -> bool {
    matches!(
        method,
        "initialize"
            | "logging/setLevel"
            | "ping"
            | "resources/subscribe"
            | "resources/unsubscribe"
    )
}
