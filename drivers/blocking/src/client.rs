//! The client, whose methods wait.

use std::borrow::Cow;

use mcp_sansio_driver as driver;
use mcp_sansio_driver::core::{Call, CallId, CallOptions, Inspection, Known, Outcome, Version};
use mcp_sansio_driver::{CallError, Event, SubscriptionEvent};
use serde::Serialize;
use serde_json::Value;

use crate::builder::Builder;
use crate::http::Ureq;
use crate::messages::Messages;
use crate::threads::{Threads, block_on};

/// A client of one MCP server: a handle, cheap to clone and to share between threads.
///
/// Every call settles, in bounded time, with a result, the server's error, or a failure that says
/// whether the server may have run it. When the last handle is dropped the client closes in the
/// background, as [`close`](Self::close) does.
#[derive(Clone)]
pub struct Client(driver::Client<Ureq, Threads>);

impl Client {
    /// Connects to the MCP server at this URL, with the defaults.
    ///
    /// # Errors
    /// As [`Builder::connect`].
    pub fn connect(url: impl Into<String>) -> Result<Self, CallError> {
        Self::builder(url).connect()
    }

    /// A client to be, for the MCP server at this URL.
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder::new(url.into())
    }

    /// Calls a tool, and waits for its `CallToolResult`. That a tool failed is said in there (`isError`).
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn call_tool(&self, name: &str, arguments: impl Serialize) -> Result<Value, CallError> {
        self.call_tool_with(name, arguments, CallOptions::default())
            .wait()
    }

    /// [`call_tool`](Self::call_tool) with options: deadlines, progress, headers of its own. It starts the call, and
    /// waits for nothing.
    pub fn call_tool_with(
        &self,
        name: &str,
        arguments: impl Serialize,
        options: CallOptions,
    ) -> PendingValue {
        PendingValue(self.0.call_tool_with(name, arguments, options))
    }

    /// The server's tools, of all pages.
    ///
    /// # Errors
    /// See [`CallError`]. [`BadResult`](CallError::BadResult) also after 1,000 pages.
    pub fn list_tools(&self) -> Result<Vec<Value>, CallError> {
        block_on(self.0.list_tools())
    }

    /// Any request, and its result. `()` as `params` leaves them out.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn request(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
    ) -> Result<Value, CallError> {
        self.request_with(method, params, CallOptions::default())
            .wait()
    }

    /// [`request`](Self::request) with options. It starts the call, and waits for nothing.
    pub fn request_with(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
        options: CallOptions,
    ) -> PendingValue {
        PendingValue(self.0.request_with(method, params, options))
    }

    /// Starts a call of which the machine's own outcome is wanted: the result as JSON text, untouched.
    pub fn start(&self, call: Call) -> PendingCall {
        PendingCall(self.0.start(call))
    }

    /// Asks whether the server is there: by `ping`, or by `server/discover` where the protocol has no ping any
    /// more.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn ping(&self) -> Result<(), CallError> {
        block_on(self.0.ping())
    }

    /// Sends a notification, in the background. Whether it arrived is told by [`events`](Self::events) only.
    pub fn notify(&self, method: impl Into<Cow<'static, str>>, params: Option<Value>) {
        self.0.notify(method, params);
    }

    /// The server's notifications from now on. There is one reader: an older one ends. Without a reader
    /// they are dropped; to miss none, [`build`](Builder::build) the client and take them before its
    /// first call.
    pub fn notifications(&self) -> Messages<driver::core::Notification> {
        Messages::new(self.0.notifications())
    }

    /// Notices and changes of the session, from now on. There is one reader: an older one ends.
    pub fn events(&self) -> Messages<Event> {
        Messages::new(self.0.events())
    }

    /// Subscribes to what changes at the server (since 2026-07-28), by a [`Filter`](crate::Filter) or the
    /// protocol's own JSON. It starts at once. A lost stream is opened again, within budgets; dropping the
    /// subscription ends it. In a session of an earlier revision it ends with a failure: there the server
    /// says such things unasked, and [`notifications`](Self::notifications) has them.
    pub fn listen(&self, filter: impl Into<Value>) -> Subscription {
        Subscription(self.0.listen(filter))
    }

    /// The revision that is spoken with the server; `None` before it is known.
    pub fn version(&self) -> Option<Version> {
        self.0.version()
    }

    /// What was learned of the server, for a later client ([`ClientConfig::known`](crate::ClientConfig::known)), which then
    /// begins with its first call. `None` before the handshake is done.
    pub fn known(&self) -> Option<Known> {
        self.0.known()
    }

    /// Who waits for what, and why: every call with its story, every exchange.
    pub fn inspect(&self) -> Inspection {
        self.0.inspect()
    }

    /// Says that the [`Authorizer`](crate::Authorizer) has got new credentials without being asked: what the server
    /// still refuses of the old ones is sent again, and not asked for.
    pub fn credentials_changed(&self) {
        self.0.credentials_changed();
    }

    /// Closes the client: settles all calls as closed, ends the session, and waits until that is done, for
    /// [`ClientTiming::close`](crate::ClientTiming::close) at the longest.
    pub fn close(&self) {
        block_on(self.0.close());
    }

    pub(crate) fn new(client: driver::Client<Ureq, Threads>) -> Self {
        Self(client)
    }
}

/// A call on its way. Dropping it cancels the call. It keeps the client open.
#[must_use = "dropping a call cancels it"]
pub struct PendingCall(driver::PendingCall);

impl PendingCall {
    /// The call's handle, as [`Client::inspect`] names it.
    pub fn id(&self) -> CallId {
        self.0.id()
    }

    /// The call's progress, if [`CallOptions::progress`] was set: it ends when the call settles. There is one reader:
    /// at a second time there is none.
    pub fn progress(&mut self) -> Option<Messages<Value>> {
        self.0.progress().map(Messages::new)
    }

    /// Waits for what comes of it.
    pub fn wait(self) -> Outcome {
        block_on(self.0)
    }
}

/// A call on its way, of which the result is wanted as a JSON value. Dropping it cancels the call.
#[must_use = "dropping a call cancels it"]
pub struct PendingValue(driver::PendingValue);

impl PendingValue {
    /// The call's handle; `None` if its arguments could not be written.
    pub fn id(&self) -> Option<CallId> {
        self.0.id()
    }

    /// As [`PendingCall::progress`].
    pub fn progress(&mut self) -> Option<Messages<Value>> {
        self.0.progress().map(Messages::new)
    }

    /// Waits for its result.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn wait(self) -> Result<Value, CallError> {
        block_on(self.0)
    }
}

/// A subscription to what changes at the server: an iterator that waits for what comes next. The last is
/// [`Ended`](SubscriptionEvent::Ended). Dropping it ends it.
#[must_use = "dropping a subscription ends it"]
pub struct Subscription(driver::Subscription);

impl Iterator for Subscription {
    type Item = SubscriptionEvent;

    fn next(&mut self) -> Option<SubscriptionEvent> {
        block_on(self.0.next())
    }
}
