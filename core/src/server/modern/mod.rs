//! The modern era (protocol revisions from 2026-07-28 on): each request says all that is needed to serve it,
//! and nothing is remembered between two of them.
//!
//! Source: 2026-07-28, basic/transports/streamable-http, basic/patterns.

mod answer;
mod discover;
mod input_required;
pub(super) mod listen;
mod log;
mod serve;
mod tools;
mod validate;

pub(super) use answer::status_of;
pub(super) use log::{Level, is_wanted};
pub(super) use tools::declared;

use alloc::boxed::Box;

/// What a modern request says of its client.
#[derive(Clone, Hash, Debug)]
pub(super) struct Asker {
    /// The JSON text of its capabilities.
    capabilities: Box<str>,
    /// The least severe log message that it wants; `None`: none at all.
    pub(super) log_level: Option<Level>,
}
