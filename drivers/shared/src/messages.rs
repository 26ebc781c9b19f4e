//! The bounded channels to the application: notifications, progress, subscriptions, events.
//!
//! All messages that wait at the application share one bound. When it is reached the machine is polled
//! without room: it keeps the messages and decides what to merge, drop or refuse, while outcomes pass
//! them. Taking a message polls the machine again.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use mcp_sansio::{Notice, Notification, SessionChange};

/// Messages that may wait at the application, all kinds together.
const ROOM: usize = 64;
/// Events that may wait; beyond them the oldest are dropped.
const EVENTS: usize = 256;

/// The server's notifications, from when this was made until the client is closed.
pub type Notifications = Messages<Notification>;
/// The `params` of a call's progress notifications, until the call settles.
pub type Progress = Messages<serde_json::Value>;
/// What happens beside the calls, from when this was made until the client is closed. An application
/// that reads too slowly finds the newest 256.
pub type Events = Messages<Event>;

/// Something that happened beside the calls.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Something to log.
    Notice(Notice),
    /// The record cannot be written any more, for this reason; the client goes on without.
    RecordingEnded(String),
    /// The session began, ended, or was made again.
    Session {
        /// Counts the sessions of this client, from 1.
        epoch: u32,
        /// What happened.
        change: SessionChange,
    },
}

/// Messages in the order in which they came: a [`Stream`], or [`next`](Self::next) after `next`.
///
/// It does not keep the client open. Read it or drop it: while it is full, the messages of all others
/// wait in the machine. Outcomes never do.
pub struct Messages<T> {
    channel: Arc<Channel<T>>,
    room: Arc<dyn Room>,
}

impl<T> Messages<T> {
    /// The next message; `None` when no more can come.
    pub async fn next(&mut self) -> Option<T> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    pub(crate) fn new(channel: Arc<Channel<T>>, room: Arc<dyn Room>) -> Self {
        Self { channel, room }
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut inner = self.channel.lock();
        let Some((message, is_counted)) = inner.items.pop_front() else {
            if inner.ended {
                return Poll::Ready(None);
            }
            let before = inner.waker.replace(cx.waker().clone());
            drop(inner);
            drop(before);
            return Poll::Pending;
        };
        drop(inner);
        if is_counted {
            Arc::clone(&self.room).regain(1);
        }
        Poll::Ready(Some(message))
    }
}

impl<T> Stream for Messages<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll(cx)
    }
}

impl<T> Drop for Messages<T> {
    fn drop(&mut self) {
        let left = {
            let mut inner = self.channel.lock();
            inner.deserted = true;
            std::mem::take(&mut inner.items)
        };
        let counted = left.iter().filter(|(_, is_counted)| *is_counted).count();
        if counted > 0 {
            Arc::clone(&self.room).regain(counted);
        }
    }
}

/// Who is told that messages were taken.
pub(crate) trait Room: Send + Sync {
    /// `count` messages were taken.
    fn regain(self: Arc<Self>, count: usize);
}

/// The messages that wait at the application.
#[derive(Debug, Default)]
pub(crate) struct Held(AtomicUsize);

impl Held {
    pub(crate) fn has_room(&self) -> bool {
        self.0.load(Ordering::SeqCst) < ROOM
    }

    /// Counts messages as taken, and says whether there was no room before.
    pub(crate) fn regain(&self, count: usize) -> bool {
        self.0.fetch_sub(count, Ordering::SeqCst) >= ROOM
    }
}

/// One queue. Its lock is taken after the engine's, never before.
pub(crate) struct Channel<T>(Mutex<Inner<T>>);

struct Inner<T> {
    /// With whether each counts as held at the application.
    items: VecDeque<(T, bool)>,
    /// Whether messages count, or the oldest are dropped.
    counted: bool,
    /// Nothing more is put in.
    ended: bool,
    /// Nobody reads any more.
    deserted: bool,
    waker: Option<Waker>,
}

impl<T> Channel<T> {
    /// A queue for messages.
    pub(crate) fn counted() -> Arc<Self> {
        Self::new(true)
    }

    /// A queue that drops its oldest items.
    pub(crate) fn lossy() -> Arc<Self> {
        Self::new(false)
    }

    /// Puts a message in, and gives the waker of the reader.
    pub(crate) fn push(&self, message: T, held: &Held) -> Option<Waker> {
        let mut inner = self.lock();
        if inner.deserted || inner.ended {
            return None;
        }
        if inner.counted {
            held.0.fetch_add(1, Ordering::SeqCst);
        } else if inner.items.len() == EVENTS {
            inner.items.pop_front();
        }
        let is_counted = inner.counted;
        inner.items.push_back((message, is_counted));
        inner.waker.take()
    }

    /// Puts in what comes whether there is room or not, and gives the waker of the reader. It takes no room
    /// from others.
    pub(crate) fn put(&self, message: T) -> Option<Waker> {
        let mut inner = self.lock();
        if inner.deserted || inner.ended {
            return None;
        }
        inner.items.push_back((message, false));
        inner.waker.take()
    }

    /// Takes the last item back, if it was [`put`](Self::put) in, nobody has read it or the one before, and
    /// both are such as `is_stale` wants them. Says whether it did.
    pub(crate) fn take_back(&self, is_stale: impl FnOnce(&T, &T) -> bool) -> bool {
        let mut inner = self.lock();
        let mut latest = inner.items.iter().rev();
        let taken = match (latest.next(), latest.next()) {
            (Some((last, false)), Some((before, _))) => is_stale(before, last),
            _ => false,
        };
        if taken {
            inner.items.pop_back();
        }
        taken
    }

    /// Ends the queue, and gives the waker of the reader. What is left in it can still be read and no
    /// longer takes room from others.
    pub(crate) fn end(&self, held: &Held) -> Option<Waker> {
        let mut inner = self.lock();
        let mut counted = 0;
        for (_, is_counted) in &mut inner.items {
            counted += usize::from(std::mem::replace(is_counted, false));
        }
        held.regain(counted);
        inner.ended = true;
        inner.waker.take()
    }

    fn new(counted: bool) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inner {
            items: VecDeque::new(),
            counted,
            ended: false,
            deserted: false,
            waker: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
