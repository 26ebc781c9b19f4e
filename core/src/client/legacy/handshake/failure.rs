//! Handshakes that came to nothing: what becomes of who waited for them.

use alloc::format;

use crate::client::backoff::doubled;
use crate::client::errand::{Over, Reply};
use crate::client::ledger::failed;
use crate::client::session::Phase;
use crate::client::{Client, Timer};
use crate::message::RpcError;
use crate::outcome::{FailureKind, Outcome};
use crate::story::{Millis, Teller};

impl Client {
    /// The server's own no to `initialize`: that is the answer to who asked for the handshake. Calls
    /// that only need a session have none.
    pub(in crate::client) fn handshake_error(&mut self, error: &RpcError) {
        let reason = format!("the server refused the handshake: {error}");
        let over = Over::new(FailureKind::Undeliverable, reason);
        self.end_handshake(&over, |_| Outcome::Error(error.clone()));
    }

    pub(in crate::client) fn handshake_over(&mut self, over: &Over) {
        let now = self.now;
        self.end_handshake(over, |mut teller: Teller| {
            teller.note(now, over.reason.clone());
            failed(over.kind, over.execution, over.refusal.clone(), teller)
        });
    }

    fn end_handshake(&mut self, over: &Over, outcome: impl Fn(Teller) -> Outcome) {
        self.session.shaking = None;
        self.close_probe();
        self.drop_event_stream();
        self.timers.clear(Timer::Handshake);
        if self.session.is_closing() {
            return;
        }
        let had_session = self.session.was_lost;
        self.session.phase = Phase::Idle;
        // Without credentials there is no session either, but they are what the application can do something
        // about.
        let kind = match over.kind {
            FailureKind::Unauthorized => FailureKind::Unauthorized,
            _ if had_session => FailureKind::SessionLost,
            other => other,
        };
        if had_session {
            self.delay_next_handshake();
        }
        self.settle_connects(outcome);
        self.fail_waiting(kind, &over.reason, over.refusal.as_ref());
    }

    /// After a session was lost, attempts to make another one back off.
    pub(in crate::client) fn delay_next_handshake(&mut self) {
        let backoff = &self.config.timing.backoff;
        let base = doubled(*backoff.start(), self.session.failures).min(*backoff.end());
        let delay = self.rng.jitter(base);
        self.session.failures = self.session.failures.saturating_add(1);
        self.session.not_before = Some(self.after(delay));
    }

    pub(in crate::client) fn handshake_is_late(&mut self) {
        // A refusal whose explanation does not end is a refusal all the same.
        let probe = self.session.negotiation.probe;
        for exchange in [probe, self.session.initialize_exchange()]
            .into_iter()
            .flatten()
        {
            self.error_body_is_late(exchange);
        }
        if self.session.phase == Phase::Shaking {
            let bound = self.config.timing.handshake;
            let reason = format!("no answer to the handshake for {}", Millis(bound));
            let late = Reply::Failed(Over {
                execution: self.session.negotiation.execution(),
                ..Over::new(FailureKind::TimedOut, reason)
            });
            self.end_negotiation(late);
        }
    }
}
