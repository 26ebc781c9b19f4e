//! New credentials. What the server refuses for want of them is put aside until the application has got
//! some, and then goes again; if there are none, the refusal stands as if it had come just then.
//!
//! Source: 2025-11-25 and 2026-07-28, basic/authorization, "Token Handling" and "Scope Challenge Handling".

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use super::answer::kind_of_refusal;
use super::errand::Errand;
use super::event::ClientEvent;
use super::exchange::{Exchange, Post, Purpose, Reading};
use super::head::refusal;
use super::input::Sent;
use super::ledger::{Entry, Stage};
use super::queue::Waiting;
use super::session::Phase;
use super::{Client, Timer};
use crate::http::{Headers, Method, names};
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::Notification;
use crate::outcome::{Execution, FailureKind, Refusal};

/// What waits for the application's credentials.
#[derive(Clone, Debug, Default)]
pub(super) struct Authorization {
    /// Counts the credentials: how often the application said that it has new ones.
    pub(super) generation: u32,
    /// What the application was told, until it answers.
    told: Option<Refusal>,
    /// Refused exchanges, as they were when their refusal had been read.
    parked: BTreeMap<ExchangeId, Exchange>,
    /// Clocks of the handshake that stand still, and what is left of them.
    stopped: Vec<(Timer, Duration)>,
}

/// What was asked of the application for one request, so that it is not asked for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Asked {
    /// Kinds of refusals that the application has answered already.
    kinds: u8,
    times: u8,
}

/// What a refusal wants; each is asked for once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Want {
    /// 401.
    Credentials = 1,
    /// 403 with `insufficient_scope`.
    Scope = 2,
    /// Either, to the GET that brings back the stream of a call.
    Resumption = 4,
}

impl Asked {
    const MOST: u8 = 3;

    const fn allows(self, want: Want) -> bool {
        self.times < Self::MOST && self.kinds & want as u8 == 0
    }

    /// A new request is made for the same call; the number of times still counts.
    pub(super) const fn begin_request(&mut self) {
        self.kinds = 0;
    }
}

impl Authorization {
    pub(super) fn is_parked(&self, exchange: ExchangeId) -> bool {
        self.parked.contains_key(&exchange)
    }

    pub(super) fn is_parked_resume(&self, exchange: ExchangeId) -> bool {
        let parked = self.parked.get(&exchange);
        parked.is_some_and(|parked| matches!(parked.purpose, Purpose::Resume(_)))
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.parked.values().map(Exchange::held).sum()
    }

    pub(super) fn holds_handshake(&self) -> bool {
        self.parked
            .values()
            .any(|parked| parked.purpose.is_handshake())
    }
}

#[cfg(feature = "explore")]
impl Authorization {
    pub(super) fn parked(&self) -> impl Iterator<Item = (&ExchangeId, &Exchange)> {
        self.parked.iter()
    }

    pub(super) fn fingerprint(&self, canon: &mut super::fingerprint::Canon<'_>) {
        for (id, exchange) in &self.parked {
            canon.id(id.as_u64());
            canon.exchange(exchange, self.generation);
        }
        let told = self.told.as_ref();
        canon.add(&told.map(|told| told.status));
        for header in told.into_iter().flat_map(|told| &told.headers) {
            canon.add(&*header.value);
        }
        for &(timer, left) in &self.stopped {
            canon.add(&(timer == Timer::Probe, left));
        }
    }
}

/// Refusals, and putting them aside.
impl Client {
    /// Whether a status can be one for which the application is asked for credentials.
    pub(super) const fn may_want_credentials(&self, status: u16) -> bool {
        self.config.authorizer && matches!(status, 401 | 403)
    }

    /// Whether new credentials may help against this refusal.
    fn may_park(&self, refusal: &Refusal) -> bool {
        self.may_want_credentials(refusal.status)
            && !self.session.is_closing()
            && kind_of_refusal(refusal) == FailureKind::Unauthorized
    }

    /// The head of a refused GET says all; its body is not waited for.
    pub(super) fn park_get(&mut self, id: ExchangeId, status: u16, headers: Headers<'_>) -> bool {
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
    pub(super) fn on_refusal(&mut self, id: ExchangeId, exchange: Exchange) {
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
        if is_outdated {
            return self.go_again(exchange);
        }
        if is_put {
            asked.kinds |= want as u8;
        }
        self.park(id, exchange);
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
            Purpose::Call(call) | Purpose::Resume(call) => self.park_call(id, call, purpose),
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

    fn park_call(&mut self, id: ExchangeId, call: CallId, purpose: Purpose) {
        self.stop_clock(call);
        if let Some(entry) = self.ledger.get_mut(call) {
            if purpose == Purpose::Call(call) {
                entry.execution = entry.execution.max(Execution::Refused);
            }
            entry.stage = Stage::Parked(id);
            let note = "waiting for the application to get new credentials";
            entry.teller.note(self.now, note);
        }
    }

    /// The calls that cannot go on before the application has answered.
    fn calls_that_wait(&self) -> Vec<CallId> {
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
    pub(super) fn waits_for_credentials(&self, call: CallId) -> bool {
        !self.authorization.parked.is_empty()
            && self
                .ledger
                .get(call)
                .is_some_and(|entry| self.waits(entry, self.authorization.holds_handshake()))
    }
}

/// The application's answer.
impl Client {
    pub(super) fn authorized(&mut self, granted: bool) {
        if granted {
            self.authorization.generation += 1;
        }
        self.end_authorization(granted, "the application got no new credentials");
    }

    pub(super) fn authorization_is_late(&mut self) {
        self.end_authorization(false, "the application got no new credentials in time");
    }

    fn end_authorization(&mut self, granted: bool, why_not: &str) {
        self.authorization.told = None;
        self.timers.clear(Timer::Authorization);
        let waiting = self.calls_that_wait();
        while let Some((id, exchange)) = self.authorization.parked.pop_first() {
            if granted {
                self.go_again(exchange);
            } else {
                if let Purpose::Call(call) | Purpose::Resume(call) = exchange.purpose
                    && let Some(entry) = self.ledger.get_mut(call)
                {
                    entry.teller.note(self.now, why_not);
                }
                self.refusal_stands(id, &exchange);
            }
        }
        self.restart_handshake_clocks();
        for call in waiting {
            self.restart_clock(call);
        }
    }

    /// Sends again what was refused, with the credentials of now.
    fn go_again(&mut self, exchange: Exchange) {
        match exchange.purpose {
            Purpose::Call(call) | Purpose::Resume(call) => {
                if let Some(entry) = self.ledger.get_mut(call) {
                    if exchange.purpose == Purpose::Resume(call) {
                        entry.stream.resume();
                    } else {
                        entry.execution = entry.execution.max(Execution::Refused);
                        entry.tries.uncount();
                    }
                    self.enqueue(call);
                }
            }
            Purpose::Post(Post::Notification) if !self.session.is_current(exchange.epoch) => {
                self.queue_again(&exchange.sent.body);
            }
            purpose => {
                let next = self.open_next(exchange);
                self.bound_again(purpose, next);
            }
        }
    }

    /// The session that a notification was refused in is gone: it goes out in the next one.
    fn queue_again(&mut self, body: &[u8]) {
        let message = core::str::from_utf8(body).map(jsonrpc::scan);
        if let Ok(Ok(Scanned::One(Message::Notification { method, params }))) = message {
            let params = params.map(|params| Bytes::copy_from_slice(params.as_bytes()));
            let notification = Notification::new(String::from(method), params);
            self.queue.push(Waiting::Notification(notification));
        }
    }

    /// Bounds an exchange that is opened again, as it was when it was opened first.
    fn bound_again(&mut self, purpose: Purpose, exchange: ExchangeId) {
        let until = self.after(self.config.timing.exchange);
        match purpose {
            Purpose::Errand(Errand::ListTools(_), _) | Purpose::Post(_) => {
                self.timers.set(Timer::Exchange(exchange), until);
            }
            Purpose::Listen(listen) => self.timers.set(Timer::ListenAcknowledged(listen), until),
            Purpose::Errand(errand, _) => self.handshake_is(errand, Execution::Unknown),
            _ => {}
        }
    }

    /// What a refusal means where no credentials help.
    pub(super) fn refusal_stands(&mut self, id: ExchangeId, exchange: &Exchange) {
        let Reading::Error(refusal, body) = &exchange.reading else {
            return;
        };
        let refusal = refusal.clone();
        match exchange.purpose {
            Purpose::Call(call) => self.refused(exchange, call, refusal, body),
            Purpose::Errand(errand, _) => self.errand_refused(errand, refusal, body),
            Purpose::EventStream => {
                self.event_stream_is_over(&exchange.reading, Sent::Maybe, "");
            }
            Purpose::Listen(listen) => self.listen_is_over(listen, &exchange.reading, ""),
            Purpose::Post(post) => self.post_refused(id, post, refusal.status),
            Purpose::Resume(call) => self.resume_refused(call, refusal),
            Purpose::Standalone => self.standalone_refused(id, refusal.status),
            Purpose::Delete | Purpose::Ping(_) => {}
        }
    }
}

/// What does not wait any more.
impl Client {
    /// Nobody wants the exchange any more.
    pub(super) fn unpark(&mut self, id: ExchangeId) {
        if let Some(exchange) = self.authorization.parked.remove(&id)
            && exchange.purpose.is_handshake()
            && !self.authorization.holds_handshake()
        {
            self.restart_handshake_clocks();
            for call in self.ledger.ids() {
                self.restart_clock(call);
            }
        }
    }

    /// The session is over: what was said in it is not said again.
    pub(super) fn unpark_posts(&mut self, epoch: u32) {
        self.authorization.parked.retain(|_, parked| {
            let is_of_session = matches!(
                parked.purpose,
                Purpose::Post(Post::Initialized { .. } | Post::Response { .. })
            );
            !is_of_session || parked.epoch != epoch
        });
    }

    pub(super) fn unpark_all(&mut self) {
        self.authorization = Authorization {
            generation: self.authorization.generation,
            ..Authorization::default()
        };
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

    fn restart_handshake_clocks(&mut self) {
        for (timer, left) in core::mem::take(&mut self.authorization.stopped) {
            if self.session.phase == Phase::Shaking {
                let until = self.after(left);
                self.timers.set(timer, until);
            }
        }
    }
}

impl Purpose {
    /// What a refusal of it wants; `None` where nothing is put aside: what ends something is not worth it, and
    /// a ping is answered by any status.
    const fn want(self, status: u16) -> Option<Want> {
        match self {
            Self::Delete | Self::Ping(_) | Self::Post(Post::Cancel) => None,
            Self::Resume(_) => Some(Want::Resumption),
            _ if status == 403 => Some(Want::Scope),
            _ => Some(Want::Credentials),
        }
    }

    const fn is_handshake(self) -> bool {
        matches!(
            self,
            Self::Errand(Errand::Discover | Errand::Initialize, _) | Self::EventStream
        )
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
