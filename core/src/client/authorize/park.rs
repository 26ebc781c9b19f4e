//! Refusals: each is put aside until there are new credentials, or it stands.

use alloc::vec::Vec;

use super::Asked;
use crate::client::answer::kind_of_refusal;
use crate::client::errand::Errand;
use crate::client::event::ClientEvent;
use crate::client::exchange::{Exchange, Purpose, Reading};
use crate::client::head::refusal;
use crate::client::ledger::{Entry, Stage};
use crate::client::session::Phase;
use crate::client::{Client, Timer};
use crate::http::{Headers, Method, names};
use crate::ids::{CallId, ExchangeId};
use crate::outcome::{Execution, FailureKind, Refusal};

impl Client {
    /// Whether a status can be one for which the application is asked for credentials.
    pub(in crate::client) const fn may_want_credentials(&self, status: u16) -> bool {
        self.config.authorizer && matches!(status, 401 | 403)
    }

    /// Whether new credentials may help against this refusal.
    fn may_park(&self, refusal: &Refusal) -> bool {
        self.may_want_credentials(refusal.status)
            && !self.session.is_closing()
            && kind_of_refusal(refusal) == FailureKind::Unauthorized
    }

    /// The head of a refused GET says all; its body is not waited for.
    pub(in crate::client) fn park_get(
        &mut self,
        id: ExchangeId,
        status: u16,
        headers: Headers<'_>,
    ) -> bool {
        let refusal = refusal(status, headers);
        let Some(exchange) = self.exchanges.get(&id) else {
            return false;
        };
        if exchange.sent.method != Method::Get || !self.may_park(&refusal) {
            return false;
        }
        let mut refused = exchange.clone();
        refused.reading = Reading::Error(refusal, Vec::new());
        if exchange.purpose == Purpose::Standalone {
            self.standalone_head_is_settled();
        }
        self.linger(id);
        self.on_refusal(id, refused);
        true
    }

    /// The refusal of an exchange has been read, as far as it comes: it waits for credentials, or it stands.
    pub(in crate::client) fn on_refusal(&mut self, id: ExchangeId, exchange: Exchange) {
        let Reading::Error(refusal, _) = &exchange.reading else {
            return;
        };
        let want = exchange.purpose.want(refusal.status);
        let (Some(want), true) = (want, self.may_park(refusal)) else {
            return self.refusal_stands(id, &exchange);
        };
        let is_full = self.authorization.parked.len() >= self.config.limits.calls;
        let is_outdated = exchange.generation < self.authorization.generation;
        let told = self.authorization.told.as_ref();
        // Another challenge than the one that the application works on has not been put to it yet.
        let is_put = told.is_none_or(|told| is_same_challenge(told, refusal));
        let mut exchange = exchange;
        let Some(asked) = self.asked_for(&mut exchange) else {
            return;
        };
        if is_full || !asked.allows(want) {
            return self.refusal_stands(id, &exchange);
        }
        asked.times += 1;
        if is_put && !is_outdated {
            asked.kinds |= want as u8;
        }
        if let Purpose::Call(call) = exchange.purpose
            && let Some(entry) = self.ledger.get_mut(call)
        {
            entry.execution = entry.execution.max(Execution::Refused);
            entry.tries.uncount();
        }
        if is_outdated {
            self.go_again(exchange);
        } else {
            self.park(id, exchange);
        }
    }

    /// What was asked before for whom the exchange serves.
    fn asked_for<'a>(&'a mut self, exchange: &'a mut Exchange) -> Option<&'a mut Asked> {
        match exchange.purpose {
            Purpose::Call(call) | Purpose::Resume(call) => {
                self.ledger.get_mut(call).map(|entry| &mut entry.asked)
            }
            _ => Some(&mut exchange.asked),
        }
    }

    fn park(&mut self, id: ExchangeId, mut exchange: Exchange) {
        let Reading::Error(refusal, body) = &mut exchange.reading else {
            return;
        };
        let refusal = refusal.clone().with_body(body);
        exchange.reading = Reading::Error(refusal.clone(), Vec::from(&*refusal.body));
        let purpose = exchange.purpose;
        self.authorization.parked.insert(id, exchange);
        match purpose {
            Purpose::Call(call) | Purpose::Resume(call) => self.park_call(id, call),
            Purpose::Errand(Errand::ListTools(call), _) => self.stop_clock(call),
            Purpose::Listen(listen) => {
                self.timers.clear(Timer::ListenAcknowledged(listen));
            }
            _ if purpose.is_handshake() => self.stop_handshake_clocks(),
            _ => {}
        }
        if self.authorization.told.is_none() {
            self.authorization.told = Some(refusal.clone());
            let until = self.after(self.config.timing.authorization);
            self.timers.set(Timer::Authorization, until);
            let calls = self.calls_that_wait();
            self.out.event(ClientEvent::Unauthorized { refusal, calls });
        }
    }

    fn park_call(&mut self, id: ExchangeId, call: CallId) {
        self.stop_clock(call);
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.stage = Stage::Parked(id);
            let note = "waiting for the application to get new credentials";
            entry.teller.note(self.now, note);
        }
    }

    /// The calls that cannot go on before the application has answered.
    pub(super) fn calls_that_wait(&self) -> Vec<CallId> {
        let holds_handshake = self.authorization.holds_handshake();
        self.ledger
            .calls
            .iter()
            .filter(|(_, entry)| self.waits(entry, holds_handshake))
            .map(|(&call, _)| call)
            .collect()
    }

    fn waits(&self, entry: &Entry, holds_handshake: bool) -> bool {
        match entry.stage {
            Stage::Parked(_) => true,
            Stage::Refreshing(exchange) => self.authorization.is_parked(exchange),
            Stage::Handshake | Stage::Queued(_) => {
                holds_handshake
                    && self.session.phase == Phase::Shaking
                    && entry.named_version.is_none()
            }
            _ => false,
        }
    }

    /// Whether the call's idle clock stands still because the application gets credentials.
    pub(in crate::client) fn waits_for_credentials(&self, call: CallId) -> bool {
        !self.authorization.parked.is_empty()
            && self
                .ledger
                .get(call)
                .is_some_and(|entry| self.waits(entry, self.authorization.holds_handshake()))
    }
}

/// The handshake's clocks, which stand still while the application gets credentials for it.
impl Client {
    fn stop_handshake_clocks(&mut self) {
        for timer in [Timer::Handshake, Timer::Probe] {
            if let Some(at) = self.timers.clear(timer) {
                let left = at.saturating_since(self.now);
                self.authorization.stopped.push((timer, left));
            }
        }
        for call in self.calls_that_wait() {
            self.stop_clock(call);
        }
    }

    pub(super) fn restart_handshake_clocks(&mut self) {
        for (timer, left) in core::mem::take(&mut self.authorization.stopped) {
            if self.session.phase == Phase::Shaking {
                let until = self.after(left);
                self.timers.set(timer, until);
            }
        }
    }
}

fn is_same_challenge(one: &Refusal, other: &Refusal) -> bool {
    fn challenges(refusal: &Refusal) -> impl Iterator<Item = &[u8]> {
        refusal
            .headers
            .iter()
            .filter(|header| header.name == names::WWW_AUTHENTICATE)
            .map(|header| &*header.value)
    }
    one.status == other.status && challenges(one).eq(challenges(other))
}
