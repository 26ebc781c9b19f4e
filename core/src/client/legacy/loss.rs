//! Session loss: once per loss, however many calls met it. What waited on the old session is settled or
//! sent again; a new session is made if something needs one.
//!
//! Source: 2025-11-25, basic/transports, "Session Management" 3 and 4.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use crate::client::event::{ClientEvent, SessionChange};
use crate::client::exchange::{Post, Purpose};
use crate::client::ledger::{Cause, Stage};
use crate::client::session::Phase;
use crate::client::{Client, Timer};
use crate::ids::{CallId, ExchangeId};
use crate::outcome::{Execution, Failure, FailureKind};
use crate::story::{Millis, Teller};

impl Client {
    /// A call's own POST was refused because its session is gone. It did not run, so it goes again in the
    /// next session, once.
    pub(in crate::client) fn met_lost_session(&mut self, call: CallId, epoch: u32) {
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        entry.execution = entry.execution.max(Execution::Refused);
        let goes_again = entry.tries.allow(Cause::SessionLost);
        entry.tries.note(Cause::SessionLost);
        entry
            .teller
            .note(self.now, "the server does not know the session");
        if goes_again {
            self.enqueue(call);
        }
        self.session_is_lost(epoch, "404 to a request");
        if !goes_again {
            self.fail(call, FailureKind::SessionLost);
        }
    }

    /// The server says that it does not know the session of this epoch.
    pub(in crate::client) fn session_is_lost(&mut self, epoch: u32, how: &str) {
        if !self.session.is_current(epoch) {
            return;
        }
        let wants_another = self.standalone.is_wanted();
        self.end_session(how);
        if !self.config.reinitialize {
            self.session.phase = Phase::Lost;
        } else if self.session.reinitializations_left == 0 {
            self.delay_next_handshake();
            let reason = "new sessions are lost as soon as they are made";
            self.fail_waiting(FailureKind::SessionLost, reason, None);
        } else {
            self.session.reinitializations_left -= 1;
            if wants_another || self.needs_session() {
                self.begin_negotiation();
            }
        }
    }

    /// Lets go of everything that belongs to the present session.
    pub(in crate::client) fn end_session(&mut self, how: &str) {
        let is_http_sse = self.session.is_http_sse();
        self.session.phase = Phase::Idle;
        self.session.was_lost = true;
        self.session.forget_id();
        self.timers.clear(Timer::Gate);
        let mut teller = Teller::new(self.now);
        teller.note(self.now, how);
        self.out.event(ClientEvent::SessionChanged {
            epoch: self.session.epoch,
            change: SessionChange::Lost(Box::new(session_failure(teller))),
        });
        self.withdraw_posts();
        self.unpark_posts(self.session.epoch);
        for call in self.ledger.ids() {
            if self.needs_no_session(call) {
                continue;
            }
            if is_http_sse {
                self.outlive_event_stream(call, how);
            } else {
                self.outlive_session(call);
            }
        }
        if is_http_sse {
            self.session.expect_http_sse();
            self.drop_event_stream();
        }
        self.close_standalone();
        for exchange in self.obsolete_exchanges() {
            self.abort(exchange);
        }
    }

    /// What becomes of a call whose session is gone.
    fn outlive_session(&mut self, call: CallId) {
        let Some(entry) = self.ledger.get(call) else {
            return;
        };
        let exchange = match entry.stage {
            Stage::Open(exchange) => Some(exchange),
            Stage::Resuming(_) | Stage::Standalone => None,
            Stage::Queued(_) if entry.stream.is_resuming() => None,
            Stage::Parked(exchange) if self.authorization.is_parked_resume(exchange) => None,
            Stage::Asking
            | Stage::Handshake
            | Stage::Parked(_)
            | Stage::Queued(_)
            | Stage::Refreshing(_)
            | Stage::Refused(_)
            | Stage::Retrying(_) => return,
        };
        if entry.safe && entry.tries.allow(Cause::SessionLost) && self.config.reinitialize {
            return self.send_safe_call_again(call, exchange);
        }
        let posted = exchange.filter(|id| {
            self.exchanges
                .get(id)
                .is_some_and(|open| matches!(open.purpose, Purpose::Call(_)))
        });
        let grace = self.config.timing.session_grace;
        if posted.is_some() && !grace.is_zero() {
            // Its exchange is still open, and may yet bring the answer.
            let until = self.after(grace);
            self.timers.set(Timer::Grace(call), until);
            let note = format!(
                "the session was lost; waiting {} for the open exchange",
                Millis(grace)
            );
            if let Some(entry) = self.ledger.get_mut(call) {
                entry.teller.note(self.now, note);
            }
        } else {
            self.fail(call, FailureKind::SessionLost);
        }
    }

    fn send_safe_call_again(&mut self, call: CallId, exchange: Option<ExchangeId>) {
        let now = self.now;
        if let Stage::Queued(ticket) = self.ledger.get(call).map_or(Stage::Handshake, |e| e.stage) {
            self.queue.remove(ticket);
        }
        self.timers.clear(Timer::Again(call));
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.execution = Execution::Unknown;
            entry.tries.note(Cause::SessionLost);
            entry.stream = super::stream::Stream::default();
            entry
                .teller
                .note(now, "the session was lost; the call is safe and goes again");
        }
        self.enqueue(call);
        if let Some(exchange) = exchange {
            self.abort(exchange);
        }
    }

    /// Exchanges that mean nothing without their session. Notifications may still arrive.
    fn obsolete_exchanges(&self) -> Vec<ExchangeId> {
        self.exchanges
            .iter()
            .filter(|(_, open)| {
                open.epoch == self.session.epoch
                    && matches!(
                        open.purpose,
                        Purpose::Ping(_)
                            | Purpose::Post(
                                Post::Cancel | Post::Initialized { .. } | Post::Response { .. }
                            )
                    )
                    && !matches!(open.reading, crate::client::exchange::Reading::Discard)
            })
            .map(|(&id, _)| id)
            .collect()
    }
}

/// The failure that a lost session is told by.
fn session_failure(teller: Teller) -> Failure {
    Failure {
        kind: FailureKind::SessionLost,
        execution: Execution::Unknown,
        refusal: None,
        story: teller.finish(),
    }
}
