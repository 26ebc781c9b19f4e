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
use crate::outcome::{FailureKind, Withdrawal};
use crate::story::Teller;

/// A request of the server that is with the application.
#[derive(Clone, Debug)]
pub(super) struct Obligation {
    pub(super) method: Cow<'static, str>,
    reply: Reply,
    pub(super) source: Source,
    pub(super) teller: Teller,
}

/// Where the answer goes.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Reply {
    /// To the server, as a response to the request with this id: its raw JSON, which goes back as it came.
    Post(Box<str>),
    /// Into the next round of this call, under this key.
    Round(CallId, Box<str>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Obligations {
    pub(super) open: BTreeMap<ObligationId, Obligation>,
    /// Those that came on no call's stream: any call may be waiting for them.
    pub(super) unattributed: u32,
}

impl Obligation {
    /// It is a question that this call's next round answers.
    pub(super) fn belongs_to(&self, call: CallId) -> bool {
        matches!(&self.reply, Reply::Round(of, _) if *of == call)
    }

    #[cfg(feature = "explore")]
    pub(super) const fn reply(&self) -> &Reply {
        &self.reply
    }

    fn held(&self) -> usize {
        match &self.reply {
            Reply::Post(wire) => wire.len(),
            Reply::Round(_, key) => key.len(),
        }
    }
}

impl Obligations {
    fn by_wire(&self, raw: &str) -> Option<ObligationId> {
        self.open
            .iter()
            .find(|(_, open)| matches!(&open.reply, Reply::Post(wire) if **wire == *raw))
            .map(|(&id, _)| id)
    }

    pub(super) fn bytes(&self) -> usize {
        self.open.values().map(Obligation::held).sum()
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
        let params = params.map(|params| Bytes::copy_from_slice(params.as_bytes()));
        self.oblige(Reply::Post(raw_id.into()), source, method, params);
    }

    /// A question that the server asks before it answers a call.
    pub(super) fn ask_application(
        &mut self,
        call: CallId,
        key: &str,
        method: &str,
        params: Option<Bytes>,
    ) {
        let reply = Reply::Round(call, key.into());
        self.oblige(reply, Source::Call(call), method, params);
    }

    fn oblige(&mut self, reply: Reply, source: Source, method: &str, params: Option<Bytes>) {
        let id = self.ids.obligation();
        let method = known_method(method);
        let bound = self.after(self.config.timing.answer);
        self.timers.set(Timer::Answer(id), bound);
        self.obligations.open.insert(
            id,
            Obligation {
                method: method.clone(),
                reply,
                source,
                teller: Teller::new(self.now),
            },
        );
        self.stop_clocks_for(source);
        self.out.message(ClientEvent::Request {
            id,
            source,
            method,
            params,
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
        let wire = match self.discharge(id) {
            Some(Reply::Post(wire)) => wire,
            Some(Reply::Round(call, key)) => return self.round_answered(call, &key, answer),
            None => return,
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
        let reason = "the client's application did not answer in time";
        match self.withdraw(id, Withdrawal::TimedOut) {
            Some(Reply::Post(wire)) => {
                let error = RpcError::new(INTERNAL_ERROR, reason);
                self.post_response(jsonrpc::error(&wire, &error));
            }
            Some(Reply::Round(call, _)) => {
                self.fail_because(call, FailureKind::TimedOut, reason);
            }
            None => {}
        }
    }

    /// The session is over: what was asked in it needs no answer any more. Questions of a call belong to the
    /// call.
    pub(super) fn withdraw_posts(&mut self) {
        let ids: Vec<_> = self
            .obligations
            .open
            .iter()
            .filter(|(_, open)| matches!(open.reply, Reply::Post(_)))
            .map(|(&id, _)| id)
            .collect();
        for id in ids {
            self.withdraw(id, Withdrawal::SessionEnded);
        }
    }

    pub(super) fn withdraw(&mut self, id: ObligationId, why: Withdrawal) -> Option<Reply> {
        let reply = self.discharge(id)?;
        if !self.out.forget_request(id) {
            self.out.event(ClientEvent::Withdrawn { id, why });
        }
        Some(reply)
    }

    /// Takes a request off the table; says where its answer was to go.
    fn discharge(&mut self, id: ObligationId) -> Option<Reply> {
        let obligation = self.obligations.open.remove(&id)?;
        self.timers.clear(Timer::Answer(id));
        self.restart_clocks_for(obligation.source);
        Some(obligation.reply)
    }

    /// The questions that a call waits for, besides its own answer.
    pub(super) fn questions_of(&self, call: CallId) -> impl Iterator<Item = ObligationId> {
        self.obligations
            .open
            .iter()
            .filter(move |(_, open)| match open.source {
                Source::Call(asker) => asker == call,
                Source::Listen(_) | Source::Standalone => false,
            })
            .map(|(&id, _)| id)
    }
}
