//! The legacy era (protocol revisions up to 2025-11-25): sessions, the standalone stream, resumption, and the
//! HTTP+SSE transport before them.

pub(super) mod gate;
pub(super) mod handshake;
pub(super) mod http_sse;
mod loss;
mod resume;
pub(super) mod standalone;
pub(super) mod stream;
mod suspect;
