//! The line in which calls, subscriptions and notifications wait for their turn.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::ids::{CallId, ListenId};
use crate::message::Notification;

/// A place in the queue.
pub(super) type Ticket = u64;

#[derive(Clone, Debug)]
pub(super) enum Waiting {
    Call(CallId),
    Listen(ListenId),
    Notification(Notification),
}

/// First come, first served.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    next: Ticket,
    waiting: BTreeMap<Ticket, Waiting>,
}

impl Queue {
    pub(super) fn push(&mut self, waiting: Waiting) -> Ticket {
        self.next += 1;
        self.waiting.insert(self.next, waiting);
        self.next
    }

    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<Waiting> {
        self.waiting.remove(&ticket)
    }

    /// The first for which this holds.
    pub(super) fn first(&self, holds: impl Fn(&Waiting) -> bool) -> Option<Ticket> {
        let mut waiting = self.waiting.iter();
        waiting
            .find(|(_, waiting)| holds(waiting))
            .map(|(&ticket, _)| ticket)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop_first().map(|(_, waiting)| waiting)
    }

    pub(super) fn take_all(&mut self) -> Vec<Waiting> {
        core::mem::take(&mut self.waiting).into_values().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values()
    }
}
