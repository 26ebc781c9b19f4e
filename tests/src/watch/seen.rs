//! Entries of the books.

use super::responses::is_refusing;
use crate::op::Op;
use mcp_sansio::{ClientOutput, Era, Inspection, Instant, Method, Version};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// A call.
#[derive(Clone, Debug)]
pub struct CallSeen {
    /// When it was handed over.
    pub made: Instant,
    /// Its hard maximum.
    pub max: Duration,
    /// It may run twice.
    pub safe: bool,
    /// Handshakes from this exchange on are those that it waited for: one may have been under way. `None`
    /// if that one had its head already, so that it may have been over for the client, and if it was part of a
    /// search.
    pub(super) first_handshake: Option<u64>,
    /// It was handed over to a client that had been closed.
    pub after_close: bool,
    /// What it stands for.
    pub kind: CallKind,
    /// Its JSON-RPC method; empty for `connect`.
    pub method: String,
    /// Its params, as the host gave them.
    pub params: Value,
    /// What the server asked for last, instead of an answer (2026-07-28, multi round-trip requests).
    pub round: Option<Round>,
    /// The server has asked, and the next round has not gone out.
    pub between_rounds: bool,
    /// Bytes of its params.
    pub size: usize,
    /// How often it settled.
    pub settled: u32,
    /// Its idle clock; `None` is off.
    pub idle: Option<Duration>,
    /// When its idle clock started, or was started again by progress of its own.
    pub restarted: Instant,
    /// For how long a request of the server was with the host since then, or the host was asked for
    /// credentials that the call waits for.
    pub paused: Duration,
    /// The last deadline that was seen.
    pub deadline: Option<Instant>,
    /// The POSTs that carried it, oldest first.
    pub sendings: Vec<u64>,
    /// Its progress tokens on the wire.
    pub tokens: Vec<Value>,
}

/// A question of the server in the place of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Round {
    /// The text of its `requestState`, as it stands in the result.
    pub state: Option<String>,
    /// The keys of its `inputRequests`, sorted; `None` if it has none.
    pub keys: Option<Vec<String>>,
}

/// A subscription.
#[derive(Clone, Debug)]
pub struct ListenSeen {
    /// Its params, as the host gave them.
    pub params: Value,
    /// Bytes of its params.
    pub size: usize,
    /// It was handed over to a client that had been closed.
    pub after_close: bool,
    /// Where it stands.
    pub stage: ListenStage,
    /// How often it opened.
    pub opened: u32,
    /// How often it ended.
    pub ended: u32,
}

/// Where a subscription stands, by what the host was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListenStage {
    /// Nothing was told yet.
    Asked,
    /// It is open.
    Open,
    /// It was interrupted.
    Gap,
    /// It is over.
    Ended,
}

/// What a call stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallKind {
    /// `connect`: whatever handshake is made for it.
    Connect,
    /// The host's own `initialize`: that very handshake.
    Initialize,
    /// A request.
    Request,
}

/// An exchange.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
pub struct ExchangeSeen {
    /// Its method.
    pub method: Method,
    /// The call that it serves.
    pub call: Option<u64>,
    /// What became of the request in it.
    pub fate: Fate,
    /// When it ended or was aborted; `None` while it is open.
    pub ended: Option<Instant>,
    /// Its head came.
    pub has_head: bool,
    /// When it was opened.
    pub opened: Instant,
    /// It goes where the server wants messages posted, not to the configured URL.
    pub at_endpoint: bool,
    /// The request's headers, as text.
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub body: Value,
    /// The text of the request's body.
    pub text: String,
    /// The server answered its request with a message, whatever that says.
    pub answered: bool,
    /// It redirects.
    pub redirects: bool,
    /// It was refused for want of credentials: 401, or 403 for their scope.
    pub wants_credentials: bool,
    /// Its status is a 2xx.
    pub(super) is_success: bool,
    /// It is an event stream; else JSON.
    pub(super) is_sse: bool,
    pub(super) received: Vec<u8>,
    pub(super) events: usize,
}

/// Whether the server can have run what an exchange carried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It cannot have left.
    NotSent,
    /// The server said that it did not run it.
    Refused,
    /// It ran as far as a question that the client must answer first. What goes out next is another round.
    Asked,
    /// A refusal came whole, but the body around it did not end: whether that counts is for the client to say.
    Doubtful,
    /// It may have run.
    Unknown,
}

/// One step, as it was seen.
#[derive(Debug)]
pub struct StepSeen<'a> {
    /// When.
    pub now: Instant,
    /// What was done.
    pub op: &'a Op,
    /// The handle of the call or subscription that was made.
    pub made: Option<u64>,
    /// Whether the drain was with room for messages.
    pub room: bool,
    /// Whether the drain before it was.
    pub room_before: bool,
    /// `poll_timeout` before the drain.
    pub announced: Option<Instant>,
    /// `poll_timeout` after the drain.
    pub after: Option<Instant>,
    /// The outputs.
    pub outputs: &'a [ClientOutput],
    /// `inspect` after the drain.
    pub inspection: &'a Inspection,
    /// Messages of the server that this input completed, with the batches' members counted.
    pub messages: usize,
    /// Calls not settled before it.
    pub calls_before: usize,
    /// Requests of the server with the host before it.
    pub obligations_before: usize,
    /// Exchanges open before it.
    pub exchanges_before: usize,
    /// Subscriptions not ended before it.
    pub listens_before: usize,
    /// Calls that waited for credentials before it.
    pub parked_before: BTreeSet<u64>,
    /// The revision that was spoken before it, if one was agreed or imported.
    pub spoke: Option<Version>,
    /// The revision that is spoken after it.
    pub speaks: Option<Version>,
}

impl ExchangeSeen {
    /// Neither ended nor aborted.
    pub const fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Its response is an event stream.
    pub const fn is_sse(&self) -> bool {
        self.is_sse
    }

    /// Bytes of its response came.
    pub const fn has_body(&self) -> bool {
        !self.received.is_empty()
    }

    /// The value of a header of the request.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(there, _)| there == name)
            .map(|(_, value)| value.as_str())
    }

    /// The revision that the body names for itself, as requests of the modern era do.
    pub fn declared(&self) -> Option<&str> {
        self.body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str()
    }

    /// It carries a message of the modern era.
    pub fn is_modern(&self) -> bool {
        let names = |name: Option<&str>| {
            name.and_then(Version::from_name)
                .is_some_and(|version| version.era() == Era::Modern)
        };
        names(self.declared()) || names(self.header("mcp-protocol-version"))
    }

    /// It opens the stream of the HTTP+SSE transport, or a standalone stream.
    pub(super) fn is_stream_of_all(&self) -> bool {
        self.method == Method::Get && self.header("last-event-id").is_none()
    }

    pub(super) fn is_handshake(&self) -> bool {
        self.body["method"] == "initialize" || self.body["method"] == "server/discover"
    }

    /// The body as far as it came, if it is one text; empty for a stream.
    pub(super) fn text_so_far(&self) -> String {
        if self.is_sse {
            String::new()
        } else {
            String::from_utf8_lossy(&self.received).into_owned()
        }
    }

    /// The body broke off, or nobody reads it any more.
    pub(super) fn break_off(&mut self) {
        let body: Value = serde_json::from_str(&self.text_so_far()).unwrap_or_default();
        let refuses = body["error"]["code"].as_i64().is_some_and(is_refusing);
        if refuses && self.fate == Fate::Unknown {
            self.fate = Fate::Doubtful;
        }
    }

    pub(super) const fn end(&mut self, now: Instant) {
        self.ended = Some(now);
    }
}
