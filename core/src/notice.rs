//! Notices: what a host may want to log, and nothing waits for.

use alloc::string::String;

use crate::ids::{ExchangeId, SessionId};

/// Something that happened beside the calls.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Notice {
    /// What kind of thing.
    pub kind: NoticeKind,
    /// The exchange that it was seen on.
    pub exchange: Option<ExchangeId>,
    /// The session that it concerns; a server's notices only.
    pub session: Option<SessionId>,
    /// A sentence for people.
    pub detail: String,
}

/// The kinds of notices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NoticeKind {
    /// A message for the application was dropped.
    Dropped,
    /// Something that the peer or the application said was ignored.
    Ignored,
    /// The application does not take the requests of its clients.
    NotTaken,
    /// The server offers no standalone stream, or no longer does.
    StandaloneUnavailable,
    /// A tool was left out of a list, because its `x-mcp-header` annotations are wrong.
    ToolExcluded,
    /// A notification or response of ours did not arrive.
    Undelivered,
}

impl NoticeKind {
    /// A stable word, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Ignored => "ignored",
            Self::NotTaken => "not_taken",
            Self::StandaloneUnavailable => "standalone_unavailable",
            Self::ToolExcluded => "tool_excluded",
            Self::Undelivered => "undelivered",
        }
    }
}
