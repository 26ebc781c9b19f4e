//! Whose turn it is. Calls, subscriptions and notifications wait in one line until the session is ready and
//! an exchange is free; what answers or cancels goes out at once.

use alloc::format;

use super::exchange::{Post, Purpose};
use super::ledger::Stage;
use super::legacy::gate::Gate;
use super::queue::Waiting;
use super::session::{Phase, Suspect};
use super::{Client, Timer};
use crate::ids::CallId;
use crate::message::Notification;
use crate::notice::NoticeKind;
use crate::outcome::{Execution, FailureKind, Refusal};
use crate::story::Seen;

/// Exchanges that calls leave free, for responses, cancels and DELETE.
const RESERVED_EXCHANGES: usize = 2;

impl Client {
    /// Puts a call at the end of the line; where there is no line, it is sent.
    pub(super) fn send_in_turn(&mut self, call: CallId) {
        let is_its_turn = self.queue.is_empty() && self.session.suspect == Suspect::No;
        let needs_no_session = self.needs_no_session(call) && self.has_free_exchange();
        if needs_no_session || is_its_turn && self.may_send() {
            self.send(call);
        } else {
            self.enqueue(call);
        }
    }

    /// The host itself says all that the server needs to know.
    pub(super) fn needs_no_session(&self, call: CallId) -> bool {
        let entry = self.ledger.get(call);
        entry.is_some_and(|entry| entry.named_version.is_some())
    }

    /// Puts a call at the end of the line.
    pub(super) fn enqueue(&mut self, call: CallId) {
        let ticket = self.queue.push(Waiting::Call(call));
        self.timers.clear(Timer::Grace(call));
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        if let Stage::Parked(exchange) = core::mem::replace(&mut entry.stage, Stage::Queued(ticket))
        {
            self.unpark(exchange);
            self.restart_clock(call);
        }
    }

    /// Brings what waits forward, as far as the session and the free exchanges allow.
    pub(super) fn proceed(&mut self) {
        if self.queue.is_empty() {
            return;
        }
        if self.host_speaks() {
            self.send_what_needs_no_session();
        }
        match self.session.phase {
            Phase::Idle | Phase::Saved if self.needs_session() => self.begin_session(),
            Phase::Lost => {
                let reason = "the session was lost, and re-initializing is off: connect again";
                self.fail_waiting(FailureKind::SessionLost, reason, None);
            }
            Phase::Closed
            | Phase::Closing
            | Phase::Idle
            | Phase::Ready(_)
            | Phase::Saved
            | Phase::Shaking => {}
        }
        while self.may_send() {
            match self.session.suspect {
                Suspect::Asking => return,
                Suspect::Marked => return self.ask_whether_alive(),
                Suspect::No => {}
            }
            match self.queue.pop() {
                Some(Waiting::Call(call)) => self.send(call),
                Some(Waiting::Listen(listen)) => self.open_listen(listen),
                Some(Waiting::Notification(notification)) => {
                    self.post_notification(Post::Notification, &notification);
                }
                None => return,
            }
        }
    }

    fn send_what_needs_no_session(&mut self) {
        while self.has_free_exchange() {
            let next = self
                .queue
                .first(|waiting| self.waits_for_no_session(waiting));
            let Some(ticket) = next else {
                return;
            };
            match self.queue.remove(ticket) {
                Some(Waiting::Call(call)) => self.send(call),
                Some(Waiting::Notification(notification)) => {
                    self.post_notification(Post::Notification, &notification);
                }
                Some(Waiting::Listen(_)) | None => {}
            }
        }
    }

    /// Whether it waits for a free exchange alone.
    fn waits_for_no_session(&self, waiting: &Waiting) -> bool {
        match waiting {
            Waiting::Call(call) => self.needs_no_session(*call),
            Waiting::Listen(_) => false,
            Waiting::Notification(notification) => self.is_modern_of_host(notification),
        }
    }

    /// Whether something waits that wants a session.
    pub(super) fn needs_session(&self) -> bool {
        let needs = |waiting: &Waiting| !self.waits_for_no_session(waiting);
        self.queue.first(needs).is_some()
    }

    /// Whether the host says in a notification that it is a modern one.
    pub(super) fn is_modern_of_host(&self, notification: &Notification) -> bool {
        let params = notification.params.as_ref();
        let params = params.and_then(|params| core::str::from_utf8(params).ok());
        self.host_speaks() && self.modern_version(params).is_some()
    }

    fn may_send(&self) -> bool {
        matches!(self.session.phase, Phase::Ready(Gate::Open)) && self.has_free_exchange()
    }

    pub(super) fn has_free_exchange(&self) -> bool {
        self.config.limits.exchanges.is_none_or(|most| {
            let streams = self.streams();
            let places = most.saturating_sub(RESERVED_EXCHANGES + streams).max(1);
            self.exchanges.len() - streams < places
        })
    }

    /// Whether one more stream leaves a place for calls.
    pub(super) fn has_room_for_stream(&self) -> bool {
        self.config
            .limits
            .exchanges
            .is_none_or(|most| self.streams() + 1 + RESERVED_EXCHANGES < most)
    }

    /// Exchanges that do not end by themselves.
    fn streams(&self) -> usize {
        self.exchanges
            .values()
            .filter(|open| {
                matches!(
                    open.purpose,
                    Purpose::EventStream | Purpose::Listen(_) | Purpose::Standalone
                )
            })
            .count()
    }

    /// Settles everything that waits for a session: there is none to send it on. `refusal` is what the server
    /// said to the handshake.
    pub(super) fn fail_waiting(
        &mut self,
        kind: FailureKind,
        reason: &str,
        refusal: Option<&Refusal>,
    ) {
        for waiting in self.queue.take_all() {
            if self.waits_for_no_session(&waiting) {
                self.wait_on(waiting);
                continue;
            }
            match waiting {
                Waiting::Call(call) => {
                    let text = reason.into();
                    self.saw(call, None, Seen::Note { text });
                    match refusal.cloned() {
                        Some(refusal) => {
                            self.fail_refused(call, kind, Execution::NotSent, refusal);
                        }
                        None => self.fail(call, kind),
                    }
                }
                Waiting::Listen(listen) => self.end_listen_because(listen, kind, reason),
                Waiting::Notification(notification) => self.notice(
                    NoticeKind::Undelivered,
                    None,
                    format!("notification {}: {reason}", notification.method),
                ),
            }
        }
    }

    /// Puts back what waits for something else.
    fn wait_on(&mut self, waiting: Waiting) {
        match waiting {
            Waiting::Call(call) => self.enqueue(call),
            other => {
                self.queue.push(other);
            }
        }
    }
}
