//! MCP over HTTP as one pure state machine.
//!
//! This crate is the [Model Context Protocol]'s Streamable HTTP transport, [`Client`] and [`Server`], at every
//! published revision, without any I/O: it takes HTTP and SSE events and clock readings, and returns what to
//! do. It reads no clock, opens no socket, starts no thread and draws no randomness, so it runs under any
//! runtime and in any language, and one recorded run can be replayed exactly; compiled to WebAssembly, it imports
//! nothing. It exists for one law:
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
//!     if body.contains(r#""method":"server/discover""#) {
//!         (200, r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{}}}"#)
//!     } else {
//!         (200, r#"{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","content":[]}}"#)
//!     }
//! }
//!
//! let identity = Identity::new("example", "1.0");
//! let config = ClientConfig::new("http://localhost:3000/mcp", Handshake::Core(identity));
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
//! assert_eq!(settled, Some(Outcome::Result(r#"{"resultType":"complete","content":[]}"#.into())));
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
//! # Write your own driver
//!
//! An evening's work. `examples/sockets.rs` is a whole one, on a page, over the sockets of std; read it first. The
//! parts of any driver, in the order in which to write them:
//!
//! 1. *A clock*: any monotonic one, counted in microseconds from wherever you like ([`Instant`]), and 32 bytes of
//!    the system's entropy for `new`.
//! 2. *One step*: lock the machine, do one thing to it (a call of the application's, an input, `Timeout`), poll until
//!    there is no output more, perform each. Everything goes through it, so it is the only place to get right.
//! 3. *An exchange*: a task or a thread that sends one request and feeds what comes of it, each input a step. The
//!    headers are those that MCP wants; what frames a request (`Host`, `Content-Length`) is for your HTTP library. It
//!    can be aborted: drop it, or let it run on, what it feeds is ignored.
//! 4. *The timer*: one, set anew after each step to [`Client::poll_timeout`]. When it goes off, a step with `Timeout`.
//! 5. *Whoever waits*: a table from [`CallId`] to the application's future, callback or condition variable, and
//!    `Settled` looks it up. Whoever gives up waiting calls [`Client::cancel`].
//! 6. *Messages*: a bounded queue for all other events. `poll_output(room)` is told whether it has room, and what had
//!    none stays in the machine; so whoever takes from the queue does a step, which brings the next. A
//!    [`Request`](ClientEvent::Request) is answered by [`Client::respond`], if only by the error -32601: the server may
//!    wait for it.
//! 7. *The end*: [`Client::close`], then steps as before until [`Closed`](ClientEvent::Closed). A client that is
//!    dropped leaves its session to the server's clock.
//!
//! A server's driver has the same parts turned round. The HTTP library calls it: a step with [`Server::accept`], and the
//! exchange feeds the request's body while the outputs `Head`, `Chunk` and `End` with its id make the response. The
//! application's table is of requests, from [`ObligationId`] to whatever [`Withdrawn`](ServerEvent::Withdrawn) stops.
//!
//! To try it, there is the program of this project: `mcp-sansio serve` is a server, and `mcp-sansio misbehave` one that
//! does what you would not expect. Then turn on [`ClientConfig::recording`]: the record tells what was fed and what
//! came out, step by step, and it can be replayed.
//!
//! What goes wrong in drivers, and what it looks like:
//!
//! | mistake | what comes of it |
//! |---|---|
//! | the timer is not moved when a deadline comes earlier | outcomes come late, or with the next call |
//! | what is taken from the queue is no step | messages that found no room come late, or never |
//! | one bounded queue for messages and outcomes | a host that reads no notifications waits for its answer for ever |
//! | outputs are performed after unlocking | two threads perform them in another order: an abort before its open |
//! | something whose `Drop` calls the machine is dropped under the lock | a deadlock, once in a while |
//! | the body is collected before it is fed | a stream brings nothing until it ends, which it may never do |
//! | the body is dropped once the answer was in it | a new connection for each call |
//! | `Sent::No` for every error | what ran is sent again, and runs twice |
//! | the library follows redirects, or sends again on its own | credentials go elsewhere; what ran runs twice |
//! | the library's own timeout is left on | a long call ends as a lost connection, with the wrong story |
//! | a server's driver does not say `Gone` | a handler works on for nobody |
//! | a server's driver says `Written` when it queued a chunk, not when the library took it | memory grows behind a slow reader |
//!
//! # Promises
//!
//! What the project's tests check after every step of every run:
//!
//! * No sequence of calls and inputs panics. Only constructors and [`Server::declare_tools`] return an error;
//!   unknown and late ids are ignored.
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
//! Of subscriptions, and of questions in the midst of a call:
//!
//! * Each subscription ends exactly once, at the latest in the step of `close`. Before that it says that it is
//!   open, then gap and open in turn; only notifications that it asked for come from it.
//! * A call that is asked questions stays one call with one outcome. Each question is answered or withdrawn
//!   exactly once; the next round carries an answer to each, the server's `requestState` byte for byte, the
//!   params as they were, and an id of its own. No JSON-RPC id is used for two requests.
//! * The headers of a modern request say what its body says. To a server that is known to be modern nothing goes
//!   out that only sessions have.
//! * A server acknowledges a subscription first, tells it what it asked for and nothing else, each message
//!   tagged, and ends it by a result when it shuts down. A modern request is answered on its own exchange, and
//!   withdrawn in the step in which its client goes.
//!
//! # What it speaks
//!
//! [`Client`] and [`Server`] speak Streamable HTTP at all revisions, or at a part of them
//! ([`ClientConfig::versions`], [`ServerConfig::versions`]):
//!
//! | revisions | era | [`Era`] |
//! |---|---|---|
//! | 2024-11-05 (as peers negotiate it over this transport), 2025-03-26, 2025-06-18, [2025-11-25] | a handshake, sessions, streams that can be resumed | [`Legacy`](Era::Legacy) |
//! | [2026-07-28] | requests that stand for themselves, rounds of questions, subscriptions | [`Modern`](Era::Modern) |
//!
//! A server answers each request in the era in which it was made. A client finds out what the server speaks:
//! `server/discover`, and `initialize` where that is not understood or not answered, all within
//! [`ClientTiming::handshake`]. [`Client::known`] is what came of it, to go on with later; where it holds no more,
//! the client finds out anew, once. The HTTP+SSE transport of 2024-11-05 is spoken by the client alone, and only if
//! [`ClientConfig::http_sse`] says so.
//!
//! A host that speaks JSON-RPC itself ([`Handshake::Host`]) chooses the era by what it says: `initialize`, or
//! requests whose `_meta` names a revision.
//!
//! # Features
//!
//! * `simd`, on by default: vector instructions chosen at run time, which takes `std` in two dependencies. Without
//!   it all works the same, slower, and the crate builds where there is no `std`.
//! * `seal`: `seal_state` and `open_state`, for servers that leave the state of a request with the client between
//!   two rounds (`requestState`). What is sealed cannot be read or changed on its way, and opens only for the same
//!   principal and request, before it expires.
//! * `explore`: `Clone`, `fingerprint` and `parts` on the machines, for bounded exploration of their states. Never
//!   for production: a clone draws the same random numbers as its original.
//!
//! [Model Context Protocol]: https://modelcontextprotocol.io
//! [2025-11-25]: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
//! [2026-07-28]: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "explore"))]
extern crate std;

#[cfg(feature = "explore")]
mod canon;
mod client;
mod config_error;
mod http;
mod ids;
mod inspect;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod jsonrpc;
mod message;
mod meta;
mod mirror;
mod notice;
mod outcome;
#[cfg(feature = "explore")]
mod parts;
mod questions;
mod record;
mod relay;
mod rng;
#[cfg(feature = "seal")]
mod seal;
mod server;
mod sse;
mod story;
mod subscription;
mod time;
mod timers;
mod version;

pub use client::{
    Client, ClientConfig, ClientEvent, ClientInput, ClientLimits, ClientOutput, ClientTiming,
    Known, ListenState, Sent, SessionChange, Source, SseEvent, TransportFailure,
};
pub use config_error::ConfigError;
pub use http::{Header, Method};
pub use ids::{CallId, ExchangeId, ListenId, ObligationId, SessionId};
pub use inspect::{Inspection, Lifeline, Owed};
pub use message::{Answer, Call, CallOptions, Handshake, Identity, Notification, RpcError};
pub use notice::{Notice, NoticeKind};
pub use outcome::{Execution, Failure, FailureKind, Outcome, Refusal, Withdrawal};
#[cfg(feature = "explore")]
pub use parts::{Part, PartKind};
pub use record::Recording;
pub use relay::{ClientRelay, RelayMessage, Relayed, ServerRelay};
#[cfg(feature = "seal")]
pub use seal::{StateContext, StateError, open_state, seal_state};
pub use server::{
    Allowed, Body, EndReason, ExchangeHead, ResponseMode, Server, ServerConfig, ServerEvent,
    ServerInput, ServerLimits, ServerOutput, ServerTiming, To,
};
pub use story::{Line, Seen, Story};
pub use time::Instant;
pub use version::{Era, Version};
