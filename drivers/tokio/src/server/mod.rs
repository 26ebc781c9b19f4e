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
//! `initialize`, `ping`, `server/discover` and `subscriptions/listen` are answered for the application, and
//! the protocol's rules about sessions, streams and headers are kept for it. A handler answers at once, or sends [progress](Request::progress) and
//! [notifications](Request::notify) before, or [asks](Request::ask) the client; whether the response is JSON or a
//! stream follows from that.
//!
//! # Both eras at once
//! The same endpoint and the same handler serve clients of sessions (up to 2025-11-25) and of requests that stand
//! for themselves (since 2026-07-28), as each client opens. [`Request::version`] says which it is, and few
//! handlers have to ask: [`Request::client_capabilities`] and [`Request::input`] are the same for both.
//!
//! ```
//! use mcp_sansio_tokio::server::{Input, Request, Service};
//! use mcp_sansio_tokio::{Client, Identity, RpcError, Version};
//! use serde_json::{Value, json};
//!
//! async fn handle(request: Request) -> Result<Value, RpcError> {
//!     let form = json!({
//!         "message": "How many seats?",
//!         "requestedSchema": {"type": "object", "properties": {"seats": {"type": "integer"}}},
//!     });
//!     // In a session this waits for the client's answer. Since 2026-07-28 the client is asked by the result,
//!     // and makes its request again with the answer.
//!     let answer = match request.input("seats", "elicitation/create", form).await {
//!         Ok(Input::Answer(answer)) => answer,
//!         Ok(Input::Required(question)) => return Ok(question),
//!         Err(error) => return Err(RpcError::new(-32000, error.to_string())),
//!     };
//!     let text = format!("{} seats booked", answer["content"]["seats"]);
//!     Ok(json!({"content": [{"type": "text", "text": text}]}))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = Service::builder(Identity::new("tools", "1.0")).serve(handle)?;
//! # let app = axum::Router::new().route_service("/mcp", service);
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let url = format!("http://{}/mcp", listener.local_addr()?);
//! # tokio::spawn(async move { axum::serve(listener, app).await });
//! # for version in [Version::V2025_11_25, Version::V2026_07_28] {
//! #     let mut identity = Identity::new("asked", "1.0");
//! #     identity.capabilities = r#"{"elicitation": {}}"#.into();
//! #     let client = Client::builder(&url)
//! #         .identity(identity)
//! #         .configure(|config| config.versions = version..=version)
//! #         .on_request(|_| async { Ok(json!({"action": "accept", "content": {"seats": 2}})) })
//! #         .connect()
//! #         .await?;
//! #     let result = client.call_tool("book", json!({})).await?;
//! #     assert_eq!(result["content"][0]["text"], "2 seats booked");
//! #     client.close().await;
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! What changes is told to all who listen by [`ServiceHandle::notify_all`]. The headers that mirror arguments
//! (`x-mcp-header`) are checked against the tools that [`ServiceHandle::declare_tools`] was told of, or that
//! were listed. To serve one era only, narrow [`ServerConfig::versions`].
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
//! [`Session::run`] is no more than a loop over [`Session::next`] that spawns a task for each request. Sessions are
//! of the first era, so that this server speaks no other; [`Builder::sessions_and`] adds a function for the
//! requests of the second.
//!
//! # Clients that lose interest
//! [`Request::cancelled`] completes when a client cancels, or when its session ends. That a client is not connected
//! any more does not cancel in a session, for it may come back for the answer; without sessions it does, and so
//! since 2026-07-28 always. The handler decides what to do; [`Builder::abort_withdrawn`] drops it instead.
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

pub use mcp_sansio_driver::core::{
    Allowed, ConfigError, EndReason, ResponseMode, ServerConfig, ServerLimits, ServerTiming,
    SessionId, Withdrawal,
};
pub use mcp_sansio_driver::server::tower::{Body, HttpParts, Principal, shard};
pub use mcp_sansio_driver::server::{
    Counters, CutOff, Event, Events, Input, Request, ServiceHandle, Session, SetupError,
};

/// A server as a tower service, for axum, hyper, and whatever else mounts one; from [`Service::builder`].
pub type Service = mcp_sansio_driver::server::tower::Service<crate::Tokio>;

/// A [`Service`] to be; from [`Service::builder`].
pub type Builder = mcp_sansio_driver::server::Builder<crate::Tokio, Service>;
