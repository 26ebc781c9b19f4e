//! What was seen of a server from outside: the harness's own books, kept from the inputs and outputs, that
//! the promises are checked against.

mod inputs;
mod listen;
mod modern;
mod outputs;
mod seen;

use mcp_sansio::{Instant, ServerConfig};
use std::collections::BTreeMap;

pub use listen::Listen;
pub use modern::Modern;
pub use seen::{CallSeen, ExchangeSeen, Over, RequestSeen, Sent, SessionSeen, StepSeen};

/// The books.
#[derive(Clone, Debug)]
pub struct Watch {
    /// How the server is set up.
    pub config: ServerConfig,
    /// Every exchange ever accepted.
    pub exchanges: BTreeMap<u64, ExchangeSeen>,
    /// Every request that the application got.
    pub requests: BTreeMap<u64, RequestSeen>,
    /// Every call that the application made.
    pub calls: BTreeMap<u64, CallSeen>,
    /// Every session ever started.
    pub sessions: BTreeMap<u64, SessionSeen>,
    /// Every event that was ever sent with an id, by that id.
    pub sent: BTreeMap<String, Sent>,
    /// When `shut_down` was called first.
    pub draining: Option<Instant>,
    /// How often `ShutDown` came.
    pub downs: u32,
    /// The largest message that the application handed over.
    pub largest: usize,
    /// What broke a promise at once, in sentences.
    pub wrongs: Vec<(&'static str, String)>,
    /// The time of the step.
    pub now: Instant,
}

impl Watch {
    /// Empty books.
    pub const fn new(config: ServerConfig) -> Self {
        Self {
            config,
            exchanges: BTreeMap::new(),
            requests: BTreeMap::new(),
            calls: BTreeMap::new(),
            sessions: BTreeMap::new(),
            sent: BTreeMap::new(),
            draining: None,
            downs: 0,
            largest: 0,
            wrongs: Vec::new(),
            now: Instant::from_micros(0),
        }
    }

    /// Exchanges that are open.
    pub fn open(&self) -> impl Iterator<Item = (u64, &ExchangeSeen)> {
        self.exchanges
            .iter()
            .filter(|(_, exchange)| exchange.is_open())
            .map(|(&id, exchange)| (id, exchange))
    }

    /// Requests that are owed an answer.
    pub fn owed(&self) -> impl Iterator<Item = (u64, &RequestSeen)> {
        self.requests
            .iter()
            .filter(|(_, request)| request.ends == 0)
            .map(|(&id, request)| (id, request))
    }

    /// A subscription that the application serves itself, and has acknowledged: it lasts for as long as its
    /// client wants it.
    pub fn lasts(&self, request: &RequestSeen) -> bool {
        let exchange = self.exchanges.get(&request.exchange);
        let modern = exchange.and_then(|exchange| exchange.modern.as_ref());
        request.has_told && modern.is_some_and(Modern::is_listen)
    }

    /// Calls not settled.
    pub fn unsettled(&self) -> impl Iterator<Item = (u64, &CallSeen)> {
        self.calls
            .iter()
            .filter(|(_, call)| call.settled == 0)
            .map(|(&id, call)| (id, call))
    }

    /// The session with this id on the wire.
    pub fn session_of(&self, key: &str) -> Option<(u64, &SessionSeen)> {
        self.sessions
            .iter()
            .find(|(_, session)| session.key == key)
            .map(|(&id, session)| (id, session))
    }
}
