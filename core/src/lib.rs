//! MCP over HTTP as one pure state machine.
//!
//! This crate is the [Model Context Protocol]'s Streamable HTTP transport, [`Client`] and [`Server`], without
//! any I/O: it takes HTTP and SSE events and clock readings, and returns what to do. It reads no clock, opens
//! no socket, starts no thread and draws no randomness, so it runs under any runtime and in any language,
//! and one recorded run can be replayed exactly. It exists for one law:
//!
//! > **Every request settles exactly once, in bounded time, and the outcome says what happened.**
//!
//! If you only want to call or serve tools from Rust, take `mcp-sansio-tokio`, which drives these machines
//! over reqwest and under axum or hyper. What follows is for those who drive it themselves.
//!
//! # The loop
//!
//! A driver performs outputs, feeds inputs, and sleeps until the deadline. It needs no protocol knowledge,
//! no retry and no timeout of its own:
//!
//! ```
//! use mcp_sansio::*;
//! use std::collections::VecDeque;
//!
//! /// What a real driver gets from its HTTP library; here a server of canned answers.
//! fn perform(body: &[u8]) -> (u16, &'static str) {
//!     let body = std::str::from_utf8(body).unwrap();
//!     if body.contains(r#""method":"initialize""#) {
//!         (200, r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}"#)
//!     } else if body.contains(r#""method":"tools/call""#) {
//!         (200, r#"{"jsonrpc":"2.0","id":2,"result":{"content":[]}}"#)
//!     } else {
//!         (202, "")
//!     }
//! }
//!
//! let identity = Identity::new("example", "1.0");
//! let mut config = ClientConfig::new("http://localhost:3000/mcp", Handshake::Core(identity));
//! config.standalone = false; // no stream for what the server says unasked
//! let mut client = Client::new(config, [0; 32])?; // the seed comes from the system
//!
//! let now = Instant::from_micros(0); // a real driver reads its clock at each step
//! let call = client.call(now, Call::new("tools/call", Some(r#"{"name":"echo"}"#.into())));
//! let mut settled = None;
//! while settled.is_none() {
//!     let mut opened = VecDeque::new();
//!     while let Some(output) = client.poll_output(true) {
//!         match output {
//!             ClientOutput::Open { exchange, body, .. } => opened.push_back((exchange, body)),
//!             ClientOutput::Abort { .. } => {}
//!             ClientOutput::Event(ClientEvent::Settled { call: id, outcome }) if id == call => {
//!                 settled = Some(outcome);
//!             }
//!             ClientOutput::Event(_) => {}
//!         }
//!     }
//!     for (exchange, body) in opened {
//!         let (status, text) = perform(&body);
//!         let headers: &[(&str, &[u8])] = &[("Content-Type", b"application/json")];
//!         client.handle_input(now, ClientInput::Head { exchange, status, headers });
//!         client.handle_input(now, ClientInput::Chunk { exchange, data: text.as_bytes() });
//!         client.handle_input(now, ClientInput::End { exchange });
//!     }
//!     // Then sleep until client.poll_timeout(), and feed ClientInput::Timeout.
//! }
//! assert_eq!(settled, Some(Outcome::Result(r#"{"content":[]}"#.into())));
//! # Ok::<(), ConfigError>(())
//! ```
//!
//! # Rules for drivers
//!
//! 1. Mutate, drain, perform, in that order, in one step, under one owner. Performing never waits, and never
//!    drops what calls back into the machine: collect such values and drop them after unlocking.
//! 2. Every opened exchange gets at most one `Head`, its `Chunk`s, then `End` or `Failed`. It is read to its
//!    end unless aborted, so that its connection can be reused. Inputs after that are ignored.
//! 3. After each step, re-arm to [`Client::poll_timeout`]; at that time feed [`ClientInput::Timeout`].
//! 4. The HTTP library's own retries, redirects, decompression and total timeouts are off.
//!    [`Sent::No`] only when not a byte was written.
//! 5. The detail of a [`TransportFailure`] is the error with its chain of sources. HTTP/2's `:authority` is
//!    given as `host`.
//! 6. A server's driver reads a request's body until its end or until a `Head` for it comes out; it says
//!    `Written` after each chunk that its library has taken, and `Gone` when the client has gone.
//! 7. Credentials are added when a request is performed. The machine never holds them.
//!
//! # Promises
//!
//! What the project's tests check after every step of every run:
//!
//! * No sequence of calls and inputs panics. Only constructors return an error; unknown and late ids are
//!   ignored.
//! * Each call gets exactly one outcome, no later than the step of its deadline or of `close`. Until then it
//!   has at least one [`Lifeline`] and a finite deadline, and `poll_timeout` is not later.
//! * A failure says truly whether the request was not sent, was refused, or may have run. It goes on the wire
//!   again only if every earlier sending was not sent or refused, or the call is safe.
//! * When a call settles, what served only it is released in the same step, or runs out within
//!   [`ClientTiming::linger`].
//! * Any way of splitting a body into chunks gives the same outputs.
//! * Each kind of reconnect has its own budget and a named refill; a server cannot make the client storm.
//! * Only progress with the call's own token restarts its idle clock; nothing moves its hard maximum.
//! * Each message reaches the application at most once, in stream order, and none after `close`.
//! * Bytes held never exceed the configured limits and what the application itself handed over.
//! * After a drain and a `Timeout` at `t`, `poll_timeout` is `None` or later than `t`.
//! * Each request of the peer is answered or withdrawn exactly once.
//! * A server gives each exchange exactly one head and one end, in bounded time; for a posted request no byte
//!   leaves before the application has taken it or said something. A client that resumes a stream gets
//!   exactly what came after its cursor. Another principal's session is answered as unknown.
//! * No request goes to another origin, and no event, story or error holds a credential.
//!
//! # What it speaks
//!
//! Streamable HTTP at protocol revisions 2024-11-05 (as servers negotiate it over this transport),
//! 2025-03-26, 2025-06-18 and 2025-11-25.
//!
//! [Model Context Protocol]: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "explore"))]
extern crate std;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod client;
mod config_error;
mod http;
mod ids;
mod inspect;
mod jsonrpc;
mod message;
mod notice;
mod outcome;
mod record;
mod relay;
mod rng;
mod server;
mod sse;
mod story;
mod time;
mod timers;
mod version;

pub use client::{
    Client, ClientConfig, ClientEvent, ClientInput, ClientLimits, ClientOutput, ClientTiming,
    Known, Sent, SessionChange, Source, SseEvent, TransportFailure,
};
pub use config_error::ConfigError;
pub use http::{Header, Method};
pub use ids::{CallId, ExchangeId, ObligationId, SessionId};
pub use inspect::{Inspection, Lifeline, Owed};
pub use message::{Answer, Call, CallOptions, Handshake, Identity, Notification, RpcError};
pub use notice::{Notice, NoticeKind};
pub use outcome::{Execution, Failure, FailureKind, Outcome, Refusal, Withdrawal};
pub use record::Recording;
pub use relay::{ClientRelay, RelayMessage, Relayed, ServerRelay};
pub use server::{
    Allowed, Body, EndReason, ExchangeHead, ResponseMode, Server, ServerConfig, ServerEvent,
    ServerInput, ServerLimits, ServerOutput, ServerTiming, To,
};
pub use story::{Line, Seen, Story};
pub use time::Instant;
pub use version::Version;
