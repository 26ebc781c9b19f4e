//! The server machine. `mod.rs` has the public methods; each concern has its own file:
//!
//! * what comes in: [`admit`] judges heads, [`route`] bodies; [`reject`] has the one table from reason to
//!   status and error;
//! * who is owed what: [`obligations`] are the clients' requests, [`calls`] the application's own;
//! * what goes out: [`stream`] is what answers a request, [`writer`] how its bytes leave, [`outgoing`]
//!   where a message of the application's goes;
//! * `legacy` is the session: its table, the standalone stream, the log and replay; `modern` serves requests
//!   that stand alone, and subscriptions;
//! * [`clocks`] has what a time ends, [`shutdown`] the end of all.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use core::time::Duration;

use crate::config_error::ConfigError;
use crate::ids::{CallId, ExchangeId, IdSequence, ObligationId, SessionId};
use crate::inspect::Inspection;
use crate::message::{Answer, Call, Notification};
use crate::mirror::Mirrors;
use crate::record::Recorder;
use crate::rng::Rng;
use crate::time::Instant;
use crate::timers::Timers;

mod admit;
mod calls;
mod clocks;
mod config;
mod event;
mod exchange;
#[cfg(feature = "explore")]
mod fingerprint;
mod legacy;
mod modern;
mod obligations;
mod outgoing;
#[cfg(feature = "explore")]
mod parts;
mod reject;
mod route;
mod shutdown;
mod stream;
mod view;
mod writer;

pub use config::{Allowed, ResponseMode, ServerConfig, ServerLimits, ServerTiming};
pub use event::{Body, EndReason, ExchangeHead, ServerEvent, ServerInput, ServerOutput, To};

use calls::Pending;
use exchange::Exchange;
use legacy::sessions::Sessions;
use obligations::Obligation;
use shutdown::Phase;
use stream::{Stream, StreamId};

/// The server side of the transport, as a machine without I/O.
///
/// An HTTP exchange comes in by [`accept`](Self::accept) and [`handle_input`](Self::handle_input), and gets
/// exactly one head and one end. A JSON-RPC request becomes a [`ServerEvent::Request`]; the application
/// [`take`](Self::take)s it when it begins, and [`respond`](Self::respond)s. Before it is taken no byte
/// leaves, so that an application that never looks at its requests cannot leave a client with headers and
/// silence: the client gets an error that says so, and the host a notice.
///
/// ```
/// use mcp_sansio::*;
///
/// let identity = Identity::new("example", "1.0");
/// let mut server = Server::new(ServerConfig::new(Handshake::Core(identity)), [0; 32])?;
/// let now = Instant::from_micros(0);
/// let headers: &[(&str, &[u8])] = &[
///     ("host", b"localhost"),
///     ("content-type", b"application/json"),
///     ("accept", b"application/json, text/event-stream"),
/// ];
/// let exchange = server.accept(now, ExchangeHead { method: "POST", headers, principal: None });
/// let data = br#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
/// server.handle_input(now, ServerInput::Chunk { exchange, data });
/// server.handle_input(now, ServerInput::End { exchange });
/// while let Some(output) = server.poll_output() {
///     if let ServerOutput::Head { status, .. } = output {
///         assert_eq!(status, 200);
///     }
/// }
/// # Ok::<(), ConfigError>(())
/// ```
#[cfg_attr(feature = "explore", derive(Clone))]
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    now: Instant,
    rng: Rng,
    ids: IdSequence,
    /// The next JSON-RPC id of the application's own requests.
    next_wire: u64,
    phase: Phase,
    exchanges: BTreeMap<ExchangeId, Exchange>,
    streams: BTreeMap<StreamId, Stream>,
    obligations: BTreeMap<ObligationId, Obligation>,
    calls: BTreeMap<CallId, Pending>,
    sessions: Sessions,
    /// Arguments of tools that are mirrored into headers.
    mirrors: Mirrors,
    timers: Timers<Timer>,
    /// Bytes of messages kept for clients that come back, or that have yet to open their stream.
    logged: usize,
    out: VecDeque<ServerOutput>,
    recorder: Recorder,
}

/// Everything that waits for a time.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    /// The application must have given an output or the answer.
    Answer(ObligationId),
    /// The request body must have come.
    Body(ExchangeId),
    /// The client must have answered.
    Call(CallId),
    /// The grace of the shut-down is over.
    Drain,
    /// The answer did not come at once: the response becomes a stream.
    Head(ExchangeId),
    /// A silent stream says that it is alive.
    KeepAlive(ExchangeId),
    /// A finished stream is forgotten.
    Replay(StreamId),
    /// The session was not used for too long.
    Session(SessionId),
    /// The reader must have taken the last chunk.
    Stall(ExchangeId),
    /// The application must have taken the request.
    Take(ObligationId),
}

/// The application's side.
impl Server {
    /// A server. `seed` is 32 bytes of the system's entropy, never used twice: session ids come from it.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting that cannot be used and says what to write instead.
    pub fn new(config: ServerConfig, seed: [u8; 32]) -> Result<Self, ConfigError> {
        config.check()?;
        let mut recorder = Recorder::new(config.recording);
        recorder.server_config(&config, &seed);
        Ok(Self {
            config,
            now: Instant::default(),
            rng: Rng::new(seed),
            ids: IdSequence::default(),
            next_wire: 1,
            phase: Phase::Serving,
            exchanges: BTreeMap::new(),
            streams: BTreeMap::new(),
            obligations: BTreeMap::new(),
            calls: BTreeMap::new(),
            sessions: Sessions::default(),
            mirrors: Mirrors::default(),
            timers: Timers::new(),
            logged: 0,
            out: VecDeque::new(),
            recorder,
        })
    }

    /// The application begins with a request. `false`: the request is gone, and nothing waits for its
    /// answer.
    pub fn take(&mut self, now: Instant, id: ObligationId) -> bool {
        self.step(now);
        self.recorder.take(now, id);
        self.take_up(id)
    }

    /// Answers a request. An unknown or withdrawn id is a race, not misuse: nothing happens.
    pub fn respond(&mut self, now: Instant, id: ObligationId, answer: Answer) {
        self.step(now);
        self.recorder.answer(now, id, &answer);
        self.respond_to(id, answer);
        self.finish_step();
    }

    /// Sends a notification: on the stream that answers a request, on the standalone stream of a session,
    /// or on those of all sessions. Where there is no such stream it is kept, within bounds, until the
    /// client opens it.
    pub fn notify(&mut self, now: Instant, to: To, notification: Notification) {
        self.step(now);
        self.recorder.notify_to(now, to, &notification);
        self.notify_clients(to, notification);
        self.finish_step();
    }

    /// Asks a client. It settles exactly once; whatever is wrong with it is its outcome.
    pub fn call(&mut self, now: Instant, to: To, call: Call) -> CallId {
        self.step(now);
        let id = self.ids.call();
        self.recorder.call_to(now, to, &call, id);
        self.ask(id, to, call);
        self.finish_step();
        id
    }

    /// Settles a call as cancelled, and tells the client.
    pub fn cancel(&mut self, now: Instant, call: CallId, reason: Option<&str>) {
        self.step(now);
        self.recorder.cancel(now, call, reason);
        self.cancel_call(call, reason);
        self.finish_step();
    }

    /// Ends the connection of a stream, not the stream: the client comes back after `retry` (2025-11-25,
    /// polling). Streams that the client could not come back to stay as they are. The stream of a request
    /// begins with this, if it has not yet: with a cursor, and the end of the connection. It takes the request.
    pub fn release_connection(&mut self, now: Instant, to: To, retry: Option<Duration>) {
        self.step(now);
        self.recorder.release_connection(now, to, retry);
        self.release_connections(to, retry);
        self.finish_step();
    }

    /// Ends a session. What is owed in it is settled, in this step.
    pub fn end_session(&mut self, now: Instant, session: SessionId, reason: EndReason) {
        self.step(now);
        self.recorder.end_session(now, session, reason);
        self.close_session(session, reason);
        self.finish_step();
    }

    /// Says which tools there are, so that the `Mcp-Param-*` headers of their callers can be checked
    /// (2026-07-28, transports/streamable-http, "Custom Headers from Tool Parameters"). `tools` is the JSON
    /// text of an array of tools, or of a `tools/list` result; it replaces what was declared before.
    ///
    /// # Errors
    /// [`ConfigError`] names the tool whose `x-mcp-header` annotations are wrong, and what is wrong with them.
    /// Nothing is replaced then.
    pub fn declare_tools(&mut self, tools: &[u8]) -> Result<(), ConfigError> {
        self.recorder.declare_tools(self.now, tools);
        self.mirrors = modern::declared(tools)?;
        Ok(())
    }

    /// Takes nothing new, ends the standalone streams, gives the requests in flight `grace`, then ends
    /// everything. [`ServerEvent::ShutDown`] is the last output.
    pub fn shut_down(&mut self, now: Instant, grace: Duration) {
        self.step(now);
        self.recorder.shut_down(now, grace);
        self.begin_shut_down(grace);
        self.finish_step();
    }
}

/// The driver's side.
impl Server {
    /// A request has come: its head is judged at once, its body may follow.
    pub fn accept(&mut self, now: Instant, head: ExchangeHead<'_>) -> ExchangeId {
        self.step(now);
        let id = self.ids.exchange();
        self.recorder.accept(now, &head, id);
        self.admit(id, head);
        self.finish_step();
        id
    }

    /// Says what happened on the network, or that a time has come.
    pub fn handle_input(&mut self, now: Instant, input: ServerInput<'_>) {
        self.step(now);
        self.recorder.server_input(now, &input);
        match input {
            ServerInput::Chunk { exchange, data } => self.on_chunk(exchange, data),
            ServerInput::End { exchange } => self.on_end(exchange),
            ServerInput::Gone { exchange } => self.on_gone(exchange),
            ServerInput::Written { exchange } => self.on_written(exchange),
            ServerInput::Timeout => self.on_timeout(),
        }
        self.finish_step();
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        let output = self.out.pop_front()?;
        self.recorder.server_output(&output);
        Some(output)
    }

    /// When to feed [`ServerInput::Timeout`]; at once while outputs are queued.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.out.is_empty() {
            self.timers.next()
        } else {
            Some(self.now)
        }
    }

    /// The next line of the record, if [`ServerConfig::recording`] asks for one.
    pub fn poll_record(&mut self) -> Option<String> {
        self.recorder.poll()
    }
}

/// Views.
impl Server {
    /// Everything that the server holds: who is owed what, and what can still bring it.
    pub fn inspect(&self) -> Inspection {
        self.look()
    }

    /// The shard that a request belongs to, by its session id; `None`: any.
    pub fn shard(headers: &[(&str, &[u8])]) -> Option<u16> {
        legacy::sessions::shard_of(headers)
    }
}

impl Server {
    fn step(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn finish_step(&mut self) {
        self.finish_shut_down();
    }

    fn after(&self, delay: Duration) -> Instant {
        self.now.after(delay)
    }

    fn event(&mut self, event: ServerEvent) {
        self.out.push_back(ServerOutput::Event(event));
    }

    fn notice(
        &mut self,
        kind: crate::notice::NoticeKind,
        exchange: Option<ExchangeId>,
        session: Option<SessionId>,
        detail: impl Into<String>,
    ) {
        self.event(ServerEvent::Notice(crate::notice::Notice {
            kind,
            exchange,
            session,
            detail: detail.into(),
        }));
    }
}
