//! How a server is set up.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io::Write;
use std::marker::PhantomData;
use std::sync::Arc;

use mcp_sansio::{Handshake, Identity, Recording, RpcError, Server as Machine, ServerConfig};
use serde::Serialize;

use super::duty;
use super::engine::{Engine, Work};
use super::request::Request;
use super::service::Service;
use super::session::Session;
use super::timekeeper::Clock;
use crate::runtime::Runtime;
use crate::state::Recorder;
use crate::timekeeper;

/// A server to be. `S` is the driver's own [`Service`].
#[must_use = "a builder does nothing until `serve` or `sessions`"]
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
    /// requests are answered.
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

    /// A server of one function: from a request to its result. Each request runs as a task of its own. A
    /// handler that panics answers -32603.
    ///
    /// # Errors
    /// [`SetupError`] if a setting cannot work, outside of a runtime, or without the system's entropy.
    pub fn serve<F, A, T>(self, handler: F) -> Result<S, SetupError>
    where
        F: Fn(Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, RpcError>> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        let handler = Arc::new(handler);
        self.start(Work::Requests(Box::new(move |request| {
            Box::pin(duty::handle(request, Arc::clone(&handler)))
        })))
    }

    /// A server with a task for each session, which owns its loop: setup, [`Session::run`] or a loop over
    /// [`Session::next`], teardown.
    ///
    /// # Errors
    /// As [`serve`](Self::serve), and when sessions are turned off.
    pub fn sessions<F, A>(self, handler: F) -> Result<S, SetupError>
    where
        F: Fn(Session) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send,
    {
        if !self.config.sessions {
            return Err(SetupError(
                "there are no sessions to handle: `config.sessions` is off; use `serve`".into(),
            ));
        }
        let handler = Arc::new(handler);
        // The handler is called within its task: a panic of its own must not reach the HTTP side.
        self.start(Work::Sessions(Box::new(move |session| {
            let handler = Arc::clone(&handler);
            Box::pin(async move { handler(session).await })
        })))
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
