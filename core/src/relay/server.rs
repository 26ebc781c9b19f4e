//! The server's relay.

use bytes::Bytes;

use super::table::Table;
use super::{
    RelayMessage, Relayed, Unreadable, cancelled, notification, obligation, owned, read, utf8,
};
use crate::ids::{ObligationId, SessionId};
use crate::jsonrpc::{self, Message};
use crate::message::{Answer, Call, Notification, RpcError};
use crate::server::{Server, ServerEvent, To};
use crate::time::Instant;

/// Raw JSON-RPC over a [`Server`] whose configuration says [`Handshake::Host`](crate::Handshake::Host): the
/// host answers `initialize` and everything else itself.
///
/// The clients' requests reach the host under our handles, because clients' own ids collide. The host still
/// says [`Server::take`] when it begins with one.
///
/// ```
/// use mcp_sansio::*;
///
/// let mut server = Server::new(ServerConfig::new(Handshake::Host), [0; 32])?;
/// let mut relay = ServerRelay::default();
/// let now = Instant::from_micros(0);
/// let headers: &[(&str, &[u8])] = &[("host", b"localhost"), ("content-type", b"application/json")];
/// let exchange = server.accept(now, ExchangeHead { method: "POST", headers, principal: None });
/// let data = br#"{"jsonrpc":"2.0","id":"c-1","method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
/// server.handle_input(now, ServerInput::Chunk { exchange, data });
/// server.handle_input(now, ServerInput::End { exchange });
///
/// while let Some(output) = server.poll_output() {
///     let ServerOutput::Event(event) = output else { continue };
///     let Relayed::Message(message) = relay.receive(event) else { continue };
///     // The host's SDK sees a request, and answers it.
///     let id = message.obligation.expect("a request").as_u64();
///     let answer = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"protocolVersion":"2025-11-25"}}}}"#);
///     relay.send(&mut server, now, message.session, answer.as_bytes(), message.obligation);
/// }
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ServerRelay {
    table: Table,
}

impl ServerRelay {
    /// Takes a message of the host. `via` is the client's request that it belongs to, if it belongs to one:
    /// it goes out on the stream that answers that request, else on the standalone stream of the session,
    /// and a notification without either goes to all sessions.
    ///
    /// Gives the client's request that the message answers, if it answers one.
    pub fn send(
        &mut self,
        server: &mut Server,
        now: Instant,
        session: Option<SessionId>,
        message: &[u8],
        via: Option<ObligationId>,
    ) -> Option<ObligationId> {
        let to = match (via, session) {
            (Some(request), _) => To::Request(request),
            (None, Some(session)) => To::Session(session),
            (None, None) => To::All,
        };
        match read(message) {
            Ok(message) => {
                let answered = match message {
                    Message::Result { id, .. } => obligation(id),
                    Message::Error { id, .. } => id.and_then(obligation),
                    _ => None,
                };
                self.send_one(server, now, session, to, message);
                answered
            }
            Err(unreadable) => {
                if let Some(id) = unreadable.obligation() {
                    server.respond(now, id, Answer::Result(Bytes::new()));
                    return Some(id);
                }
                let call = Call::new("", None);
                let Unreadable { id, error, .. } = unreadable;
                self.call(server, now, session, to, id, call, Some(error));
                None
            }
        }
    }

    /// Translates an event of the server for the host.
    pub fn receive(&mut self, event: ServerEvent) -> Relayed<ServerEvent> {
        match event {
            ServerEvent::Request {
                id,
                exchange,
                session,
                method,
                params,
                ..
            } => Relayed::Message(RelayMessage {
                obligation: Some(id),
                session,
                exchange: Some(exchange),
                ..RelayMessage::new(jsonrpc::request(
                    id.as_u64(),
                    &method,
                    utf8(params.as_ref()),
                ))
            }),
            ServerEvent::Notification {
                exchange,
                session,
                notification: Notification { method, params },
            } => Relayed::Message(RelayMessage {
                session,
                exchange: Some(exchange),
                ..RelayMessage::new(notification(&method, params.as_ref()))
            }),
            ServerEvent::Progress { call, params } => match self.table.id_of(call) {
                Some(id) => Relayed::Message(RelayMessage {
                    via: Some(id),
                    session: self.table.session_of(call),
                    ..RelayMessage::new(notification("notifications/progress", Some(&params)))
                }),
                None => Relayed::Event(ServerEvent::Progress { call, params }),
            },
            ServerEvent::Settled { call, outcome } => match self.table.settle(call, outcome) {
                Ok(message) => Relayed::Message(message),
                Err(outcome) => Relayed::Event(ServerEvent::Settled { call, outcome }),
            },
            ServerEvent::Withdrawn { id, why } => {
                Relayed::Message(RelayMessage::new(cancelled(id, why)))
            }
            event => Relayed::Event(event),
        }
    }

    fn send_one(
        &mut self,
        server: &mut Server,
        now: Instant,
        session: Option<SessionId>,
        to: To,
        message: Message<'_>,
    ) {
        match message {
            Message::Request { id, method, params } => {
                let call = Call::new(method.into_owned(), owned(params));
                self.call(server, now, session, to, id, call, None);
            }
            Message::Notification { method, params } if method == "notifications/cancelled" => {
                let id = params.and_then(|params| jsonrpc::member(params, "requestId"));
                if let Some(call) = id.and_then(|id| self.table.call(session, id.as_bytes())) {
                    server.cancel(now, call, None);
                }
            }
            Message::Notification { method, params } => {
                server.notify(
                    now,
                    to,
                    Notification::new(method.into_owned(), owned(params)),
                );
            }
            Message::Result { id, result } => {
                if let Some(id) = obligation(id) {
                    let result = Bytes::copy_from_slice(result.as_bytes());
                    server.respond(now, id, Answer::Result(result));
                }
            }
            Message::Error { id, error } => {
                if let Some(id) = id.and_then(obligation) {
                    server.respond(now, id, Answer::Error(error));
                }
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one request of the host, with all that is known of it"
    )]
    fn call(
        &mut self,
        server: &mut Server,
        now: Instant,
        session: Option<SessionId>,
        to: To,
        id: &str,
        call: Call,
        rejected: Option<RpcError>,
    ) {
        if let Some(older) = self.table.replace(session, id) {
            server.cancel(now, older, Some("its id was used again"));
        }
        let call = server.call(now, to, call);
        self.table.insert(call, session, id, rejected);
    }
}
