//! Parts of the machines by themselves, for `benches/` and for the project's tests. **Not public API**: it
//! changes without notice.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use bytes::Bytes;

use crate::client::SseEvent;
use crate::http::media::Media;
use crate::jsonrpc::{Message, Scanned};
use crate::message::RpcError;
use crate::{http, jsonrpc, mirror, sse};

/// The decoder of event streams.
#[derive(Debug)]
pub struct Decoder(sse::Decoder);

/// An event exceeds the decoder's limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

impl Decoder {
    /// A decoder with a limit, in bytes.
    pub fn new(limit: usize) -> Self {
        Self(sse::Decoder::new(limit))
    }

    /// The next event of `input`.
    #[inline]
    pub fn next<'d, 'i: 'd>(
        &'d mut self,
        input: &mut &'i [u8],
    ) -> Option<Result<SseEvent<'d>, TooLarge>> {
        Some(self.0.next(input)?.map_err(|_| TooLarge))
    }

    /// The comments seen so far.
    pub fn comments(&self) -> u64 {
        self.0.comments()
    }

    /// The bytes held for an event that is not complete.
    pub fn held(&self) -> usize {
        self.0.held()
    }
}

/// What a text is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Text<'a> {
    /// No JSON, or no message. Why, as a sentence.
    Malformed(String),
    /// One message.
    One(Envelope<'a>),
    /// A batch; `None` for what is no message.
    Batch(Vec<Option<Envelope<'a>>>),
}

/// What a message is made of: what it does not have is `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Envelope<'a> {
    /// JSON text.
    pub id: Option<&'a str>,
    /// Text.
    pub method: Option<Cow<'a, str>>,
    /// JSON text.
    pub params: Option<&'a str>,
    /// JSON text.
    pub result: Option<&'a str>,
    /// The error, as far as it could be read.
    pub error: Option<RpcError>,
}

/// Whether a text is a message; no more than a benchmark needs.
pub fn is_message(text: &str) -> bool {
    matches!(jsonrpc::scan(text), Ok(Scanned::One(_)))
}

/// Reads a text.
pub fn scan(text: &str) -> Text<'_> {
    match jsonrpc::scan(text) {
        Ok(Scanned::One(message)) => Text::One(message.into()),
        Ok(Scanned::Batch(batch)) => {
            Text::Batch(batch.map(|one| one.ok().map(Into::into)).collect())
        }
        Err(malformed) => Text::Malformed(malformed.to_string()),
    }
}

impl<'a> From<Message<'a>> for Envelope<'a> {
    fn from(message: Message<'a>) -> Self {
        let none = Self::default();
        match message {
            Message::Request { id, method, params } => Self {
                id: Some(id),
                method: Some(method),
                params,
                ..none
            },
            Message::Notification { method, params } => Self {
                method: Some(method),
                params,
                ..none
            },
            Message::Result { id, result } => Self {
                id: Some(id),
                result: Some(result),
                ..none
            },
            Message::Error { id, error } => Self {
                id,
                error: Some(error),
                ..none
            },
        }
    }
}

/// The media type, if it is one of those that the transport uses.
pub fn media(content_type: &str) -> Option<&'static str> {
    match Media::of(Some(content_type)) {
        Media::Json => Some("application/json"),
        Media::Sse => Some("text/event-stream"),
        Media::Other => None,
    }
}

/// The `error` of the Bearer challenge in the value of a `WWW-Authenticate` header.
pub fn bearer_error(value: &str) -> Option<&str> {
    http::challenge::bearer_error(value)
}

/// Whether bytes can stand in a header.
pub fn is_header_value(value: &[u8]) -> bool {
    http::is_header_value(value)
}

/// A text as the value of `Mcp-Name` or `Mcp-Param-*`.
pub fn encode_header(text: &str) -> Bytes {
    mirror::encode(text)
}

/// The text that such a value stands for.
pub fn decode_header(value: &[u8]) -> Option<Cow<'_, str>> {
    mirror::decode(value)
}
