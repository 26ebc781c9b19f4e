//! The server on smol's sockets: raw HTTP, and our own client.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod connections;
mod requests;
mod shutdown;
mod site;
#[cfg(feature = "rustls")]
mod tls;
