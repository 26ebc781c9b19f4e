//! What is agreed with the server: nothing yet, a legacy session, or a modern revision; and what every
//! request says of it.
//!
//! Source: 2025-11-25, basic/lifecycle, and basic/transports, "Session Management"; 2026-07-28,
//! basic/versioning.

use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use super::config::Known;
use super::era::Negotiation;
use super::legacy::gate::Gate;
use super::legacy::http_sse::EventStream;
use crate::http::{Header, names};
use crate::ids::ExchangeId;
use crate::time::Instant;
use crate::version::{Era, Version};

/// Sessions made anew in a row, without one answer in between.
const MOST_REINITIALIZATIONS: u32 = 2;

#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) phase: Phase,
    /// Counts what was agreed, a saved state included; 0 before the first.
    pub(super) epoch: u32,
    /// `Mcp-Session-Id`, if the server gave one.
    id: Option<Bytes>,
    pub(super) version: Option<Version>,
    /// The text of the handshake's result.
    pub(super) result: Option<Bytes>,
    /// What the server was found to be: a property of the server, not of a session.
    pub(super) server: Option<Era>,
    /// A session was lost, and none has been made since.
    pub(super) was_lost: bool,
    pub(super) guess: Guess,
    /// The stream that carries all answers, where the server has only HTTP+SSE.
    pub(super) event_stream: Option<EventStream>,
    /// The saved state says that the server has only HTTP+SSE.
    expects_http_sse: bool,
    pub(super) negotiation: Negotiation,
    /// The params of the host's own `initialize`, to say it again.
    pub(super) host_params: Option<Bytes>,
    pub(super) shaking: Option<Shaking>,
    pub(super) suspect: Suspect,
    /// The server has answered a call in this session.
    worked: bool,
    pub(super) reinitializations_left: u32,
    /// Handshakes that failed in a row, once sessions were lost.
    pub(super) failures: u32,
    /// The next handshake begins no earlier.
    pub(super) not_before: Option<Instant>,
}

#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Phase {
    Closed,
    Closing,
    /// None; the next call makes one.
    Idle,
    /// None, and the application must connect again.
    Lost,
    Ready(Gate),
    /// One that was saved; the first call goes on with it.
    Saved,
    /// The handshake is under way: the question for the server's era, `initialize`, or both.
    Shaking,
}

/// What is agreed may have been saved, and hold no more.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Guess {
    None,
    /// No result has shown yet that it holds.
    Open,
    /// That of this epoch proved wrong.
    Wrong(u32),
}

/// An `initialize` under way.
#[derive(Clone, Debug)]
pub(super) struct Shaking {
    pub(super) exchange: ExchangeId,
    pub(super) wire_id: u64,
    /// The session id of the answer's head; it counts only with a result.
    pub(super) session: Option<Bytes>,
}

/// Whether the server may have lost the session without saying so.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Suspect {
    /// A ping is on its way.
    Asking,
    /// The next call is preceded by a ping.
    Marked,
    No,
}

impl Session {
    pub(super) fn new(known: Option<&Known>) -> Self {
        Self {
            phase: match known {
                Some(known) if !known.http_sse => Phase::Saved,
                _ => Phase::Idle,
            },
            epoch: u32::from(known.is_some()),
            id: known
                .and_then(|known| known.session.as_ref())
                .map(|id| Bytes::copy_from_slice(id.as_bytes())),
            version: known.map(|known| known.version),
            result: known.and_then(|known| known.result.clone()),
            server: known.map(|known| known.version.era()),
            was_lost: false,
            guess: if known.is_some() {
                Guess::Open
            } else {
                Guess::None
            },
            event_stream: None,
            expects_http_sse: known.is_some_and(|known| known.http_sse),
            negotiation: Negotiation::default(),
            host_params: None,
            shaking: None,
            suspect: Suspect::No,
            worked: known.is_some(),
            reinitializations_left: MOST_REINITIALIZATIONS,
            failures: 0,
            not_before: None,
        }
    }

    pub(super) const fn is_closing(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Closing)
    }

    /// Whether there is a session, or can be one without a word of the host.
    pub(super) const fn can_begin(&self) -> bool {
        !matches!(self.phase, Phase::Idle) || self.host_params.is_some()
    }

    /// Whether this epoch is the present one, and alive.
    pub(super) const fn is_current(&self, epoch: u32) -> bool {
        self.epoch == epoch && matches!(self.phase, Phase::Ready(_))
    }

    /// The server answered a call of this epoch.
    pub(super) fn worked(&mut self, epoch: u32) {
        if self.is_current(epoch) {
            self.worked = true;
            self.settle_guess();
            self.reinitializations_left = MOST_REINITIALIZATIONS;
            self.failures = 0;
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
        self.server = Some(version.era());
        self.suspect = Suspect::No;
        self.worked = false;
        self.was_lost = false;
        self.settle_guess();
        self.not_before = None;
    }

    /// What was assumed holds, or does not matter any more. That an earlier assumption was wrong stays true.
    fn settle_guess(&mut self) {
        if self.guess == Guess::Open {
            self.guess = Guess::None;
        }
    }

    /// Whether what was agreed in this epoch was only assumed.
    pub(super) fn was_guess(&self, epoch: u32) -> bool {
        match self.guess {
            Guess::None => false,
            Guess::Open => true,
            Guess::Wrong(wrong) => wrong == epoch,
        }
    }

    /// The era of what is agreed; `None` while nothing is.
    pub(super) fn era(&self) -> Option<Era> {
        self.version.map(Version::era)
    }

    pub(super) fn has_batches(&self) -> bool {
        self.version.is_some_and(Version::has_batches)
    }

    pub(super) const fn has_id(&self) -> bool {
        self.id.is_some()
    }

    pub(super) fn forget_id(&mut self) {
        self.id = None;
    }

    /// A session that is known only to be ended.
    pub(super) fn learn(&mut self, id: Option<Bytes>, version: Option<Version>) {
        self.id = id;
        self.version = version;
    }

    /// What every request of the session carries.
    pub(super) fn add_headers(&self, headers: &mut Vec<Header>) {
        if let Some(version) = self.version.filter(|version| version.has_version_header()) {
            headers.push(Header::new(names::PROTOCOL_VERSION, version.header()));
        }
        if let Some(id) = &self.id {
            headers.push(Header::new(names::SESSION_ID, id.clone()));
        }
    }

    /// The exchange of `initialize`, while it is open.
    pub(super) fn initialize_exchange(&self) -> Option<ExchangeId> {
        self.shaking.as_ref().map(|shaking| shaking.exchange)
    }

    /// The exchange and the JSON-RPC id of `initialize`, while its answer is awaited.
    pub(super) fn asks_initialize(&self) -> Option<(ExchangeId, u64)> {
        let shaking = self.shaking.as_ref()?;
        Some((shaking.exchange, shaking.wire_id))
    }

    pub(super) const fn initialize_moved(&mut self, to: ExchangeId) {
        if let Some(shaking) = &mut self.shaking {
            shaking.exchange = to;
        }
    }

    pub(super) const fn probe_moved(&mut self, to: ExchangeId) {
        self.negotiation.probe = Some(to);
    }

    /// The session id in the head of the answer to `initialize`.
    pub(super) fn offered_id(&mut self, id: Option<Bytes>) {
        if let Some(shaking) = &mut self.shaking {
            shaking.session = id;
        }
    }

    pub(super) const fn is_http_sse(&self) -> bool {
        self.event_stream.is_some()
    }

    pub(super) const fn expect_http_sse(&mut self) {
        self.expects_http_sse = true;
    }

    /// Whether a handshake is to begin with the GET of HTTP+SSE. It is asked once: if that fails, the
    /// saved state was wrong.
    pub(super) fn wants_http_sse(&mut self) -> bool {
        core::mem::take(&mut self.expects_http_sse)
    }

    pub(super) fn known(&self, next_id: u64) -> Option<Known> {
        if !matches!(self.phase, Phase::Ready(_) | Phase::Saved) {
            return None;
        }
        let session = self
            .id
            .as_ref()
            .map(|id| String::from_utf8_lossy(id).into_owned());
        Some(Known {
            next_id,
            http_sse: self.is_http_sse(),
            result: self.result.clone(),
            ..Known::new(self.version?, session)
        })
    }
}

#[cfg(feature = "explore")]
impl Session {
    pub(super) fn fingerprint(
        &self,
        canon: &mut crate::client::fingerprint::Canon<'_>,
        now: Instant,
    ) {
        canon.add(&(self.phase, self.suspect, self.worked));
        // An epoch matters only beside those of the exchanges, which are hashed as they are.
        canon.add(&self.epoch);
        canon.add(&(self.id.as_ref(), self.version, self.result.as_ref()));
        canon.add(&self.host_params);
        canon.add(&(self.server, self.guess));
        canon.add(&(self.was_lost, self.expects_http_sse));
        canon.add(&self.event_stream.as_ref().map(EventStream::endpoint));
        self.negotiation.fingerprint(canon);
        canon.add(&(self.reinitializations_left, self.failures));
        let wait = self.not_before.map(|at| at.saturating_since(now));
        canon.add(&wait.filter(|wait| !wait.is_zero()));
        if let Some(shaking) = &self.shaking {
            canon.id(shaking.exchange.as_u64());
            canon.add(&shaking.session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_agreed_can_be_saved() {
        let known = Known::new(Version::V2025_11_25, Some("session".into()));
        let mut session = Session::new(Some(&known));
        for (phase, is_agreed) in [
            (Phase::Saved, true),
            (Phase::Ready(Gate::Open), true),
            (Phase::Idle, false),
            (Phase::Lost, false),
            (Phase::Shaking, false),
            (Phase::Closing, false),
            (Phase::Closed, false),
        ] {
            session.phase = phase;
            assert_eq!(session.known(1).is_some(), is_agreed, "{phase:?}");
        }
    }
}
