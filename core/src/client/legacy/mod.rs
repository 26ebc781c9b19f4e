//! The legacy era (protocol revisions up to 2025-11-25): sessions, the standalone stream, resumption.

mod handshake;
mod loss;
mod resume;
pub(super) mod session;
pub(super) mod standalone;
pub(super) mod stream;
mod suspect;
