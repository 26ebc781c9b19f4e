//! How a managed client is set up.

use std::borrow::Cow;
use std::future::Future;
use std::io::Write;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use mcp_sansio::{
    Client as Machine, ClientConfig, Handshake, Header, Identity, Recording, RpcError,
};
use serde_json::Value;

use crate::authorizer::{AUTHORIZATION, Authorizer, Authorizing};
use crate::client::Client;
use crate::engine::{Engine, Setup};
use crate::error::CallError;
use crate::http::Http;
use crate::relay::{Relay, Relaying};
use crate::requests::{Handler, ServerRequest};
use crate::runtime::Runtime;
use crate::state::Recorder;

/// A [`Client`] to be, or a [`Relay`]. From [`Client::builder`] and [`Relay::builder`].
#[must_use = "a builder does nothing until `connect` or `build`"]
pub struct Builder<H: Http, R: Runtime, T = Client<H, R>> {
    config: ClientConfig,
    headers: Vec<Header>,
    handler: Option<Handler>,
    authorizer: Option<Arc<dyn Authorizing>>,
    http: Option<H>,
    recorder: Option<Recorder>,
    made: PhantomData<fn() -> (R, T)>,
}

impl<H: Http, R: Runtime, T> Builder<H, R, T> {
    pub(crate) fn new(url: String, handshake: Handshake) -> Self {
        Self {
            config: ClientConfig::new(url, handshake),
            headers: Vec::new(),
            handler: None,
            authorizer: None,
            http: None,
            recorder: None,
            made: PhantomData,
        }
    }

    /// A header for every HTTP request, such as `authorization`. It is added when a request is performed:
    /// the machine, its stories and its records never see it. Where the protocol sets a header of that
    /// name, the protocol's stays.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Bytes>) -> Self {
        self.headers.push(Header::new(name, value));
        self
    }

    /// Whoever has the credentials, and gets new ones when the server refuses them; what was refused waits
    /// meanwhile, and is sent again. For credentials that never change a [`header`](Self::header) will do; beside an
    /// authorizer a header `authorization` is left out.
    ///
    /// An authorizer that holds a [`Client`] keeps it open until [`Client::close`].
    pub fn authorizer(mut self, authorizer: impl Authorizer) -> Self {
        self.authorizer = Some(Arc::new(authorizer));
        self
    }

    /// The application's own HTTP client, instead of one made for this client. Its redirects, retries,
    /// decompression and total timeouts must be off: the machine has them, and knows when they are safe.
    pub fn http_client(mut self, http: impl Into<H>) -> Self {
        self.http = Some(http.into());
        self
    }

    /// Changes anything in the machine's configuration: timing, limits, versions, a known server.
    ///
    /// By default the client finds out which era the server speaks. To force one, narrow
    /// [`ClientConfig::versions`]; a server that is known from an earlier run need not be found out again:
    ///
    /// ```
    /// # use mcp_sansio_driver::{Builder, Http, Runtime};
    /// use mcp_sansio::{Known, Version};
    ///
    /// # fn example<H: Http, R: Runtime>(builder: Builder<H, R>, saved: Option<Known>) -> Builder<H, R> {
    /// builder.configure(|config| {
    ///     config.versions = Version::V2026_07_28..=Version::V2026_07_28;
    ///     config.known = saved; // what `client.known()` gave
    /// })
    /// # }
    /// ```
    pub fn configure(mut self, change: impl FnOnce(&mut ClientConfig)) -> Self {
        change(&mut self.config);
        self
    }

    /// Writes each step of the machine as a JSON line, for replaying it. The writer is used in the midst
    /// of the client's work: give it a file or a buffer, nothing that waits.
    pub fn record(mut self, recording: Recording, writer: impl Write + Send + 'static) -> Self {
        self.config.recording = recording;
        self.recorder = Some(Box::new(writer));
        self
    }

    pub(crate) fn start(mut self, relay: Option<Relaying>) -> Result<Arc<Engine<H, R>>, CallError> {
        let runtime = R::current().map_err(CallError::Setup)?;
        let seed = R::seed().map_err(CallError::Setup)?;
        if self.authorizer.is_some() {
            self.config.authorizer = true;
            self.headers.retain(|header| header.name != AUTHORIZATION);
        }
        let url = self.config.url.clone();
        let machine =
            Machine::new(self.config, seed).map_err(|error| CallError::Setup(error.to_string()))?;
        let http = match self.http {
            Some(http) => http,
            None => H::for_url(&url).map_err(CallError::Setup)?,
        };
        let setup = Setup {
            http,
            runtime,
            url,
            headers: self.headers,
            handler: self.handler,
            authorizer: self.authorizer,
        };
        Ok(Engine::start(setup, machine, self.recorder, relay))
    }
}

impl<H: Http, R: Runtime> Builder<H, R> {
    /// Who the client says that it is, and which capabilities it declares.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.config.handshake = Handshake::Core(identity);
        self
    }

    /// Answers the server's requests (sampling, elicitation, roots), in whichever way they come: as requests of
    /// their own in a session, as questions in the answer to a call since 2026-07-28. Each runs as a task of
    /// its own, and is dropped when the server withdraws the request, or the call that it belongs to ends. A
    /// handler that panics answers -32603; without a handler every request is answered -32601. Where
    /// the question belongs to a call, such an error ends the call as cancelled. Declare the capabilities
    /// that the handler serves in the [`identity`](Self::identity): others are not asked for.
    ///
    /// A handler that holds a [`Client`] keeps it open until [`Client::close`].
    pub fn on_request<F, A>(mut self, handler: F) -> Self
    where
        F: Fn(ServerRequest) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Value, RpcError>> + Send + 'static,
    {
        self.handler = Some(Arc::new(move |request| Box::pin(handler(request))));
        self
    }

    /// Connects: completes with the handshake.
    ///
    /// # Errors
    /// [`CallError::Setup`] as [`build`](Self::build); else how the handshake ended.
    pub async fn connect(self) -> Result<Client<H, R>, CallError> {
        let client = self.build()?;
        client.handshake().await?;
        Ok(client)
    }

    /// A client that connects with its first call.
    ///
    /// # Errors
    /// [`CallError::Setup`] if the URL or another setting cannot work, outside of a runtime, or if the
    /// HTTP library cannot be set up.
    pub fn build(self) -> Result<Client<H, R>, CallError> {
        self.start(None).map(Client::new)
    }
}

/// `T` is the [`Relay`] itself, or what a driver makes of it.
impl<H: Http, R: Runtime, T: From<Relay<H, R>>> Builder<H, R, T> {
    /// A client to be whose host speaks JSON-RPC itself, for the MCP server at this URL.
    pub fn relay(url: impl Into<String>) -> Self {
        Self::new(url.into(), Handshake::Host)
    }

    /// A client that begins with its host's first message.
    ///
    /// # Errors
    /// [`CallError::Setup`] if the URL or another setting cannot work, outside of a runtime, or if the
    /// HTTP library cannot be set up.
    pub fn build(self) -> Result<T, CallError> {
        Relay::start(self).map(T::from)
    }
}
