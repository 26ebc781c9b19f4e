//! rmcp on both ends, each side's transport ours in turn; and what leaves rmcp's own client waiting for ever.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod handler;
mod listener;
mod pairs;
#[path = "../../../shared/tests/client/patience.rs"]
mod patience;
mod refusals;
mod served;
#[path = "../../../shared/tests/scripted/server.rs"]
#[allow(dead_code, reason = "the client's own tests use the rest of it")]
mod server;
mod support;

mod runtime {
    pub(crate) use tokio::time::sleep;
}
