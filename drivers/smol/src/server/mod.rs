//! An MCP server for smol: a tower service, in which every request gets an answer, or an error that says why
//! not, whatever the application does; and what serves it on a listener.
//!
//! ```
//! use mcp_sansio_smol::server::{Request, Service, serve};
//! use mcp_sansio_smol::{Client, Identity, RpcError};
//! use serde_json::{Value, json};
//! use smol::net::TcpListener;
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
//! # fn main() -> Result<(), Box<dyn std::error::Error>> { smol::block_on(async {
//! let mut identity = Identity::new("tools", "1.0");
//! identity.capabilities = r#"{"tools": {}}"#.into();
//! let service = Service::builder(identity).serve(handle)?;
//!
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! # let url = format!("http://{}/mcp", listener.local_addr()?);
//! # let serving = smol::spawn(async move {
//! serve(listener, service).await;
//! # });
//! # let client = Client::connect(url).await?;
//! # let result = client.call_tool("echo", json!({"text": "hi"})).await?;
//! # assert_eq!(result["content"][0]["text"], "hi");
//! # client.close().await;
//! # serving.cancel().await;
//! # Ok(()) }) }
//! ```
//!
//! [`serve`] answers on every path. A host that has other routes beside it gives `serve` a tower service of its own, such
//! as a router of axum (which needs no tokio for that), or hands [`Service::respond`] what is meant for it. Streams
//! that are no TCP, or have TLS on them, are served by [`connection`].
//!
//! The service itself is that of every driver, with the same handlers: questions to the client, progress, sessions with a
//! loop of their own, both eras at once; [`Request`], [`Session`] and [`Builder`] say how.
//!
//! # Shutting down
//! ```
//! # use mcp_sansio_smol::{Identity, server::Service};
//! use mcp_sansio_smol::server::serve_until;
//! use smol::net::TcpListener;
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> { smol::block_on(async {
//! # let service = Service::builder(Identity::new("tools", "1.0")).serve(|_| async { Ok(()) })?;
//! # let asked_to_end = std::future::ready(());
//! let handle = service.handle();
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! serve_until(listener, service, async move {
//!     asked_to_end.await; // such as a signal
//!     handle.shut_down(Duration::from_secs(10)).await;
//! })
//! .await;
//! # Ok(()) }) }
//! ```
//!
//! # What the host sees to
//! Which path the server answers on, TLS, CORS (`OPTIONS`), and the limits of connections. Only loopback's names are
//! served until [`ServerConfig::hosts`] says otherwise, and pages of loopback's origins until [`ServerConfig::origins`]
//! does. A layer that knows who asks puts a [`Principal`] into the extensions of the HTTP request. A client that takes
//! nothing of its stream for [`ServerTiming::stall`] is cut off; its connection stays until it reads or leaves, unless the
//! stream that [`connection`] was given has a timeout of its own.

mod serve;

pub use mcp_sansio_driver::core::{
    Allowed, ConfigError, EndReason, ResponseMode, ServerConfig, ServerLimits, ServerTiming,
    SessionId, Withdrawal,
};
pub use mcp_sansio_driver::server::tower::{Body, HttpParts, Principal, shard};
pub use mcp_sansio_driver::server::{
    Counters, CutOff, Event, Events, Input, Request, ServiceHandle, Session, SetupError,
};
pub use serve::{connection, serve, serve_until};

/// A server as a tower service; from [`Service::builder`]. [`serve`] serves it.
pub type Service = mcp_sansio_driver::server::tower::Service<crate::Smol>;

/// A [`Service`] to be; from [`Service::builder`].
pub type Builder = mcp_sansio_driver::server::Builder<crate::Smol, Service>;
