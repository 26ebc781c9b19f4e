//! Every way in which the server can misbehave. Whatever an incident does not touch is answered as it
//! should be.

mod answers;
mod endings;
mod handshake;
mod listening;
mod probes;
mod questions;
mod resumes;
mod sessions;
mod silence;
mod streams;
mod versions;

pub(crate) use answers::*;
pub(crate) use endings::*;
pub(crate) use handshake::*;
pub(crate) use listening::*;
pub(crate) use probes::*;
pub(crate) use questions::*;
pub(crate) use resumes::*;
pub(crate) use sessions::*;
pub(crate) use silence::*;
pub(crate) use streams::*;
pub(crate) use versions::*;

use super::Incident;
use crate::eras::Eras;

/// What `mcp-sansio misbehave --list` lists.
pub(crate) const ALL: &[Incident] = &[
    NONE,
    SILENT_STREAM,
    KEEP_ALIVES,
    NO_HEAD,
    STREAM_ENDS,
    RESET,
    CUT_OFF_BODY,
    HALF_EVENT,
    ACCEPTED,
    FOREIGN_ID,
    TRUNCATED_JSON,
    NOT_JSON,
    SERVER_ERROR,
    BARE_404,
    NULL_ID,
    TOO_LARGE,
    SAME_NUMBER,
    ANSWER_ELSEWHERE,
    STANDALONE_ENDS,
    RESUME_NEVER_MOVES,
    RETRY_ZERO,
    SESSION_FORGOTTEN,
    SESSION_FORGOTTEN_SLOW_404,
    SESSION_FORGOTTEN_LATE_ANSWER,
    SESSION_NEVER_FOUND,
    INITIALIZED_UNANSWERED,
    CANCEL_UNANSWERED,
    DELETE_UNANSWERED,
    PROBE_UNANSWERED,
    PROBE_NOT_FOUND,
    PROBE_UNAVAILABLE,
    PROBE_WEB_PAGE,
    PROBE_EMPTY_STREAM,
    PROBE_EMPTY_RESULT,
    BECOMES_MODERN,
    OWN_VERSION_REFUSED,
    HEADERS_REFUSED,
    ASKS_FOR_EVER,
    ASKS_ON_STREAM,
    LISTEN_LOST,
    LISTEN_UNACKNOWLEDGED,
    LISTEN_ANSWERED,
];

/// No incident at all.
pub(crate) const NONE: Incident = Incident {
    name: "none",
    does: "Behaves well, with the tools echo, add and slow.",
    eras: Eras::Both,
    script: |server, x| Box::pin(server.behave(x)),
};
