//! What a host that speaks JSON-RPC itself, an SDK above us, has of a client: its messages, and a way back.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use mcp_sansio::{ObligationId, RelayMessage, SessionId, Version};

use super::duty::Duty;
use super::engine::{Engine, LinkHandler, Task};
use super::relay::{Key, Relaying};
use super::request::Open;
use super::session::{self, Session, Started};
use super::state::{Attached, State};

/// A session with a client, or one request that belongs to no session, as raw JSON-RPC. The clients' requests have
/// ids of our own, for theirs collide.
///
/// Its handler lives as long as it does: it ends when [`next`](Self::next) gives `None`. One that returns earlier,
/// or panics, ends its session, and answers its request with -32603.
pub struct Link {
    engine: Arc<Engine>,
    opened: Opened,
}

/// What opened a link.
#[derive(Clone)]
pub(super) enum Opened {
    Session(Arc<Started>),
    Request(Arc<Open>),
}

/// What opened a [`Link`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening<'a> {
    /// A session, whose first message is `initialize`.
    Session(SessionId),
    /// A request that belongs to no session. It is the first message, and its answer ends the link.
    Request {
        /// Its JSON-RPC method.
        method: &'a str,
        /// The revision of the protocol that it is spoken in.
        version: Version,
    },
}

/// A message of a client, for a host that speaks JSON-RPC itself.
pub struct Message {
    /// The message. What it is `via` is the host's own request, whose answer it comes with.
    pub relayed: RelayMessage,
    pub(super) attached: Option<Attached>,
}

impl Link {
    /// What opened it.
    pub fn opening(&self) -> Opening<'_> {
        match &self.opened {
            Opened::Session(started) => Opening::Session(started.id),
            Opened::Request(open) => Opening::Request {
                method: &open.method,
                version: open.version,
            },
        }
    }

    /// The next message; `None` when the session has ended, or the request is answered or withdrawn. Taking a
    /// request is the promise to answer it.
    pub async fn next(&self) -> Option<Message> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Sends a message of the host, as JSON text. `via` is the client's request that it belongs to, if it belongs
    /// to one: it goes out on the stream that answers that. Where there is no session, everything does.
    pub fn send(&self, message: &[u8], via: Option<ObligationId>) {
        let (session, via) = match &self.opened {
            Opened::Session(started) => (Some(started.id), via),
            Opened::Request(open) => (None, Some(open.id)),
        };
        let send = |state: &mut State, now| {
            let relaying = state.relay.as_mut()?;
            relaying.begin(self.key());
            let relay = &mut relaying.relay;
            relay.send(&mut state.machine, now, session, message, via)
        };
        let finish = |state: &mut State, answered: Option<ObligationId>| {
            let done = answered.and_then(|id| state.requests.remove(&id));
            let relaying = state.relay.as_mut();
            (relaying.map(|relaying| relaying.finish(answered)), done)
        };
        // Whatever this drops may call the engine.
        let (wakers, _done) = self.engine.step_then(send, finish);
        for waker in wakers.into_iter().flatten() {
            waker.wake();
        }
    }

    fn key(&self) -> Key {
        self.opened.key()
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Message>> {
        self.engine.step(|state, now| {
            let next = match &mut state.relay {
                Some(relaying) => relaying.poll_next(self.key(), cx),
                None => Poll::Ready(None),
            };
            if let Poll::Ready(Some(message)) = &next
                && let Some(id) = message.relayed.obligation
            {
                state.machine.take(now, id);
            }
            next
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let forget = |relaying: &mut Relaying| relaying.forget(self.key());
        let left = {
            let mut state = self.engine.lock();
            state.relay.as_mut().map(forget)
        };
        drop(left);
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Link").field(&self.opening()).finish()
    }
}

impl Opened {
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Session(started) => Key::Session(started.id),
            Self::Request(open) => Key::Request(open.id),
        }
    }
}

impl Message {
    /// What the HTTP side attached to the exchange that it came on; the driver says what that is.
    pub fn attached<T: Any>(&self) -> Option<&T> {
        self.attached.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Message").field(&self.relayed).finish()
    }
}

/// The task of a link. However it ends, its session ends with it, and its request is answered.
pub(super) fn host(engine: Arc<Engine>, opened: Opened, handler: &LinkHandler) -> Task {
    let task = handler(Link {
        engine: Arc::clone(&engine),
        opened: opened.clone(),
    });
    match opened {
        Opened::Session(started) => Box::pin(session::host(Session::new(engine, started), task)),
        Opened::Request(open) => Box::pin(async move {
            let _duty = Duty::new(engine, open);
            task.await;
        }),
    }
}
