//! Subscriptions: `subscriptions/listen` and its stream. A subscription is not a call: it is acknowledged,
//! lives as long as its stream, and is opened again when that is lost.
//!
//! Source: 2026-07-28, basic/patterns/subscriptions.

mod life;
mod stream;

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use bytes::Bytes;

use crate::client::event::{ClientEvent, ListenState};
use crate::client::exchange::{Purpose, Request};
use crate::client::ledger::failed;
use crate::client::modern::check_headers;
use crate::client::pulse::Pulse;
use crate::client::queue::Waiting;
use crate::client::{Client, Timer};
use crate::http::Method;
use crate::ids::{ExchangeId, ListenId};
use crate::jsonrpc;
use crate::meta;
use crate::outcome::{Execution, FailureKind, Outcome};
use crate::story::{Seen, Teller};
use crate::subscription::{Filter, LISTEN};
use crate::version::Era;

#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Listens {
    pub(super) open: BTreeMap<ListenId, Listen>,
}

/// One subscription.
#[derive(Clone, Debug)]
pub(super) struct Listen {
    params: Bytes,
    /// The revision that the host wrote into `_meta`, if the host speaks the handshake.
    named_version: Option<Box<str>>,
    asked: Filter,
    state: State,
    /// The JSON-RPC id of the latest request, which tags all that comes on its stream.
    wire_id: u64,
    /// Attempts to open it since it was last trusted.
    attempts: u32,
    pulse: Pulse,
    teller: Teller,
}

#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::client) enum State {
    /// Its request is out, or its stream has begun; the acknowledgement has not come.
    Asking(ExchangeId),
    Open(ExchangeId),
    /// In the queue, by its ticket.
    Queued(u64),
    /// It will be opened again.
    Waiting,
}

/// What the params of a subscription say.
struct Facts {
    named_version: Option<Box<str>>,
    asked: Filter,
}

impl Listens {
    pub(in crate::client) fn held(&self) -> usize {
        self.open
            .values()
            .map(|listen| listen.params.len() + listen.asked.held())
            .sum()
    }

    fn get_mut(&mut self, id: ListenId) -> Option<&mut Listen> {
        self.open.get_mut(&id)
    }
}

impl Client {
    pub(in crate::client) fn admit_listen(&mut self, id: ListenId, params: Bytes) {
        let mut teller = Teller::new(self.now);
        let Facts {
            named_version,
            asked,
        } = match self.check_listen(&params) {
            Ok(facts) => facts,
            Err((kind, reason)) => {
                if !reason.is_empty() {
                    teller.note(self.now, reason);
                }
                let outcome = failed(kind, Execution::NotSent, None, teller);
                return self.listen_event(id, ListenState::Ended(outcome));
            }
        };
        let is_direct = named_version.is_some();
        let listen = Listen {
            params,
            named_version,
            asked,
            state: State::Waiting,
            wire_id: 0,
            attempts: 0,
            pulse: Pulse::default(),
            teller,
        };
        self.listens.open.insert(id, listen);
        if is_direct {
            self.open_listen(id);
        } else {
            self.queue_listen(id);
        }
    }

    /// What is wrong with a subscription, if anything; else what its params say.
    fn check_listen(&self, params: &Bytes) -> Result<Facts, (FailureKind, String)> {
        if self.session.is_closing() {
            return Err((FailureKind::Closed, String::new()));
        }
        let text = core::str::from_utf8(params)
            .ok()
            .filter(|_| jsonrpc::is_object(params));
        let Some(text) = text else {
            let reason = "params are not the JSON text of an object".to_owned();
            return Err((FailureKind::Misuse, reason));
        };
        let asked = Filter::read(jsonrpc::member(text, "notifications"))
            .map_err(|reason| (FailureKind::Misuse, reason))?;
        if self.listens.open.len() >= self.config.limits.calls {
            let reason = "too many subscriptions are open".to_owned();
            return Err((FailureKind::Overloaded, reason));
        }
        let version = meta::of(Some(text), meta::PROTOCOL_VERSION).and_then(jsonrpc::string);
        if self.host_speaks() && version.is_none() {
            let reason = "the host's params name no protocol version".to_owned();
            return Err((FailureKind::Misuse, reason));
        }
        let version = version.filter(|_| self.host_speaks());
        if let Some(version) = &version {
            check_headers(&Self::modern_headers(
                Bytes::copy_from_slice(version.as_bytes()),
                Bytes::from_static(LISTEN.as_bytes()),
            ))
            .map_err(|reason| (FailureKind::Misuse, reason))?;
        }
        Ok(Facts {
            named_version: version.map(|version| Box::from(&*version)),
            asked,
        })
    }

    fn queue_listen(&mut self, id: ListenId) {
        let ticket = self.queue.push(Waiting::Listen(id));
        if let Some(listen) = self.listens.get_mut(id) {
            listen.state = State::Queued(ticket);
        }
    }

    /// Sends the request.
    pub(in crate::client) fn open_listen(&mut self, id: ListenId) {
        let is_modern = self.session.era() == Some(Era::Modern);
        let Some(listen) = self.listens.open.get(&id) else {
            return;
        };
        let named = listen.named_version.clone();
        if named.is_none() && !is_modern {
            let reason = "the server has no subscriptions/listen: what it changes comes on the standalone \
                          stream, and resources/subscribe asks for the updates of a resource";
            return self.end_listen_because(id, FailureKind::Undeliverable, reason);
        }
        if !self.has_room_for_stream() {
            let reason = "limits.exchanges leaves no place for it beside calls";
            return self.end_listen_because(id, FailureKind::Overloaded, reason);
        }
        let Some(listen) = self.listens.open.get(&id) else {
            return;
        };
        let wire_id = self.next_wire;
        let params = core::str::from_utf8(&listen.params).unwrap_or("{}");
        let version = self.modern_version_of_ours();
        let (name, params) = match &named {
            Some(name) => (Bytes::copy_from_slice(name.as_bytes()), params.to_owned()),
            None => (
                version.header(),
                self.modern_params(Some(params), true, version, None),
            ),
        };
        let request = Request {
            method: Method::Post,
            url: None,
            headers: Self::modern_headers(name, Bytes::from_static(LISTEN.as_bytes())),
            body: jsonrpc::request(wire_id, LISTEN, Some(&params)),
        };
        self.next_wire += 1;
        let exchange = self.open_modern(Purpose::Listen(id), request);
        let until = self.after(self.config.timing.exchange);
        self.timers.set(Timer::ListenAcknowledged(id), until);
        let now = self.now;
        if let Some(listen) = self.listens.get_mut(id) {
            listen.state = State::Asking(exchange);
            listen.wire_id = wire_id;
            let seen = Seen::Opened {
                method: Method::Post,
            };
            listen.teller.saw(now, Some(exchange), seen);
        }
    }

    /// Ends a subscription that the server did not end.
    pub(in crate::client) fn end_listen_because(
        &mut self,
        id: ListenId,
        kind: FailureKind,
        reason: &str,
    ) {
        let Some(listen) = self.listens.open.get(&id) else {
            return;
        };
        let mut teller = listen.teller.clone();
        if !reason.is_empty() {
            teller.note(self.now, reason);
        }
        let execution = match listen.state {
            State::Queued(_) if listen.attempts == 0 => Execution::NotSent,
            _ => Execution::Unknown,
        };
        self.end_listen(id, failed(kind, execution, None, teller));
    }

    /// Ends a subscription exactly once, and releases what served it.
    fn end_listen(&mut self, id: ListenId, outcome: Outcome) {
        let Some(listen) = self.listens.open.remove(&id) else {
            return;
        };
        self.clear_listen_timers(id);
        self.timers.clear(Timer::ListenAgain(id));
        self.listen_event(id, ListenState::Ended(outcome));
        match listen.state {
            State::Asking(exchange) | State::Open(exchange) => self.release(exchange),
            State::Queued(ticket) => drop(self.queue.remove(ticket)),
            State::Waiting => {}
        }
    }

    fn clear_listen_timers(&mut self, id: ListenId) {
        for timer in [
            Timer::ListenAcknowledged(id),
            Timer::ListenLived(id),
            Timer::ListenSilent(id),
        ] {
            self.timers.clear(timer);
        }
    }

    fn listen_event(&mut self, listen: ListenId, state: ListenState) {
        self.out.event(ClientEvent::Listen { listen, state });
    }

    pub(in crate::client) fn listen_moved(&mut self, id: ListenId, to: ExchangeId) {
        if let Some(listen) = self.listens.get_mut(id) {
            listen.state = State::Asking(to);
        }
    }

    /// The client closes: all subscriptions end in this step.
    pub(in crate::client) fn end_listens(&mut self, kind: FailureKind) {
        let open: alloc::vec::Vec<_> = self.listens.open.keys().copied().collect();
        for id in open {
            self.end_listen_because(id, kind, "");
        }
    }

    /// A lost subscription is opened again, in its turn.
    pub(in crate::client) fn listen_again(&mut self, id: ListenId) {
        self.queue_listen(id);
    }
}

#[cfg(feature = "explore")]
impl Listens {
    pub(in crate::client) fn ids(&self) -> impl Iterator<Item = u64> {
        self.open.keys().map(|id| id.as_u64())
    }

    pub(in crate::client) fn states(&self) -> impl Iterator<Item = (u64, &'static str)> {
        let open = self.open.iter();
        open.map(|(id, listen)| (id.as_u64(), listen.state.into()))
    }

    pub(in crate::client) fn fingerprint(
        &self,
        canon: &mut crate::client::fingerprint::Canon<'_>,
        now: crate::Instant,
    ) {
        for (id, listen) in &self.open {
            canon.id(id.as_u64());
            canon.add(&(&listen.params, &listen.named_version, listen.attempts));
            canon.add(&core::mem::discriminant(&listen.state));
            match listen.state {
                State::Asking(exchange) => canon.id(exchange.as_u64()),
                State::Open(exchange) => {
                    canon.id(exchange.as_u64());
                    canon.add(&listen.pulse.facts(now));
                }
                State::Queued(_) | State::Waiting => {}
            }
        }
    }
}
