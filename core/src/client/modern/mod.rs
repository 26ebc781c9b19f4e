//! The modern era (protocol revisions from 2026-07-28 on): stateless requests that say all they need,
//! rounds of questions, subscriptions.
//!
//! Source: 2026-07-28, basic/transports/streamable-http, basic/patterns.

mod answer;
pub(super) mod listen;
mod meta;
pub(super) mod refresh;
pub(super) mod rounds;
mod send;

pub(super) use answer::says_otherwise;
pub(super) use meta::Stamp;
pub(super) use send::check_headers;
