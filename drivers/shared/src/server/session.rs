//! A session, as the application sees it, and the task that runs its handler.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use mcp_sansio::{CallOptions, EndReason, RpcError, SessionId, To};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::asking;
use super::duty;
use super::engine::{Engine, Task};
use super::log;
use super::request::{self, Request};
use super::state::Attached;
use crate::call::PendingValue;
use crate::watch::{Watch, wait_in};

/// A session with one client: a handle, cheap to clone and to share.
///
/// A session handler lives as long as its session: it ends with [`run`](Self::run), or with a loop over
/// [`next`](Self::next). One that returns earlier, or panics, ends its session; one that does not read its
/// requests gets them answered with an error.
#[derive(Clone)]
pub struct Session {
    engine: Arc<Engine>,
    started: Arc<Started>,
}

/// What is known of a session from its start.
pub(super) struct Started {
    pub(super) id: SessionId,
    pub(super) params: Bytes,
    pub(super) attached: Option<Attached>,
    pub(super) ended: Watch<EndReason>,
}

impl Session {
    pub(super) fn new(engine: Arc<Engine>, started: Arc<Started>) -> Self {
        Self { engine, started }
    }

    /// The session's handle. It is not the id on the wire, which is a secret of the client.
    pub fn id(&self) -> SessionId {
        self.started.id
    }

    /// The params of the client's `initialize`, read as `T`: who it is (`clientInfo`), what it can do
    /// (`capabilities`).
    ///
    /// # Errors
    /// An error -32602 that says what is wrong with them.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, RpcError> {
        request::read(Some(&self.started.params))
    }

    /// What the HTTP side attached to the exchange of `initialize`; the driver says what that is.
    pub fn attached<T: Any>(&self) -> Option<&T> {
        self.started.attached.as_ref()?.downcast_ref()
    }

    /// The default loop: a task for each request, until the session has ended. Gives the reason.
    pub async fn run<F, A, T>(&self, handler: F) -> EndReason
    where
        F: Fn(Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, RpcError>> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        let handler = Arc::new(handler);
        while let Some(request) = self.next().await {
            let task = duty::handle(request, Arc::clone(&handler));
            self.engine.spawn(Box::pin(task));
        }
        self.ended().await
    }

    /// The next request, for a loop of the application's own; `None` when the session has ended. Taking it
    /// is the promise to answer it.
    pub async fn next(&self) -> Option<Request> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Sends a notification on the client's standalone stream. Without one it is kept, within bounds, until the
    /// client opens it.
    pub fn notify(&self, method: impl Into<Cow<'static, str>>, params: Option<Value>) {
        let to = To::Session(self.id());
        asking::notify(&self.engine, to, method.into(), params);
    }

    /// Asks the client, on its standalone stream. What belongs to a request is better asked by
    /// [`Request::ask`]. `()` as `params` leaves them out. It starts at once; dropping it cancels it.
    pub fn ask(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
    ) -> PendingValue {
        self.ask_with(method, params, CallOptions::default())
    }

    /// [`ask`](Self::ask) with options: deadlines, progress.
    pub fn ask_with(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
        options: CallOptions,
    ) -> PendingValue {
        let to = To::Session(self.id());
        asking::ask(&self.engine, to, method.into(), params, options)
    }

    /// Completes when the session has ended, and says why.
    pub async fn ended(&self) -> EndReason {
        self.started.ended.wait().await
    }

    /// Ends the session. What is in flight in it is answered with an error; the client's next request gets
    /// 404, upon which it starts anew.
    pub fn end(&self, reason: EndReason) {
        end(&self.engine, self.id(), reason);
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Request>> {
        let open = self.engine.step(|state, now| {
            let Some(entry) = state.sessions.get_mut(&self.id()) else {
                return Poll::Ready(None);
            };
            // A withdrawn request is not in the inbox any more.
            let Some(open) = entry.inbox.pop_front() else {
                wait_in(&mut entry.readers, cx);
                return Poll::Pending;
            };
            state.machine.take(now, open.id);
            Poll::Ready(Some(open))
        });
        open.map(|open| open.map(|open| Request::new(Arc::clone(&self.engine), open)))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Session").field(&self.id().as_u64()).finish()
    }
}

pub(super) fn end(engine: &Arc<Engine>, session: SessionId, reason: EndReason) {
    engine.step(|state, now| state.machine.end_session(now, session, reason));
}

/// Runs a session handler. However it ends, its session ends with it.
pub(super) async fn host(session: Session, handler: Task) {
    let mut watcher = Watcher {
        session,
        has_returned: false,
    };
    handler.await;
    watcher.has_returned = true;
}

struct Watcher {
    session: Session,
    has_returned: bool,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let engine = &self.session.engine;
        let id = self.session.id();
        let has_panicked = std::thread::panicking();
        let reason = if self.has_returned {
            EndReason::HandlerReturned
        } else {
            EndReason::HandlerFailed
        };
        let waiting = engine.step(|state, now| {
            let waiting = state.sessions.get(&id).map(|entry| entry.inbox.len());
            if has_panicked {
                state.counters.handler_failed += 1;
            } else if self.has_returned && waiting.is_some() {
                state.counters.handler_returned += 1;
            }
            state.machine.end_session(now, id, reason);
            waiting
        });
        if has_panicked {
            log::handler_failed(id, waiting.unwrap_or(0));
        } else if let Some(waiting) = waiting
            && self.has_returned
        {
            log::handler_returned(id, waiting);
        }
    }
}
