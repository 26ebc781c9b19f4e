//! What was seen of a client from outside: the harness's own books, kept from the inputs and outputs,
//! that the promises are checked against.

mod inputs;
mod outputs;
mod responses;
mod seen;
mod sendings;

pub use seen::{CallKind, CallSeen, ExchangeSeen, Fate, ListenSeen, ListenStage, Round, StepSeen};

use mcp_sansio::{ClientConfig, Era, Instant};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The books.
#[derive(Clone, Debug)]
pub struct Watch {
    /// How the client is set up.
    pub config: ClientConfig,
    /// Every call ever handed over.
    pub calls: BTreeMap<u64, CallSeen>,
    /// Every subscription ever handed over.
    pub listens: BTreeMap<u64, ListenSeen>,
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
    /// Questions in answers of the server that the host did not get yet.
    pub questions: Vec<Value>,
    /// The exchange that each JSON-RPC id went out on first, by the id's text.
    pub wire_ids: BTreeMap<String, u64>,
    /// Notifications that the host handed over; some may still be queued.
    pub notified: usize,
    /// Each drain so far was with room.
    pub always_room: bool,
    /// Calls that wait for new credentials, their own or those of the handshake, as `inspect` shows them.
    pub parked: BTreeSet<u64>,
    /// When the host was asked for credentials, if it has not answered and its bound is not over.
    pub asked_for_credentials: Option<Instant>,
    /// How often it was asked.
    pub questions_of_credentials: usize,
    /// When `close` was called.
    pub closing: Option<Instant>,
    /// When `Closed` came, and how often.
    pub closed: Vec<Instant>,
    /// Handles that were misused, in sentences.
    pub strays: Vec<String>,
    /// Sendings that P5 forbids, in sentences.
    pub resent: Vec<String>,
    /// Rounds that say something else than they must, in sentences.
    pub misspoken: Vec<String>,
    /// JSON-RPC ids that were used again, in sentences.
    pub reused: Vec<String>,
    /// What subscriptions told out of order, in sentences.
    pub disordered: Vec<String>,
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
            listens: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            obligations: BTreeMap::new(),
            secrets,
            fed: Vec::new(),
            delivered: Vec::new(),
            questions: Vec::new(),
            wire_ids: BTreeMap::new(),
            notified: 0,
            always_room: true,
            parked: BTreeSet::new(),
            asked_for_credentials: None,
            questions_of_credentials: 0,
            closing: None,
            closed: Vec::new(),
            strays: Vec::new(),
            resent: Vec::new(),
            misspoken: Vec::new(),
            reused: Vec::new(),
            disordered: Vec::new(),
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

    /// What became of the handshake that a connect waited for; `None` if that cannot be told. Where a
    /// server's era has to be found out, that takes several requests: each of them counts.
    pub(crate) fn handshakes(&self, connect: &CallSeen) -> Option<Vec<Fate>> {
        let mut handshakes = self
            .exchanges
            .range(connect.first_handshake?..)
            .map(|(_, exchange)| exchange)
            .filter(|exchange| exchange.is_handshake());
        if connect.after_close {
            return Some(Vec::new());
        }
        if self.searches() {
            return Some(handshakes.map(|exchange| exchange.fate).collect());
        }
        let last = if connect.kind == CallKind::Initialize {
            // Its own message is the handshake, however often that was redirected.
            let first = handshakes.clone().next();
            handshakes.rfind(|exchange| first.is_some_and(|first| first.body == exchange.body))
        } else {
            handshakes.next_back()
        };
        Some(last.map(|last| last.fate).into_iter().collect())
    }

    /// Whether the stream of the HTTP+SSE transport was asked for in a connect's search: nobody can say what
    /// a server does when it opens one.
    pub(crate) fn looked_for_http_sse(&self, connect: &CallSeen) -> bool {
        let first = connect.first_handshake.unwrap_or_default();
        self.may_be_http_sse()
            && self
                .exchanges
                .range(first..)
                .any(|(_, exchange)| exchange.is_stream_of_all())
    }

    /// Whether a handshake of the client may be more than `initialize`: a search for what the server speaks.
    pub(crate) fn searches(&self) -> bool {
        self.config.versions.end().era() == Era::Modern || self.may_be_http_sse()
    }

    /// An exchange of a handshake that was refused for want of credentials, while the host is asked for them.
    fn parked_handshake(&self) -> Option<(u64, &ExchangeSeen)> {
        self.asked_for_credentials?;
        let mut exchanges = self.exchanges.iter();
        let parked = |exchange: &ExchangeSeen| exchange.wants_credentials && self.shakes(exchange);
        let (&id, last) = exchanges.rfind(|(_, exchange)| parked(exchange))?;
        Some((id, last))
    }

    /// Whether a handshake is under way that may bring what calls wait for.
    pub(crate) fn is_shaking(&self) -> bool {
        self.open().any(|(_, exchange)| self.shakes(exchange))
    }

    /// Whether an exchange is part of a handshake.
    fn shakes(&self, exchange: &ExchangeSeen) -> bool {
        exchange.is_handshake() || (self.may_be_http_sse() && exchange.is_stream_of_all())
    }

    pub(super) fn may_be_http_sse(&self) -> bool {
        let known = self.config.known.as_ref();
        self.config.http_sse || known.is_some_and(|known| known.http_sse)
    }

    /// Subscriptions that have not ended.
    pub fn listening(&self) -> impl Iterator<Item = (u64, &ListenSeen)> {
        self.listens
            .iter()
            .filter(|(_, listen)| listen.ended == 0)
            .map(|(&id, listen)| (id, listen))
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
