//! How a server is set up.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::config_error::ConfigError;
use crate::message::Handshake;
use crate::record::Recording;
use crate::version::Version;

/// How a [`Server`](crate::Server) is set up.
///
/// ```
/// use mcp_sansio::{Allowed, Handshake, Identity, ServerConfig};
/// let mut config = ServerConfig::new(Handshake::Core(Identity::new("my-tools", "1.0")));
/// config.hosts = Allowed::Only(vec!["tools.example.com".into()]);
/// config.origins = Allowed::Only(vec!["https://app.example.com".into()]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Who speaks the handshake.
    pub handshake: Handshake,
    /// The revisions to speak, of one era or both; how a client opens says which it wants. One that asks for
    /// another is told which there are.
    pub versions: RangeInclusive<Version>,
    /// Give sessions to clients of the legacy era. On by default. When off, no session id is given, GET and DELETE are refused, and a
    /// request whose client goes away is cancelled.
    pub sessions: bool,
    /// How requests are answered.
    pub mode: ResponseMode,
    /// The names in `Host` that are served. Loopback by default: a page of a stranger can make a browser
    /// call a local server under the stranger's own name (DNS rebinding).
    pub hosts: Allowed,
    /// The values of `Origin` that are served, written as browsers write them: `https://app.example.com`.
    /// A request without one is no browser's, and is served. Loopback by default.
    pub origins: Allowed,
    /// Written into session ids, so that a host with several servers can tell whose a session is.
    pub shard: u16,
    /// Bounds on what is held.
    pub limits: ServerLimits,
    /// Bounds on waiting.
    pub timing: ServerTiming,
    /// What [`Server::poll_record`](crate::Server::poll_record) writes.
    pub recording: Recording,
}

impl ServerConfig {
    /// The defaults.
    pub fn new(handshake: Handshake) -> Self {
        Self {
            handshake,
            versions: Version::V2024_11_05..=Version::V2026_07_28,
            sessions: true,
            mode: ResponseMode::Adaptive,
            hosts: Allowed::Loopback,
            origins: Allowed::Loopback,
            shard: 0,
            limits: ServerLimits::default(),
            timing: ServerTiming::default(),
            recording: Recording::Off,
        }
    }

    /// Checks what the types cannot say.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.versions.is_empty() {
            return Err(ConfigError(
                "versions: the range is empty; write the older revision first".into(),
            ));
        }
        if let Handshake::Core(identity) = &self.handshake {
            identity.check()?;
        }
        for (name, limit) in [
            ("limits.body", self.limits.body),
            ("limits.sessions", self.limits.sessions),
            ("limits.in_flight", self.limits.in_flight),
            ("limits.listens", self.limits.listens),
            ("limits.obligations", self.limits.obligations),
            ("limits.log_events", self.limits.log_events),
            ("limits.unwritten", self.limits.unwritten),
        ] {
            if limit == 0 {
                return Err(ConfigError(format!(
                    "{name}: with 0 nothing can work; 1 is the least"
                )));
            }
        }
        for (name, bound) in [
            ("timing.take", self.timing.take),
            ("timing.body", self.timing.body),
            ("timing.stall", self.timing.stall),
        ] {
            if bound.is_zero() {
                return Err(ConfigError(format!("{name}: must be longer than zero")));
            }
        }
        Ok(())
    }
}

/// How requests are answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ResponseMode {
    /// By what comes first: the answer makes a JSON body; anything else, or
    /// [`ServerTiming::head`] without either, makes a stream.
    #[default]
    Adaptive,
    /// Always a JSON body. Progress and other messages that belong to a request are dropped, and requests
    /// of the application's that belong to one are refused at once; those to a session go out on its
    /// standalone stream.
    Json,
    /// Always a stream.
    Sse,
}

/// Which names are served.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Allowed {
    /// All. Only for a server that something else protects.
    Any,
    /// `localhost`, `127.0.0.1` and `[::1]`, with any port.
    Loopback,
    /// These. A host without a port stands for all its ports.
    Only(Vec<String>),
}

/// Bounds on what a server holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerLimits {
    /// Bytes of a request body; a longer one is refused with 413. 4 MiB.
    pub body: usize,
    /// Sessions. Beyond it those are evicted that were never used, then those that are idle; if there are
    /// none, a new one is refused with 503. 10,000.
    pub sessions: usize,
    /// Sessions of one principal; one above it is refused with 503. None.
    pub sessions_per_principal: Option<usize>,
    /// Requests in flight of one session; one above it is refused with 503. 256.
    pub obligations: usize,
    /// Requests in flight of all clients, with sessions or without; one above it is refused with 503. 10,000.
    pub in_flight: usize,
    /// `subscriptions/listen` streams of all clients; one above it is refused with 503. 10,000.
    pub listens: usize,
    /// The application's requests of one session that wait for a stream; one above it is refused. 32.
    pub held: usize,
    /// Events that one stream keeps for a client that comes back. 256.
    pub log_events: usize,
    /// Bytes of events that one stream keeps. 4 MiB.
    pub log_bytes: usize,
    /// Bytes of events that all streams keep; the oldest finished streams go first. 64 MiB.
    pub log_total: usize,
    /// Bytes that one stream holds for a reader that is slower than its messages. Beyond it messages are
    /// dropped, with a notice; never an answer. 1 MiB.
    pub unwritten: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            body: 4 << 20,
            sessions: 10_000,
            sessions_per_principal: None,
            obligations: 256,
            in_flight: 10_000,
            listens: 10_000,
            held: 32,
            log_events: 256,
            log_bytes: 4 << 20,
            log_total: 64 << 20,
            unwritten: 1 << 20,
        }
    }
}

/// Bounds on how long a server waits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerTiming {
    /// How long a request may stay without [`Server::take`](crate::Server::take). Then the client gets 500,
    /// and the host a notice that says what is wrong. 30 s.
    pub take: Duration,
    /// How long the head of a taken request waits for the answer, before it becomes a stream. 250 ms.
    pub head: Duration,
    /// How long a request may stay without output or answer. `None` sets no bound. 60 min.
    pub answer: Option<Duration>,
    /// How long a client may take to answer a request of the application. 5 min.
    pub call: Duration,
    /// How long a request body may take; then 408. 30 s.
    pub body: Duration,
    /// How often a silent stream says that it is alive. `None` turns it off. 15 s.
    pub keep_alive: Option<Duration>,
    /// How long a chunk may stay with a reader that does not read; then it is cut off. 60 s.
    pub stall: Duration,
    /// How long a session may stay unused. `None` sets no bound. 30 min.
    pub idle: Option<Duration>,
    /// The same for a session that was never used after its handshake. 60 s.
    pub unused: Duration,
    /// How long the events of a finished stream are kept. 5 min.
    pub replay: Duration,
    /// What clients are told to wait before they come back to a stream. 1 s.
    pub retry: Duration,
}

impl Default for ServerTiming {
    fn default() -> Self {
        Self {
            take: Duration::from_secs(30),
            head: Duration::from_millis(250),
            answer: Some(Duration::from_secs(60 * 60)),
            call: Duration::from_secs(5 * 60),
            body: Duration::from_secs(30),
            keep_alive: Some(Duration::from_secs(15)),
            stall: Duration::from_secs(60),
            idle: Some(Duration::from_secs(30 * 60)),
            unused: Duration::from_secs(60),
            replay: Duration::from_secs(5 * 60),
            retry: Duration::from_secs(1),
        }
    }
}
