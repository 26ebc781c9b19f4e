//! Requests that the core makes for itself, and what comes of them: one reply each, whatever the server
//! does.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::Client;
use super::answer::{error_in, is_own, kind_of_refusal};
use super::config::is_session_id;
use super::head::{execution_after, refusal};
use crate::http::{self, Headers, names};
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::RpcError;
use crate::outcome::{Execution, FailureKind, Outcome, Refusal};

/// What the core asks for.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Errand {
    /// `server/discover`: which revisions the server speaks.
    Discover,
    /// `initialize`: a session.
    Initialize,
    /// `tools/list`: the headers of a call that the server refused for them.
    ListTools(CallId),
}

impl Errand {
    const fn method(self) -> &'static str {
        match self {
            Self::Discover => "server/discover",
            Self::Initialize => "initialize",
            Self::ListTools(_) => "tools/list",
        }
    }
}

/// What came of an errand.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// The server's own no; with the HTTP refusal that it came in, if it did.
    Error(RpcError, Option<Refusal>),
    Failed(Over),
    Result(Bytes),
}

impl Reply {
    /// The sentence part that says what is wrong; empty for a result.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Error(error, _) => format!("{error}"),
            Self::Failed(over) => over.reason.clone(),
            Self::Result(_) => String::new(),
        }
    }
}

/// How an errand failed.
#[derive(Clone, Debug)]
pub(super) struct Over {
    pub(super) kind: FailureKind,
    pub(super) execution: Execution,
    pub(super) refusal: Option<Refusal>,
    pub(super) reason: String,
}

impl Over {
    pub(super) fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            execution: match kind {
                FailureKind::Unreachable => Execution::NotSent,
                _ => Execution::Unknown,
            },
            refusal: None,
            reason: reason.into(),
        }
    }
}

impl Client {
    pub(super) fn errand_head(
        &mut self,
        id: ExchangeId,
        errand: Errand,
        status: u16,
        headers: Headers<'_>,
    ) {
        let method = errand.method();
        let over = match status {
            200..=299 if errand == Errand::Initialize && self.session.is_http_sse() => {
                return self.linger(id); // Its answer comes on the stream.
            }
            202 => Over::new(
                FailureKind::BadAnswer,
                format!("the server accepted {method} (202) and promised no answer"),
            ),
            200..=299 if errand == Errand::Initialize && !self.take_session_id(headers) => {
                self.abort(id);
                let reason = "the session id has characters beside visible ASCII";
                return self.errand_failed(errand, FailureKind::BadAnswer, reason);
            }
            200..=299 => match self.body_of(headers) {
                Ok(reading) => return self.read_on(id, reading),
                Err(reason) => Over::new(FailureKind::BadAnswer, reason),
            },
            0 | 300..=399 => {
                self.handshake_is(errand, Execution::Refused);
                let target =
                    http::find(headers, names::LOCATION).map_or_else(String::new, http::lossy);
                Over {
                    kind: FailureKind::Redirected,
                    execution: Execution::Refused,
                    refusal: Some(refusal(status, headers)),
                    reason: format!("{method} was redirected to {target:?}"),
                }
            }
            _ => {
                self.handshake_is(errand, execution_after(status));
                return self.read_error(id, status, headers);
            }
        };
        self.linger(id);
        self.errand_done(errand, Reply::Failed(over));
    }

    /// Keeps the session id of the head, to count with the result. `false`: it is none.
    fn take_session_id(&mut self, headers: Headers<'_>) -> bool {
        let session = http::find(headers, names::SESSION_ID);
        let is_good = session.is_none_or(is_session_id);
        if is_good {
            self.session.offered_id(session.map(Bytes::copy_from_slice));
        }
        is_good
    }

    /// A whole JSON body.
    pub(super) fn errand_json(&mut self, errand: Errand, own: u64, body: &[u8]) {
        let bad = |reason: String| Reply::Failed(Over::new(FailureKind::BadAnswer, reason));
        let reply = match core::str::from_utf8(body).map(jsonrpc::scan) {
            Ok(Ok(Scanned::One(Message::Result { id, result }))) if is_own(id, own) => {
                Reply::Result(Bytes::copy_from_slice(result.as_bytes()))
            }
            Ok(Ok(Scanned::One(Message::Error { id, error })))
                if id.is_none_or(|id| is_own(id, own)) =>
            {
                Reply::Error(error, None)
            }
            Ok(Err(reason)) => bad(format!("the answer is no JSON-RPC message: {reason}")),
            _ => bad(format!("the answer is not one to {}", errand.method())),
        };
        self.errand_done(errand, reply);
    }

    /// A response on the stream that answers the errand.
    pub(super) fn errand_answer(
        &mut self,
        id: ExchangeId,
        errand: Errand,
        own: u64,
        raw: Option<&str>,
        outcome: Outcome,
    ) {
        let is_ours = raw.map_or(matches!(outcome, Outcome::Error(_)), |raw| is_own(raw, own));
        if !is_ours {
            let what = format!(
                "a response on the stream of {} that is not its answer",
                errand.method()
            );
            return self.ignore(id, what);
        }
        self.linger(id);
        match outcome {
            Outcome::Result(result) => self.errand_done(errand, Reply::Result(result)),
            Outcome::Error(error) => self.errand_done(errand, Reply::Error(error, None)),
            Outcome::Failed(_) => {}
        }
    }

    /// An HTTP error.
    pub(super) fn errand_refused(&mut self, errand: Errand, refusal: Refusal, body: &[u8]) {
        let status = refusal.status;
        let refusal = refusal.with_body(body);
        let kind = kind_of_refusal(&refusal);
        let reply = match error_in(body) {
            Some((_, error)) if kind == FailureKind::HttpStatus => {
                Reply::Error(error, Some(refusal))
            }
            _ => Reply::Failed(Over {
                kind,
                execution: execution_after(status),
                refusal: Some(refusal),
                reason: format!("HTTP {status} to {}", errand.method()),
            }),
        };
        self.errand_done(errand, reply);
    }

    pub(super) fn errand_failed(&mut self, errand: Errand, kind: FailureKind, reason: &str) {
        if kind == FailureKind::Unreachable {
            self.handshake_is(errand, Execution::NotSent);
        }
        self.errand_done(errand, Reply::Failed(Over::new(kind, reason)));
    }

    /// The response ended before the answer.
    pub(super) fn errand_unanswered(&mut self, errand: Errand) {
        let reason = format!("the stream ended before the answer to {}", errand.method());
        self.errand_failed(errand, FailureKind::ConnectionLost, &reason);
    }

    fn errand_done(&mut self, errand: Errand, reply: Reply) {
        match errand {
            Errand::Discover => self.probe_replied(reply),
            Errand::Initialize => self.initialize_replied(reply),
            Errand::ListTools(call) => self.tools_replied(call, &reply),
        }
    }

    /// Tells who waits for an errand that it goes on under another handle.
    pub(super) fn errand_moved(&mut self, errand: Errand, to: ExchangeId) {
        match errand {
            Errand::Discover => self.session.probe_moved(to),
            Errand::Initialize => self.session.initialize_moved(to),
            Errand::ListTools(call) => self.refresh_moved(call, to),
        }
    }
}
