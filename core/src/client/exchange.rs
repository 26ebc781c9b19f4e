//! One HTTP request with its response, as the client keeps it while it is open.

use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use super::authorize::Asked;
use super::errand::Errand;
use crate::http::{Header, Method, names};
use crate::ids::{CallId, ExchangeId, ListenId};
use crate::outcome::Refusal;
use crate::record::Serves;
use crate::sse::Decoder;
use crate::version::Era;

#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) purpose: Purpose,
    /// The era that it is spoken in.
    pub(super) era: Era,
    /// The session that it was opened in.
    pub(super) epoch: u32,
    /// What was sent, for a redirect or a second try.
    pub(super) sent: Request,
    /// Redirects followed so far.
    pub(super) hops: u8,
    /// The credentials of its time.
    pub(super) generation: u32,
    pub(super) asked: Asked,
    pub(super) reading: Reading,
    /// The application was told of a frame that was ignored; of the next ones it is not.
    pub(super) has_ignored: bool,
}

/// Where a message came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Origin {
    pub(super) exchange: ExchangeId,
    pub(super) purpose: Purpose,
    pub(super) era: Era,
    pub(super) epoch: u32,
}

impl Exchange {
    pub(super) const fn origin(&self, exchange: ExchangeId) -> Origin {
        Origin {
            exchange,
            purpose: self.purpose,
            era: self.era,
            epoch: self.epoch,
        }
    }
}

/// Whom an exchange serves.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// A call's POST.
    Call(CallId),
    /// Ends the session.
    Delete,
    /// A request that the core makes for itself, and its JSON-RPC id.
    Errand(Errand, u64),
    /// The GET of the HTTP+SSE transport, which carries all answers.
    EventStream,
    /// A `subscriptions/listen` POST.
    Listen(ListenId),
    /// Asks whether the session is alive.
    Ping(Suspicion),
    /// A message that no answer is owed to.
    Post(Post),
    /// A GET that brings back the stream of a call.
    Resume(CallId),
    /// The GET of the standalone stream.
    Standalone,
}

impl Purpose {
    /// By the words of a record.
    pub(super) const fn told(self) -> Serves {
        match self {
            Self::Call(call) | Self::Resume(call) => Serves::Call(call),
            Self::Delete => Serves::Other("delete"),
            Self::Errand(Errand::ListTools(_), _) => Serves::Other("list_tools"),
            Self::Errand(Errand::Discover | Errand::Initialize, _) => Serves::Other("handshake"),
            Self::EventStream => Serves::Other("http_sse"),
            Self::Listen(listen) => Serves::Listen(listen),
            Self::Ping(_) => Serves::Other("ping"),
            Self::Post(Post::Cancel) => Serves::Other("cancel"),
            Self::Post(Post::Initialized { .. }) => Serves::Other("initialized"),
            Self::Post(Post::Notification) => Serves::Other("notification"),
            Self::Post(Post::Response { .. }) => Serves::Other("response"),
            Self::Standalone => Serves::Other("standalone"),
        }
    }
}

/// Messages that are only acknowledged.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Post {
    Cancel,
    Initialized { again: bool },
    Notification,
    Response { again: bool },
}

/// Why the session is asked whether it is alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Suspicion {
    /// A call was refused in a way that some servers use for a session that they have lost.
    Call,
    /// The first GET of the epoch met 404, which says "no such stream" or "no such session".
    Standalone,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Option<String>,
    pub(super) headers: Vec<Header>,
    pub(super) body: Bytes,
}

/// What is being done with the response.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Debug)]
pub(super) enum Reading {
    /// Its head has not come.
    Head,
    /// Its decoder is at work, in this very step.
    Decoding,
    /// Its body is a stream of events.
    Sse(Decoder),
    /// Its body is one JSON text.
    Json(Vec<u8>),
    /// Its status is an error, which the body may explain.
    Error(Refusal, Vec<u8>),
    /// Nothing that it brings is wanted; it may end by itself so that its connection is reused.
    Discard,
}

impl Reading {
    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Decoding | Self::Discard | Self::Head => 0,
            Self::Sse(decoder) => decoder.held(),
            Self::Json(body) | Self::Error(_, body) => body.len(),
        }
    }
}

impl Exchange {
    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.sent.body.len() + self.reading.held()
    }

    /// Whether the request named a session.
    pub(super) fn carried_session(&self) -> bool {
        self.sent
            .headers
            .iter()
            .any(|header| header.name == names::SESSION_ID)
    }
}
