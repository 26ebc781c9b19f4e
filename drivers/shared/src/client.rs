//! The managed client.

use std::borrow::Cow;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use mcp_sansio::{
    Call, CallId, CallOptions, Era, Handshake, Identity, Inspection, Instant, Known, Notification,
    Outcome, Version,
};
use serde::Serialize;
use serde_json::Value;

use crate::builder::Builder;
use crate::call::{PendingCall, PendingValue, Port};
use crate::engine::Engine;
use crate::error::CallError;
use crate::http::Http;
use crate::messages::{Channel, Events, Messages, Notifications};
use crate::runtime::Runtime;
use crate::state::{Slot, State};

/// Pages of a list that are fetched at most. A server that goes on after so many goes on for ever.
const MOST_PAGES: usize = 1_000;

/// A client of one MCP server: a handle, cheap to clone and to share.
///
/// Every call settles, in bounded time, with a result, the server's error, or a failure that says
/// whether the server may have run it. When the last handle is dropped the client closes in the
/// background, as [`close`](Self::close) does.
pub struct Client<H: Http, R: Runtime>(pub(crate) Arc<Handle<H, R>>);

impl<H: Http, R: Runtime> Client<H, R> {
    /// Connects to the MCP server at this URL, with the defaults.
    ///
    /// # Errors
    /// As [`Builder::connect`].
    pub async fn connect(url: impl Into<String>) -> Result<Self, CallError> {
        Self::builder(url).connect().await
    }

    /// A client to be, for the MCP server at this URL.
    pub fn builder(url: impl Into<String>) -> Builder<H, R> {
        let identity = Identity::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        Builder::new(url.into(), Handshake::Core(identity))
    }

    /// Calls a tool, and gives its `CallToolResult`. That a tool failed is said in there (`isError`).
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call_tool(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<Value, CallError> {
        self.call_tool_with(name, arguments, CallOptions::default())
            .await
    }

    /// [`call_tool`](Self::call_tool) with options: deadlines, progress, headers of its own. The call
    /// starts at once, not when it is first polled.
    pub fn call_tool_with(
        &self,
        name: &str,
        arguments: impl Serialize,
        options: CallOptions,
    ) -> PendingValue {
        self.request_with("tools/call", ToolCall { name, arguments }, options)
    }

    /// The server's tools, of all pages.
    ///
    /// # Errors
    /// See [`CallError`]. [`BadResult`](CallError::BadResult) also after 1,000 pages.
    pub async fn list_tools(&self) -> Result<Vec<Value>, CallError> {
        let mut tools = Vec::new();
        let mut page = Page { cursor: None };
        for _ in 0..MOST_PAGES {
            let mut result = self.request("tools/list", &page).await?;
            match result.get_mut("tools").map(Value::take) {
                Some(Value::Array(more)) => tools.extend(more),
                _ => {
                    return Err(CallError::BadResult(
                        "tools/list without an array of tools".into(),
                    ));
                }
            }
            match result.get_mut("nextCursor").map(Value::take) {
                Some(Value::String(cursor)) => page.cursor = Some(cursor),
                _ => return Ok(tools),
            }
        }
        Err(CallError::BadResult(format!(
            "tools/list has more than {MOST_PAGES} pages"
        )))
    }

    /// Any request, and its result. `()` as `params` leaves them out.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn request(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
    ) -> Result<Value, CallError> {
        self.request_with(method, params, CallOptions::default())
            .await
    }

    /// [`request`](Self::request) with options. The call starts at once, not when it is first polled.
    pub fn request_with(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
        options: CallOptions,
    ) -> PendingValue {
        match text(params) {
            Ok(params) => self.start(Call::new(method, params).with(options)).value(),
            Err(error) => PendingValue::failed(CallError::Arguments(error)),
        }
    }

    /// Starts a call, and gives the machine's own outcome: the result as JSON text, untouched.
    /// It starts at once, not when it is first polled.
    pub fn start(&self, call: Call) -> PendingCall {
        let progress = call.options.progress.then(Channel::counted);
        self.0
            .pending(progress, |state, now| state.machine.call(now, call))
    }

    /// Asks whether the server is there: by `ping`, or by `server/discover` where the protocol has no ping any
    /// more.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn ping(&self) -> Result<(), CallError> {
        if self.version().is_none() {
            self.handshake().await?;
        }
        let method = match self.version().map(Version::era) {
            Some(Era::Modern) => "server/discover",
            Some(Era::Legacy) | None => "ping",
        };
        self.request(method, ()).await.map(drop)
    }

    /// Sends a notification, in the background. Whether it arrived is told by [`events`](Self::events) only.
    pub fn notify(&self, method: impl Into<Cow<'static, str>>, params: Option<Value>) {
        let params = params.map(|params| params.to_string().into());
        let notification = Notification::new(method, params);
        self.engine()
            .step(|state, now| state.machine.notify(now, notification));
    }

    /// The server's notifications from now on. There is one reader: an older one ends. Without a reader
    /// they are dropped; to miss none, [`build`](Builder::build) the client and take them before its
    /// first call.
    pub fn notifications(&self) -> Notifications {
        self.engine()
            .subscribe(Channel::counted(), |state| &mut state.notifications)
    }

    /// Notices and changes of the session, from now on. There is one reader: an older one ends.
    pub fn events(&self) -> Events {
        self.engine()
            .subscribe(Channel::lossy(), |state| &mut state.events)
    }

    /// The revision that is spoken with the server, whose [`era`](Version::era) says the rest; `None` before
    /// it is known.
    pub fn version(&self) -> Option<Version> {
        self.known().map(|known| known.version)
    }

    /// What was learned of the server: its revision, its answer to the handshake, and the session if there is
    /// one. A later client that is given this, through
    /// [`ClientConfig::known`](mcp_sansio::ClientConfig::known), begins with its first call instead of finding
    /// out anew; what is outdated heals by itself. `None` before the handshake is done.
    pub fn known(&self) -> Option<Known> {
        self.engine().lock().machine.known()
    }

    /// Who waits for what, and why: every call with its story, every exchange.
    pub fn inspect(&self) -> Inspection {
        self.engine().lock().machine.inspect()
    }

    /// Says that the [`Authorizer`](crate::Authorizer) has got new credentials without being asked, before the old ones
    /// had expired, say: what the server still refuses of the old ones is sent again, and not asked for.
    pub fn credentials_changed(&self) {
        self.engine()
            .step(|state, now| state.machine.authorize(now, true));
    }

    /// Closes the client: settles all calls as closed, ends the session, and completes when that is done,
    /// after [`ClientTiming::close`](mcp_sansio::ClientTiming::close) at the latest.
    pub async fn close(&self) {
        self.engine().close();
        poll_fn(|cx| {
            let mut state = self.engine().lock();
            if state.closed {
                return Poll::Ready(());
            }
            let waiting = &mut state.waiting_for_close;
            if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn engine(&self) -> &Arc<Engine<H, R>> {
        &self.0.engine
    }

    pub(crate) fn new(engine: Arc<Engine<H, R>>) -> Self {
        Self(Arc::new(Handle { engine }))
    }

    /// Connects, and gives the handshake's result.
    pub(crate) fn handshake(&self) -> PendingValue {
        self.0
            .pending(None, |state, now| state.machine.connect(now))
            .value()
    }
}

impl<H: Http, R: Runtime> Clone for Client<H, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What all clones of a client and its pending calls share; without it the client closes.
pub(crate) struct Handle<H: Http, R: Runtime> {
    pub(crate) engine: Arc<Engine<H, R>>,
}

impl<H: Http, R: Runtime> Handle<H, R> {
    /// Begins a call. Whoever waits for it is known before anything can come of it.
    fn pending(
        self: &Arc<Self>,
        progress: Option<Arc<Channel<Value>>>,
        begin: impl FnOnce(&mut State, Instant) -> CallId,
    ) -> PendingCall {
        let id = self.engine.step(|state, now| {
            let id = begin(state, now);
            state.calls.insert(id, Slot::Waiting(None));
            if let Some(channel) = &progress {
                state.progress.insert(id, Arc::clone(channel));
            }
            id
        });
        let progress = progress.map(|channel| Messages::new(channel, self.engine.clone()));
        PendingCall::new(id, self.clone(), progress)
    }
}

impl<H: Http, R: Runtime> Port for Handle<H, R> {
    fn poll_call(&self, call: CallId, cx: &Context<'_>) -> Poll<Outcome> {
        let mut state = self.engine.lock();
        match state.calls.remove(&call) {
            Some(Slot::Settled(outcome)) => Poll::Ready(outcome),
            Some(Slot::Waiting(before)) => {
                let waker = Some(cx.waker().clone());
                state.calls.insert(call, Slot::Waiting(waker));
                drop(state);
                drop(before);
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }

    fn abandon(&self, call: CallId) {
        let slot = self.engine.step(|state, now| {
            state.machine.cancel(now, call, None);
            state.calls.remove(&call)
        });
        drop(slot);
    }
}

impl<H: Http, R: Runtime> Drop for Handle<H, R> {
    fn drop(&mut self) {
        self.engine.close();
    }
}

#[derive(Serialize)]
struct ToolCall<'a, A> {
    name: &'a str,
    arguments: A,
}

#[derive(Serialize)]
struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// JSON text; nothing for null.
pub(crate) fn text(params: impl Serialize) -> Result<Option<Bytes>, serde_json::Error> {
    let text = serde_json::to_vec(&params)?;
    Ok((text != b"null").then(|| text.into()))
}
