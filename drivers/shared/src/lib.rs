//! What every Rust driver of [`mcp_sansio`] shares: the loops around the machines, a managed client, and in
//! [`server`] a managed server.
//!
//! No runtime and no HTTP library is in here. A driver crate brings both as [`Runtime`] and [`Http`], and
//! names its client: `pub type Client = mcp_sansio_driver::Client<MyHttp, MyRuntime>`.
//!
//! A host that speaks JSON-RPC itself, such as an SDK, has raw messages instead: by [`Relay`] a client's, by
//! [`server::Link`] those of a server's clients.
//!
//! A host that owns machines itself, such as a gateway with several of them in one loop, uses [`run`]
//! alone: the I/O of one exchange.
//!
//! # The rules of a driver
//! 1. Mutate the machine, drain it, perform what it says: in that order, in one step, under one owner.
//!    Performing never waits, and drops nothing that calls the machine when dropped.
//! 2. Every opened exchange gets at most one head, its chunks, then its end or its failure. It is read to
//!    its end unless it is aborted, so that its connection can be used again. To abort is to drop the
//!    exchange, wherever it is; what it still feeds is ignored.
//! 3. After each step the timer is set to the machine's next deadline; when that has come, `Timeout` is fed.
//! 4. The machine is polled with room as long as the application's message queue has capacity; taking a
//!    message polls again. Outcomes never wait behind messages.
//! 5. A server reads a request's body until its end or until the response begins, says `Written` when its
//!    library asks for more, and `Gone` when a response is dropped before its end.
//! 6. No protocol, no retry and no deadline of its own. The HTTP library's retries, redirects,
//!    decompression and total timeouts are off. Which era of the protocol is spoken, and what it makes of a
//!    status or of a lost connection, is the machine's to know: a driver performs both alike.
//!
//! # Features
//! * `http`: requests in the types of the crate `http`, for HTTP libraries that speak those.
//! * `seal`: `core::seal_state` and `core::open_state`, for servers that leave state with their clients between two
//!   rounds of questions.
//! * `tower`: the server as a tower service, `server::tower`.
#![forbid(unsafe_code)]

mod authorizer;
mod builder;
mod call;
mod client;
mod deliver;
mod engine;
mod error;
mod exchange;
mod http;
mod messages;
mod relay;
mod requests;
mod runtime;
pub mod server;
mod state;
mod subscription;
mod timekeeper;
#[cfg(feature = "http")]
mod types;
mod watch;

pub use authorizer::{Authorizer, Unauthorized};
pub use builder::Builder;
pub use call::{PendingCall, PendingValue};
pub use client::Client;
pub use error::CallError;
pub use exchange::run;
pub use http::{Exchange, Head, Http, Request, describe, sources};
pub use mcp_sansio as core;
pub use messages::{Event, Events, Messages, Notifications, Progress};
pub use relay::{Relay, Sending};
pub use requests::ServerRequest;
pub use runtime::Runtime;
pub use subscription::{Filter, Subscription, SubscriptionEvent};
#[cfg(feature = "http")]
pub use types::{header_map, http_method};
