//! The server's requests: each is answered, refused or withdrawn, within a bound.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use bytes::Bytes;

use super::event::{ClientEvent, Source};
use super::exchange::{Exchange, Post, Purpose};
use super::frame::known_method;
use super::{Client, Timer};
use crate::ids::{CallId, ExchangeId, ObligationId};
use crate::jsonrpc::{self, code::INTERNAL_ERROR};
use crate::message::{Answer, RpcError};
use crate::notice::NoticeKind;
use crate::outcome::Withdrawal;
use crate::story::Teller;

/// A request of the server that is with the application.
#[derive(Clone, Debug)]
pub(super) struct Obligation {
    pub(super) method: Cow<'static, str>,
    /// The raw JSON of the server's id, which goes back as it came.
    wire: Box<str>,
    pub(super) source: Source,
    pub(super) teller: Teller,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Obligations {
    pub(super) open: BTreeMap<ObligationId, Obligation>,
    /// Those that came on no call's stream: any call may be waiting for them.
    pub(super) unattributed: u32,
}

#[cfg(feature = "explore")]
impl Obligation {
    pub(super) fn wire(&self) -> &str {
        &self.wire
    }
}

impl Obligations {
    fn by_wire(&self, raw: &str) -> Option<ObligationId> {
        self.open
            .iter()
            .find(|(_, obligation)| *obligation.wire == *raw)
            .map(|(&id, _)| id)
    }

    pub(super) fn bytes(&self) -> usize {
        self.open.values().map(|open| open.wire.len()).sum()
    }
}

impl Client {
    pub(super) fn on_request(
        &mut self,
        exchange: ExchangeId,
        raw_id: &str,
        source: Source,
        method: &str,
        params: Option<&str>,
    ) {
        if method == "ping" {
            return self.answer_at_once(exchange, jsonrpc::result(raw_id, "{}"));
        }
        if self.obligations.by_wire(raw_id).is_some() {
            return; // The same request again, by a replay: one answer is owed, and will come.
        }
        let refusal = if self.obligations.open.len() >= self.config.limits.obligations {
            Some("too many requests are with the client's application")
        } else if !self.out.has_room() {
            Some("the client's application does not read its messages")
        } else {
            None
        };
        if let Some(reason) = refusal {
            let error = RpcError::new(INTERNAL_ERROR, reason);
            return self.answer_at_once(exchange, jsonrpc::error(raw_id, &error));
        }
        let id = self.ids.obligation();
        let method = known_method(method);
        let bound = self.after(self.config.timing.answer);
        self.timers.set(Timer::Answer(id), bound);
        self.obligations.open.insert(
            id,
            Obligation {
                method: method.clone(),
                wire: raw_id.into(),
                source,
                teller: Teller::new(self.now),
            },
        );
        self.stop_clocks_for(source);
        self.out.message(ClientEvent::Request {
            id,
            source,
            method,
            params: params.map(|params| Bytes::copy_from_slice(params.as_bytes())),
        });
    }

    /// The core's own answer. A server that asks faster than it takes answers gets no more of them: each is
    /// an exchange.
    fn answer_at_once(&mut self, exchange: ExchangeId, body: Bytes) {
        let is_response =
            |open: &Exchange| matches!(open.purpose, Purpose::Post(Post::Response { .. }));
        let most = self.config.limits.obligations;
        let is_flooded = self.exchanges.len() > most
            && self
                .exchanges
                .values()
                .filter(|open| is_response(open))
                .count()
                >= most;
        if is_flooded {
            self.ignore(
                exchange,
                "a request of the server, which takes no answers to those before it",
            );
        } else {
            self.post_response(body);
        }
    }

    pub(super) fn respond_to(&mut self, id: ObligationId, answer: Answer) {
        let Some(wire) = self.discharge(id) else {
            return;
        };
        let body = match answer {
            Answer::Result(result) => match core::str::from_utf8(&result) {
                Ok(text) if jsonrpc::is_value(&result) => jsonrpc::result(&wire, text),
                _ => {
                    let detail = format!(
                        "the answer to server request {wire} is not JSON text; the server got an error"
                    );
                    self.notice(NoticeKind::Ignored, None, detail);
                    let error = RpcError::new(INTERNAL_ERROR, "the client's answer was malformed");
                    jsonrpc::error(&wire, &error)
                }
            },
            Answer::Error(mut error) => {
                if error
                    .data
                    .as_ref()
                    .is_some_and(|data| !jsonrpc::is_value(data))
                {
                    error.data = None;
                }
                jsonrpc::error(&wire, &error)
            }
        };
        self.post_response(body);
    }

    /// The server cancels one of its requests (utilities, cancellation).
    pub(super) fn on_cancelled(&mut self, params: Option<&str>) {
        let id = params
            .and_then(|params| jsonrpc::member(params, "requestId"))
            .and_then(|raw| self.obligations.by_wire(raw));
        if let Some(id) = id {
            self.withdraw(id, Withdrawal::Cancelled);
        }
    }

    pub(super) fn answer_is_late(&mut self, id: ObligationId) {
        let Some(wire) = self.withdraw(id, Withdrawal::TimedOut) else {
            return;
        };
        let error = RpcError::new(
            INTERNAL_ERROR,
            "the client's application did not answer in time",
        );
        self.post_response(jsonrpc::error(&wire, &error));
    }

    pub(super) fn withdraw_all(&mut self) {
        let ids: Vec<_> = self.obligations.open.keys().copied().collect();
        for id in ids {
            self.withdraw(id, Withdrawal::SessionEnded);
        }
    }

    fn withdraw(&mut self, id: ObligationId, why: Withdrawal) -> Option<Box<str>> {
        let wire = self.discharge(id)?;
        if !self.out.forget_request(id) {
            self.out.event(ClientEvent::Withdrawn { id, why });
        }
        Some(wire)
    }

    /// Takes a request off the table; gives its wire id.
    fn discharge(&mut self, id: ObligationId) -> Option<Box<str>> {
        let obligation = self.obligations.open.remove(&id)?;
        self.timers.clear(Timer::Answer(id));
        self.restart_clocks_for(obligation.source);
        Some(obligation.wire)
    }

    /// The questions that a call waits for, besides its own answer.
    pub(super) fn questions_of(&self, call: CallId) -> impl Iterator<Item = ObligationId> {
        self.obligations
            .open
            .iter()
            .filter(move |(_, open)| match open.source {
                Source::Call(asker) => asker == call,
                Source::Standalone => false,
            })
            .map(|(&id, _)| id)
    }
}
