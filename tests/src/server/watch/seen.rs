//! What is known of each thing that a server deals with.

use super::modern::Modern;
use crate::server::act::Act;
use crate::server::events::Event;
use mcp_sansio::{EndReason, Inspection, Instant, ServerOutput};
use serde_json::Value;

/// An exchange.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about what was seen"
)]
#[derive(Clone, Debug, Default)]
pub struct ExchangeSeen {
    /// Its HTTP method.
    pub method: String,
    /// `mcp-protocol-version`.
    pub version: Option<String>,
    /// `mcp-session-id`.
    pub session: Option<String>,
    /// `last-event-id`.
    pub cursor: Option<String>,
    /// Who asked.
    pub principal: Option<String>,
    /// When.
    pub accepted: Instant,
    /// Its body so far.
    pub body: Vec<u8>,
    /// Its body is whole.
    pub has_body: bool,
    /// The status of its head.
    pub status: Option<u16>,
    /// Chunks follow the head.
    pub is_stream: bool,
    /// How it is over.
    pub over: Option<Over>,
    /// A chunk is with the reader.
    pub in_hand: bool,
    /// The application released connections, or a client came back, while it was open: its stream may go
    /// on elsewhere.
    pub may_end_early: bool,
    /// Its head came in this step.
    pub began_now: bool,
    /// Messages of it that the application got, as `method`s.
    pub delivered: Vec<String>,
    /// The events that went out on it.
    pub events: Vec<Event>,
    /// What it says, if it is a POST of the modern era whose body is whole.
    pub modern: Option<Modern>,
}

/// How an exchange is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Over {
    /// Cut off.
    Aborted,
    /// Ended as HTTP ends.
    Ended,
    /// The client has gone.
    Gone,
}

/// A request of a client.
#[derive(Clone, Debug)]
pub struct RequestSeen {
    /// Where it came.
    pub exchange: u64,
    /// Its session.
    pub session: Option<u64>,
    /// When the application got it.
    pub given: Instant,
    /// The application has begun with it: `take`, or an output.
    pub begun: Option<Instant>,
    /// The application has sent a notification for it.
    pub has_told: bool,
    /// How often it was answered or withdrawn.
    pub ends: u32,
}

/// A call of the application's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallSeen {
    /// Its session, if it is known.
    pub session: Option<u64>,
    /// How often it settled.
    pub settled: u32,
}

/// A session.
#[derive(Clone, Debug)]
pub struct SessionSeen {
    /// Its id on the wire.
    pub key: String,
    /// Whose it is.
    pub principal: Option<String>,
    /// Why it ended.
    pub ended: Option<EndReason>,
    /// How often it ended.
    pub ends: u32,
}

/// An event that went out with an id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Its data.
    pub data: Option<String>,
    /// The exchange that it went out on first.
    pub exchange: u64,
}

/// One step, as it was seen.
#[derive(Debug)]
pub struct StepSeen<'a> {
    /// When.
    pub now: Instant,
    /// What was done.
    pub act: &'a Act,
    /// How many outputs had come, and what `poll_timeout` said then, before each drain.
    pub announced: &'a [(usize, Option<Instant>)],
    /// `poll_timeout` after the last drain.
    pub after: Option<Instant>,
    /// The outputs.
    pub outputs: &'a [ServerOutput],
    /// `inspect` after the last drain.
    pub inspection: &'a Inspection,
}

impl ExchangeSeen {
    /// Neither ended nor aborted, and its client is there.
    pub const fn is_open(&self) -> bool {
        self.over.is_none()
    }

    /// It is a subscription of which the application knows nothing: nothing is owed on it, and it stays open.
    pub fn is_listening(&self) -> bool {
        self.is_stream
            && self.delivered.is_empty()
            && self.modern.as_ref().is_some_and(Modern::is_listen)
    }

    /// The messages in its body.
    pub fn messages(&self) -> Vec<Value> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Array(batch)) => batch,
            Ok(message) => vec![message],
            Err(_) => Vec::new(),
        }
    }
}
