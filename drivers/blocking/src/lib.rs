//! An MCP client without a runtime: its methods wait, and the rest is threads. For scripts, command lines, and programs
//! that have threads already.
//!
//! Every call settles exactly once and in bounded time, and a failure says whether the server may have run it.
//!
//! ```
//! use mcp_sansio_blocking::{CallError, Client};
//! use serde_json::json;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|request, reply| {
//! #     reply.json(&request.result(&json!({"content": [{"type": "text", "text": "hello"}]})))
//! # });
//! # let url = &server.url;
//! let client = Client::connect(url)?; // such as http://127.0.0.1:3000/mcp
//! match client.call_tool("echo", json!({"text": "hello"})) {
//!     Ok(result) => println!("{}", result["content"][0]["text"]),
//!     Err(error) => eprintln!("{error:#}"), // what happened, and its story
//! }
//! client.close();
//! # Ok(())
//! # }
//! ```
//!
//! # Progress, many calls at once, giving up
//! A call that is started is waited for later, or dropped, which cancels it. Each thread may have its own calls on
//! the same client.
//!
//! ```
//! use mcp_sansio_blocking::{CallError, CallOptions, Client};
//! use serde_json::json;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|request, reply| {
//! #     reply.stream()?;
//! #     let token = &request.body["params"]["_meta"]["progressToken"];
//! #     let params = json!({"progressToken": token, "progress": 1});
//! #     reply.event(&server::notification("notifications/progress", &params))?;
//! #     reply.event(&request.result(&json!({"content": []})))?;
//! #     reply.end()
//! # });
//! # let client = Client::connect(&server.url)?;
//! let mut options = CallOptions::default();
//! options.progress = true;
//! let mut build = client.call_tool_with("build", json!({"target": "all"}), options);
//! let test = client.call_tool_with("test", (), CallOptions::default());
//! for params in build.progress().into_iter().flatten() {
//!     println!("step {}", params["progress"]);
//! }
//! println!("{} {}", build.wait()?, test.wait()?);
//! # Ok(())
//! # }
//! ```
//!
//! # What it takes
//! Two threads for each open exchange, one of which waits in a read, and one that keeps the time. A read is broken off by
//! shutting its socket down, so nothing waits for a server that says nothing. Looking up a name and opening a
//! connection cannot be broken off: their thread stays until the system gives up, and nobody waits for it.
//! Where the server's own requests and notifications are of no interest, `.configure(|config| config.standalone = false)`
//! saves the stream for them.
//!
//! # Features
//! `rustls`, on by default: TLS, with the certificates of the operating system. Without it only `http://` works.
//!
//! The transport itself is the state machine in [`core`]; what all drivers share is in [`driver`].
#![forbid(unsafe_code)]

mod builder;
mod client;
mod http;
mod line;
mod messages;
mod threads;

pub use builder::{Authorizer, Builder};
pub use client::{Client, PendingCall, PendingValue, Subscription};
pub use http::{Response, Ureq};
pub use mcp_sansio_driver as driver;
pub use mcp_sansio_driver::core;
pub use mcp_sansio_driver::core::{
    Answer, Call, CallId, CallOptions, ClientConfig, ClientLimits, ClientTiming, Era, Execution,
    Failure, FailureKind, Handshake, Header, Identity, Inspection, Known, Notice, Notification,
    Outcome, Recording, Refusal, RpcError, SessionChange, Story, Version,
};
pub use mcp_sansio_driver::{
    CallError, Event, Filter, ServerRequest, SubscriptionEvent, Unauthorized,
};
pub use messages::{Messages, Waited};
pub use threads::Threads;
