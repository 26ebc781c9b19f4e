//! The client over real sockets, against small scripted servers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authorization;
mod buffer;
mod calls;
mod http_sse;
mod life;
mod messages;
mod modern;
mod support;
