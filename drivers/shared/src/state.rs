//! What the engine's lock protects, and what is done after it is released.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::task::Waker;

use futures_util::future::{AbortHandle, AbortRegistration};
use mcp_sansio::{
    CallId, Client as Machine, ExchangeId, ListenId, Notification, ObligationId, Outcome,
};
use serde_json::Value;

use crate::authorizer::{Authorizing, Question};
use crate::http::Request;
use crate::messages::{Channel, Event};
use crate::relay::Relaying;
use crate::requests::{Handler, Incoming};
use crate::subscription::SubscriptionEvent;
use crate::timekeeper::Alarm;

/// What the lock protects.
pub(crate) struct State {
    pub(crate) machine: Machine,
    pub(crate) calls: HashMap<CallId, Slot>,
    pub(crate) progress: HashMap<CallId, Arc<Channel<Value>>>,
    pub(crate) subscriptions: HashMap<ListenId, Arc<Channel<SubscriptionEvent>>>,
    pub(crate) notifications: Option<Arc<Channel<Notification>>>,
    pub(crate) events: Option<Arc<Channel<Event>>>,
    pub(crate) closed: bool,
    pub(crate) waiting_for_close: Vec<Waker>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) exchanges: HashMap<ExchangeId, AbortHandle>,
    pub(crate) handlers: HashMap<ObligationId, AbortHandle>,
    /// The question that the authorizer is at, and its number.
    pub(crate) authorizing: Option<(u64, AbortHandle)>,
    /// How many questions the authorizer was asked.
    pub(crate) questions: u64,
    pub(crate) alarm: Alarm,
    /// For a host that speaks JSON-RPC itself.
    pub(crate) relay: Option<Relaying>,
}

pub(crate) type Recorder = Box<dyn Write + Send>;

/// A call that somebody waits for.
pub(crate) enum Slot {
    Waiting(Option<Waker>),
    Settled(Outcome),
}

/// What is done after the lock is released.
#[derive(Default)]
pub(crate) struct Later {
    pub(crate) aborts: Vec<AbortHandle>,
    pub(crate) exchanges: Vec<(ExchangeId, Request, AbortRegistration)>,
    pub(crate) requests: Vec<(Incoming, Handler)>,
    pub(crate) questions: Vec<(Question, Arc<dyn Authorizing>)>,
    pub(crate) wakers: Vec<Waker>,
}

impl State {
    pub(crate) fn new(
        machine: Machine,
        recorder: Option<Recorder>,
        relay: Option<Relaying>,
    ) -> Self {
        Self {
            machine,
            calls: HashMap::new(),
            progress: HashMap::new(),
            subscriptions: HashMap::new(),
            notifications: None,
            events: None,
            closed: false,
            waiting_for_close: Vec::new(),
            recorder,
            exchanges: HashMap::new(),
            handlers: HashMap::new(),
            authorizing: None,
            questions: 0,
            alarm: Alarm::default(),
            relay,
        }
    }
}
