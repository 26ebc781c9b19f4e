//! What was seen of a client from outside: the harness's own books, kept from the inputs and outputs,
//! that the promises are checked against.

mod inputs;
mod outputs;
mod seen;

pub use seen::{CallKind, CallSeen, ExchangeSeen, Fate, StepSeen};

use mcp_sansio::{ClientConfig, Instant};
use serde_json::Value;
use std::collections::BTreeMap;

/// The books.
#[derive(Clone, Debug)]
pub struct Watch {
    /// How the client is set up.
    pub config: ClientConfig,
    /// Every call ever handed over.
    pub calls: BTreeMap<u64, CallSeen>,
    /// Every exchange ever opened.
    pub exchanges: BTreeMap<u64, ExchangeSeen>,
    /// Every request of the server that the host got; whether it has ended, and how often.
    pub obligations: BTreeMap<u64, u32>,
    /// Values that must not be told: session ids, and the host's own headers.
    pub secrets: Vec<String>,
    /// The server's messages that came whole, in order.
    pub fed: Vec<Value>,
    /// The messages that the host got, in order.
    pub delivered: Vec<Value>,
    /// Notifications that the host handed over; some may still be queued.
    pub notified: usize,
    /// Each drain so far was with room.
    pub always_room: bool,
    /// When `close` was called.
    pub closing: Option<Instant>,
    /// When `Closed` came, and how often.
    pub closed: Vec<Instant>,
    /// Handles that were misused, in sentences.
    pub strays: Vec<String>,
    /// Sendings that P5 forbids, in sentences.
    pub resent: Vec<String>,
    now: Instant,
    /// A request of the server is with the host, or waits until the host has room for it.
    asks: bool,
}

impl Watch {
    /// Empty books.
    pub fn new(config: ClientConfig) -> Self {
        let secrets = config
            .known
            .iter()
            .filter_map(|known| known.session.clone())
            .collect();
        Self {
            config,
            calls: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            obligations: BTreeMap::new(),
            secrets,
            fed: Vec::new(),
            delivered: Vec::new(),
            notified: 0,
            always_room: true,
            closing: None,
            closed: Vec::new(),
            strays: Vec::new(),
            resent: Vec::new(),
            now: Instant::from_micros(0),
            asks: false,
        }
    }

    /// Calls not settled.
    pub fn unsettled(&self) -> impl Iterator<Item = (u64, &CallSeen)> {
        self.calls
            .iter()
            .filter(|(_, call)| call.settled == 0)
            .map(|(&id, call)| (id, call))
    }

    /// What became of the POSTs that carried a call.
    pub(crate) fn sendings(&self, call: &CallSeen) -> Vec<Fate> {
        call.sendings
            .iter()
            .filter_map(|id| self.exchanges.get(id))
            .map(|exchange| exchange.fate)
            .collect()
    }

    /// What became of the last handshake that a connect waited for; `None` if that cannot be told.
    pub(crate) fn handshakes(&self, connect: &CallSeen) -> Option<Vec<Fate>> {
        let mut handshakes = self
            .exchanges
            .range(connect.first_handshake?..)
            .map(|(_, exchange)| exchange)
            .filter(|exchange| exchange.is_handshake());
        let last = if connect.kind == CallKind::Initialize {
            // Its own message is the handshake, however often that was redirected.
            let first = handshakes.clone().next();
            handshakes.rfind(|exchange| first.is_some_and(|first| first.body == exchange.body))
        } else {
            handshakes.next_back()
        };
        let fate = last.filter(|_| !connect.after_close).map(|last| last.fate);
        Some(fate.into_iter().collect())
    }

    /// Whether a request of the server is with the host, or waits until the host has room for it.
    pub const fn asks(&self) -> bool {
        self.asks
    }

    /// Requests of the server that are with the host.
    pub fn outstanding(&self) -> impl Iterator<Item = u64> {
        self.obligations
            .iter()
            .filter(|(_, ended)| **ended == 0)
            .map(|(&id, _)| id)
    }

    /// Exchanges neither ended nor aborted.
    pub fn open(&self) -> impl Iterator<Item = (u64, &ExchangeSeen)> {
        self.exchanges
            .iter()
            .filter(|(_, exchange)| exchange.is_open())
            .map(|(&id, exchange)| (id, exchange))
    }
}
