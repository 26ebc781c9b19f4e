//! One HTTP request with its response, as the server keeps it while it is open.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::stream::StreamId;
use super::writer::Writer;
use crate::version::Version;

#[derive(Clone, Debug)]
pub(super) struct Exchange {
    /// What its head says of the session.
    pub(super) said: Said,
    pub(super) state: State,
}

/// What the head of a request says that still matters when its body has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// `Mcp-Session-Id`.
    pub(super) session: Option<Box<str>>,
    /// `MCP-Protocol-Version`, as it was written.
    pub(super) version: Option<Box<str>>,
    pub(super) principal: Option<Box<str>>,
    /// The headers that repeat what a modern body says: their names in lower case, and their values.
    pub(super) mirrored: Vec<(Box<str>, Box<[u8]>)>,
}

impl Said {
    /// The revision that errors are written in, before anything else is known.
    pub(super) fn named_version(&self) -> Option<Version> {
        Version::from_name(self.version.as_deref()?)
    }
}

#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Debug)]
pub(super) enum State {
    /// The body of the request is coming.
    Receiving(Vec<u8>),
    /// Its answer goes out as a stream.
    Streaming(StreamId, Writer),
    /// Nothing has gone out: the application has not said anything yet.
    Waiting(StreamId),
}

impl Exchange {
    pub(super) fn stream(&self) -> Option<StreamId> {
        match self.state {
            State::Receiving(_) => None,
            State::Streaming(stream, _) | State::Waiting(stream) => Some(stream),
        }
    }
}
