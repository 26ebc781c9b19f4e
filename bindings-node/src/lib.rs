//! The native half of the npm package `mcp-sansio`.
//!
//! Free functions over a machine that JavaScript holds: calling a method of a native class costs several times what
//! calling a function does. Each converts its arguments, calls the core, and converts what comes. Headers cross as one
//! block of text, and a whole drain as one flat array, because each object that crosses is dear; the classes that users
//! see make plain objects of it, in JavaScript. There is no protocol in this crate.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what crosses is made for the call, and belongs to it"
)]

pub mod call;
pub mod client;
pub mod flat;
pub mod machine;
pub mod server;

mod describe;
mod headers;
mod settings;
