//! An MCP client for tokio, over reqwest, in which every call settles exactly once and in bounded time; and in
//! [`server`] an MCP server for axum and hyper. Both speak every published revision of the protocol.
//!
//! ```
//! use mcp_sansio_tokio::{CallError, Client};
//! use serde_json::json;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
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
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
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
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
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
//! In a session such questions come as requests of the server, since 2026-07-28 in the answer to a call, which
//! is then made again with what the handler says: the handler is the same, and so is the call.
//!
//! # Credentials
//! Those that never change are a header. For those that do there is an [`Authorizer`]: it gives them for each
//! request, and gets others when the server refuses them, with 401 or because their scope is too small. It is
//! asked once, however many calls were refused; they wait, within [`ClientTiming::authorization`], and are sent again.
//! What the client records and tells never holds any of it.
//!
//! ```
//! use mcp_sansio_tokio::{Authorizer, CallError, Client, Unauthorized};
//! use std::sync::Mutex;
//!
//! struct Tokens(Mutex<String>);
//!
//! impl Authorizer for Tokens {
//!     fn credentials(&self) -> Option<String> {
//!         let token = self.0.lock().ok()?;
//!         Some(format!("Bearer {token}"))
//!     }
//!
//!     async fn authorize(&self, refused: Unauthorized) -> bool {
//!         for challenge in refused.challenges() {
//!             println!("the server asks for {challenge}"); // where to go, and for which scope
//!         }
//!         let fresh = "fresh".to_owned(); // from there, by an OAuth library
//!         self.0.lock().map(|mut token| *token = fresh).is_ok()
//!     }
//! }
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|request, reply| {
//! #     if request.headers.contains(&"authorization: Bearer fresh".to_owned()) {
//! #         reply.json(&request.result(&serde_json::json!({"content": []})))
//! #     } else {
//! #         reply.refusal("401 Unauthorized", "Bearer")
//! #     }
//! # });
//! # let url = &server.url;
//! let tokens = Tokens(Mutex::new("stale".to_owned()));
//! let client = Client::builder(url).authorizer(tokens).connect().await?;
//! client.call_tool("echo", ()).await?; // refused, sent again, and answered
//! # assert_eq!(server.seen("tools/call").len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! Without an authorizer, or where it has nothing, the call fails as [`FailureKind::Unauthorized`], and the server's
//! challenge is in [`Failure::refusal`].
//!
//! # Which era the server speaks
//! The protocol works in two ways: up to 2025-11-25 by a handshake and a session, since 2026-07-28 by requests
//! that stand for themselves. The client finds out which one the server speaks, and [`Client::version`] says
//! what came of it. What was found can be kept for the next run, which then begins with its first call; if
//! it is not true any more, the client finds out anew.
//!
//! ```
//! use mcp_sansio_tokio::{CallError, Client, Era};
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|request, reply| {
//! #     reply.json(&request.result(&serde_json::json!({"content": []})))
//! # });
//! # let url = &server.url;
//! let client = Client::connect(url).await?;
//! let version = client.version().expect("it is connected");
//! match version.era() {
//!     Era::Legacy => println!("a session of {version}"),
//!     Era::Modern => println!("no sessions any more: {version}"),
//! }
//! let known = client.known(); // to keep: its version, session and next id
//! # let session = known.as_ref().and_then(|known| known.session.clone());
//!
//! let later = Client::builder(url).configure(|config| config.known = known).build()?;
//! later.call_tool("echo", ()).await?; // no handshake before it
//! # assert_eq!(later.known().and_then(|known| known.session), session);
//! # assert_eq!(server.seen("initialize").len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! To force an era, narrow [`ClientConfig::versions`]:
//! `.configure(|config| config.versions = Version::V2026_07_28..=Version::V2026_07_28)`. The HTTP+SSE transport
//! of 2024-11-05, which is deprecated, is tried only if [`ClientConfig::http_sse`] says so.
//!
//! # What changes at the server
//! Since 2026-07-28 a client says what it wants to hear of. A lost subscription is opened again, and says that
//! there was a gap.
//!
//! ```
//! use mcp_sansio_tokio::{Client, Filter, SubscriptionEvent};
//! # use mcp_sansio_tokio::{Identity, server::Service};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mut identity = Identity::new("tools", "1.0");
//! # identity.capabilities = r#"{"tools": {"listChanged": true}}"#.into();
//! # let service = Service::builder(identity).serve(|_| async { Ok(()) })?;
//! # let handle = service.handle();
//! # let app = axum::Router::new().route_service("/mcp", service);
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let url = format!("http://{}/mcp", listener.local_addr()?);
//! # tokio::spawn(async move { axum::serve(listener, app).await });
//! let client = Client::connect(url).await?;
//! let mut changes = client.listen(Filter::default().tools());
//! while let Some(event) = changes.next().await {
//!     match event {
//!         SubscriptionEvent::Opened(filter) => {
//!             println!("the server agreed to {filter}");
//! #           handle.notify_all("notifications/tools/list_changed", None);
//!         }
//!         SubscriptionEvent::Notification(changed) => {
//!             println!("{}: list again", changed.method);
//! #           break;
//!         }
//!         SubscriptionEvent::Gap => println!("something may have been missed: list again"),
//!         SubscriptionEvent::Ended(outcome) => println!("over: {outcome:?}"),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A server of an earlier revision says such things unasked: [`Client::notifications`] has them, and the
//! subscription ends with a failure that says so.
//!
//! # Features
//! * `rustls`, on by default: TLS, with the certificates of the operating system. Without it only `http://` works,
//!   unless the application brings a client of its own.
//! * `server`, on by default: the server.
//! * `rmcp`: the client and the server beneath rmcp, the official Rust SDK, as its transports.
//! * `seal`: `core::seal_state` and `core::open_state`, for servers that leave state with their clients between two
//!   rounds of questions.
//!
//! The transport itself is the state machine in [`core`]; this crate performs what it says. What all
//! drivers share, and how to drive machines in a loop of your own, is in [`driver`].
#![forbid(unsafe_code)]

mod http;
#[cfg(feature = "rmcp")]
pub mod rmcp;
mod runtime;
#[cfg(feature = "server")]
pub mod server;

pub use http::{Reqwest, Response, client_builder};
pub use mcp_sansio_driver as driver;
pub use mcp_sansio_driver::core;
pub use mcp_sansio_driver::core::{
    Answer, Call, CallId, CallOptions, ClientConfig, ClientLimits, ClientTiming, Era, Execution,
    Failure, FailureKind, Handshake, Header, Identity, Inspection, Known, Notice, Notification,
    Outcome, Recording, Refusal, RpcError, SessionChange, Story, Version,
};
pub use mcp_sansio_driver::{
    Authorizer, CallError, Event, Events, Filter, Messages, Notifications, PendingCall,
    PendingValue, Progress, ServerRequest, Subscription, SubscriptionEvent, Unauthorized,
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
