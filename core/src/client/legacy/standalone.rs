//! The standalone stream: a GET that carries what the server says unasked. It is an offer; nothing may
//! depend on it.
//!
//! Source: 2025-11-25, basic/transports, "Listening for Messages from the Server".

use alloc::format;
use core::time::Duration;

use super::stream::Stream;
use crate::client::exchange::{Purpose, Reading, Request, Suspicion};
use crate::client::head::is_passing;
use crate::client::ledger::Stage;
use crate::client::pulse::{Pulse, TRUSTED_AFTER};
use crate::client::session::Phase;
use crate::client::{Client, Timer};
use crate::http::{self, Headers, names, retry_after};
use crate::ids::ExchangeId;
use crate::notice::NoticeKind;
use crate::outcome::FailureKind;
#[cfg(feature = "explore")]
use crate::time::Instant;
use crate::version::Era;

/// With fewer exchanges than this, a stream that never ends would leave none for calls.
const FEWEST_EXCHANGES: usize = 3;

#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Standalone {
    state: State,
    /// It has been open in this session.
    was_open: bool,
    stream: Stream,
    pulse: Pulse,
}

#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::client) enum State {
    /// A ping asks whether 404 meant "no such stream" or "no such session".
    Asking,
    #[default]
    Off,
    Open(ExchangeId),
    Opening(ExchangeId),
    /// It will be opened again.
    Waiting,
}

impl Standalone {
    pub(in crate::client) const fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    pub(in crate::client) fn is_wanted(&self) -> bool {
        self.state != State::Off
    }

    pub(in crate::client) const fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    pub(in crate::client) const fn moved(&mut self, to: ExchangeId) {
        self.state = State::Opening(to);
    }

    pub(in crate::client) fn held(&self) -> usize {
        self.stream.held()
    }
}

impl Client {
    /// Opens the stream of a new session, if it is wanted. Says whether it did.
    pub(in crate::client) fn begin_standalone(&mut self) -> bool {
        let too_few = self
            .config
            .limits
            .exchanges
            .is_some_and(|most| most < FEWEST_EXCHANGES);
        let has_other = self.session.is_http_sse()
            || self.session.era() != Some(Era::Legacy)
            || self.standalone.is_wanted();
        if !self.config.standalone || too_few || has_other {
            return false;
        }
        self.standalone = Standalone::default();
        self.open_standalone();
        true
    }

    pub(in crate::client) fn open_standalone(&mut self) {
        if !matches!(self.session.phase, Phase::Ready(_)) {
            return;
        }
        let headers = self.get_headers(self.standalone.stream.cursor());
        if self.standalone.was_open {
            self.standalone.stream.begin();
        }
        let exchange = self.open(Purpose::Standalone, Request::get(headers));
        self.standalone.state = State::Opening(exchange);
    }

    pub(in crate::client) fn standalone_head(
        &mut self,
        id: ExchangeId,
        status: u16,
        headers: Headers<'_>,
    ) {
        self.standalone_head_is_settled();
        if let 200..=299 = status
            && let Ok(reading @ Reading::Sse(_)) = self.body_of(headers)
        {
            self.standalone.state = State::Open(id);
            self.standalone.was_open = true;
            self.standalone.pulse = Pulse::starting(self.now);
            let trusted = self.after(TRUSTED_AFTER);
            self.timers.set(Timer::StandaloneLived, trusted);
            return self.read_on(id, reading);
        }
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        let (in_session, epoch) = (exchange.carried_session(), exchange.epoch);
        self.linger(id);
        match status {
            404 if in_session && self.standalone.was_open => {
                self.session_is_lost(epoch, "404 to the standalone stream");
            }
            404 if in_session => {
                self.standalone.state = State::Asking;
                self.open_ping(Suspicion::Standalone);
            }
            status if is_passing(status) => {
                let after = retry_after::parse(http::text(headers, names::RETRY_AFTER));
                self.standalone_ended(after);
            }
            200..=299 => {
                self.standalone_is_off(Some(id), "the answer to its GET is no event stream");
            }
            _ => self.standalone_refused(id, status),
        }
    }

    pub(in crate::client) fn standalone_refused(&mut self, id: ExchangeId, status: u16) {
        let why = format!("the server answered HTTP {status} to its GET");
        self.standalone_is_off(Some(id), &why);
    }

    /// The stream ended, or could not be opened; it is opened again while its budget lasts.
    pub(in crate::client) fn standalone_ended(&mut self, at_least: Option<Duration>) {
        self.standalone_head_is_settled();
        self.stop_standalone_timers();
        let reason = "the standalone stream, on which the answer was to come, ended";
        for call in self.ledger.ids() {
            let waits_on_it = self
                .ledger
                .get(call)
                .is_some_and(|entry| entry.stage == Stage::Standalone);
            if waits_on_it {
                self.fail_because(call, FailureKind::ConnectionLost, reason);
            }
        }
        let budget = self.config.limits.reconnects;
        let delay =
            self.standalone
                .stream
                .next_delay(budget, &self.config.timing.backoff, &mut self.rng);
        let Some(delay) = delay else {
            let why = format!("{budget} attempts to open it again brought nothing");
            return self.standalone_is_off(None, &why);
        };
        self.standalone.state = State::Waiting;
        let at = self.after(delay.max(at_least.unwrap_or_default()));
        self.timers.set(Timer::StandaloneAgain, at);
    }

    /// An event of it is too large. Asking for it again would bring it again, so it is skipped.
    pub(in crate::client) fn standalone_unreadable(&mut self, id: ExchangeId, reason: &str) {
        let detail = format!("a message on the standalone stream: {reason}");
        self.notice(NoticeKind::Dropped, Some(id), detail);
        self.standalone.stream.skip_ahead();
        self.standalone_ended(None);
    }

    /// There is no such stream, for the rest of this session.
    pub(super) fn standalone_is_off(&mut self, exchange: Option<ExchangeId>, why: &str) {
        self.standalone.state = State::Off;
        self.notice(
            NoticeKind::StandaloneUnavailable,
            exchange,
            format!("no standalone stream: {why}"),
        );
    }

    /// Its session is over.
    pub(super) fn close_standalone(&mut self) {
        self.stop_standalone_timers();
        self.timers.clear(Timer::StandaloneAgain);
        if let State::Open(exchange) | State::Opening(exchange) = self.standalone.state {
            self.release(exchange);
        }
        self.standalone = Standalone::default();
    }

    fn stop_standalone_timers(&mut self) {
        self.timers.clear(Timer::StandaloneLived);
        self.timers.clear(Timer::StandaloneSilent);
    }
}

/// Liveness. Bytes and comments say that a stream is alive, and nothing else.
impl Client {
    /// Bytes came.
    pub(in crate::client) fn standalone_is_alive(&mut self) {
        self.standalone.pulse.beat(self.now);
        self.watch_standalone();
    }

    /// They were a keep-alive, so more are to be expected.
    pub(in crate::client) fn standalone_kept_alive(&mut self) {
        self.standalone.pulse.kept_alive();
        self.watch_standalone();
    }

    fn watch_standalone(&mut self) {
        if let Some(silence) = self.standalone.pulse.longest_silence() {
            let at = self.after(silence);
            self.timers.set(Timer::StandaloneSilent, at);
        }
    }

    /// An event came: the stream works.
    pub(in crate::client) const fn standalone_heard(&mut self) {
        self.standalone.stream.refill();
    }

    pub(in crate::client) const fn standalone_lived(&mut self) {
        self.standalone.stream.refill();
    }

    pub(in crate::client) fn standalone_is_silent(&mut self) {
        if let State::Open(exchange) = self.standalone.state {
            self.abort(exchange);
            self.standalone_ended(None);
        }
    }
}

#[cfg(feature = "explore")]
impl Standalone {
    pub(in crate::client) fn state_name(&self) -> &'static str {
        self.state.into()
    }

    pub(in crate::client) fn fingerprint(
        &self,
        canon: &mut crate::client::fingerprint::Canon<'_>,
        now: Instant,
    ) {
        canon.add(&core::mem::discriminant(&self.state));
        if let State::Open(exchange) | State::Opening(exchange) = self.state {
            canon.id(exchange.as_u64());
        }
        canon.add(&self.was_open);
        canon.add(&self.stream);
        if self.is_open() {
            canon.add(&self.pulse.facts(now));
        }
    }
}
