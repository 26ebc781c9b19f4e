//! The one ordered queue of outputs.
//!
//! Outputs are queued when they arise, never computed in the poll. Messages for the application
//! (progress, notifications, the server's requests) can be withheld while it does not read; everything
//! else passes them, so that a slow reader cannot hold up its own outcomes.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;

use super::event::{ClientEvent, ClientOutput};
use crate::ids::{CallId, ObligationId};
use crate::inspect::Weigh as _;
use crate::notice::{Notice, NoticeKind};

#[derive(Clone, Debug)]
pub(super) struct Outbox {
    /// Counts outputs, to merge the two queues back into one order.
    next: u64,
    outputs: VecDeque<(u64, ClientOutput)>,
    messages: VecDeque<(u64, ClientEvent)>,
    most_messages: usize,
    /// Payload bytes in `messages`.
    bytes: usize,
    /// The last poll had room: the application reads. Then what an input brings is taken whole, however it was
    /// cut; the bound holds once a poll had none.
    is_read: bool,
    /// The driver polled without room and was given everything but the messages.
    withheld: bool,
    /// Messages dropped since the last notice of it.
    dropped: u64,
}

impl Outbox {
    pub(super) const fn new(most_messages: usize) -> Self {
        Self {
            next: 0,
            outputs: VecDeque::new(),
            messages: VecDeque::new(),
            most_messages,
            bytes: 0,
            is_read: true,
            withheld: false,
            dropped: 0,
        }
    }

    pub(super) fn push(&mut self, output: ClientOutput) {
        self.next += 1;
        self.outputs.push_back((self.next, output));
    }

    pub(super) fn event(&mut self, event: ClientEvent) {
        self.push(ClientOutput::Event(event));
    }

    /// Whether a message can be queued without giving up another.
    pub(super) fn has_room(&self) -> bool {
        self.has_room_for(1)
    }

    /// Whether this many messages can be queued without giving up others.
    pub(super) fn has_room_for(&self, messages: usize) -> bool {
        self.is_read || self.messages.len() + messages <= self.most_messages
    }

    /// Queues a message. When the application has not read for too long, progress replaces earlier
    /// progress of its call, list changes merge, and the oldest log makes room; what finds no place is
    /// dropped and counted. (The server's requests are refused by the caller before they come here.)
    pub(super) fn message(&mut self, event: ClientEvent) {
        if !self.has_room() && !self.make_room_for(&event) {
            self.dropped += 1;
            return;
        }
        self.next += 1;
        self.bytes += event.weight();
        self.withheld = false;
        self.messages.push_back((self.next, event));
    }

    fn make_room_for(&mut self, event: &ClientEvent) -> bool {
        let replaced = match event {
            ClientEvent::Progress { call, .. } => self.messages.iter().rposition(
                |(_, queued)| matches!(queued, ClientEvent::Progress { call: other, .. } if other == call),
            ),
            ClientEvent::Notification { notification, .. }
                if notification.method.ends_with("/list_changed") =>
            {
                self.messages.iter().position(|(_, queued)| {
                    matches!(queued, ClientEvent::Notification { notification: other, .. }
                        if other.method == notification.method)
                })
            }
            _ => None,
        };
        if let Some(at) = replaced {
            self.remove(at);
            return true;
        }
        let oldest_log = self.messages.iter().position(|(_, queued)| {
            matches!(queued, ClientEvent::Notification { notification, .. }
                if notification.method == "notifications/message")
        });
        if let Some(at) = oldest_log {
            self.remove(at);
            self.dropped += 1;
        }
        oldest_log.is_some()
    }

    /// Takes back a request of the server that the application has not seen yet. `false`: it has.
    pub(super) fn forget_request(&mut self, id: ObligationId) -> bool {
        let queued = self.messages.iter().position(
            |(_, queued)| matches!(queued, ClientEvent::Request { id: of, .. } if *of == id),
        );
        if let Some(at) = queued {
            self.remove(at);
        }
        queued.is_some()
    }

    fn remove(&mut self, at: usize) {
        if let Some((_, event)) = self.messages.remove(at) {
            self.bytes -= event.weight();
        }
    }

    /// The next output. Without `room`, messages stay here and all else passes them.
    pub(super) fn poll(&mut self, room: bool) -> Option<ClientOutput> {
        self.is_read = room;
        if !room {
            self.withheld = true;
            let (_, output) = self.outputs.pop_front()?;
            if let ClientOutput::Event(ClientEvent::Settled { call, .. }) = &output {
                self.forget_progress_of(*call);
            }
            return Some(output);
        }
        if self.dropped > 0 && self.messages.len() < self.most_messages {
            return Some(self.dropped_notice());
        }
        let message_first = match (self.outputs.front(), self.messages.front()) {
            (Some((output, _)), Some((message, _))) => message < output,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if message_first {
            let (_, event) = self.messages.pop_front()?;
            self.bytes -= event.weight();
            return Some(ClientOutput::Event(event));
        }
        self.outputs.pop_front().map(|(_, output)| output)
    }

    /// An outcome has passed this call's progress, which is old news now.
    fn forget_progress_of(&mut self, call: CallId) {
        while let Some(at) = self.messages.iter().position(
            |(_, queued)| matches!(queued, ClientEvent::Progress { call: of, .. } if *of == call),
        ) {
            self.remove(at);
        }
    }

    fn dropped_notice(&mut self) -> ClientOutput {
        let detail: String = format!(
            "{} messages were dropped because the application did not read them",
            core::mem::take(&mut self.dropped)
        );
        ClientOutput::Event(ClientEvent::Notice(Notice {
            kind: NoticeKind::Dropped,
            exchange: None,
            session: None,
            detail,
        }))
    }

    /// Whether a poll has something to give. Messages that the driver has no room for are not announced,
    /// or it would spin.
    pub(super) fn is_ready(&self) -> bool {
        !self.outputs.is_empty()
            || (!self.withheld && (!self.messages.is_empty() || self.dropped > 0))
    }

    pub(super) fn clear_messages(&mut self) {
        self.messages.clear();
        self.bytes = 0;
        self.dropped = 0;
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}
