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
        self.end_handshake(FailureKind::Undeliverable, &reason, |_| {
            Outcome::Error(error.clone())
        });
    }

    pub(in crate::client) fn handshake_over(&mut self, over: &Over) {
        let now = self.now;
        self.end_handshake(over.kind, &over.reason, |mut teller: Teller| {
            teller.note(now, over.reason.clone());
            failed(over.kind, over.execution, over.refusal.clone(), teller)
        });
    }

    pub(super) fn end_handshake(
        &mut self,
        kind: FailureKind,
        reason: &str,
        outcome: impl Fn(Teller) -> Outcome,
    ) {
        self.session.shaking = None;
        self.close_probe();
        self.drop_event_stream();
        self.timers.clear(Timer::Handshake);
        if self.session.is_closing() {
            return;
        }
        let had_session = self.session.was_lost;
        self.session.phase = Phase::Idle;
        let kind = if had_session {
            FailureKind::SessionLost
        } else {
            kind
        };
        if had_session {
            self.delay_next_handshake();
        }
        self.settle_connects(outcome);
        self.fail_waiting(kind, reason);
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
