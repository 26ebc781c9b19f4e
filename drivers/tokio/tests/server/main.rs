//! The server, over real sockets: raw HTTP against axum and bare hyper, and our own client.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cancel;
mod client;
mod eras;
mod links;
mod loops;
mod mirror;
mod questions;
mod raw;
mod refusals;
mod requests;
mod shutdown;
mod streams;
mod subscriptions;
mod support;
