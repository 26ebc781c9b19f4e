//! The session: where it stands, and what every request says of it.
//!
//! Source: 2025-11-25, basic/lifecycle, and basic/transports, "Session Management".

use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use crate::client::config::Known;
use crate::client::{Client, Timer};
use crate::http::{Header, names};
use crate::ids::ExchangeId;
use crate::outcome::Execution;
use crate::time::Instant;
use crate::version::Version;

/// Sessions made anew in a row, without one answer in between.
const MOST_REINITIALIZATIONS: u32 = 2;
/// How long calls wait for the acknowledgement of `initialized`.
const ACKNOWLEDGEMENT: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub(in crate::client) struct Session {
    pub(in crate::client) phase: Phase,
    /// Counts sessions; 0 before the first.
    pub(in crate::client) epoch: u32,
    /// `Mcp-Session-Id`, if the server gave one.
    id: Option<Bytes>,
    pub(super) version: Option<Version>,
    /// The text of the handshake's result.
    pub(super) result: Option<Bytes>,
    /// The params of the host's own `initialize`, to say it again.
    pub(super) host_params: Option<Bytes>,
    pub(super) shaking: Option<Shaking>,
    pub(in crate::client) suspect: Suspect,
    /// The server has answered a call in this session.
    worked: bool,
    pub(super) reinitializations_left: u32,
    /// Handshakes that failed in a row, once sessions were lost.
    pub(super) failures: u32,
    /// The next handshake begins no earlier.
    pub(super) not_before: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::client) enum Phase {
    Closed,
    Closing,
    /// None; the next call makes one.
    Idle,
    /// None, and the application must connect again.
    Lost,
    Ready(Gate),
    /// One that was saved; the first call goes on with it.
    Saved,
    /// `initialize` is under way.
    Shaking,
}

/// What the first calls of a session wait for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::client) enum Gate {
    /// The acknowledgement of `initialized`: a server may refuse requests before it has it.
    Acknowledgement,
    Open,
    /// The head of the standalone stream: what the server says before it has that stream would be lost.
    StandaloneHead,
}

/// An `initialize` under way.
#[derive(Clone, Debug)]
pub(in crate::client) struct Shaking {
    pub(super) exchange: ExchangeId,
    pub(super) wire_id: u64,
    /// The session id of the answer's head; it counts only with a result.
    pub(super) session: Option<Bytes>,
    /// What its answer says of it so far.
    pub(super) execution: Execution,
}

/// Whether the server may have lost the session without saying so.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::client) enum Suspect {
    /// A ping is on its way.
    Asking,
    /// The next call is preceded by a ping.
    Marked,
    No,
}

impl Session {
    pub(in crate::client) fn new(known: Option<&Known>) -> Self {
        Self {
            phase: if known.is_some() {
                Phase::Saved
            } else {
                Phase::Idle
            },
            epoch: u32::from(known.is_some()),
            id: known
                .and_then(|known| known.session.as_ref())
                .map(|id| Bytes::copy_from_slice(id.as_bytes())),
            version: known.map(|known| known.version),
            result: known.and_then(|known| known.result.clone()),
            host_params: None,
            shaking: None,
            suspect: Suspect::No,
            worked: known.is_some(),
            reinitializations_left: MOST_REINITIALIZATIONS,
            failures: 0,
            not_before: None,
        }
    }

    pub(in crate::client) const fn is_closing(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Closing)
    }

    /// Whether there is a session, or can be one without a word of the host.
    pub(in crate::client) const fn can_begin(&self) -> bool {
        !matches!(self.phase, Phase::Idle) || self.host_params.is_some()
    }

    /// Whether this epoch is the present one, and alive.
    pub(in crate::client) const fn is_current(&self, epoch: u32) -> bool {
        self.epoch == epoch && matches!(self.phase, Phase::Ready(_))
    }

    /// The server answered a call of this epoch.
    pub(in crate::client) fn worked(&mut self, epoch: u32) {
        if self.is_current(epoch) {
            self.worked = true;
            self.reinitializations_left = MOST_REINITIALIZATIONS;
            self.failures = 0;
            self.not_before = None;
        }
    }

    /// A session that has worked was met with a refusal that may mean that it is gone.
    pub(super) fn mark_suspect(&mut self, epoch: u32) {
        if self.is_current(epoch) && self.worked && self.suspect == Suspect::No {
            self.suspect = Suspect::Marked;
        }
    }

    /// A new session begins.
    pub(super) fn enter(&mut self, id: Option<Bytes>, version: Version, result: Bytes) {
        self.phase = Phase::Ready(Gate::Open);
        self.epoch += 1;
        self.id = id;
        self.version = Some(version);
        self.result = Some(result);
        self.suspect = Suspect::No;
        self.worked = false;
        self.not_before = None;
    }

    pub(in crate::client) fn has_batches(&self) -> bool {
        self.version.is_some_and(Version::has_batches)
    }

    pub(in crate::client) const fn has_id(&self) -> bool {
        self.id.is_some()
    }

    pub(in crate::client) fn forget_id(&mut self) {
        self.id = None;
    }

    /// A session that is known only to be ended.
    pub(super) fn learn(&mut self, id: Option<Bytes>, version: Option<Version>) {
        self.id = id;
        self.version = version;
    }

    /// What every request of the session carries.
    pub(in crate::client) fn add_headers(&self, headers: &mut Vec<Header>) {
        if let Some(version) = self.version.filter(|version| version.has_version_header()) {
            let name = Bytes::from_static(version.as_str().as_bytes());
            headers.push(Header::new(names::PROTOCOL_VERSION, name));
        }
        if let Some(id) = &self.id {
            headers.push(Header::new(names::SESSION_ID, id.clone()));
        }
    }

    pub(in crate::client) fn handshake_exchange(&self) -> Option<ExchangeId> {
        self.shaking.as_ref().map(|shaking| shaking.exchange)
    }

    pub(in crate::client) fn known(&self, next_id: u64) -> Option<Known> {
        if !matches!(self.phase, Phase::Ready(_) | Phase::Saved) {
            return None;
        }
        let session = self
            .id
            .as_ref()
            .map(|id| String::from_utf8_lossy(id).into_owned());
        Some(Known {
            next_id,
            result: self.result.clone(),
            ..Known::new(self.version?, session)
        })
    }
}

/// The start-up of a session: calls wait a little for what makes them safer, never for long.
impl Client {
    pub(in crate::client) fn await_acknowledgement(&mut self) {
        self.session.phase = Phase::Ready(Gate::Acknowledgement);
        let until = self.after(ACKNOWLEDGEMENT);
        self.timers.set(Timer::Gate, until);
    }

    /// `initialized` is acknowledged, or its fate is known: the standalone stream may begin.
    pub(in crate::client) fn initialized_is_settled(&mut self) {
        let Phase::Ready(gate) = self.session.phase else {
            return;
        };
        let is_opened = self.begin_standalone();
        if gate == Gate::Open {
            return;
        }
        let wait = self.config.timing.standalone_wait;
        if is_opened && !wait.is_zero() {
            self.session.phase = Phase::Ready(Gate::StandaloneHead);
            let until = self.after(wait);
            self.timers.set(Timer::Gate, until);
        } else {
            self.open_gate();
        }
    }

    /// The head of the standalone stream came, or will not come.
    pub(super) fn standalone_head_is_settled(&mut self) {
        if self.session.phase == Phase::Ready(Gate::StandaloneHead) {
            self.open_gate();
        }
    }

    pub(in crate::client) fn open_gate(&mut self) {
        if let Phase::Ready(_) = self.session.phase {
            self.session.phase = Phase::Ready(Gate::Open);
            self.timers.clear(Timer::Gate);
        }
    }
}

#[cfg(feature = "explore")]
impl Session {
    pub(in crate::client) fn fingerprint(
        &self,
        canon: &mut crate::client::fingerprint::Canon<'_>,
        now: Instant,
    ) {
        canon.add(&(self.phase, self.suspect, self.worked));
        // An epoch matters only beside those of the exchanges, which are hashed as they are.
        canon.add(&self.epoch);
        canon.add(&(self.id.as_ref(), self.version, self.result.as_ref()));
        canon.add(&self.host_params);
        canon.add(&(self.reinitializations_left, self.failures));
        let wait = self.not_before.map(|at| at.saturating_since(now));
        canon.add(&wait.filter(|wait| !wait.is_zero()));
        if let Some(shaking) = &self.shaking {
            canon.id(shaking.exchange.as_u64());
            canon.add(&shaking.session);
        }
    }
}
