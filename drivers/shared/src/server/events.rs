//! What a host learns beside the requests.

use mcp_sansio::{EndReason, Notice, Notification, SessionId};

/// Something that happened beside the requests. From [`ServiceHandle::events`](super::ServiceHandle::events).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Something to log. It is logged already, with `tracing`.
    Notice(Notice),
    /// A notification of a client.
    Notification {
        /// Its session; `None` without sessions.
        session: Option<SessionId>,
        /// The notification.
        notification: Notification,
    },
    /// The record cannot be written any more, for this reason; the server goes on without.
    RecordingEnded(String),
    /// A session ended.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// A session began.
    SessionStarted {
        /// The session.
        session: SessionId,
    },
}
