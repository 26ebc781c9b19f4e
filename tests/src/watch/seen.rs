//! Entries of the books.

use crate::op::Op;
use mcp_sansio::{ClientOutput, Inspection, Instant, Method};
use serde_json::Value;
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
    /// if that one had its head already, so that it may have been over for the client.
    pub(super) first_handshake: Option<u64>,
    /// It was handed over to a client that had been closed.
    pub after_close: bool,
    /// What it stands for.
    pub kind: CallKind,
    /// Bytes of its params.
    pub size: usize,
    /// How often it settled.
    pub settled: u32,
    /// Its idle clock; `None` is off.
    pub idle: Option<Duration>,
    /// When its idle clock started, or was started again by progress of its own.
    pub restarted: Instant,
    /// For how long a request of the server was with the host since then.
    pub paused: Duration,
    /// The last deadline that was seen.
    pub deadline: Option<Instant>,
    /// The POSTs that carried it, oldest first.
    pub sendings: Vec<u64>,
    /// Its progress tokens on the wire.
    pub tokens: Vec<Value>,
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
    /// The request's body.
    pub body: Value,
    /// It redirects.
    pub redirects: bool,
    /// It is an event stream; else JSON.
    pub(super) is_sse: bool,
    pub(super) received: Vec<u8>,
    pub(super) messages: usize,
}

/// Whether the server can have run what an exchange carried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It cannot have left.
    NotSent,
    /// The server said that it did not run it.
    Refused,
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
    /// The handle of the call that was made.
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

    pub(super) fn is_handshake(&self) -> bool {
        self.body["method"] == "initialize"
    }

    pub(super) const fn end(&mut self, now: Instant) {
        self.ended = Some(now);
    }
}
