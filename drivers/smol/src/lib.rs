//! An MCP client for smol, over hyper, in which every call settles exactly once and in bounded time; and in
//! [`server`] an MCP server. Both speak every published revision of the protocol. Of tokio nothing is in here but its
//! `sync` module, which hyper uses: no runtime, no timer, no socket.
//!
//! ```
//! use mcp_sansio_smol::{CallError, Client};
//! use serde_json::json;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # fn main() -> Result<(), CallError> {
//! # let server = server::Server::start(|request, reply| {
//! #     reply.json(&request.result(&request.body["params"]["arguments"]))
//! # });
//! # let url = &server.url;
//! smol::block_on(async {
//!     let client = Client::connect(url).await?; // such as "https://example.com/mcp"
//!     let result = client.call_tool("echo", json!({"text": "hello"})).await?;
//!     assert_eq!(result["text"], "hello");
//!     client.close().await;
//!     Ok(())
//! })
//! # }
//! ```
//!
//! # Under async-std, and elsewhere
//! The client's own tasks, timers and sockets are smol's, which start by themselves ([`Smol`]); what the application awaits
//! can be awaited anywhere. Under async-std, whose sockets and timers are smol's too, nothing is different:
//!
//! ```
//! use mcp_sansio_smol::{CallError, Client};
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! #[async_std::main]
//! async fn main() -> Result<(), CallError> {
//! #   let server = server::Server::start(|request, reply| {
//! #       reply.json(&request.result(&serde_json::json!({"content": []})))
//! #   });
//! #   let url = &server.url;
//!     let client = Client::connect(url).await?;
//!     client.call_tool("echo", ()).await?;
//!     client.close().await;
//!     Ok(())
//! }
//! ```
//!
//! # When no answer comes
//! A call that brings no result says whether the server may have run it, and what was seen on the way.
//! Nothing has to be wrapped in a timeout: every call has a deadline of its own ([`ClientTiming`] for all
//! of them, [`CallOptions`] for one). Dropping a call cancels it, and tells the server.
//!
//! ```
//! use mcp_sansio_smol::{CallError, CallOptions, Client, Execution};
//! use std::time::Duration;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # fn main() -> Result<(), CallError> { smol::block_on(async {
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
//! # Ok(()) }) }
//! ```
//!
//! # What the server says unasked
//! Progress comes with the call that asked for it, notifications and events as streams, and requests go
//! to a handler. Credentials that change have an [`Authorizer`].
//!
//! ```
//! use mcp_sansio_smol::{CallError, CallOptions, Client, Identity, RpcError};
//! use serde_json::json;
//! use smol::future::zip;
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # fn main() -> Result<(), CallError> { smol::block_on(async {
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
//! let (result, ()) = zip(call, watch).await;
//! println!("{}", result?);
//! # Ok(()) }) }
//! ```
//!
//! # What changes at the server
//! ```
//! use mcp_sansio_smol::{Client, Filter, SubscriptionEvent};
//! # use mcp_sansio_smol::{Identity, server::{Service, serve}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> { smol::block_on(async {
//! # let mut identity = Identity::new("tools", "1.0");
//! # identity.capabilities = r#"{"tools": {"listChanged": true}}"#.into();
//! # let service = Service::builder(identity).serve(|_| async { Ok(()) })?;
//! # let handle = service.handle();
//! # let listener = smol::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let url = format!("http://{}/mcp", listener.local_addr()?);
//! # smol::spawn(serve(listener, service)).detach();
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
//! # Ok(()) }) }
//! ```
//!
//! # HTTP
//! The client speaks HTTP/1.1, keeps connections for its next requests, and goes by way of the proxies that the environment
//! names (`HTTPS_PROXY` and the like). Other proxies, Unix sockets, certificates of one's own: [`client_builder`].
//!
//! # Features
//! * `rustls`, on by default: TLS, with the certificates of the operating system. Without it only `http://` works,
//!   unless the application brings a connector of its own.
//! * `server`, on by default: the server.
//! * `seal`: `core::seal_state` and `core::open_state`, for servers that leave state with their clients between two
//!   rounds of questions.
//!
//! The transport itself is the state machine in [`core`]; this crate performs what it says. What all
//! drivers share, and how to drive machines in a loop of your own, is in [`driver`].
#![forbid(unsafe_code)]

mod http;
mod io;
mod runtime;
#[cfg(feature = "server")]
pub mod server;

#[cfg(feature = "rustls")]
pub use futures_rustls::rustls;
pub use http::{ClientBuilder, Hyper, Response, client_builder};
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
pub use runtime::Smol;

/// A client of one MCP server, over smol and hyper.
pub type Client = driver::Client<Hyper, Smol>;

/// A [`Client`] to be; from [`Client::builder`].
pub type Builder = driver::Builder<Hyper, Smol>;
