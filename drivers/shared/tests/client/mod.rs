//! The managed client over real sockets, against small scripted servers: what every driver's client does.
//!
//! Each driver's tests include these. They bring the driver as `crate::driver`, `sleep` and `spawn` in
//! `crate::runtime`, and a macro `driven!` that makes a test of an async function.

mod authorization;
mod buffer;
mod calls;
mod http_sse;
mod life;
mod messages;
mod modern;
pub(crate) mod patience;
#[path = "../scripted/server.rs"]
pub(crate) mod server;
