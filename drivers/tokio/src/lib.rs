//! An MCP client for tokio, over reqwest, in which every call settles exactly once and in bounded time; and in
//! [`server`] an MCP server for axum and hyper.
//!
//! ```
//! use mcp_sansio_tokio::{CallError, Client};
//! use serde_json::json;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client/support.rs")); }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|request, reply| {
//! #     reply.json(&request.result(&request.body["params"]["arguments"]))
//! # });
//! # let url = &server.url;
//! let client = Client::connect(url).await?; // such as "https://example.com/mcp"
//! let result = client.call_tool("echo", json!({"text": "hello"})).await?;
//! assert_eq!(result["text"], "hello");
//! client.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! # When no answer comes
//! A call that brings no result says whether the server may have run it, and what was seen on the way.
//! Nothing has to be wrapped in a timeout: every call has a deadline of its own ([`ClientTiming`] for all
//! of them, [`CallOptions`] for one). Dropping a call cancels it, and tells the server.
//!
//! ```
//! use mcp_sansio_tokio::{CallError, CallOptions, Client, Execution};
//! use std::time::Duration;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client/support.rs")); }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|_, reply| reply.stream());
//! # let url = &server.url;
//! let client = Client::connect(url).await?;
//! let mut options = CallOptions::default();
//! options.max = Some(Duration::from_millis(50));
//! match client.call_tool_with("transfer_money", (), options).await {
//!     Err(CallError::Failed(failure)) if failure.execution == Execution::Unknown => {
//!         println!("it may have happened: {failure:#}"); // with the story of the call
//!     }
//!     other => panic!("this server says nothing, but: {other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What the server says unasked
//! Progress comes with the call that asked for it, notifications and events as streams, and requests go
//! to a handler.
//!
//! ```
//! use mcp_sansio_tokio::{CallError, CallOptions, Client, Identity, RpcError};
//! use serde_json::json;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client/support.rs")); }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|request, reply| {
//! #     reply.stream()?;
//! #     let token = &request.body["params"]["_meta"]["progressToken"];
//! #     let params = json!({"progressToken": token, "progress": 1});
//! #     reply.event(&server::notification("notifications/progress", &params))?;
//! #     reply.event(&request.result(&json!({"content": []})))?;
//! #     reply.end()
//! # });
//! # let url = &server.url;
//! let mut identity = Identity::new("my-agent", "1.0");
//! identity.capabilities = r#"{"roots": {}}"#.into();
//! let client = Client::builder(url)
//!     .identity(identity)
//!     .header("authorization", "Bearer 123") // sent with every request, seen by nobody else
//!     .on_request(|request| async move {
//!         match request.method.as_str() {
//!             "roots/list" => Ok(json!({"roots": [{"uri": "file:///home/me/project"}]})),
//!             method => Err(RpcError::new(-32601, format!("{method} is not supported"))),
//!         }
//!     })
//!     .connect()
//!     .await?;
//!
//! let mut options = CallOptions::default();
//! options.progress = true;
//! let mut call = client.call_tool_with("build", json!({"target": "all"}), options);
//! let mut progress = call.progress().expect("the options ask for it");
//! let watch = async {
//!     while let Some(params) = progress.next().await {
//!         println!("step {}", params["progress"]);
//!     }
//! };
//! let (result, ()) = tokio::join!(call, watch);
//! println!("{}", result?);
//! # Ok(())
//! # }
//! ```
//!
//! The transport itself is the state machine in [`core`]; this crate performs what it says. What all
//! drivers share, and how to drive machines in a loop of your own, is in [`driver`].
#![forbid(unsafe_code)]

mod http;
mod runtime;
#[cfg(feature = "server")]
pub mod server;

pub use http::{Reqwest, Response, client_builder};
pub use mcp_sansio_driver as driver;
pub use mcp_sansio_driver::core;
pub use mcp_sansio_driver::core::{
    Answer, Call, CallId, CallOptions, ClientConfig, ClientLimits, ClientTiming, Execution,
    Failure, FailureKind, Handshake, Header, Identity, Inspection, Known, Notice, Notification,
    Outcome, Recording, Refusal, RpcError, SessionChange, Story, Version,
};
pub use mcp_sansio_driver::{
    CallError, Event, Events, Messages, Notifications, PendingCall, PendingValue, Progress,
    ServerRequest,
};
pub use runtime::Tokio;

/// A client of one MCP server, over tokio and reqwest.
pub type Client = driver::Client<Reqwest, Tokio>;

/// A [`Client`] to be; from [`Client::builder`].
pub type Builder = driver::Builder<Reqwest, Tokio>;

/// The examples of the project's README compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
