//! What the engine's lock protects, and what is done after it is released.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use mcp_sansio::{
    Body, CallId, EndReason, ExchangeId, Header, Notice, ObligationId, Server as Machine, SessionId,
};
use serde_json::Value;

use super::counters::Counters;
use super::events::Event;
use super::link::Opened;
use super::relay::Relaying;
use super::request::Open;
use super::session::Started;
use crate::messages::Channel;
use crate::state::{Recorder, Slot};
use crate::timekeeper::Alarm;

/// What the HTTP side attached to an exchange.
pub(super) type Attached = Arc<dyn Any + Send + Sync>;

/// What the lock protects.
pub(super) struct State {
    pub(super) machine: Machine,
    pub(super) exchanges: BTreeMap<ExchangeId, Response>,
    pub(super) requests: BTreeMap<ObligationId, Arc<Open>>,
    pub(super) sessions: BTreeMap<SessionId, Entry>,
    pub(super) calls: BTreeMap<CallId, Slot>,
    pub(super) progress: BTreeMap<CallId, Arc<Channel<Value>>>,
    pub(super) events: Option<Arc<Channel<Event>>>,
    pub(super) counters: Counters,
    pub(super) is_down: bool,
    pub(super) recorder: Option<Recorder>,
    pub(super) alarm: Alarm,
    /// For a host that speaks JSON-RPC itself.
    pub(super) relay: Option<Relaying>,
}

/// A response on its way to the HTTP side, which has not taken this much of it.
pub(super) struct Response {
    pub(super) attached: Option<Attached>,
    pub(super) head: Option<Head>,
    /// The machine gives no second chunk before the first is taken.
    pub(super) chunk: Option<Bytes>,
    pub(super) end: Option<End>,
    pub(super) waker: Option<Waker>,
}

/// The head of a response.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<Header>,
    /// All of the body, or that it comes in chunks.
    pub body: Body,
}

/// How a response ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    Complete,
    CutOff,
}

/// A session that is alive.
pub(super) struct Entry {
    pub(super) started: Arc<Started>,
    /// Requests that its handler has not taken.
    pub(super) inbox: VecDeque<Arc<Open>>,
    pub(super) readers: Vec<Waker>,
}

/// What is done after the lock is released: foreign code to run, and what may run some when it is dropped.
#[derive(Default)]
pub(super) struct Later {
    pub(super) requests: Vec<Arc<Open>>,
    pub(super) sessions: Vec<Arc<Started>>,
    pub(super) links: Vec<Opened>,
    pub(super) wakers: Vec<Waker>,
    pub(super) notices: Vec<Notice>,
    pub(super) done: Vec<Arc<Open>>,
    pub(super) attached: Vec<Attached>,
    pub(super) ended: Vec<(Entry, EndReason)>,
}

impl State {
    pub(super) fn new(
        machine: Machine,
        recorder: Option<Recorder>,
        relay: Option<Relaying>,
    ) -> Self {
        Self {
            machine,
            exchanges: BTreeMap::new(),
            requests: BTreeMap::new(),
            sessions: BTreeMap::new(),
            calls: BTreeMap::new(),
            progress: BTreeMap::new(),
            events: None,
            counters: Counters::default(),
            is_down: false,
            recorder,
            alarm: Alarm::default(),
            relay,
        }
    }
}

impl Response {
    pub(super) fn new(attached: Option<Attached>) -> Self {
        Self {
            attached,
            head: None,
            chunk: None,
            end: None,
            waker: None,
        }
    }
}
