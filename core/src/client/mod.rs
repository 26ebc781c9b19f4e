//! The client machine. `mod.rs` has the public methods; each concern has its own file:
//!
//! * what comes in: [`admit`] checks a call, [`head`] and [`body`] read responses,
//!   [`frame`] the messages in them, [`answer`] judges whole bodies;
//! * who is owed what: [`ledger`] settles calls, [`obligations`] answers the server's requests,
//!   [`authorize`] keeps what waits for credentials, [`clocks`] and [`progress`] bound the waiting;
//! * what goes out: [`queue`] and [`turns`] say when, [`dispatch`] sends, [`post`] sends what is only
//!   acknowledged, [`cancel`] and [`close`] end things, [`outbox`] keeps the outputs in order;
//! * what is agreed with the server: [`era`] finds out what it speaks, [`session`] keeps it, [`errand`] is
//!   what the core asks for itself;
//! * `legacy` is the session: handshake, loss, the standalone stream, resumption, HTTP+SSE; `modern` is
//!   life without one: stamps, headers, rounds of questions, subscriptions.

use alloc::collections::BTreeMap;
use alloc::string::String;
use bytes::Bytes;
use core::time::Duration;

use crate::config_error::ConfigError;
use crate::http::origin::Url;
use crate::ids::{CallId, ExchangeId, IdSequence, ListenId, ObligationId};
use crate::inspect::Inspection;
use crate::message::{Answer, Call, Notification};
use crate::mirror::Mirrors;
use crate::outcome::FailureKind;
use crate::record::Recorder;
use crate::rng::Rng;
use crate::time::Instant;
use crate::timers::Timers;

mod admit;
mod answer;
mod authorize;
mod backoff;
mod body;
mod cancel;
mod clocks;
mod close;
mod config;
mod dispatch;
mod era;
mod errand;
mod event;
mod exchange;
#[cfg(feature = "explore")]
mod fingerprint;
mod frame;
mod head;
mod input;
mod ledger;
mod legacy;
mod modern;
mod obligations;
mod outbox;
#[cfg(feature = "explore")]
mod parts;
mod post;
mod progress;
mod pulse;
mod queue;
mod remarks;
mod session;
mod turns;
mod view;

pub use config::{ClientConfig, ClientLimits, ClientTiming, Known};
pub use event::{ClientEvent, ClientOutput, ListenState, SessionChange, Source};
pub use input::{ClientInput, Sent, SseEvent, TransportFailure};

pub(crate) use answer::exact;
pub(crate) use progress::attach_token;

use authorize::Authorization;
use exchange::Exchange;
use ledger::Ledger;
use legacy::standalone::Standalone;
use modern::Stamp;
use modern::listen::Listens;
use obligations::Obligations;
use outbox::Outbox;
use queue::Queue;
use session::Session;

/// The client side of the transport, as a machine without I/O.
///
/// Methods are of four kinds. The *application's* ([`connect`](Self::connect), [`call`](Self::call), ..)
/// say what is wanted; none fails: whatever is wrong with a call is its outcome. The *driver's*
/// ([`handle_input`](Self::handle_input)) say what happened on the network. The *polls*
/// ([`poll_output`](Self::poll_output), [`poll_timeout`](Self::poll_timeout)) say what to do and when to
/// come back. The *views* ([`known`](Self::known), [`inspect`](Self::inspect)) change nothing.
///
/// Any number of mutations may come before one drain of [`poll_output`](Self::poll_output); after the
/// drain, feed [`ClientInput::Timeout`] at [`poll_timeout`](Self::poll_timeout).
///
/// ```
/// use mcp_sansio::*;
///
/// let config = ClientConfig::new(
///     "http://localhost:3000/mcp",
///     Handshake::Core(Identity::new("example", "1.0")),
/// );
/// let mut client = Client::new(config, [0; 32])?; // a driver draws the seed from its system
/// let now = Instant::from_micros(0);
/// let connect = client.connect(now);
///
/// // The machine wants an HTTP request; a real driver would send it.
/// let Some(ClientOutput::Open { exchange, method, .. }) = client.poll_output(true) else { panic!() };
/// assert_eq!(method, Method::Post);
///
/// // The server cannot be reached, so the call settles, and says so.
/// let failure = TransportFailure { sent: Sent::No, detail: "connection refused".into() };
/// client.handle_input(now, ClientInput::Failed { exchange, failure });
/// let Some(ClientOutput::Event(ClientEvent::Settled { call, outcome: Outcome::Failed(failure) })) =
///     client.poll_output(true)
/// else {
///     panic!()
/// };
/// assert_eq!(call, connect);
/// assert_eq!(failure.kind, FailureKind::Unreachable);
/// assert_eq!(failure.execution, Execution::NotSent);
/// # Ok::<(), ConfigError>(())
/// ```
#[cfg_attr(feature = "explore", derive(Clone))]
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    url: Url,
    /// The latest reading of the driver's clock; it never goes back.
    now: Instant,
    rng: Rng,
    ids: IdSequence,
    /// The next JSON-RPC id.
    next_wire: u64,
    ledger: Ledger,
    queue: Queue,
    exchanges: BTreeMap<ExchangeId, Exchange>,
    obligations: Obligations,
    authorization: Authorization,
    session: Session,
    standalone: Standalone,
    listens: Listens,
    /// What every modern request says of us.
    stamp: Stamp,
    /// Arguments of tools that are mirrored into headers.
    mirrors: Mirrors,
    timers: Timers<Timer>,
    out: Outbox,
    recorder: Recorder,
}

/// Everything that waits for a time.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    /// The call resumes its stream, or is sent again.
    Again(CallId),
    /// The application must have answered.
    Answer(ObligationId),
    /// The application must have got new credentials.
    Authorization,
    /// The client is closed, whatever is still open.
    Close,
    /// The exchange ends, whatever is still to come on it.
    Exchange(ExchangeId),
    /// Calls stop waiting for the rest of the start-up.
    Gate,
    /// The call has outlived its session for long enough.
    Grace(CallId),
    /// The handshake has taken too long.
    Handshake,
    /// The next handshake may begin.
    HandshakeAgain,
    /// The call has made no progress for too long.
    Idle(CallId),
    /// The call has taken too long.
    Max(CallId),
    /// The server must have acknowledged the subscription.
    ListenAcknowledged(ListenId),
    /// The subscription is opened again.
    ListenAgain(ListenId),
    /// The subscription's stream has lived long enough to be trusted again.
    ListenLived(ListenId),
    /// The subscription's stream has missed its keep-alives.
    ListenSilent(ListenId),
    /// The server does not answer the question for its era.
    Probe,
    /// The standalone stream is opened again.
    StandaloneAgain,
    /// The standalone stream has lived long enough to be trusted again.
    StandaloneLived,
    /// The standalone stream has missed its keep-alives.
    StandaloneSilent,
}

/// The application's side.
impl Client {
    /// A client for one server. `seed` is 32 bytes of the system's entropy, never used twice.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting that cannot be used and says what to write instead.
    pub fn new(config: ClientConfig, seed: [u8; 32]) -> Result<Self, ConfigError> {
        let url = config.check()?;
        let mut recorder = Recorder::new(config.recording);
        recorder.config(&config, &seed);
        Ok(Self {
            url,
            now: Instant::default(),
            rng: Rng::new(seed),
            ids: IdSequence::default(),
            next_wire: config.known.as_ref().map_or(1, |known| known.next_id),
            ledger: Ledger::default(),
            queue: Queue::default(),
            exchanges: BTreeMap::new(),
            obligations: Obligations::default(),
            authorization: Authorization::default(),
            session: Session::new(config.known.as_ref()),
            standalone: Standalone::default(),
            listens: Listens::default(),
            stamp: Stamp::new(&config.handshake),
            mirrors: Mirrors::default(),
            timers: Timers::new(),
            out: Outbox::new(config.limits.messages),
            recorder,
            config,
        })
    }

    /// Makes a session, unless there is one. It settles like any call; the result is the text of the
    /// server's `InitializeResult`. Nobody has to call it: the first [`call`](Self::call) connects too.
    pub fn connect(&mut self, now: Instant) -> CallId {
        self.step(now);
        let id = self.ids.call();
        self.recorder.connect(now, id);
        self.admit_connect(id);
        self.finish_step();
        id
    }

    /// Hands over a request. It settles exactly once, at the latest at its hard maximum; whatever is
    /// wrong with it is its outcome too.
    pub fn call(&mut self, now: Instant, call: Call) -> CallId {
        self.step(now);
        let id = self.ids.call();
        self.recorder.call(now, &call, id);
        self.admit(id, call);
        self.finish_step();
        id
    }

    /// Sends a notification. What becomes of it is told by a notice, if anything goes wrong.
    pub fn notify(&mut self, now: Instant, notification: Notification) {
        self.step(now);
        self.recorder.notify(now, &notification);
        self.admit_notification(notification);
        self.finish_step();
    }

    /// Answers a request of the server. An unknown or withdrawn id is a race, not misuse: nothing happens.
    pub fn respond(&mut self, now: Instant, id: ObligationId, answer: Answer) {
        self.step(now);
        self.recorder.respond(now, id, &answer);
        self.respond_to(id, answer);
        self.finish_step();
    }

    /// Settles a call as [`Cancelled`](crate::FailureKind::Cancelled), and tells the server in the
    /// background. A call that is settled stays as it is.
    pub fn cancel(&mut self, now: Instant, call: CallId, reason: Option<&str>) {
        self.step(now);
        self.recorder.cancel(now, call, reason);
        self.cancel_call(call, reason);
        self.finish_step();
    }

    /// Subscribes to what the server changes (2026-07-28, `subscriptions/listen`). `params` is the JSON text
    /// of the request's params: `{"notifications":{"toolsListChanged":true}}`. What becomes of it is told by
    /// [`ClientEvent::Listen`]: it opens, and ends exactly once. What the server says comes as
    /// [`ClientEvent::Notification`] from [`Source::Listen`].
    pub fn listen(&mut self, now: Instant, params: Bytes) -> ListenId {
        self.step(now);
        let id = self.ids.listen();
        self.recorder.listen(now, &params, id);
        self.admit_listen(id, params);
        self.finish_step();
        id
    }

    /// Ends a subscription. One that is over stays as it is.
    pub fn unlisten(&mut self, now: Instant, listen: ListenId) {
        self.step(now);
        self.recorder.unlisten(now, listen);
        self.end_listen_because(listen, FailureKind::Cancelled, "");
        self.finish_step();
    }

    /// Answers [`ClientEvent::Unauthorized`]: there are new credentials, and what waits is sent once more;
    /// or there are none, and it settles as [`Unauthorized`](crate::FailureKind::Unauthorized). The
    /// credentials themselves are the driver's: it adds them to each request that it performs.
    ///
    /// An application that renews its credentials unasked says so too, with `granted`: then what the old ones
    /// are still refused for is sent again without a question.
    pub fn authorize(&mut self, now: Instant, granted: bool) {
        self.step(now);
        self.recorder.authorize(now, granted);
        self.authorized(granted);
        self.finish_step();
    }

    /// Settles every call as [`Closed`](crate::FailureKind::Closed) in this step, ends the session, and
    /// is done, with [`ClientEvent::Closed`], at most [`ClientTiming::close`] later.
    pub fn close(&mut self, now: Instant) {
        self.step(now);
        self.recorder.close(now);
        self.begin_close();
        self.finish_step();
    }
}

/// The driver's side.
impl Client {
    /// Says what happened on the network, or that a time has come.
    pub fn handle_input(&mut self, now: Instant, input: ClientInput<'_>) {
        self.step(now);
        self.recorder.input(now, &input);
        match input {
            ClientInput::Head {
                exchange,
                status,
                headers,
            } => self.on_head(exchange, status, headers),
            ClientInput::Chunk { exchange, data } => self.on_chunk(exchange, data),
            ClientInput::SseEvent { exchange, event } => self.on_sse_event(exchange, event),
            ClientInput::End { exchange } => self.on_end(exchange),
            ClientInput::Failed { exchange, failure } => self.on_failed(exchange, &failure),
            ClientInput::Timeout => self.on_timeout(),
        }
        self.finish_step();
    }

    /// The next thing to do. Without `room`, the application's messages stay here (within
    /// [`ClientLimits::messages`]) and all else passes them.
    pub fn poll_output(&mut self, room: bool) -> Option<ClientOutput> {
        let output = self.out.poll(room);
        self.recorder.output(output.as_ref(), room);
        output
    }

    /// When to feed [`ClientInput::Timeout`]; at once while outputs are queued.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.out.is_ready() {
            Some(self.now)
        } else {
            self.timers.next()
        }
    }

    /// The next line of the record, if [`ClientConfig::recording`] asks for one.
    pub fn poll_record(&mut self) -> Option<String> {
        self.recorder.poll()
    }
}

/// Views.
impl Client {
    /// The session, for [`ClientConfig::known`] of a later client; `None` while there is none.
    pub fn known(&self) -> Option<Known> {
        self.session.known(self.next_wire)
    }

    /// Everything that the client holds: who is owed what, and what can still bring it.
    pub fn inspect(&self) -> Inspection {
        self.look()
    }
}

impl Client {
    fn step(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn finish_step(&mut self) {
        self.proceed();
        self.finish_close();
    }

    fn after(&self, delay: Duration) -> Instant {
        self.now.after(delay)
    }
}
