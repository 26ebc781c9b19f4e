//! Our client and our server beneath [rmcp], the official Rust SDK: its handlers, macros and types stay as they are,
//! and so does its `serve`; what is below speaks HTTP by this crate's state machine. Needs the feature `rmcp`, and
//! for the server `server`. For rmcp 3.8.
//!
//! ```
//! use mcp_sansio_tokio::rmcp as mcp_sansio;
//! use rmcp::model::CallToolRequestParams;
//! use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
//!
//! #[derive(Clone)]
//! struct Greeter;
//!
//! #[tool_router]
//! impl Greeter {
//!     #[tool]
//!     async fn greet(&self) -> String {
//!         "good day".to_owned()
//!     }
//! }
//!
//! #[tool_handler]
//! impl ServerHandler for Greeter {}
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In place of `StreamableHttpService::new(factory, session_manager, config)`:
//! let service = mcp_sansio::service(|| Ok(Greeter)).build()?;
//! let app = axum::Router::new().route_service("/mcp", service);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let url = format!("http://{}/mcp", listener.local_addr()?);
//! tokio::spawn(async move { axum::serve(listener, app).await });
//!
//! // In place of `StreamableHttpClientTransport::from_uri(url)`:
//! let transport = mcp_sansio::transport(url).build()?;
//! let client = ().serve(transport).await?;
//! let result = client.call_tool(CallToolRequestParams::new("greet")).await?;
//! assert_eq!(result.content[0].as_text().unwrap().text, "good day");
//! client.cancel().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # When no answer comes
//! rmcp waits for an answer as long as its caller says, which by default is for ever. Here every request settles:
//! when nothing can bring its answer any more, and at the latest after an hour, which
//! [`ClientTiming::max`](crate::ClientTiming::max) changes. rmcp's caller gets the failure as an error of the
//! transport, with a sentence that says what happened and whether the server may have run the call.
//!
//! ```
//! use std::time::Duration;
//!
//! use mcp_sansio_tokio::rmcp::{TransportError, transport};
//! use rmcp::model::CallToolRequestParams;
//! use rmcp::{ServiceError, ServiceExt};
//!
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/scripted/server.rs")); }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = server::Server::start(|_, reply| reply.stream());
//! # let url = &server.url;
//! let max = Duration::from_secs(10);
//! # let max = max / 100;
//! let transport = transport(url).configure(|config| config.timing.max = max).build()?;
//! let client = ().serve(transport).await?;
//! match client.call_tool(CallToolRequestParams::new("transfer_money")).await {
//!     Err(ServiceError::TransportSend(error)) => match error.error.downcast_ref() {
//!         Some(TransportError::Failed { failure, .. }) => {
//!             println!("{:?}: {failure:#}", failure.execution); // with the story of the call
//!         }
//!         other => panic!("{other:?}"),
//!     },
//!     other => panic!("this server says nothing, but: {other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What the server itself answers, an error included, is rmcp's `ServiceError::McpError` as ever. So is the refusal of
//! a request (HTTP 400 to 499, but not for want of credentials, nor 429): rmcp tells by it that a server is of the
//! first era. Where credentials are wanted, rmcp finds its own `AuthRequiredError` or `InsufficientScopeError` as the
//! error's source; but an [`Authorizer`](crate::Authorizer) saves the failure. A request that rmcp cancels, or whose
//! future is dropped, is cancelled at the server.
//!
//! A session that the server has lost is begun anew beneath rmcp, if the server's revision and capabilities are still
//! the same: what it has refused is sent again, and what it may have run fails.
//!
//! # The server
//! As with rmcp's own, a service from the factory runs for each session, and one for each request that belongs to none,
//! as all do since 2026-07-28. Handlers find the head of the HTTP request (`http::request::Parts`) in their
//! context's extensions. One that panics answers -32603; a service that cannot be made does, too.
//!
//! What is not rmcp's is as with every [`Service`](crate::server::Service) of this crate: allowed hosts and origins,
//! limits and timing by [`ServiceBuilder::configure`], counters and an orderly end by
//! [`Service::handle`](crate::server::Service::handle). Arguments that are mirrored in headers are checked once the
//! tools were listed, or declared by
//! [`ServiceHandle::declare_tools`](crate::server::ServiceHandle::declare_tools).
//!
//! [rmcp]: https://docs.rs/rmcp

mod client;
mod error;
#[cfg(feature = "server")]
mod guarded;
mod ids;
#[cfg(feature = "server")]
mod link;
#[cfg(feature = "server")]
mod server;

use mcp_sansio_driver as driver;

use crate::{Reqwest, Tokio};

pub use client::ClientTransport;
pub use error::TransportError;
#[cfg(feature = "server")]
pub use server::ServiceBuilder;

/// A [`ClientTransport`] to be; from [`transport`].
pub type Builder = driver::Builder<Reqwest, Tokio, ClientTransport>;

/// A transport to be for rmcp's `serve`, to the MCP server at this URL.
pub fn transport(url: impl Into<String>) -> Builder {
    Builder::relay(url)
}

/// A server to be that runs an rmcp service from `factory` for each session, and for each request that belongs to
/// none. A factory that fails has its sentence logged; the client gets an error.
#[cfg(feature = "server")]
pub fn service<S, F>(factory: F) -> ServiceBuilder<F>
where
    S: ::rmcp::Service<::rmcp::RoleServer>,
    F: Fn() -> std::io::Result<S> + Send + Sync + 'static,
{
    ServiceBuilder::new(factory)
}
