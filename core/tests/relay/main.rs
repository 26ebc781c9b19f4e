//! The relays, over the public API: the host speaks JSON-RPC itself, its ids are its own, what it says goes
//! out as it is, and every request that it hands in comes back exactly once.
#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` is handed over as it is written"
)]

mod chain;
mod client;
mod message;
mod server;
