//! Liveness of a subscription: its stream is lost when it ends, or falls silent, without the server's word.
//! It is opened again while its budget lasts, and the application is told of the gap.

use core::time::Duration;

use super::State;
use crate::client::backoff::doubled;
use crate::client::event::ListenState;
use crate::client::pulse::{Pulse, TRUSTED_AFTER};
use crate::client::{Client, Timer};
use crate::ids::ListenId;
use crate::outcome::FailureKind;
use crate::story::Seen;

impl Client {
    /// The acknowledgement came.
    pub(super) fn listen_opened(&mut self, id: ListenId) {
        let now = self.now;
        if let Some(listen) = self.listens.get_mut(id) {
            listen.pulse = Pulse::starting(now);
        }
        let trusted = self.after(TRUSTED_AFTER);
        self.timers.set(Timer::ListenLived(id), trusted);
    }

    /// Bytes came.
    pub(in crate::client) fn listen_is_alive(&mut self, id: ListenId) {
        let now = self.now;
        if let Some(listen) = self.listens.get_mut(id) {
            listen.pulse.beat(now);
            self.watch_listen(id);
        }
    }

    /// They were a keep-alive.
    pub(in crate::client) fn listen_kept_alive(&mut self, id: ListenId) {
        if let Some(listen) = self.listens.get_mut(id) {
            listen.pulse.kept_alive();
            self.watch_listen(id);
        }
    }

    fn watch_listen(&mut self, id: ListenId) {
        let silence = self
            .listens
            .open
            .get(&id)
            .filter(|listen| matches!(listen.state, State::Open(_)))
            .and_then(|listen| listen.pulse.longest_silence());
        if let Some(silence) = silence {
            let at = self.after(silence);
            self.timers.set(Timer::ListenSilent(id), at);
        }
    }

    pub(in crate::client) fn listen_lived(&mut self, id: ListenId) {
        if let Some(listen) = self.listens.get_mut(id) {
            listen.attempts = 0;
        }
    }

    pub(in crate::client) fn listen_is_silent(&mut self, id: ListenId) {
        self.abort_listen(id);
        self.listen_lost(id, "its keep-alives stopped", None);
    }

    pub(in crate::client) fn listen_is_late(&mut self, id: ListenId) {
        self.abort_listen(id);
        self.listen_lost(id, "the server did not acknowledge it in time", None);
    }

    fn abort_listen(&mut self, id: ListenId) {
        let state = self.listens.open.get(&id).map(|listen| listen.state);
        if let Some(State::Asking(exchange) | State::Open(exchange)) = state {
            self.abort(exchange);
        }
    }

    /// The stream is gone without a word of the server's.
    pub(super) fn listen_lost(&mut self, id: ListenId, why: &str, at_least: Option<Duration>) {
        let now = self.now;
        let budget = self.config.limits.reconnects;
        let is_wanted = self.config.relisten && !self.host_speaks();
        let Some(listen) = self.listens.get_mut(id) else {
            return;
        };
        let was_open = matches!(listen.state, State::Open(_));
        let attempts = listen.attempts;
        listen.state = State::Waiting;
        self.clear_listen_timers(id);
        if !is_wanted || attempts >= budget {
            return self.end_listen_because(id, FailureKind::ConnectionLost, why);
        }
        let backoff = &self.config.timing.backoff;
        let base = doubled(*backoff.start(), attempts).min(*backoff.end());
        let delay = self.rng.jitter(base).max(at_least.unwrap_or_default());
        if let Some(listen) = self.listens.get_mut(id) {
            listen.attempts += 1;
            listen.teller.note(now, why);
            listen.teller.saw(now, None, Seen::Waiting { delay });
        }
        if was_open {
            self.listen_event(id, ListenState::Gap);
        }
        let at = self.after(delay);
        self.timers.set(Timer::ListenAgain(id), at);
    }
}
