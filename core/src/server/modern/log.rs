//! Log levels: a request that names none gets no log messages.
//!
//! Source: 2026-07-28, server/utilities/logging.

use crate::jsonrpc;

/// The severities of RFC 5424, the least severe first.
const LEVELS: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

/// A severity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(in crate::server) struct Level(usize);

impl Level {
    /// The level that this JSON text names.
    pub(super) fn read(raw: &str) -> Option<Self> {
        let name = jsonrpc::string(raw)?;
        LEVELS.iter().position(|level| *level == name).map(Self)
    }
}

/// Whether a notification may go to a request with this level. A log message that names no level is at none.
pub(in crate::server) fn is_wanted(
    wanted: Option<Level>,
    method: &str,
    params: Option<&str>,
) -> bool {
    if method != "notifications/message" {
        return true;
    }
    let own = params
        .and_then(|params| jsonrpc::member(params, "level"))
        .and_then(Level::read);
    wanted.is_some_and(|wanted| own.is_some_and(|own| own >= wanted))
}
