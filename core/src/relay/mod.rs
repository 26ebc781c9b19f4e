//! For hosts that speak JSON-RPC themselves: an SDK above us, a gateway.
//!
//! A relay stands beside a machine, over its public API alone. The host's raw messages go in, raw
//! messages come out; its ids and tokens are its own, its handshake is passed on, and every request that
//! it hands in comes back exactly once, answered.

mod client;
mod server;
mod table;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use bytes::Bytes;

use crate::ids::{ExchangeId, ObligationId, SessionId};
use crate::jsonrpc::code::{INVALID_REQUEST, PARSE_ERROR};
use crate::jsonrpc::{self, Scanned};
use crate::message::RpcError;
use crate::outcome::{Failure, Withdrawal};

pub use client::ClientRelay;
pub use server::ServerRelay;

/// What an event of the machine is to the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Relayed<E> {
    /// Not a message: a notice, a change of the session, the end.
    Event(E),
    /// A JSON-RPC message for the host.
    Message(RelayMessage),
}

/// A JSON-RPC message for the host.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RelayMessage {
    /// The message, as JSON text.
    pub text: Bytes,
    /// The raw JSON of the host's own id, if this message answers one of its requests.
    pub answers: Option<Bytes>,
    /// The raw JSON of the host's own id whose response stream it came on.
    pub via: Option<Bytes>,
    /// If it answers a request that failed: how. `text` says it too, as a JSON-RPC error.
    pub failure: Option<Box<Failure>>,
    /// If it is a request of the peer: its handle, which is also its JSON-RPC id in `text`.
    pub obligation: Option<ObligationId>,
    /// A server's only: the session that it belongs to, if it has one.
    pub session: Option<SessionId>,
    /// A server's only: the exchange that it came on.
    pub exchange: Option<ExchangeId>,
}

impl RelayMessage {
    const fn new(text: Bytes) -> Self {
        Self {
            text,
            answers: None,
            via: None,
            failure: None,
            obligation: None,
            session: None,
            exchange: None,
        }
    }
}

/// A text of the host's that is no message.
#[derive(Debug)]
struct Unreadable<'a> {
    /// The raw JSON of its id; `null` if none can be read.
    id: &'a str,
    /// What it is answered.
    error: RpcError,
    /// It was to answer a request of the peer.
    is_response: bool,
}

impl Unreadable<'_> {
    fn new(code: i64, reason: impl Into<String>) -> Self {
        Self {
            id: "null",
            error: RpcError::new(code, reason),
            is_response: false,
        }
    }

    /// The peer's request that it was to answer. It is answered with what is no JSON text: the peer gets an
    /// error for that, and the host a notice.
    fn obligation(&self) -> Option<ObligationId> {
        obligation(self.id).filter(|_| self.is_response)
    }
}

/// Reads a message of the host. A text that is none is answered: under its id if one can be read, else
/// under null.
fn read(message: &[u8]) -> Result<jsonrpc::Message<'_>, Unreadable<'_>> {
    let text = core::str::from_utf8(message)
        .map_err(|_| Unreadable::new(PARSE_ERROR, "the message is not UTF-8"))?;
    let reason = match jsonrpc::scan(text) {
        Ok(Scanned::One(message)) => return Ok(message),
        Ok(Scanned::Batch(_)) => "a batch is never sent".to_string(),
        Err(reason) => reason.to_string(),
    };
    if !jsonrpc::is_value(message) {
        return Err(Unreadable::new(PARSE_ERROR, reason));
    }
    let has = |key| jsonrpc::member(text, key).is_some();
    Err(Unreadable {
        id: jsonrpc::member(text, "id").unwrap_or("null"),
        is_response: !has("method") && (has("result") || has("error")),
        ..Unreadable::new(INVALID_REQUEST, reason)
    })
}

/// The peer's requests reach the host under our handles.
fn obligation(raw: &str) -> Option<ObligationId> {
    raw.parse().ok().map(ObligationId::from_u64)
}

/// How the host is told that a request needs no answer any more.
fn cancelled(id: ObligationId, why: Withdrawal) -> Bytes {
    let params = format!(
        r#"{{"requestId":{},"reason":"{}"}}"#,
        id.as_u64(),
        why.as_str()
    );
    jsonrpc::notification("notifications/cancelled", Some(&params))
}

fn notification(method: &str, params: Option<&Bytes>) -> Bytes {
    jsonrpc::notification(method, utf8(params))
}

fn owned(text: Option<&str>) -> Option<Bytes> {
    text.map(|text| Bytes::copy_from_slice(text.as_bytes()))
}

fn utf8(bytes: Option<&Bytes>) -> Option<&str> {
    bytes.and_then(|bytes| core::str::from_utf8(bytes).ok())
}
