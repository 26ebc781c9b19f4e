//! How a client is set up.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::config_error::ConfigError;
use crate::http::origin::Url;
use crate::message::Handshake;
use crate::record::Recording;
use crate::version::{Era, Version};

/// How a [`Client`](crate::Client) is set up.
///
/// ```
/// use mcp_sansio::{ClientConfig, Handshake, Identity};
/// let mut config = ClientConfig::new(
///     "https://example.com/mcp",
///     Handshake::Core(Identity::new("my-agent", "1.0")),
/// );
/// config.timing.max = std::time::Duration::from_secs(60);
/// ```
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, not a state"
)]
#[non_exhaustive]
pub struct ClientConfig {
    /// The MCP endpoint, an absolute `http` or `https` URL. It is here because the rule that nothing
    /// goes to another origin is the core's.
    pub url: String,
    /// Who speaks the handshake.
    pub handshake: Handshake,
    /// The revisions to speak; the newest is offered. If the range has both eras, the client finds out
    /// which one the server speaks.
    pub versions: RangeInclusive<Version>,
    /// A session saved earlier by [`Client::known`](crate::Client::known), to go on with.
    pub known: Option<Known>,
    /// The application gets new credentials when the server refuses those it has:
    /// [`ClientEvent::Unauthorized`](crate::ClientEvent::Unauthorized) asks for them, and
    /// [`Client::authorize`](crate::Client::authorize) says whether they are there. Off by default: a refused
    /// call settles as [`Unauthorized`](crate::FailureKind::Unauthorized).
    pub authorizer: bool,
    /// Open the standalone stream (a GET), which carries what the server says unasked. On by default.
    pub standalone: bool,
    /// Make a new session when the server has lost ours. On by default. When off, calls settle as
    /// [`SessionLost`](crate::FailureKind::SessionLost) until the application connects again.
    pub reinitialize: bool,
    /// Take `202 Accepted` to a request for "the answer will come on the standalone stream", as some
    /// servers do against the specification. Off by default: such a call settles as
    /// [`BadAnswer`](crate::FailureKind::BadAnswer).
    pub accept_202: bool,
    /// Open a lost `subscriptions/listen` stream again. On by default.
    pub relisten: bool,
    /// Fall back to the HTTP+SSE transport of 2024-11-05, which is deprecated. Off by default.
    pub http_sse: bool,
    /// The values of `resultType` that are taken for an answer, beside `complete`: those of the extensions
    /// that the capabilities declare. A result of any other type settles its call as
    /// [`BadAnswer`](crate::FailureKind::BadAnswer).
    pub result_types: Vec<String>,
    /// Bounds on what is held.
    pub limits: ClientLimits,
    /// Bounds on waiting.
    pub timing: ClientTiming,
    /// What [`Client::poll_record`](crate::Client::poll_record) writes.
    pub recording: Recording,
}

impl ClientConfig {
    /// The defaults. A host that speaks the handshake itself owns its deadlines too, so for
    /// [`Handshake::Host`] the idle clock is off and the hard maximum is an hour.
    pub fn new(url: impl Into<String>, handshake: Handshake) -> Self {
        let mut timing = ClientTiming::default();
        if matches!(handshake, Handshake::Host) {
            timing.idle = None;
            timing.max = Duration::from_secs(60 * 60);
        }
        Self {
            url: url.into(),
            handshake,
            versions: Version::V2024_11_05..=Version::V2026_07_28,
            known: None,
            authorizer: false,
            standalone: true,
            reinitialize: true,
            accept_202: false,
            relisten: true,
            http_sse: false,
            result_types: Vec::new(),
            limits: ClientLimits::default(),
            timing,
            recording: Recording::Off,
        }
    }

    /// Checks what the types cannot say.
    pub(crate) fn check(&self) -> Result<Url, ConfigError> {
        let url = Url::parse(&self.url).map_err(|reason| {
            ConfigError(format!(
                "url: {:?} {reason}; give the MCP endpoint, such as https://example.com/mcp",
                self.url
            ))
        })?;
        if self.versions.is_empty() {
            return Err(ConfigError(
                "versions: the range is empty; write the older revision first".into(),
            ));
        }
        if let Handshake::Core(identity) = &self.handshake {
            identity.check()?;
        }
        if let Some(known) = &self.known {
            if !self.versions.contains(&known.version) {
                return Err(ConfigError(format!(
                    "known: its version {} is outside the configured versions",
                    known.version
                )));
            }
            if matches!(self.handshake, Handshake::Host) && known.version.era() == Era::Modern {
                return Err(ConfigError(
                    "known: a modern revision has no session to go on with, and the host speaks for itself; leave \
                     it out"
                        .into(),
                ));
            }
            if known
                .session
                .as_ref()
                .is_some_and(|id| !is_session_id(id.as_bytes()))
            {
                return Err(ConfigError(
                    "known: a session id has visible ASCII characters only".into(),
                ));
            }
        }
        for (name, limit) in [
            ("limits.calls", self.limits.calls),
            ("limits.messages", self.limits.messages),
            ("limits.body", self.limits.body),
            ("limits.event", self.limits.event),
            ("limits.exchanges", self.limits.exchanges.unwrap_or(1)),
        ] {
            if limit == 0 {
                return Err(ConfigError(format!(
                    "{name}: with 0 nothing can work; 1 is the least"
                )));
            }
        }
        for (name, bound) in [
            ("timing.max", self.timing.max),
            ("timing.handshake", self.timing.handshake),
            ("timing.probe", self.timing.probe),
            ("timing.backoff", *self.timing.backoff.start()),
        ] {
            if bound.is_zero() {
                return Err(ConfigError(format!("{name}: must be longer than zero")));
            }
        }
        if self.timing.backoff.is_empty() {
            return Err(ConfigError(
                "timing.backoff: the range is empty; write the shorter delay first".into(),
            ));
        }
        Ok(url)
    }
}

/// Whether bytes can be a session id: visible ASCII only (2025-11-25, transports, "Session Management").
pub(crate) fn is_session_id(id: &[u8]) -> bool {
    !id.is_empty() && id.iter().all(|b| (0x21..=0x7e).contains(b))
}

/// Bounds on what a client holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientLimits {
    /// Calls in flight; a call above it settles as [`Overloaded`](crate::FailureKind::Overloaded). 10,000.
    pub calls: usize,
    /// The server's requests at the application; one above it is answered with an error. 64.
    pub obligations: usize,
    /// Exchanges that may be open at once (browsers: 6). Two are kept free for responses, cancels and
    /// DELETE; calls above the rest wait in order. `None`, the default, sets no bound.
    pub exchanges: Option<usize>,
    /// Messages kept for an application that does not read them. Then progress is coalesced, logs are
    /// dropped and counted, and the server's requests are refused. 256.
    pub messages: usize,
    /// Bytes of a JSON body; a call with a larger one settles as [`TooLarge`](crate::FailureKind::TooLarge). 16 MiB.
    pub body: usize,
    /// Bytes of one SSE event; likewise. 16 MiB.
    pub event: usize,
    /// Attempts to bring one stream back without anything new on it. 5.
    pub reconnects: u32,
    /// Rounds of questions that one call may take; beyond it the call settles as
    /// [`TooManyRounds`](crate::FailureKind::TooManyRounds). 10.
    pub rounds: u32,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            calls: 10_000,
            obligations: 64,
            exchanges: None,
            messages: 256,
            body: 16 << 20,
            event: 16 << 20,
            reconnects: 5,
            rounds: 10,
        }
    }
}

/// Bounds on how long a client waits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientTiming {
    /// From the start of a handshake to its result, the search for the server's era included. 60 s.
    pub handshake: Duration,
    /// How long a server that may be of either era is asked for its revisions, before `initialize` goes out
    /// too. 10 s.
    pub probe: Duration,
    /// How long a call may stay without progress; only progress with its own token restarts this clock.
    /// `None` turns it off. 120 s.
    pub idle: Option<Duration>,
    /// How long a call may take in all. 30 min.
    pub max: Duration,
    /// How long the application may take to answer a request of the server. 5 min.
    pub answer: Duration,
    /// How long the application may take to get new credentials. 5 min.
    pub authorization: Duration,
    /// An exchange that is neither a call's nor a stream's, and the acknowledgement of a subscription. 30 s.
    pub exchange: Duration,
    /// The POST that tells the server of a cancelled call. Nothing waits for it. 5 s.
    pub cancel: Duration,
    /// From `close` to `Closed`, at most. 5 s.
    pub close: Duration,
    /// How long a response may go on after its answer, so that its connection can be reused. 100 ms.
    pub linger: Duration,
    /// How long a call whose exchange is still open outlives the loss of its session. 5 s.
    pub session_grace: Duration,
    /// How long the first calls wait for the head of the standalone stream. 250 ms.
    pub standalone_wait: Duration,
    /// The delays before attempts to reconnect: the first, doubled each time up to the last.
    pub backoff: RangeInclusive<Duration>,
}

impl Default for ClientTiming {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(60),
            probe: Duration::from_secs(10),
            idle: Some(Duration::from_secs(120)),
            max: Duration::from_secs(30 * 60),
            answer: Duration::from_secs(5 * 60),
            authorization: Duration::from_secs(5 * 60),
            exchange: Duration::from_secs(30),
            cancel: Duration::from_secs(5),
            close: Duration::from_secs(5),
            linger: Duration::from_millis(100),
            session_grace: Duration::from_secs(5),
            standalone_wait: Duration::from_millis(250),
            backoff: Duration::from_secs(1)..=Duration::from_secs(30),
        }
    }
}

/// What a client has learned of its server: its era, and the session if there is one. Save it
/// with [`Client::known`](crate::Client::known), go on with it through [`ClientConfig::known`]. A wrong one
/// heals by itself: the client finds out anew what the server speaks.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Known {
    /// The negotiated revision; it says the server's era too.
    pub version: Version,
    /// The session id, if the server gave one.
    pub session: Option<String>,
    /// The server speaks the HTTP+SSE transport of 2024-11-05.
    pub http_sse: bool,
    /// The next wire id, so that ids are not used twice within a session.
    pub next_id: u64,
    /// The JSON text of the handshake's result, so that `connect` can repeat it.
    pub result: Option<Bytes>,
}

impl Known {
    /// A session at this revision, with the first wire id and no handshake result.
    pub const fn new(version: Version, session: Option<String>) -> Self {
        Self {
            version,
            session,
            http_sse: false,
            next_id: 1,
            result: None,
        }
    }
}
