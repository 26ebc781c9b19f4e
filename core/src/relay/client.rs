//! The client's relay.

use bytes::Bytes;

use super::table::Table;
use super::{RelayMessage, Relayed, cancelled, notification, obligation, owned, read, utf8};
use crate::client::{Client, ClientEvent, Source};
use crate::jsonrpc::{self, Message};
use crate::message::{Answer, Call, CallOptions, Notification, RpcError};
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
}

impl ClientRelay {
    /// Takes a message of the host: a request becomes a call, a response answers a request of the server.
    /// `options` are for requests only; progress is reported if the params carry a token, and the idle
    /// clock of `options` holds only then.
    pub fn send(
        &mut self,
        client: &mut Client,
        now: Instant,
        message: &[u8],
        options: CallOptions,
    ) {
        match read(message) {
            Ok(message) => self.send_one(client, now, message, options),
            // It goes through the client, so that the answer comes in its turn: a call without a method
            // settles as misuse.
            Err((id, error)) => self.call(client, now, id, Call::new("", None), Some(error)),
        }
    }

    /// Cancels the host's request with this id, given as raw JSON. It comes back once like all others,
    /// with a failure of kind [`Cancelled`](crate::FailureKind::Cancelled).
    pub fn cancel(&mut self, client: &mut Client, now: Instant, id: &[u8]) {
        if let Some(call) = self.table.call(None, id) {
            client.cancel(now, call, None);
        }
    }

    /// Translates an event of the client for the host.
    pub fn receive(&mut self, event: ClientEvent) -> Relayed<ClientEvent> {
        match event {
            ClientEvent::Settled { call, outcome } => match self.table.settle(call, outcome) {
                Ok(message) => Relayed::Message(message),
                Err(outcome) => Relayed::Event(ClientEvent::Settled { call, outcome }),
            },
            ClientEvent::Progress { call, params } => Relayed::Message(RelayMessage {
                via: self.table.id_of(call),
                ..RelayMessage::new(notification("notifications/progress", Some(&params)))
            }),
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
        if let Some(older) = self.table.replace(None, id) {
            client.cancel(now, older, Some("its id was used again"));
        }
        let call = client.call(now, call);
        self.table.insert(call, None, id, rejected);
    }

    fn cancel_by_params(&mut self, client: &mut Client, now: Instant, params: Option<&str>) {
        let id = params.and_then(|params| jsonrpc::member(params, "requestId"));
        if let Some(call) = id.and_then(|id| self.table.call(None, id.as_bytes())) {
            let reason = params
                .and_then(|params| jsonrpc::member(params, "reason"))
                .and_then(jsonrpc::string);
            client.cancel(now, call, reason.as_deref());
        }
    }

    fn id_of_source(&self, source: Source) -> Option<Bytes> {
        match source {
            Source::Call(call) => self.table.id_of(call),
            Source::Standalone => None,
        }
    }
}

fn has_progress_token(params: Option<&str>) -> bool {
    params
        .and_then(|params| jsonrpc::member(params, "_meta"))
        .and_then(|meta| jsonrpc::member(meta, "progressToken"))
        .is_some()
}
