//! How a client is set up.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use mcp_sansio_driver as driver;
use mcp_sansio_driver::core::{ClientConfig, Identity, Recording, RpcError};
use mcp_sansio_driver::{CallError, ServerRequest, Unauthorized};
use serde_json::Value;

use crate::client::Client;
use crate::http::Ureq;
use crate::threads::{Threads, block_on};

/// A [`Client`] to be. From [`Client::builder`].
#[must_use = "a builder does nothing until `connect` or `build`"]
pub struct Builder(driver::Builder<Ureq, Threads>);

impl Builder {
    pub(crate) fn new(url: String) -> Self {
        Self(driver::Client::builder(url))
    }

    /// Who the client says that it is, and which capabilities it declares.
    pub fn identity(self, identity: Identity) -> Self {
        Self(self.0.identity(identity))
    }

    /// A header for every HTTP request, such as `authorization`. It is added when a request is performed:
    /// the machine, its stories and its records never see it. Where the protocol sets a header of that
    /// name, the protocol's stays.
    pub fn header(self, name: impl Into<Cow<'static, str>>, value: impl Into<Bytes>) -> Self {
        Self(self.0.header(name, value))
    }

    /// Whoever has the credentials, and gets new ones when the server refuses them; what was refused waits
    /// meanwhile, and is sent again. For credentials that never change a [`header`](Self::header) will do.
    pub fn authorizer(self, authorizer: impl Authorizer) -> Self {
        Self(self.0.authorizer(Waiting(authorizer)))
    }

    /// HTTP with settings of the application's own.
    pub fn http_client(self, http: Ureq) -> Self {
        Self(self.0.http_client(http))
    }

    /// Changes anything in the machine's configuration: timing, limits, versions, a known server.
    pub fn configure(self, change: impl FnOnce(&mut ClientConfig)) -> Self {
        Self(self.0.configure(change))
    }

    /// Answers the server's requests (sampling, elicitation, roots), each on a thread of its own, so it may wait for
    /// whatever it needs: a person at a terminal, a call of the same client. When the server withdraws the request, the
    /// answer is nobody's. A handler that panics answers -32603; without a handler every request is answered
    /// -32601. Declare the capabilities that it serves in the [`identity`](Self::identity): others are not asked for.
    pub fn on_request<F>(self, handler: F) -> Self
    where
        F: Fn(ServerRequest) -> Result<Value, RpcError> + Send + Sync + 'static,
    {
        let handler = Arc::new(handler);
        Self(self.0.on_request(move |request| {
            let handler = Arc::clone(&handler);
            async move { handler(request) }
        }))
    }

    /// Writes each step of the machine as a JSON line, for replaying it. The writer is used in the midst
    /// of the client's work: give it a file or a buffer, nothing that waits.
    pub fn record(self, recording: Recording, writer: impl Write + Send + 'static) -> Self {
        Self(self.0.record(recording, writer))
    }

    /// Connects, and waits for the handshake.
    ///
    /// # Errors
    /// [`CallError::Setup`] as [`build`](Self::build); else how the handshake ended.
    pub fn connect(self) -> Result<Client, CallError> {
        block_on(self.0.connect()).map(Client::new)
    }

    /// A client that connects with its first call.
    ///
    /// # Errors
    /// [`CallError::Setup`] if the URL or another setting cannot work, or if the HTTP library cannot be set up.
    pub fn build(self) -> Result<Client, CallError> {
        self.0.build().map(Client::new)
    }
}

/// Whoever has the credentials for a server, and knows how to get new ones. Given to [`Builder::authorizer`].
pub trait Authorizer: Send + Sync + 'static {
    /// The value of the `authorization` header, such as `Bearer 123`; `None` sends none. It is asked for as each
    /// request goes out, so it gives what is at hand and does not wait. Should it panic, the request is not sent.
    fn credentials(&self) -> Option<String>;

    /// Gets new credentials, because the server refused a request with 401, or with 403 because their scope is
    /// too small. `true`: from now on [`credentials`](Self::credentials) gives them, and what waits is sent
    /// again. `false`, or a panic: there are none, and what was refused fails so.
    ///
    /// It is asked once for all calls that wait, on a thread of its own, and may take its time. After
    /// [`ClientTiming::authorization`](crate::ClientTiming::authorization) nothing waits any more; an answer that comes
    /// later still serves the calls after it.
    fn authorize(&self, refused: Unauthorized) -> bool;
}

/// So that the application can keep it too.
impl<T: Authorizer> Authorizer for Arc<T> {
    fn credentials(&self) -> Option<String> {
        T::credentials(self)
    }

    fn authorize(&self, refused: Unauthorized) -> bool {
        T::authorize(self, refused)
    }
}

/// An authorizer that takes a thread while it waits. It has one: each task has.
struct Waiting<A>(A);

impl<A: Authorizer> driver::Authorizer for Waiting<A> {
    fn credentials(&self) -> Option<String> {
        self.0.credentials()
    }

    async fn authorize(&self, refused: Unauthorized) -> bool {
        self.0.authorize(refused)
    }
}
