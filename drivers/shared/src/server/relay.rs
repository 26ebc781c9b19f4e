//! For a host that speaks JSON-RPC itself: which message is for which link.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mcp_sansio::{
    ExchangeId, ObligationId, RelayMessage, Relayed, ServerEvent, ServerRelay, SessionId,
    Withdrawal,
};

use super::deliver::{attached, withdraw};
use super::link::{Message, Opened};
use super::request::Open;
use super::session::Started;
use super::state::{Attached, Later, State};
use crate::watch::wait_in;

/// Notifications of a client that may wait for its link; beyond them the oldest are dropped. What else waits there
/// is bounded by the machine.
const MOST_NOTIFICATIONS: usize = 256;

/// The host's side of a server.
#[derive(Default)]
pub(super) struct Relaying {
    pub(super) relay: ServerRelay,
    links: BTreeMap<Key, Inbox>,
    /// The link whose message is being sent: what is answered within that step, and belongs to no session, is
    /// for it.
    sending: Option<Key>,
}

/// Whose link it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Session(SessionId),
    Request(ObligationId),
}

#[derive(Default)]
pub(super) struct Inbox {
    messages: VecDeque<Message>,
    notifications: usize,
    has_ended: bool,
    readers: Vec<Waker>,
}

impl Relaying {
    pub(super) fn open_session(&mut self, started: Arc<Started>) -> Opened {
        let opened = Opened::Session(started);
        self.links.insert(opened.key(), Inbox::default());
        opened
    }

    pub(super) fn end_session(&mut self, session: SessionId) -> Vec<Waker> {
        self.end(Key::Session(session))
    }

    /// A message of this link is sent.
    pub(super) fn begin(&mut self, key: Key) {
        self.sending = Some(key);
    }

    /// It was sent. If it answered the request that opened the link, the link has ended.
    pub(super) fn finish(&mut self, answered: Option<ObligationId>) -> Vec<Waker> {
        self.sending = None;
        answered.map_or_else(Vec::new, |id| self.end(Key::Request(id)))
    }

    pub(super) fn poll_next(&mut self, key: Key, cx: &Context<'_>) -> Poll<Option<Message>> {
        let Some(inbox) = self.links.get_mut(&key) else {
            return Poll::Ready(None);
        };
        if let Some(message) = inbox.messages.pop_front() {
            inbox.notifications -= usize::from(is_notification(&message.relayed));
            return Poll::Ready(Some(message));
        }
        if inbox.has_ended {
            return Poll::Ready(None);
        }
        wait_in(&mut inbox.readers, cx);
        Poll::Pending
    }

    /// Nobody reads this link any more.
    pub(super) fn forget(&mut self, key: Key) -> Option<Inbox> {
        self.links.remove(&key)
    }

    /// Brings a request to the link of its session, or to one of its own.
    pub(super) fn hand_over(&mut self, open: Arc<Open>, exchange: ExchangeId, later: &mut Later) {
        let session = open.session();
        let request = ServerEvent::Request {
            id: open.id,
            exchange,
            session,
            version: open.version,
            method: open.method.clone(),
            params: open.params.clone(),
        };
        let Relayed::Message(message) = self.relay.receive(request) else {
            return;
        };
        let key = session.map_or(Key::Request(open.id), Key::Session);
        if session.is_none() {
            self.links.insert(key, Inbox::default());
        }
        self.bring(key, message, open.attached.clone(), later);
        if session.is_none() {
            later.links.push(Opened::Request(open));
        }
    }

    fn end(&mut self, key: Key) -> Vec<Waker> {
        self.links.get_mut(&key).map_or_else(Vec::new, |inbox| {
            inbox.has_ended = true;
            std::mem::take(&mut inbox.readers)
        })
    }

    fn bring(
        &mut self,
        key: Key,
        relayed: RelayMessage,
        attached: Option<Attached>,
        later: &mut Later,
    ) {
        let Some(inbox) = self.links.get_mut(&key) else {
            later.attached.extend(attached);
            return;
        };
        if is_notification(&relayed) {
            inbox.notifications += 1;
            if inbox.notifications > MOST_NOTIFICATIONS {
                inbox.drop_oldest_notification(later);
            }
        }
        inbox.messages.push_back(Message { relayed, attached });
        later.wakers.append(&mut inbox.readers);
    }

    /// Takes a request back that nobody has taken; says whether that was possible.
    fn take_back(&mut self, key: Key, id: ObligationId, later: &mut Later) -> bool {
        let Some(inbox) = self.links.get_mut(&key) else {
            return true;
        };
        let mut messages = inbox.messages.iter();
        let at = messages.position(|message| message.relayed.obligation == Some(id));
        let message = at.and_then(|at| inbox.messages.remove(at));
        let is_back = message.is_some();
        later
            .attached
            .extend(message.and_then(|message| message.attached));
        is_back
    }
}

impl Inbox {
    fn drop_oldest_notification(&mut self, later: &mut Later) {
        let mut messages = self.messages.iter();
        let at = messages.position(|message| is_notification(&message.relayed));
        if let Some(message) = at.and_then(|at| self.messages.remove(at)) {
            self.notifications -= 1;
            later.attached.extend(message.attached);
        }
    }
}

/// Whether a message is what the client says unasked. That a request is withdrawn comes of no exchange.
fn is_notification(message: &RelayMessage) -> bool {
    message.obligation.is_none() && message.exchange.is_some()
}

/// Brings the links what is a message to the host; gives back what is none.
pub(super) fn relayed(
    state: &mut State,
    event: ServerEvent,
    later: &mut Later,
) -> Option<ServerEvent> {
    let Some(relaying) = &mut state.relay else {
        return Some(event);
    };
    match event {
        ServerEvent::Withdrawn { id, why } => withdrawn(state, id, why, later),
        ServerEvent::Notification {
            session: Some(_), ..
        }
        | ServerEvent::Progress { .. }
        | ServerEvent::Settled { .. } => match relaying.relay.receive(event) {
            Relayed::Event(event) => return Some(event),
            Relayed::Message(message) => bring(state, message, later),
        },
        event => return Some(event),
    }
    None
}

/// Brings a message to the link of its session. What has none is told to the link that is sending.
fn bring(state: &mut State, message: RelayMessage, later: &mut Later) {
    let attached = message.exchange.and_then(|id| attached(state, id));
    if let Some(relaying) = &mut state.relay {
        let session = message.session.map(Key::Session);
        if let Some(key) = session.or(relaying.sending) {
            relaying.bring(key, message, attached, later);
        }
    }
}

/// Nobody waits for the answer to a request any more. If it was not taken, its link need not know.
fn withdrawn(state: &mut State, id: ObligationId, why: Withdrawal, later: &mut Later) {
    let Some(open) = state.requests.get(&id) else {
        return;
    };
    let key = open.session().map_or(Key::Request(id), Key::Session);
    withdraw(state, id, why, later);
    let Some(relaying) = &mut state.relay else {
        return;
    };
    if !relaying.take_back(key, id, later)
        && let Relayed::Message(message) =
            relaying.relay.receive(ServerEvent::Withdrawn { id, why })
    {
        relaying.bring(key, message, None, later);
    }
    if key == Key::Request(id) {
        later.wakers.extend(relaying.end(key));
    }
}
