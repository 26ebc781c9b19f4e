//! What the fuzzer runs: functions of any bytes, which panic where something does not hold.
//!
//! libFuzzer calls them (`fuzz/`), and a test plays the committed inputs through them (`tests/corpus.rs`), which
//! takes no more than what every other test takes.

mod client_ops;
mod headers;
mod jsonrpc_scan;
mod pair;
mod server_ops;
mod sse_decoder;

pub use client_ops::client_ops;
pub use headers::headers;
pub use jsonrpc_scan::jsonrpc_scan;
pub use pair::pair;
pub use server_ops::server_ops;
pub use sse_decoder::sse_decoder;

/// What is done with the bytes of one input.
pub type Target = fn(&[u8]);

/// All there are, with the names of their programs in `fuzz/fuzz_targets`.
pub const TARGETS: [(&str, Target); 6] = [
    ("client_ops", client_ops),
    ("headers", headers),
    ("jsonrpc_scan", jsonrpc_scan),
    ("pair", pair),
    ("server_ops", server_ops),
    ("sse_decoder", sse_decoder),
];
