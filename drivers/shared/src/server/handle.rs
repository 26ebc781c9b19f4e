//! The host's hold on a service.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mcp_sansio::{ConfigError, EndReason, Inspection, SessionId, To};
use serde_json::Value;

use super::asking::{self, Asking};
use super::counters::Counters;
use super::engine::Engine;
use super::events::Event;
use super::session::{self, Session};
use crate::messages::{Channel, Messages};

/// What happens beside the requests, from when this was made until the service is shut down. A host that
/// reads too slowly finds the newest 256.
pub type Events = Messages<Event>;

/// The host's hold on a service: a handle, cheap to clone and to share. A handler that holds one keeps the
/// server up until [`shut_down`](Self::shut_down).
#[derive(Clone)]
pub struct ServiceHandle(Arc<Alive>);

impl ServiceHandle {
    pub(super) fn new(alive: Arc<Alive>) -> Self {
        Self(alive)
    }

    /// Sends a notification to the clients of all sessions, and to all subscriptions whose filter asks
    /// for it. What becomes of a task (`notifications/tasks`) is told to the subscriptions that name it, and to nobody else.
    pub fn notify_all(&self, method: impl Into<Cow<'static, str>>, params: Option<Value>) {
        asking::notify(self.engine(), To::All, method.into(), params);
    }

    /// Says which tools there are: an array of tools, or a `tools/list` result. It replaces what was declared
    /// before. It is for tools with `x-mcp-header` annotations, so that the headers of their callers (since
    /// 2026-07-28) are checked from the first call on, and wrong annotations are found here; clients leave such
    /// tools out. Without it, the server learns of the annotations as lists of tools pass by. It can be done
    /// before the first request, and again whenever the tools change.
    ///
    /// # Errors
    /// [`ConfigError`] names the tool whose annotations are wrong, and what is wrong with them. Nothing is
    /// replaced then.
    pub fn declare_tools(&self, tools: &Value) -> Result<(), ConfigError> {
        let tools = tools.to_string();
        self.engine()
            .step(|state, _| state.machine.declare_tools(tools.as_bytes()))
    }

    /// The sessions that are alive.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.engine().lock().sessions.keys().copied().collect()
    }

    /// A session that is alive: to notify its client, to ask it, to end it.
    pub fn session(&self, id: SessionId) -> Option<Session> {
        let started = Arc::clone(&self.engine().lock().sessions.get(&id)?.started);
        Some(Session::new(Arc::clone(self.engine()), started))
    }

    /// Ends a session, as [`Session::end`].
    pub fn end_session(&self, id: SessionId, reason: EndReason) {
        session::end(self.engine(), id, reason);
    }

    /// Sessions that begin and end, the clients' notifications, and notices, from now on. There is one
    /// reader: an older one ends.
    pub fn events(&self) -> Events {
        let engine = self.engine();
        let channel = Channel::lossy();
        let mut state = engine.lock();
        let ended = if state.is_down {
            channel.end(&engine.held)
        } else {
            None
        };
        let before = state.events.replace(Arc::clone(&channel));
        let before = before.and_then(|before| before.end(&engine.held));
        drop(state);
        for waker in ended.into_iter().chain(before) {
            waker.wake();
        }
        Messages::new(channel, Arc::new(Asking(Arc::clone(engine))))
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.engine().lock().counters.clone()
    }

    /// Who waits for what, and why: every request with its story, every exchange.
    pub fn inspect(&self) -> Inspection {
        self.engine().lock().machine.inspect()
    }

    /// Takes nothing new (503), ends the standalone streams and the subscriptions, and gives the requests in flight `grace`; then
    /// answers the rest with an error. Completes when everything is answered, written and ended.
    pub async fn shut_down(&self, grace: Duration) {
        let engine = self.engine();
        engine.step(|state, now| state.machine.shut_down(now, grace));
        engine.down.wait().await;
    }

    fn engine(&self) -> &Arc<Engine> {
        self.0.engine()
    }
}

impl fmt::Debug for ServiceHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceHandle")
    }
}

/// What services, their handles and their exchanges share. Without it the server is shut down.
pub(super) struct Alive(Arc<Engine>);

impl Alive {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        Self(engine)
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.0
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0
            .step(|state, now| state.machine.shut_down(now, Duration::ZERO));
    }
}
