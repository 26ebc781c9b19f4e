//! A server, as the HTTP side sees it.

use std::fmt;
use std::sync::Arc;

use mcp_sansio::ExchangeHead;

use super::engine::Engine;
use super::exchange::Exchange;
use super::handle::{Alive, ServiceHandle};
use super::state::Attached;

/// A server that takes exchanges: a handle, cheap to clone and to share. When the last one has gone, with
/// its [`ServiceHandle`]s and its exchanges, the server is shut down.
#[derive(Clone)]
pub struct Service(Arc<Alive>);

impl Service {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        Self(Arc::new(Alive::new(engine)))
    }

    /// A request has come. What is `attached` can be found again at the [`Request`](super::Request)s and the
    /// [`Session`](super::Session) that come of it.
    pub fn accept(&self, head: ExchangeHead<'_>, attached: Option<Attached>) -> Exchange {
        Exchange::accept(Arc::clone(&self.0), head, attached)
    }

    /// The host's hold on the server.
    pub fn handle(&self) -> ServiceHandle {
        ServiceHandle::new(Arc::clone(&self.0))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}
