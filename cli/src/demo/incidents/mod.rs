//! The incidents, in the order in which they are played.

mod answers;
mod endings;
mod handshake;
mod hosts;
mod listening;
mod probes;
mod questions;
mod readers;
mod resumes;
mod sessions;
mod silence;
mod stateless;
mod streams;
mod versions;

use std::time::Duration;

use super::play::Server::Misbehaves;
use super::play::{Play, as_they_are, with_sessions};
use crate::eras::Eras;

pub(super) const ALL: &[Play] = &[
    streams::ANSWER_ELSEWHERE,
    sessions::ORPHANED_CALL,
    sessions::LATE_ANSWER,
    sessions::REINITIALIZE_OFF,
    sessions::FIVE_CALLS_ONE_404,
    sessions::NEVER_FOUND,
    silence::SILENT_STREAM,
    silence::KEEP_ALIVES,
    silence::NO_HEAD,
    silence::CANCEL_UNANSWERED,
    endings::STREAM_ENDS,
    endings::RESET,
    resumes::NEVER_MOVES,
    resumes::RETRY_ZERO,
    streams::NO_STANDALONE,
    streams::STANDALONE_ENDS,
    answers::ACCEPTED,
    answers::FOREIGN_ID,
    answers::TRUNCATED_JSON,
    answers::NOT_JSON,
    answers::SERVER_ERROR,
    answers::NULL_ID,
    answers::TOO_LARGE,
    answers::SAME_NUMBER,
    handshake::INITIALIZED_UNANSWERED,
    handshake::DELETE_UNANSWERED,
    hosts::NEVER_READS,
    hosts::RETURNS_EARLY,
    hosts::PANICS,
    hosts::NOWHERE_TO_ASK,
    hosts::SHUT_DOWN,
    readers::ONE_ID_TWICE,
    readers::BREAKS_OFF,
    readers::SECOND_LISTENER,
    readers::STUCK,
    readers::DELETED,
    probes::UNANSWERED,
    probes::NOT_FOUND,
    probes::UNAVAILABLE,
    probes::WEB_PAGE,
    probes::EMPTY_STREAM,
    probes::EMPTY_RESULT,
    versions::BECOMES_MODERN,
    versions::STORED_SESSION,
    versions::STORED_REVISION,
    versions::OWN_VERSION_REFUSED,
    versions::HEADERS_REFUSED,
    stateless::SILENT_STREAM,
    stateless::HALF_EVENT,
    stateless::FOREIGN_ID,
    stateless::BARE_404,
    stateless::CLIENT_GONE,
    questions::ASKS_FOR_EVER,
    questions::ASKS_ON_STREAM,
    listening::LOST,
    listening::ANSWERED,
    listening::SHUT_DOWN,
];

/// For calls that need no clock to settle: time for the slowest machine, and far below the clocks.
const AT_ONCE: Duration = Duration::from_secs(8);
