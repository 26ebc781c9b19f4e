//! The built program, run as its users run it.

mod call;
mod demo;
mod eras;
mod http_sse;
#[cfg(unix)]
mod listen;
mod misbehave;
mod misuse;
mod replay;
mod serve;
mod support;
mod wire;
