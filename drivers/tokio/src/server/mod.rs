//! An MCP server for tokio: a tower service, in which every request gets an answer, or an error that says why
//! not, whatever the application does.
//!
//! ```
//! use mcp_sansio_tokio::server::{Request, Service};
//! use mcp_sansio_tokio::{Client, Identity, RpcError};
//! use serde_json::{Value, json};
//!
//! async fn handle(request: Request) -> Result<Value, RpcError> {
//!     match request.method() {
//!         "tools/list" => Ok(json!({"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]})),
//!         "tools/call" => {
//!             let params: Value = request.params()?;
//!             Ok(json!({"content": [{"type": "text", "text": params["arguments"]["text"]}]}))
//!         }
//!         method => Err(RpcError::new(-32601, format!("{method} is not there"))),
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut identity = Identity::new("tools", "1.0");
//! identity.capabilities = r#"{"tools": {}}"#.into();
//! let service = Service::builder(identity).serve(handle)?;
//!
//! let app = axum::Router::new().route_service("/mcp", service);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let url = format!("http://{}/mcp", listener.local_addr()?);
//! # tokio::spawn(async move {
//! axum::serve(listener, app).await?;
//! # Ok::<_, std::io::Error>(())
//! # });
//! # let client = Client::connect(url).await?;
//! # let result = client.call_tool("echo", json!({"text": "hi"})).await?;
//! # assert_eq!(result["content"][0]["text"], "hi");
//! # Ok(())
//! # }
//! ```
//!
//! Bare hyper mounts it by `hyper_util::service::TowerToHyperService`, anything else by [`Service::respond`].
//!
//! `initialize` and `ping` are answered for the application, and the protocol's rules about sessions, streams
//! and headers are kept for it. A handler answers at once, or sends [progress](Request::progress) and
//! [notifications](Request::notify) before, or [asks](Request::ask) the client; whether the response is JSON or a
//! stream follows from that.
//!
//! # When the application fails
//! | what happens | its client | the host |
//! |---|---|---|
//! | a request's handler panics | -32603 | an error in the log, [`Counters::panicked`] |
//! | a request is dropped unanswered | -32603 | an error in the log, [`Counters::unanswered`] |
//! | a session's handler never reads | 500 and -32603 in [`ServerTiming::take`] | an error in the log, [`Counters::not_taken`] |
//! | it returns too early | the session ends, requests get -32603 | an error in the log, [`Counters::handler_returned`] |
//! | it panics | the same | an error in the log, [`Counters::handler_failed`] |
//!
//! # A loop of one's own
//! A host that has something to set up for each session gives a session handler instead. It lives as long as its
//! session does.
//!
//! ```
//! use mcp_sansio_tokio::Identity;
//! use mcp_sansio_tokio::server::{Request, Service, Session};
//! use mcp_sansio_tokio::RpcError;
//! use serde_json::{Value, json};
//!
//! async fn handle(request: Request) -> Result<Value, RpcError> {
//!     Ok(json!({"you asked for": request.method()}))
//! }
//!
//! async fn host(session: Session) {
//!     println!("{:?} began", session.id()); // setup
//!     let reason = session.run(handle).await;
//!     println!("{:?} ended: {}", session.id(), reason.as_str()); // teardown
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = Service::builder(Identity::new("tools", "1.0")).sessions(host)?;
//! # drop(service);
//! # Ok(())
//! # }
//! ```
//!
//! [`Session::run`] is no more than a loop over [`Session::next`] that spawns a task for each request.
//!
//! # Clients that lose interest
//! [`Request::cancelled`] completes when a client cancels, or when its session ends. That a client is not connected
//! any more does not cancel in a session, for it may come back for the answer; without sessions it does. The
//! handler decides what to do; [`Builder::abort_withdrawn`] drops it instead.
//!
//! # Who may ask
//! Only loopback's names are served until [`ServerConfig::hosts`] says otherwise, and pages of loopback's
//! origins until [`ServerConfig::origins`] does. A layer that knows who asks puts a [`Principal`] into the
//! extensions of the HTTP request: then the session ids of one principal are worth nothing to another. Handlers
//! find the extensions, and all of the HTTP request's head, by [`HttpParts`].
//!
//! # Readers that do not read
//! A client that takes nothing of its stream for [`ServerTiming::stall`] is cut off, and no other client notices it. But
//! hyper does not look at a body while its own buffer is full, so it keeps the connection of such a client, and one chunk,
//! until the client reads or leaves; and a body that is handed over whole is hyper's from the start. A host that meets
//! strangers puts a write timeout on its sockets, such as `tokio-io-timeout`'s `TimeoutStream`.
//!
//! # Shutting down
//! ```
//! # use mcp_sansio_tokio::{Identity, server::Service};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let service = Service::builder(Identity::new("tools", "1.0")).serve(|_| async { Ok(()) })?;
//! # let asked_to_end = std::future::ready(());
//! let handle = service.handle();
//! let app = axum::Router::new().route_service("/mcp", service);
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! axum::serve(listener, app)
//!     .with_graceful_shutdown(async move {
//!         asked_to_end.await; // such as tokio::signal::ctrl_c()
//!         handle.shut_down(Duration::from_secs(10)).await;
//!     })
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! # More than one core
//! A service is one state machine behind one lock, which is held for microseconds. A host that needs more runs
//! several, each with a [`ServerConfig::shard`] of its own, and sends each request to the one that [`shard`]
//! names; a request without a session may go to any. What is for all ([`ServiceHandle::notify_all`],
//! [`ServiceHandle::shut_down`]) is said to each.
//!
//! ```
//! use std::sync::atomic::{AtomicUsize, Ordering};
//!
//! use axum::extract::{Request, State};
//! use mcp_sansio_tokio::Identity;
//! use mcp_sansio_tokio::server::{Body, Service, SetupError, shard};
//!
//! static NEXT: AtomicUsize = AtomicUsize::new(0);
//!
//! async fn route(State(shards): State<Vec<Service>>, request: Request) -> http::Response<Body> {
//!     let any = NEXT.fetch_add(1, Ordering::Relaxed);
//!     let shard = shard(request.headers()).map_or(any, usize::from);
//!     shards[shard % shards.len()].respond(request).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), SetupError> {
//! let shards: Result<Vec<Service>, _> = (0..4)
//!     .map(|number| {
//!         Service::builder(Identity::new("tools", "1.0"))
//!             .configure(|config| config.shard = number)
//!             .serve(|_| async { Ok(()) })
//!     })
//!     .collect();
//! let app = axum::Router::new().route("/mcp", axum::routing::any(route));
//! let app: axum::Router = app.with_state(shards?);
//! # drop(app);
//! # Ok(())
//! # }
//! ```
//!
//! # What the host sees to
//! Which path the server answers on, TLS, CORS (`OPTIONS`), and the limits of connections. A body counts as
//! written when the HTTP library has taken it: set TCP keep-alive, so that connections whose other end has gone
//! without a word are noticed. Responses must not be compressed on their way, or streams stand still.

mod body;
mod parts;
mod service;

pub use body::Body;
pub use mcp_sansio_driver::core::{
    Allowed, EndReason, ResponseMode, ServerConfig, ServerLimits, ServerTiming, SessionId,
    Withdrawal,
};
pub use mcp_sansio_driver::server::{
    Counters, CutOff, Event, Events, Request, ServiceHandle, Session, SetupError,
};
pub use parts::{HttpParts, Principal, shard};
pub use service::Service;

/// A [`Service`] to be; from [`Service::builder`].
pub type Builder = mcp_sansio_driver::server::Builder<crate::Tokio, Service>;
