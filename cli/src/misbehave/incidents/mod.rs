//! Every way in which the server can misbehave. Whatever an incident does not touch is answered as it
//! should be.

mod answers;
mod endings;
mod handshake;
mod resumes;
mod sessions;
mod silence;
mod streams;

pub(crate) use answers::*;
pub(crate) use endings::*;
pub(crate) use handshake::*;
pub(crate) use resumes::*;
pub(crate) use sessions::*;
pub(crate) use silence::*;
pub(crate) use streams::*;

use super::Incident;

/// What `mcp-sansio misbehave --list` lists.
pub(crate) const ALL: &[Incident] = &[
    NONE,
    SILENT_STREAM,
    KEEP_ALIVES,
    NO_HEAD,
    STREAM_ENDS,
    RESET,
    CUT_OFF_BODY,
    ACCEPTED,
    FOREIGN_ID,
    TRUNCATED_JSON,
    NOT_JSON,
    SERVER_ERROR,
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
];

/// No incident at all.
pub(crate) const NONE: Incident = Incident {
    name: "none",
    does: "Behaves well, with the tools echo, add and slow.",
    script: |server, x| Box::pin(server.behave(x)),
};
