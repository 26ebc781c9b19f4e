//! Resuming the stream of a call.
//!
//! Source: 2025-11-25, basic/transports, "Resumability and Redelivery".

use alloc::format;
use core::time::Duration;

use crate::client::answer::kind_of_refusal;
use crate::client::exchange::Reading;
use crate::client::head::{is_passing, refusal};
use crate::client::ledger::Stage;
use crate::client::{Client, Timer};
use crate::http::{self, Headers, names, retry_after};
use crate::ids::{CallId, ExchangeId};
use crate::outcome::{Execution, FailureKind, Refusal};
use crate::story::{Millis, Seen};

impl Client {
    /// The stream of a call ended without its answer. With a cursor it is brought back; without one,
    /// nothing can bring the answer any more.
    pub(in crate::client) fn stream_ended(&mut self, call: CallId) {
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        entry.execution = Execution::Unknown;
        let epoch = entry.wire.map_or(0, |wire| wire.epoch);
        if !entry.stream.has_cursor() {
            self.answer_lost(call);
        } else if self.session.is_current(epoch) {
            self.resume_later(call, None);
        } else {
            self.fail_because(
                call,
                FailureKind::SessionLost,
                "its stream ended after the session was lost",
            );
        }
    }

    fn resume_later(&mut self, call: CallId, at_least: Option<Duration>) {
        let budget = self.config.limits.reconnects;
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        let delay = entry
            .stream
            .next_delay(budget, &self.config.timing.backoff, &mut self.rng);
        let Some(delay) = delay else {
            let reason = format!("{budget} attempts to resume the stream brought nothing new");
            return self.fail_because(call, FailureKind::ConnectionLost, reason);
        };
        let delay = delay.max(at_least.unwrap_or_default());
        let at = self.after(delay);
        if self
            .deadline_of(call)
            .is_some_and(|deadline| at >= deadline)
        {
            let reason = format!(
                "the next attempt would come in {}, after the call's deadline",
                Millis(delay)
            );
            return self.fail_because(call, FailureKind::ConnectionLost, reason);
        }
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.stage = Stage::Resuming(at);
        }
        self.timers.set(Timer::Again(call), at);
        self.saw(call, None, Seen::Waiting { delay });
    }

    pub(in crate::client) fn resume_head(
        &mut self,
        id: ExchangeId,
        call: CallId,
        status: u16,
        headers: Headers<'_>,
    ) {
        if let 200..=299 = status
            && let Ok(reading @ Reading::Sse(_)) = self.body_of(headers)
        {
            return self.read_on(id, reading);
        }
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        let (in_session, epoch) = (exchange.carried_session(), exchange.epoch);
        self.linger(id);
        match status {
            404 if in_session => {
                self.session_is_lost(epoch, "404 to the resumption of a stream");
            }
            status if is_passing(status) => {
                let after = retry_after::parse(http::text(headers, names::RETRY_AFTER));
                self.resume_later(call, after);
            }
            _ => self.resume_refused(call, refusal(status, headers)),
        }
    }

    pub(in crate::client) fn resume_refused(&mut self, call: CallId, refusal: Refusal) {
        let kind = match kind_of_refusal(&refusal) {
            FailureKind::HttpStatus if matches!(refusal.status, 0 | 300..=399) => {
                FailureKind::Redirected
            }
            FailureKind::HttpStatus => FailureKind::ResumeRefused,
            other => other,
        };
        self.fail_refused(call, kind, Execution::Unknown, refusal);
    }

    /// The answer is to come on a stream that is open beside it: the standalone one, or that of HTTP+SSE.
    pub(in crate::client) fn wait_for_standalone(&mut self, call: CallId) {
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.execution = Execution::Unknown;
            entry.stage = Stage::Standalone;
            entry
                .teller
                .note(self.now, "the answer is to come on another stream");
        }
    }
}
