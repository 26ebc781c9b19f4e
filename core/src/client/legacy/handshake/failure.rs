//! Handshakes that came to nothing: what becomes of who waited for them.

use alloc::format;
use alloc::string::String;

use crate::client::ledger::failed;
use crate::client::legacy::session::Phase;
use crate::client::legacy::stream::doubled;
use crate::client::{Client, Timer};
use crate::message::RpcError;
use crate::outcome::{Execution, FailureKind, Outcome, Refusal};
use crate::story::{Millis, Teller};

impl Client {
    /// The server's own no to `initialize`: that is the answer to who asked for the handshake. Calls
    /// that only need a session have none.
    pub(super) fn handshake_error(&mut self, error: &RpcError) {
        let reason = format!("the server refused initialize: {error}");
        self.end_handshake(FailureKind::Undeliverable, &reason, |_| {
            Outcome::Error(error.clone())
        });
    }

    pub(in crate::client) fn handshake_failed(&mut self, kind: FailureKind, reason: &str) {
        let execution = match kind {
            FailureKind::Unreachable => Execution::NotSent,
            _ => Execution::Unknown,
        };
        self.handshake_over(&Over {
            kind,
            execution,
            refusal: None,
            reason: reason.into(),
        });
    }

    pub(super) fn handshake_over(&mut self, over: &Over) {
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
        self.timers.clear(Timer::Handshake);
        if self.session.is_closing() {
            return;
        }
        let had_session = self.session.epoch > 0;
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
        let Some(exchange) = self.session.handshake_exchange() else {
            return;
        };
        // A refusal whose explanation does not end is a refusal all the same.
        self.error_body_is_late(exchange);
        if self.session.shaking.is_some() {
            let bound = self.config.timing.handshake;
            let reason = format!("no answer to initialize for {}", Millis(bound));
            self.handshake_failed(FailureKind::TimedOut, &reason);
        }
    }
}

/// How a handshake failed.
pub(super) struct Over {
    pub(super) kind: FailureKind,
    pub(super) execution: Execution,
    pub(super) refusal: Option<Refusal>,
    pub(super) reason: String,
}
