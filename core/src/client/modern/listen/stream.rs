//! What comes on the stream of a subscription: first its acknowledgement, then what was asked for, and, if
//! the server ends it in order, its result.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::{Listen, State};
use crate::client::answer::{error_in, is_own, kind_of_refusal};
use crate::client::event::{ClientEvent, ListenState, Source};
use crate::client::exchange::Reading;
use crate::client::head::{execution_after, is_passing, refusal};
use crate::client::ledger::failed;
use crate::client::modern::says_otherwise;
use crate::client::{Client, Timer};
use crate::http::{self, Headers, names, retry_after};
use crate::ids::{ExchangeId, ListenId};
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::Notification;
use crate::meta;
use crate::outcome::{Execution, FailureKind, Outcome, Refusal};
use crate::story::Seen;
use crate::subscription::{ACKNOWLEDGED, Filter, Wanted};

impl Client {
    pub(in crate::client) fn listen_head(
        &mut self,
        id: ExchangeId,
        listen: ListenId,
        status: u16,
        headers: Headers<'_>,
    ) {
        let now = self.now;
        if let Some(open) = self.listens.get_mut(listen) {
            open.teller.saw(now, Some(id), Seen::Head { status });
        }
        match status {
            202 => {
                self.linger(id);
                let reason = "the server accepted the subscription (202) and opened no stream";
                self.end_listen_because(listen, FailureKind::BadAnswer, reason);
            }
            200..=299 => match self.body_of(headers) {
                Ok(reading) => self.read_on(id, reading),
                Err(reason) => {
                    self.linger(id);
                    self.end_listen_because(listen, FailureKind::BadAnswer, &reason);
                }
            },
            0 | 300..=399 => {
                self.linger(id);
                let refusal = refusal(status, headers);
                self.end_listen_refused(listen, FailureKind::Redirected, refusal);
            }
            _ if is_passing(status) => {
                self.linger(id);
                let after = retry_after::parse(http::text(headers, names::RETRY_AFTER));
                self.listen_lost(listen, &format!("HTTP {status}"), after);
            }
            _ => self.read_error(id, status, headers),
        }
    }

    /// The response is over, without the result that a server ends a subscription by.
    pub(in crate::client) fn listen_is_over(
        &mut self,
        listen: ListenId,
        reading: &Reading,
        why: &str,
    ) {
        match reading {
            Reading::Error(refusal, body) => {
                let refusal = refusal.clone().with_body(body);
                let kind = kind_of_refusal(&refusal);
                let was_guess = self.session.was_guess(self.session.epoch);
                match error_in(body) {
                    None if was_guess && says_otherwise(&refusal) => {
                        self.queue_listen(listen);
                        self.assume_nothing(None);
                    }
                    Some((_, error)) if kind == FailureKind::HttpStatus => {
                        self.end_listen(listen, Outcome::Error(error));
                    }
                    _ => self.end_listen_refused(listen, kind, refusal),
                }
            }
            Reading::Json(body) => self.listen_json(listen, body),
            Reading::Decoding | Reading::Discard | Reading::Head | Reading::Sse(_) => {
                self.listen_lost(listen, why, None);
            }
        }
    }

    /// A JSON body has room for the end only.
    fn listen_json(&mut self, listen: ListenId, body: &[u8]) {
        let own = self
            .listens
            .open
            .get(&listen)
            .map_or(0, |open| open.wire_id);
        match core::str::from_utf8(body).map(jsonrpc::scan) {
            Ok(Ok(Scanned::One(Message::Result { id, result }))) if is_own(id, own) => {
                let result = Bytes::copy_from_slice(result.as_bytes());
                self.end_listen(listen, Outcome::Result(result));
            }
            Ok(Ok(Scanned::One(Message::Error { id, error })))
                if id.is_none_or(|id| is_own(id, own)) =>
            {
                self.end_listen(listen, Outcome::Error(error));
            }
            _ => {
                let reason = "the answer is no event stream, and no answer to the subscription";
                self.end_listen_because(listen, FailureKind::BadAnswer, reason);
            }
        }
    }

    fn end_listen_refused(&mut self, listen: ListenId, kind: FailureKind, refusal: Refusal) {
        let Some(open) = self.listens.open.get(&listen) else {
            return;
        };
        let execution: Execution = execution_after(refusal.status);
        let outcome = failed(kind, execution, Some(refusal), open.teller.clone());
        self.end_listen(listen, outcome);
    }

    /// A message on the stream.
    pub(in crate::client) fn on_listen_message(
        &mut self,
        exchange: ExchangeId,
        listen: ListenId,
        message: Message<'_>,
    ) {
        let Some(open) = self.listens.open.get(&listen) else {
            return;
        };
        let own = open.wire_id;
        match message {
            Message::Notification { method, params } => {
                self.on_listen_notification(exchange, listen, &method, params);
            }
            Message::Result { id, result } if is_own(id, own) => {
                self.linger(exchange);
                let result = Bytes::copy_from_slice(result.as_bytes());
                self.end_listen(listen, Outcome::Result(result));
            }
            Message::Error { id, error } if id.is_none_or(|id| is_own(id, own)) => {
                self.linger(exchange);
                self.end_listen(listen, Outcome::Error(error));
            }
            Message::Result { .. } | Message::Error { .. } => {
                self.ignore(exchange, "a response to another request on a listen stream");
            }
            Message::Request { method, .. } => {
                let what = format!("a request of the server ({method}) on a listen stream");
                self.ignore(exchange, what);
            }
        }
    }

    fn on_listen_notification(
        &mut self,
        exchange: ExchangeId,
        listen: ListenId,
        method: &str,
        params: Option<&str>,
    ) {
        let Some(open) = self.listens.open.get(&listen) else {
            return;
        };
        let is_cancelled = method == "notifications/cancelled"
            && params
                .and_then(|params| jsonrpc::member(params, "requestId"))
                .is_some_and(|id| is_own(id, open.wire_id));
        if is_cancelled {
            self.linger(exchange);
            let reason = "the server cancelled the subscription";
            return self.end_listen_because(listen, FailureKind::Cancelled, reason);
        }
        let is_open = matches!(open.state, State::Open(_));
        let problem = if method == "notifications/cancelled" || !open.is_own_tag(params) {
            Some("a notification of another subscription")
        } else if method == ACKNOWLEDGED {
            is_open.then_some("a second acknowledgement")
        } else if !is_open {
            Some("a notification before the acknowledgement")
        } else if open.asked.wants(method, params) == Wanted::No {
            Some("a notification that the subscription did not ask for")
        } else {
            None
        };
        if let Some(problem) = problem {
            return self.ignore(exchange, format!("{problem} ({method}) on a listen stream"));
        }
        if method == ACKNOWLEDGED {
            return self.listen_acknowledged(exchange, listen, params);
        }
        self.out.message(ClientEvent::Notification {
            source: Source::Listen(listen),
            notification: Notification::new(
                String::from(method),
                params.map(|params| Bytes::copy_from_slice(params.as_bytes())),
            ),
        });
    }

    fn listen_acknowledged(
        &mut self,
        exchange: ExchangeId,
        listen: ListenId,
        params: Option<&str>,
    ) {
        let agreed = params.and_then(|params| jsonrpc::member(params, "notifications"));
        let filter = Bytes::copy_from_slice(agreed.unwrap_or("{}").as_bytes());
        if let Err(reason) = Filter::read(agreed) {
            self.ignore(exchange, format!("an acknowledgement whose {reason}"));
        }
        if let Some(open) = self.listens.get_mut(listen) {
            open.state = State::Open(exchange);
        }
        self.timers.clear(Timer::ListenAcknowledged(listen));
        self.listen_event(listen, ListenState::Open { filter });
        self.listen_opened(listen);
    }
}

impl Listen {
    /// Whether a notification carries this subscription's id, or none at all.
    fn is_own_tag(&self, params: Option<&str>) -> bool {
        meta::of(params, meta::SUBSCRIPTION_ID).is_none_or(|id| is_own(id, self.wire_id))
    }
}
