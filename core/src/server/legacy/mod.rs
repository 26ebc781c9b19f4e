//! The legacy era (protocol revisions up to 2025-11-25): sessions, the standalone stream, replay.

mod initialize;
pub(super) mod log;
pub(super) mod sessions;
mod standalone;
