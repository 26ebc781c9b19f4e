//! What a text says as a JSON-RPC message.

use alloc::borrow::Cow;
use bytes::Bytes;

use super::code::INTERNAL_ERROR;
use super::malformed::Malformed;
use super::members::members;
use super::scan::{Next, Scan, between, colon, end, next, space, string, token, value, whole};
use super::string::{inner, unescape};
use crate::RpcError;

/// A message, borrowed from its text. Of members that come twice, the last counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Message<'a> {
    /// A request. `id` is the JSON text of a string or number; `params` is any JSON text.
    Request {
        id: &'a str,
        method: Cow<'a, str>,
        params: Option<&'a str>,
    },
    /// A notification: a method without an id.
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a str>,
    },
    /// A response with a result. It need not say `"jsonrpc":"2.0"`, and neither need an error: what they
    /// answer is known by their id or their exchange, and a caller waits for them.
    Result { id: &'a str, result: &'a str },
    /// A response with an error; the id is `None` if it is null or missing.
    Error {
        id: Option<&'a str>,
        error: RpcError,
    },
}

/// What a text holds.
#[derive(Clone, Debug)]
pub(crate) enum Scanned<'a> {
    /// One message.
    One(Message<'a>),
    /// An array of messages.
    Batch(Batch<'a>),
}

/// Reads a text as a message, or as a batch of them. The whole text is validated as JSON.
pub(crate) fn scan(text: &str) -> Result<Scanned<'_>, Malformed> {
    if let [b'{', rest @ ..] = space(text.as_bytes()) {
        let mut envelope = Envelope::default();
        return match envelope.read(text, rest, 1).and_then(end) {
            Ok(()) => envelope.message().map(Scanned::One),
            Err(stop) => Err(stop.malformed(text)),
        };
    }
    whole(text)?;
    let [b'[', rest @ ..] = space(text.as_bytes()) else {
        return Err(NOT_AN_OBJECT);
    };
    if let [b']', ..] = space(rest) {
        return Err(Malformed::message("the batch is empty"));
    }
    let rest = Some(rest);
    Ok(Scanned::Batch(Batch { text, rest }))
}

const NOT_AN_OBJECT: Malformed = Malformed::message("it is not an object");

/// The messages of a batch, one by one: a list of them could take far more room than their text.
#[derive(Clone, Debug)]
pub(crate) struct Batch<'a> {
    text: &'a str,
    /// From the next element on, while there is one.
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Batch<'a> {
    type Item = Result<Message<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = space(self.rest.take()?);
        // The text was validated, so that the scan cannot stop.
        let behind = value(start, 1).ok()?;
        if let Ok(Next::Another(rest)) = next(behind, b']') {
            self.rest = Some(rest);
        }
        let [b'{', members @ ..] = start else {
            return Some(Err(NOT_AN_OBJECT));
        };
        let mut envelope = Envelope::default();
        envelope.read(self.text, members, 2).ok()?;
        Some(envelope.message())
    }
}

/// The texts of the members that make a message.
#[derive(Default)]
struct Envelope<'a> {
    jsonrpc: Option<&'a str>,
    id: Option<&'a str>,
    method: Option<&'a str>,
    params: Option<&'a str>,
    result: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    /// Reads an object of `text` behind its opening bracket; `depth` is that of its members.
    fn read(&mut self, text: &'a str, rest: &'a [u8], depth: u32) -> Scan<'a> {
        let mut rest = space(rest);
        if let [b'}', rest @ ..] = rest {
            return Ok(rest);
        }
        loop {
            let start = token(rest, b'"')?;
            let behind = string(start)?;
            let key = &start[..start.len() - behind.len() - 1];
            let start = space(colon(behind)?);
            rest = value(start, depth)?;
            let value = between(text, start, rest);
            if !self.set(key, value)
                && key.contains(&b'\\')
                && let Ok(escaped) = str::from_utf8(key)
            {
                self.set(unescape(escaped).as_bytes(), value);
            }
            rest = match next(rest, b'}')? {
                Next::Another(rest) => rest,
                Next::End(rest) => return Ok(rest),
            };
        }
    }

    /// Whether a message has such a member.
    #[inline]
    fn set(&mut self, key: &[u8], value: &'a str) -> bool {
        let member = match key {
            b"jsonrpc" => &mut self.jsonrpc,
            b"id" => &mut self.id,
            b"method" => &mut self.method,
            b"params" => &mut self.params,
            b"result" => &mut self.result,
            b"error" => &mut self.error,
            _ => return false,
        };
        *member = Some(value);
        true
    }

    fn message(&self) -> Result<Message<'a>, Malformed> {
        let fault = |reason| Err(Malformed::message(reason));
        match (self.jsonrpc, self.method) {
            (Some(version), _)
                if version != r#""2.0""# && text(version).as_deref() != Some("2.0") =>
            {
                return fault("`jsonrpc` is not \"2.0\"");
            }
            (None, Some(_)) => return fault("`jsonrpc` is missing"),
            _ => {}
        }
        if let Some(id) = self.id
            && !matches!(id.as_bytes()[0], b'"' | b'-' | b'0'..=b'9' | b'n')
        {
            return fault("`id` is neither a string nor a number");
        }
        let is_null = self.id == Some("null");
        match (self.method, self.result, self.error) {
            (Some(method), None, None) => {
                let Some(method) = text(method) else {
                    return fault("`method` is not a string");
                };
                let params = self.params;
                match self.id {
                    Some(_) if is_null => fault("the `id` of a request is null"),
                    Some(id) => Ok(Message::Request { id, method, params }),
                    None => Ok(Message::Notification { method, params }),
                }
            }
            (None, Some(result), None) => match self.id {
                Some(id) if !is_null => Ok(Message::Result { id, result }),
                _ => fault("a result has no `id`"),
            },
            (None, None, Some(error)) => Ok(Message::Error {
                id: self.id.filter(|_| !is_null),
                error: rpc_error(error),
            }),
            (None, None, None) => fault("it has no `method`, `result` or `error`"),
            (Some(_), _, _) => fault("it has a `method` and a `result` or `error`"),
            (None, Some(_), Some(_)) => fault("it has a `result` and an `error`"),
        }
    }
}

/// Reads an error object, whatever it is: it ends a call, and what can be read of it may help.
fn rpc_error(raw: &str) -> RpcError {
    let mut error = RpcError::new(INTERNAL_ERROR, "");
    let mut message = None;
    // What is no object has no members, but perhaps a text.
    _ = members(raw, |key, value| match key {
        "code" => error.code = value.parse().unwrap_or(INTERNAL_ERROR),
        "message" => message = text(value).map(Cow::into_owned),
        "data" => error.data = Some(Bytes::copy_from_slice(value.as_bytes())),
        _ => {}
    });
    error.message = message
        .or_else(|| text(raw).map(Cow::into_owned))
        .unwrap_or_else(|| raw.into());
    error
}

/// The text of a validated value; `None` if it is no string.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    inner(raw).map(unescape)
}
