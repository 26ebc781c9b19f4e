//! The server, as rmcp sees it: a service of its own for each session, and for each request that belongs to none.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use ::rmcp::model::{ClientCapabilities, Implementation, InitializeRequestParams, ProtocolVersion};
use ::rmcp::service::{serve_directly, serve_server};
use ::rmcp::{RoleServer, Service};
use mcp_sansio_driver::core::{Identity, Recording, ServerConfig, Version};
use mcp_sansio_driver::server::{Link, Opening, SetupError};

use super::guarded::Guarded;
use super::link::ServerTransport;
use crate::server as ours;

/// A server to be that runs rmcp services. From [`service`](super::service).
#[must_use = "a builder does nothing until `build`"]
pub struct ServiceBuilder<F> {
    factory: F,
    builder: ours::Builder,
}

impl<S, F> ServiceBuilder<F>
where
    S: Service<RoleServer>,
    F: Fn() -> io::Result<S> + Send + Sync + 'static,
{
    pub(super) fn new(factory: F) -> Self {
        // Who the server is, and what it can do, is rmcp's to say.
        let identity = Identity::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        Self {
            factory,
            builder: ours::Service::builder(identity),
        }
    }

    /// Changes anything in the machine's configuration: as
    /// [`Builder::configure`](mcp_sansio_driver::server::Builder::configure).
    pub fn configure(mut self, change: impl FnOnce(&mut ServerConfig)) -> Self {
        self.builder = self.builder.configure(change);
        self
    }

    /// Writes each step of the machine as a JSON line, for replaying it: as
    /// [`Builder::record`](mcp_sansio_driver::server::Builder::record).
    pub fn record(mut self, recording: Recording, writer: impl Write + Send + 'static) -> Self {
        self.builder = self.builder.record(recording, writer);
        self
    }

    /// The server, as a tower service.
    ///
    /// # Errors
    /// [`SetupError`] if a setting cannot work, outside of a runtime, or without the system's entropy.
    pub fn build(self) -> Result<ours::Service, SetupError> {
        let factory = Arc::new(self.factory);
        self.builder
            .links(move |link| host(Arc::clone(&factory), link))
    }
}

impl<F> fmt::Debug for ServiceBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceBuilder")
            .field("builder", &self.builder)
            .finish_non_exhaustive()
    }
}

/// Runs an rmcp service until its link has ended. What it leaves unanswered is answered by the link.
async fn host<S, F>(factory: Arc<F>, link: Link)
where
    S: Service<RoleServer>,
    F: Fn() -> io::Result<S>,
{
    let service = match factory() {
        Ok(service) => Guarded(service),
        Err(error) => return tracing::error!("no rmcp service could be made: {error}"),
    };
    // rmcp's own handshake negotiates; what needs none is served as it is.
    let client = match link.opening() {
        Opening::Session(_)
        | Opening::Request {
            method: "initialize",
            ..
        } => None,
        Opening::Request { version, .. } => Some(client(version)),
    };
    let transport = ServerTransport::new(link);
    let running = match client {
        Some(client) => serve_directly(service, transport, Some(client)),
        None => match serve_server(service, transport).await {
            Ok(running) => running,
            Err(error) => return tracing::debug!("an rmcp service did not start: {error}"),
        },
    };
    if let Err(error) = running.waiting().await {
        tracing::error!("an rmcp service ended: {error}");
    }
}

/// What is known of a client without a session. rmcp reads the rest in each of its requests.
fn client(version: Version) -> InitializeRequestParams {
    let client =
        InitializeRequestParams::new(ClientCapabilities::default(), Implementation::default());
    let version = serde_json::from_value(version.as_str().into());
    client.with_protocol_version(version.unwrap_or(ProtocolVersion::LATEST))
}
