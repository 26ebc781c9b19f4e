//! How a server is set up.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io::Write;
use std::marker::PhantomData;
use std::sync::Arc;

use mcp_sansio::{
    Handshake, Identity, Recording, RpcError, Server as Machine, ServerConfig, Version,
};
use serde::Serialize;

use super::duty;
use super::engine::{Engine, RequestHandler, SessionHandler, Work};
use super::link::Link;
use super::request::Request;
use super::service::Service;
use super::session::Session;
use super::timekeeper::Clock;
use crate::runtime::Runtime;
use crate::state::Recorder;
use crate::timekeeper;

/// The newest revision that has sessions.
const NEWEST_WITH_SESSIONS: Version = Version::V2025_11_25;

/// A server to be. `S` is the driver's own [`Service`].
#[must_use = "a builder does nothing until `serve`, `sessions` or `sessions_and`"]
pub struct Builder<R, S = Service> {
    config: ServerConfig,
    aborts_withdrawn: bool,
    recorder: Option<Recorder>,
    made: PhantomData<fn() -> (R, S)>,
}

impl<R: Runtime, S: From<Service>> Builder<R, S> {
    /// A server to be. It says that it is `identity`, with the capabilities that are in there: a client
    /// asks for tools only where `tools` are declared.
    pub fn new(identity: Identity) -> Self {
        Self {
            config: ServerConfig::new(Handshake::Core(identity)),
            aborts_withdrawn: false,
            recorder: None,
            made: PhantomData,
        }
    }

    /// Changes anything in the machine's configuration: allowed hosts and origins, timing, limits, how
    /// requests are answered, which revisions are served. To serve one era only, narrow
    /// [`ServerConfig::versions`]:
    ///
    /// ```
    /// # use mcp_sansio_driver::server::Builder;
    /// use mcp_sansio::Version;
    ///
    /// # fn example<R: mcp_sansio_driver::Runtime>(builder: Builder<R>) -> Builder<R> {
    /// builder.configure(|config| config.versions = Version::V2026_07_28..=Version::V2026_07_28)
    /// # }
    /// ```
    pub fn configure(mut self, change: impl FnOnce(&mut ServerConfig)) -> Self {
        change(&mut self.config);
        self
    }

    /// Drops the handler of a request when nobody waits for its answer any more, wherever it is. Without this
    /// it goes on, and can learn it from [`Request::cancelled`].
    pub fn abort_withdrawn(mut self) -> Self {
        self.aborts_withdrawn = true;
        self
    }

    /// Writes each step of the machine as a JSON line, for replaying it. The writer is used in the midst
    /// of the server's work: give it a file or a buffer, nothing that waits.
    pub fn record(mut self, recording: Recording, writer: impl Write + Send + 'static) -> Self {
        self.config.recording = recording;
        self.recorder = Some(Box::new(writer));
        self
    }

    /// A server of one function: from a request to its result, in every era and session. Each request runs as
    /// a task of its own. A handler that panics answers -32603.
    ///
    /// # Errors
    /// [`SetupError`] if a setting cannot work, outside of a runtime, or without the system's entropy.
    pub fn serve<F, A, T>(self, handler: F) -> Result<S, SetupError>
    where
        F: Fn(Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, RpcError>> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        self.start(Work {
            requests: Some(request_handler(handler)),
            ..Work::default()
        })
    }

    /// A server with a task for each session, which owns its loop: setup, [`Session::run`] or a loop over
    /// [`Session::next`], teardown.
    ///
    /// The protocol has no sessions any more since 2026-07-28, so that such a server speaks the revisions before
    /// it only, whatever [`ServerConfig::versions`] says; clients that know both find that out. For both
    /// eras there is [`sessions_and`](Self::sessions_and).
    ///
    /// # Errors
    /// As [`serve`](Self::serve), and when sessions are turned off, or no revision that has them is served.
    pub fn sessions<F, A>(mut self, handler: F) -> Result<S, SetupError>
    where
        F: Fn(Session) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send,
    {
        let newest = *self.config.versions.end();
        let newest = newest.min(NEWEST_WITH_SESSIONS);
        self.config.versions = *self.config.versions.start()..=newest;
        self.start_sessions(None, session_handler(handler))
    }

    /// A server with a task for each session, as [`sessions`](Self::sessions), and a function for the requests
    /// that belong to none: those of 2026-07-28.
    ///
    /// # Errors
    /// As [`sessions`](Self::sessions).
    pub fn sessions_and<F, A, G, B, T>(self, sessions: F, requests: G) -> Result<S, SetupError>
    where
        F: Fn(Session) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send,
        G: Fn(Request) -> B + Send + Sync + 'static,
        B: Future<Output = Result<T, RpcError>> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        self.start_sessions(Some(request_handler(requests)), session_handler(sessions))
    }

    /// A server whose host speaks JSON-RPC itself, an SDK above us: a task for each session, and for each request
    /// that belongs to none. What the identity says is the host's to say then.
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub fn links<F, A>(mut self, handler: F) -> Result<S, SetupError>
    where
        F: Fn(Link) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        self.config.handshake = Handshake::Host;
        let handler = Arc::new(handler);
        self.start(Work {
            links: Some(Box::new(move |link| {
                let handler = Arc::clone(&handler);
                // As with sessions: the handler is called within its task.
                Box::pin(async move { handler(link).await })
            })),
            ..Work::default()
        })
    }

    fn start_sessions(
        self,
        requests: Option<RequestHandler>,
        sessions: SessionHandler,
    ) -> Result<S, SetupError> {
        let why = if !self.config.sessions {
            "`config.sessions` is off"
        } else if *self.config.versions.start() > NEWEST_WITH_SESSIONS {
            "`config.versions` has only revisions without them"
        } else {
            let sessions = Some(sessions);
            return self.start(Work {
                requests,
                sessions,
                links: None,
            });
        };
        Err(SetupError(format!(
            "there are no sessions to handle: {why}; use `serve`"
        )))
    }

    fn start(self, work: Work) -> Result<S, SetupError> {
        let runtime = Arc::new(R::current().map_err(SetupError)?);
        let seed = R::seed().map_err(SetupError)?;
        let machine =
            Machine::new(self.config, seed).map_err(|error| SetupError(error.to_string()))?;
        let host = Box::new(Arc::clone(&runtime));
        let engine = Engine::new(host, work, self.aborts_withdrawn, machine, self.recorder);
        let engine = Arc::new(engine);
        let clock = Clock::new(Arc::clone(&engine), Arc::clone(&runtime));
        runtime.spawn(timekeeper::keep(clock));
        Ok(Service::new(engine).into())
    }
}

fn request_handler<F, A, T>(handler: F) -> RequestHandler
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Result<T, RpcError>> + Send + 'static,
    T: Serialize + Send + 'static,
{
    let handler = Arc::new(handler);
    Box::new(move |request| Box::pin(duty::handle(request, Arc::clone(&handler))))
}

fn session_handler<F, A>(handler: F) -> SessionHandler
where
    F: Fn(Session) -> A + Send + Sync + 'static,
    A: Future<Output = ()> + Send,
{
    let handler = Arc::new(handler);
    // The handler is called within its task: a panic of its own must not reach the HTTP side.
    Box::new(move |session| {
        let handler = Arc::clone(&handler);
        Box::pin(async move { handler(session).await })
    })
}

impl<R, S> fmt::Debug for Builder<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Why a server cannot be set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetupError(String);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server cannot be set up: {}", self.0)
    }
}

impl Error for SetupError {}
