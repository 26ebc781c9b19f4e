//! The client's relay.

use alloc::collections::BTreeSet;
use alloc::format;
use bytes::Bytes;

use super::table::Table;
use super::{
    RelayMessage, Relayed, Unreadable, cancelled, notification, obligation, owned, read, utf8,
};
use crate::client::{Client, ClientEvent, ListenState, Source};
use crate::ids::{CallId, ListenId};
use crate::jsonrpc::{self, Message};
use crate::message::{Answer, Call, CallOptions, Notification, RpcError};
use crate::outcome::Outcome;
use crate::subscription::{ACKNOWLEDGED, LISTEN, tagged};
use crate::time::Instant;

/// Raw JSON-RPC over a [`Client`] whose configuration says [`Handshake::Host`](crate::Handshake::Host).
///
/// ```
/// use mcp_sansio::*;
///
/// let config = ClientConfig::new("http://localhost:3000/mcp", Handshake::Host);
/// let mut client = Client::new(config, [0; 32])?;
/// let mut relay = ClientRelay::default();
/// let now = Instant::from_micros(0);
///
/// // The host's own `initialize`, under the host's own id.
/// let initialize = br#"{"jsonrpc":"2.0","id":"init","method":"initialize","params":{}}"#;
/// relay.send(&mut client, now, initialize, CallOptions::default());
/// let Some(ClientOutput::Open { exchange, .. }) = client.poll_output(true) else { panic!() };
///
/// // Nobody listens there: the answer is an error, under the host's id, with the failure beside it.
/// let failure = TransportFailure { sent: Sent::No, detail: "connection refused".into() };
/// client.handle_input(now, ClientInput::Failed { exchange, failure });
/// let Some(ClientOutput::Event(event)) = client.poll_output(true) else { panic!() };
/// let Relayed::Message(message) = relay.receive(event) else { panic!() };
/// assert_eq!(message.answers.as_deref(), Some(&br#""init""#[..]));
/// assert_eq!(message.failure.map(|failure| failure.kind), Some(FailureKind::Unreachable));
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientRelay {
    table: Table,
    listens: BTreeSet<ListenId>,
}

impl ClientRelay {
    /// Takes a message of the host: a request becomes a call, a response answers a request of the server.
    /// `options` are for requests only; progress is reported if the params carry a token, and the idle
    /// clock of `options` holds only then.
    ///
    /// Gives the raw JSON of the id under which the message will be answered
    /// ([`RelayMessage::answers`](RelayMessage)); `None` if it will not be.
    pub fn send(
        &mut self,
        client: &mut Client,
        now: Instant,
        message: &[u8],
        options: CallOptions,
    ) -> Option<Bytes> {
        match read(message) {
            Ok(message) => {
                let id = match message {
                    Message::Request { id, .. } => Some(id),
                    _ => None,
                };
                self.send_one(client, now, message, options);
                owned(id)
            }
            Err(unreadable) => {
                let is_response = unreadable.obligation().is_some();
                let id = (!is_response).then_some(unreadable.id);
                self.send_unreadable(client, now, unreadable);
                owned(id)
            }
        }
    }

    /// Cancels the host's request with this id, given as raw JSON. It comes back once like all others,
    /// with a failure of kind [`Cancelled`](crate::FailureKind::Cancelled).
    pub fn cancel(&mut self, client: &mut Client, now: Instant, id: &[u8]) {
        if let Some(call) = self.table.call(None, id) {
            self.end(client, now, call, None);
        }
    }

    /// Translates an event of the client for the host.
    pub fn receive(&mut self, event: ClientEvent) -> Relayed<ClientEvent> {
        match event {
            ClientEvent::Listen { listen, state } => self.receive_listen(listen, state),
            ClientEvent::Settled { call, outcome } => match self.table.settle(call, outcome) {
                Ok(message) => Relayed::Message(message),
                Err(outcome) => Relayed::Event(ClientEvent::Settled { call, outcome }),
            },
            ClientEvent::Progress { call, params } => match self.table.id_of(call) {
                Some(id) => Relayed::Message(RelayMessage {
                    via: Some(id),
                    ..RelayMessage::new(notification("notifications/progress", Some(&params)))
                }),
                None => Relayed::Event(ClientEvent::Progress { call, params }),
            },
            ClientEvent::Notification {
                source: Source::Listen(listen),
                notification,
            } => self.receive_of_listen(listen, notification),
            ClientEvent::Notification {
                source,
                notification: Notification { method, params },
            } => Relayed::Message(RelayMessage {
                via: self.id_of_source(source),
                ..RelayMessage::new(notification(&method, params.as_ref()))
            }),
            ClientEvent::Request {
                id,
                source,
                method,
                params,
            } => Relayed::Message(RelayMessage {
                via: self.id_of_source(source),
                obligation: Some(id),
                ..RelayMessage::new(jsonrpc::request(
                    id.as_u64(),
                    &method,
                    utf8(params.as_ref()),
                ))
            }),
            ClientEvent::Withdrawn { id, why } => {
                Relayed::Message(RelayMessage::new(cancelled(id, why)))
            }
            event => Relayed::Event(event),
        }
    }

    fn send_one(
        &mut self,
        client: &mut Client,
        now: Instant,
        message: Message<'_>,
        mut options: CallOptions,
    ) {
        match message {
            Message::Request { id, method, params } if method == LISTEN => {
                self.listen(client, now, id, params);
            }
            Message::Request { id, method, params } => {
                options.progress = has_progress_token(params);
                if !options.progress {
                    options.idle = None;
                }
                let call = Call::new(method.into_owned(), owned(params)).with(options);
                self.call(client, now, id, call, None);
            }
            Message::Notification { method, params } if method == "notifications/cancelled" => {
                self.cancel_by_params(client, now, params);
            }
            Message::Notification { method, params } => {
                client.notify(now, Notification::new(method.into_owned(), owned(params)));
            }
            Message::Result { id, result } => {
                if let Some(id) = obligation(id) {
                    let result = Bytes::copy_from_slice(result.as_bytes());
                    client.respond(now, id, Answer::Result(result));
                }
            }
            Message::Error { id, error } => {
                if let Some(id) = id.and_then(obligation) {
                    client.respond(now, id, Answer::Error(error));
                }
            }
        }
    }

    fn send_unreadable(&mut self, client: &mut Client, now: Instant, text: Unreadable<'_>) {
        if let Some(id) = text.obligation() {
            return client.respond(now, id, Answer::Result(Bytes::new()));
        }
        // It goes through the client, so that the answer comes in its turn: a call without a method settles
        // as misuse.
        self.call(client, now, text.id, Call::new("", None), Some(text.error));
    }

    /// Hands a request over. An id that is in flight already is replaced: the older call is cancelled, and
    /// yields nothing.
    fn call(
        &mut self,
        client: &mut Client,
        now: Instant,
        id: &str,
        call: Call,
        rejected: Option<RpcError>,
    ) {
        self.replace(client, now, id);
        let call = client.call(now, call);
        self.table.insert(call, None, id, rejected);
    }

    fn cancel_by_params(&mut self, client: &mut Client, now: Instant, params: Option<&str>) {
        let id = params.and_then(|params| jsonrpc::member(params, "requestId"));
        if let Some(call) = id.and_then(|id| self.table.call(None, id.as_bytes())) {
            let reason = params
                .and_then(|params| jsonrpc::member(params, "reason"))
                .and_then(jsonrpc::string);
            self.end(client, now, call, reason.as_deref());
        }
    }

    fn replace(&mut self, client: &mut Client, now: Instant, id: &str) {
        if let Some(older) = self.table.replace(None, id) {
            self.end(client, now, older, Some("its id was used again"));
        }
    }

    fn end(&self, client: &mut Client, now: Instant, call: CallId, reason: Option<&str>) {
        let listen = ListenId::from_u64(call.as_u64());
        if self.listens.contains(&listen) {
            client.unlisten(now, listen);
        } else {
            client.cancel(now, call, reason);
        }
    }

    /// The host's own `subscriptions/listen`. The host sees to it that a lost one is opened again.
    fn listen(&mut self, client: &mut Client, now: Instant, id: &str, params: Option<&str>) {
        self.replace(client, now, id);
        let params = owned(params).unwrap_or_else(|| Bytes::from_static(b"{}"));
        let listen = client.listen(now, params);
        self.listens.insert(listen);
        self.table.insert(handle(listen), None, id, None);
    }

    fn receive_listen(&mut self, listen: ListenId, state: ListenState) -> Relayed<ClientEvent> {
        let id = self.table.id_of(handle(listen));
        if let ListenState::Ended(_) = state {
            self.listens.remove(&listen);
        }
        match (id, state) {
            (Some(id), ListenState::Open { filter }) => {
                let filter = utf8(Some(&filter)).unwrap_or("{}");
                let params = Bytes::from(format!(r#"{{"notifications":{filter}}}"#));
                let params = retagged(Some(&params), &id);
                Relayed::Message(RelayMessage {
                    via: Some(id),
                    ..RelayMessage::new(notification(ACKNOWLEDGED, Some(&params)))
                })
            }
            (Some(id), ListenState::Ended(outcome)) => {
                let outcome = match outcome {
                    Outcome::Result(result) => Outcome::Result(retagged(Some(&result), &id)),
                    other => other,
                };
                match self.table.settle(handle(listen), outcome) {
                    Ok(message) => Relayed::Message(message),
                    Err(outcome) => Relayed::Event(ClientEvent::Listen {
                        listen,
                        state: ListenState::Ended(outcome),
                    }),
                }
            }
            (_, state) => Relayed::Event(ClientEvent::Listen { listen, state }),
        }
    }

    /// What comes for a subscription is the host's while that is open. It may come late, to a host that did
    /// not read.
    fn receive_of_listen(
        &self,
        listen: ListenId,
        notification: Notification,
    ) -> Relayed<ClientEvent> {
        let Some(id) = self.table.id_of(handle(listen)) else {
            return Relayed::Event(ClientEvent::Notification {
                source: Source::Listen(listen),
                notification,
            });
        };
        let Notification { method, params } = notification;
        let params = retagged(params.as_ref(), &id);
        Relayed::Message(RelayMessage {
            via: Some(id),
            ..RelayMessage::new(super::notification(&method, Some(&params)))
        })
    }

    fn id_of_source(&self, source: Source) -> Option<Bytes> {
        match source {
            Source::Call(call) => self.table.id_of(call),
            Source::Listen(listen) => self.table.id_of(handle(listen)),
            Source::Standalone => None,
        }
    }
}

/// Handles are of one sequence, so that a subscription can stand in the table of calls.
const fn handle(listen: ListenId) -> CallId {
    CallId::from_u64(listen.as_u64())
}

/// What came for a subscription, under the host's id instead of ours.
fn retagged(object: Option<&Bytes>, id: &Bytes) -> Bytes {
    tagged(utf8(object), utf8(Some(id)).unwrap_or("null")).into()
}

fn has_progress_token(params: Option<&str>) -> bool {
    params
        .and_then(|params| jsonrpc::member(params, "_meta"))
        .and_then(|meta| jsonrpc::member(meta, "progressToken"))
        .is_some()
}
