//! A client whose host speaks JSON-RPC itself: an SDK above us.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use mcp_sansio::{CallOptions, ClientEvent, ClientRelay, Failure, RelayMessage, Relayed};

use crate::builder::Builder;
use crate::client::{Client, Handle};
use crate::engine::Engine;
use crate::error::CallError;
use crate::http::Http;
use crate::messages::{Channel, Held, Messages};
use crate::runtime::Runtime;
use crate::state::{Later, State};
use crate::watch::Watch;

/// A client whose host speaks JSON-RPC itself, an SDK above us: raw messages go in and come out, ids and
/// handshake are the host's, and every request is answered exactly once.
///
/// When it is dropped, and what it is sending too, the client closes in the background.
pub struct Relay<H: Http, R: Runtime> {
    client: Client<H, R>,
    messages: Messages<RelayMessage>,
}

impl<H: Http, R: Runtime> Relay<H, R> {
    /// A relay to be, for the MCP server at this URL.
    pub fn builder(url: impl Into<String>) -> Builder<H, R, Self> {
        Builder::relay(url)
    }

    pub(crate) fn start<T>(builder: Builder<H, R, T>) -> Result<Self, CallError> {
        let channel = Channel::counted();
        let relaying = Relaying {
            relay: ClientRelay::default(),
            messages: Arc::clone(&channel),
            sending: HashMap::new(),
        };
        let engine = builder.start(Some(relaying))?;
        Ok(Self {
            messages: Messages::new(channel, engine.clone()),
            client: Client::new(engine),
        })
    }

    /// Sends a message of the host, as JSON text. It is on its way when this returns; what is given back says
    /// what became of it. `options` are for requests only.
    pub fn send(&self, message: &[u8], options: CallOptions) -> Sending {
        let told = Told::default();
        let sent = self.client.0.engine.step(|state, now| {
            let relaying = state.relay.as_mut()?;
            let relay = &mut relaying.relay;
            let id = relay.send(&mut state.machine, now, message, options)?;
            let replaced = relaying.sending.insert(id.clone(), Arc::clone(&told));
            Some((id, replaced))
        });
        let Some((id, replaced)) = sent else {
            return Sending(None);
        };
        for waker in replaced.into_iter().flat_map(|told| told.set(Ok(()))) {
            waker.wake();
        }
        let port = self.client.0.clone();
        Sending(Some(Request { id, told, port }))
    }

    /// The next message for the host; `None` when the client is closed. Answers come in their order among the
    /// messages, but never wait for room.
    pub async fn next(&mut self) -> Option<RelayMessage> {
        self.messages.next().await
    }

    /// The client underneath: to look at, to hear of its events, to close. Calls of its own stand beside those
    /// of the host.
    pub fn client(&self) -> &Client<H, R> {
        &self.client
    }
}

/// A message on its way: a future that is ready when the message needs no answer, or has got one, which is among
/// the [messages](Relay::next) then.
///
/// Dropping it cancels the request.
#[must_use = "dropping a request on its way cancels it"]
pub struct Sending(Option<Request>);

struct Request {
    id: Bytes,
    told: Told,
    port: Arc<dyn Port>,
}

impl Future for Sending {
    /// The failure of a request that was answered with one. That answer is among the messages too.
    type Output = Result<(), Box<Failure>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let told = match &self.0 {
            None => return Poll::Ready(Ok(())),
            Some(request) => request.told.poll(cx),
        };
        if told.is_ready() {
            self.0 = None;
        }
        told
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.told.get().is_none() {
            self.port.cancel(&self.id, &self.told);
        }
    }
}

/// Told once what became of a request.
type Told = Arc<Watch<Result<(), Box<Failure>>>>;

/// What a request on its way asks of its client.
trait Port: Send + Sync {
    fn cancel(&self, id: &Bytes, told: &Told);
}

impl<H: Http, R: Runtime> Port for Handle<H, R> {
    fn cancel(&self, id: &Bytes, told: &Told) {
        self.engine.step(|state, now| {
            if let Some(relaying) = &mut state.relay
                // Its id may be in use again.
                && relaying.sending.get(id).is_some_and(|sent| Arc::ptr_eq(sent, told))
            {
                relaying.relay.cancel(&mut state.machine, now, id);
            }
        });
    }
}

/// The host's side of a client.
pub(crate) struct Relaying {
    relay: ClientRelay,
    messages: Arc<Channel<RelayMessage>>,
    /// Who sent the requests in flight, by the raw JSON of their ids.
    sending: HashMap<Bytes, Told>,
}

impl Relaying {
    /// Nothing comes any more.
    pub(crate) fn end(&self, held: &Held) -> Option<Waker> {
        self.messages.end(held)
    }

    fn bring(&mut self, message: RelayMessage, held: &Held, later: &mut Later) {
        let Some(id) = &message.answers else {
            later.wakers.extend(self.messages.push(message, held));
            return;
        };
        if let Some(told) = self.sending.remove(id) {
            let outcome = message.failure.clone().map_or(Ok(()), Err);
            later.wakers.extend(told.set(outcome));
        }
        later.wakers.extend(self.messages.put(message));
    }
}

impl<H, R> Engine<H, R> {
    /// Brings the host what is a message to it; gives back what is none.
    pub(crate) fn relayed(
        &self,
        state: &mut State,
        event: ClientEvent,
        later: &mut Later,
    ) -> Option<ClientEvent> {
        let Some(relaying) = &mut state.relay else {
            return Some(event);
        };
        match relaying.relay.receive(event) {
            Relayed::Event(event) => Some(event),
            Relayed::Message(message) => {
                relaying.bring(message, &self.held, later);
                None
            }
        }
    }
}
