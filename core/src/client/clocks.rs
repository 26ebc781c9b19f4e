//! The clocks of calls, and whatever else a time ends.

use core::time::Duration;

use super::errand::Errand;
use super::event::Source;
use super::exchange::{Purpose, Reading};
use super::ledger::Stage;
use super::{Client, Timer};
use crate::ids::{CallId, ExchangeId};
use crate::outcome::FailureKind;
use crate::story::Seen;

/// What a stopped idle clock has left at least.
const SHORTEST_LEFT: Duration = Duration::from_millis(1);

impl Client {
    pub(super) fn on_timeout(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now) {
            match timer {
                Timer::Again(call) => self.again(call),
                Timer::Answer(id) => self.answer_is_late(id),
                Timer::Authorization => self.authorization_is_late(),
                Timer::Close => self.close_is_over(),
                Timer::Exchange(id) => self.exchange_is_late(id),
                Timer::Gate => self.open_gate(),
                Timer::Grace(call) => {
                    let reason = "its exchange brought no answer after the session was lost";
                    self.fail_because(call, FailureKind::SessionLost, reason);
                }
                Timer::Handshake => self.handshake_is_late(),
                Timer::HandshakeAgain if self.is_idle() => {}
                Timer::HandshakeAgain => self.begin_session(),
                Timer::Idle(call) => self.time_out(call, true),
                Timer::ListenAcknowledged(id) => self.listen_is_late(id),
                Timer::ListenAgain(id) => self.listen_again(id),
                Timer::ListenLived(id) => self.listen_lived(id),
                Timer::ListenSilent(id) => self.listen_is_silent(id),
                Timer::Max(call) => self.time_out(call, false),
                Timer::Probe => self.probe_is_slow(),
                Timer::StandaloneAgain => self.open_standalone(),
                Timer::StandaloneLived => self.standalone_lived(),
                Timer::StandaloneSilent => self.standalone_is_silent(),
            }
        }
    }

    /// Nothing of the application's waits for anything.
    fn is_idle(&self) -> bool {
        self.ledger.calls.is_empty() && self.queue.is_empty()
    }

    fn time_out(&mut self, call: CallId, idle: bool) {
        let Some(entry) = self.ledger.get(call) else {
            return;
        };
        let max = entry.options.max.unwrap_or(self.config.timing.max);
        let after = entry.idle.bound.filter(|_| idle).unwrap_or(max);
        self.saw(call, None, Seen::Deadline { after, idle });
        self.end_call(call, FailureKind::TimedOut, Some("the call timed out"));
    }

    /// The call's waiting is over: it joins the queue, to be sent again or to resume its stream.
    fn again(&mut self, call: CallId) {
        let is_waiting = self
            .ledger
            .get(call)
            .is_some_and(|entry| matches!(entry.stage, Stage::Resuming(_) | Stage::Retrying(_)));
        if is_waiting {
            self.enqueue(call);
            self.proceed();
        }
    }

    fn exchange_is_late(&mut self, id: ExchangeId) {
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        match (exchange.purpose, &exchange.reading) {
            (_, Reading::Discard) => self.cut_off(id),
            (_, Reading::Error(..)) => self.error_body_is_late(id),
            (Purpose::Ping(suspicion), _) => {
                self.abort(id);
                self.ping_answered(suspicion);
            }
            (Purpose::Errand(Errand::ListTools(call), _), _) => {
                self.abort(id);
                self.tools_are_late(call);
            }
            (Purpose::Post(post), _) => {
                self.abort(id);
                self.post_is_late(id, post);
            }
            _ => self.abort(id),
        }
    }
}

/// The idle clock of a call. Only progress with the call's own token restarts it; it stands still while
/// the application works on a request of the server that the call may be waiting for.
impl Client {
    pub(super) fn start_idle(&mut self, call: CallId) {
        let stopped = self.obligations.unattributed > 0 || self.waits_for_credentials(call);
        let now = self.now;
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        let Some(bound) = entry.idle.bound else {
            return;
        };
        if stopped || entry.idle.questions > 0 {
            entry.idle.stopped_with = Some(bound);
        } else {
            self.timers.set(Timer::Idle(call), now.after(bound));
        }
    }

    pub(super) fn stop_clocks_for(&mut self, source: Source) {
        match source {
            Source::Call(call) => {
                if let Some(entry) = self.ledger.get_mut(call) {
                    entry.idle.questions += 1;
                }
                self.stop_clock(call);
            }
            Source::Listen(_) | Source::Standalone => {
                self.obligations.unattributed += 1;
                if self.obligations.unattributed == 1 {
                    for call in self.ledger.ids() {
                        self.stop_clock(call);
                    }
                }
            }
        }
    }

    pub(super) fn restart_clocks_for(&mut self, source: Source) {
        match source {
            Source::Call(call) => {
                if let Some(entry) = self.ledger.get_mut(call) {
                    entry.idle.questions -= 1;
                }
                self.restart_clock(call);
            }
            Source::Listen(_) | Source::Standalone => {
                self.obligations.unattributed -= 1;
                if self.obligations.unattributed == 0 {
                    for call in self.ledger.ids() {
                        self.restart_clock(call);
                    }
                }
            }
        }
    }

    pub(super) fn stop_clock(&mut self, call: CallId) {
        if let Some(at) = self.timers.clear(Timer::Idle(call))
            && let Some(entry) = self.ledger.get_mut(call)
        {
            // An answer fed late may come when nothing is left; what goes on gets a moment.
            let left = at.saturating_since(self.now).max(SHORTEST_LEFT);
            entry.idle.stopped_with = Some(left);
        }
    }

    pub(super) fn restart_clock(&mut self, call: CallId) {
        let now = self.now;
        if self.waits_for_credentials(call) {
            return;
        }
        if let Some(entry) = self.ledger.get_mut(call)
            && self.obligations.unattributed == 0
            && entry.idle.questions == 0
            && let Some(left) = entry.idle.stopped_with.take()
        {
            self.timers.set(Timer::Idle(call), now.after(left));
        }
    }
}
