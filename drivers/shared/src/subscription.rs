//! Subscriptions: what changes at the server, as a stream of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use mcp_sansio::{ListenId, Notification, Outcome};
use serde_json::{Map, Value, json};

use crate::client::{Client, Handle};
use crate::http::Http;
use crate::messages::{Channel, Messages};
use crate::runtime::Runtime;

/// A subscription to what changes at the server: a [`Stream`], or [`next`](Self::next) after `next`. From
/// [`Client::listen`].
///
/// Dropping it ends it. Like a pending call it keeps its client open. Read it or drop it: while the
/// application's queues are full, the messages of all others wait in the machine. What becomes of the
/// subscription itself does not wait, and may so pass notifications that found no room.
#[must_use = "dropping a subscription ends it"]
pub struct Subscription {
    events: Messages<SubscriptionEvent>,
    id: ListenId,
    /// Until it is known to be over.
    listening: Option<Arc<dyn Listening>>,
}

/// What comes of a subscription.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SubscriptionEvent {
    /// It is over, and nothing follows. A result is the server's own, graceful end; a failure has its story.
    Ended(Outcome),
    /// The stream was lost, and is being opened again. What the server said meanwhile is lost: once it is
    /// [`Opened`](Self::Opened), list again what you watch.
    Gap,
    /// The server says that something changed.
    Notification(Notification),
    /// The server listens to this filter: what was asked for, or a part of it.
    Opened(Value),
}

/// What to subscribe to. The protocol's JSON does as well, such as `json!({"toolsListChanged": true})`.
///
/// ```
/// use mcp_sansio_driver::Filter;
/// use serde_json::{Value, json};
///
/// let filter = Filter::default().tools().resource("file:///notes.txt");
/// assert_eq!(
///     Value::from(filter),
///     json!({"toolsListChanged": true, "resourceSubscriptions": ["file:///notes.txt"]})
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    flags: Vec<&'static str>,
    resources: Vec<String>,
}

impl Filter {
    /// The list of prompts changed.
    pub fn prompts(self) -> Self {
        self.flag("promptsListChanged")
    }

    /// This resource changed.
    pub fn resource(mut self, uri: impl Into<String>) -> Self {
        self.resources.push(uri.into());
        self
    }

    /// The list of resources changed.
    pub fn resources(self) -> Self {
        self.flag("resourcesListChanged")
    }

    /// The list of tools changed.
    pub fn tools(self) -> Self {
        self.flag("toolsListChanged")
    }

    fn flag(mut self, name: &'static str) -> Self {
        self.flags.push(name);
        self
    }
}

impl From<Filter> for Value {
    fn from(filter: Filter) -> Self {
        let flags = filter.flags.into_iter();
        let mut members: Map<_, _> = flags.map(|name| (name.into(), true.into())).collect();
        if !filter.resources.is_empty() {
            members.insert("resourceSubscriptions".into(), filter.resources.into());
        }
        Self::Object(members)
    }
}

impl<H: Http, R: Runtime> Client<H, R> {
    /// Subscribes to what changes at the server (since 2026-07-28), by a [`Filter`](Filter) or the
    /// protocol's own JSON. It starts at once. A lost stream is opened again, within budgets; dropping the
    /// subscription ends it. In a session of an earlier revision it ends with a failure: there the server
    /// says such things unasked, and [`notifications`](Self::notifications) has them.
    pub fn listen(&self, filter: impl Into<Value>) -> Subscription {
        let params = json!({"notifications": filter.into()}).to_string();
        let channel = Channel::counted();
        let engine = &self.0.engine;
        let id = engine.step(|state, now| {
            let id = state.machine.listen(now, params.into());
            state.subscriptions.insert(id, Arc::clone(&channel));
            id
        });
        let events = Messages::new(channel, engine.clone());
        Subscription::new(id, events, self.0.clone())
    }
}

impl Subscription {
    fn new(
        id: ListenId,
        events: Messages<SubscriptionEvent>,
        listening: Arc<dyn Listening>,
    ) -> Self {
        Self {
            events,
            id,
            listening: Some(listening),
        }
    }

    /// What comes next. The last is [`Ended`](SubscriptionEvent::Ended), exactly once; after it there is
    /// `None`.
    pub async fn next(&mut self) -> Option<SubscriptionEvent> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for Subscription {
    type Item = SubscriptionEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = Pin::new(&mut self.events).poll_next(cx);
        if matches!(event, Poll::Ready(Some(SubscriptionEvent::Ended(_)) | None)) {
            self.listening = None;
        }
        event
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.unlisten(self.id);
        }
    }
}

impl SubscriptionEvent {
    /// Whether a stream that was lost is open again, with nothing said since.
    pub(crate) fn is_reopened(before: &Self, last: &Self) -> bool {
        matches!((before, last), (Self::Gap, Self::Opened(_)))
    }
}

/// What a subscription asks of its client.
trait Listening: Send + Sync {
    fn unlisten(&self, listen: ListenId);
}

impl<H: Http, R: Runtime> Listening for Handle<H, R> {
    fn unlisten(&self, listen: ListenId) {
        let channel = self.engine.step(|state, now| {
            state.machine.unlisten(now, listen);
            state.subscriptions.remove(&listen)
        });
        drop(channel);
    }
}
