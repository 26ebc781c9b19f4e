//! Which era the server is of: a modern question first, `initialize` where it is not understood, and both
//! at once where it is not answered at all. One bound holds for the whole.
//!
//! Source: 2026-07-28, basic/versioning, "Backward Compatibility with Initialization-Based Versions", and
//! transports/streamable-http, "Backward Compatibility".

mod again;
mod common;
mod probe;

use alloc::boxed::Box;
use alloc::string::String;
use bytes::Bytes;

use super::errand::{Errand, Reply};
use super::event::{ClientEvent, SessionChange};
use super::session::Phase;
use super::{Client, Timer};
use crate::ids::ExchangeId;
use crate::outcome::{Execution, FailureKind};
use crate::version::{Era, Version};

pub(super) use common::{is_modern_error, supported_in};

/// What has been tried to find out what the server speaks.
#[derive(Clone, Debug)]
pub(super) struct Negotiation {
    /// The exchange of `server/discover`, while it is open.
    pub(super) probe: Option<ExchangeId>,
    probes: u8,
    /// What the server said that it speaks, in its own words.
    offered: Option<String>,
    /// How `initialize` failed, while the probe is still open.
    pub(super) verdict: Option<Box<Reply>>,
    /// The GET of HTTP+SSE was tried.
    pub(super) has_tried_http_sse: bool,
    /// What is known of the question and of `initialize`.
    probe_is: Execution,
    initialize_is: Execution,
}

impl Default for Negotiation {
    fn default() -> Self {
        Self {
            probe: None,
            probes: 0,
            offered: None,
            verdict: None,
            has_tried_http_sse: false,
            probe_is: Execution::NotSent,
            initialize_is: Execution::NotSent,
        }
    }
}

impl Negotiation {
    /// What is known of the requests that `connect` stands for.
    pub(super) fn execution(&self) -> Execution {
        self.probe_is.max(self.initialize_is)
    }
}

#[cfg(feature = "explore")]
impl Negotiation {
    pub(super) fn fingerprint(&self, canon: &mut super::fingerprint::Canon<'_>) {
        if let Some(probe) = self.probe {
            canon.id(probe.as_u64());
        }
        canon.add(&(self.probes, &self.offered, self.has_tried_http_sse));
        canon.add(&(self.verdict.is_some(), self.probe_is, self.initialize_is));
    }
}

impl Client {
    /// Begins a handshake, as far as the server's era is known: with the question for it, or with
    /// `initialize`.
    pub(super) fn begin_negotiation(&mut self) {
        if self.host_speaks() && self.session.host_params.is_none() {
            return; // Only the host can begin.
        }
        self.close_probe();
        if self.session.is_http_sse() {
            self.session.expect_http_sse();
            self.drop_event_stream();
        }
        self.session.negotiation = Negotiation::default();
        if !self.host_speaks() {
            self.session.version = None; // A host's own is compared with the next one.
        }
        self.session.phase = Phase::Shaking;
        self.timers.clear(Timer::HandshakeAgain);
        let until = self.after(self.config.timing.handshake);
        self.timers.set(Timer::Handshake, until);
        self.tell_connects();
        if self.session.wants_http_sse() {
            self.open_event_stream();
        } else {
            self.find_out_era();
        }
    }

    /// Asks for the server's era, unless it is known.
    pub(super) fn find_out_era(&mut self) {
        if self.may_be_modern() {
            self.probe(*self.config.versions.end());
        } else {
            self.begin_initialize();
        }
    }

    /// Whether a modern server is to be expected.
    fn may_be_modern(&self) -> bool {
        self.speaks_modern() && self.session.server != Some(Era::Legacy)
    }

    pub(super) fn speaks_modern(&self) -> bool {
        self.config.versions.end().era() == Era::Modern && !self.host_speaks()
    }

    fn speaks_legacy(&self) -> bool {
        self.config.versions.start().era() == Era::Legacy
    }

    /// Notes what is known of a part of the handshake.
    pub(super) fn handshake_is(&mut self, errand: Errand, execution: Execution) {
        match errand {
            Errand::Discover => self.session.negotiation.probe_is = execution,
            Errand::Initialize => self.session.negotiation.initialize_is = execution,
            Errand::ListTools(_) => return,
        }
        self.tell_connects();
    }

    fn initialize_is_open(&self) -> bool {
        self.session.shaking.is_some()
    }

    /// Whether the end of `initialize` is not the end yet: the server turned out to be modern, or of the
    /// oldest transport, or the first question is still open.
    pub(super) fn goes_on_without_initialize(&mut self, reply: &Reply) -> bool {
        if self.session.is_closing() {
            return false;
        }
        if let Reply::Error(error, _) = reply
            && is_modern_error(error)
            && self.speaks_modern()
            && self.session.negotiation.probes == 0
        {
            let supported = supported_in(error);
            let version = self
                .best_common(&supported)
                .filter(|version| version.era() == Era::Modern)
                .unwrap_or_else(|| *self.config.versions.end());
            self.session.server = None;
            self.probe(version);
            // There is nothing to fall back to any more.
            self.keep_verdict(reply);
            return true;
        }
        if matches!(reply, Reply::Failed(over) if over.kind == FailureKind::Unauthorized) {
            return false; // Without credentials the open question would fare no better.
        }
        if self.session.negotiation.probe.is_some() {
            self.keep_verdict(reply);
            return true;
        }
        if self.may_be_http_sse(reply) {
            self.keep_verdict(reply);
            self.open_event_stream();
            return true;
        }
        false
    }

    /// The server is modern: there is no session, and calls may begin.
    fn enter_modern(&mut self, version: Version, result: Bytes) {
        self.withdraw_posts();
        self.drop_initialize();
        self.timers.clear(Timer::Handshake);
        if self.session.is_closing() {
            return;
        }
        let change = SessionChange::made(self.session.was_lost);
        self.session.enter(None, version, result);
        self.out.event(ClientEvent::SessionChanged {
            epoch: self.session.epoch,
            change,
        });
        self.settle_connects_from_session();
    }

    /// Remembers what is to be said if nothing better comes of this handshake.
    fn keep_verdict(&mut self, reply: &Reply) {
        self.session.negotiation.verdict = Some(Box::new(reply.clone()));
    }

    fn drop_initialize(&mut self) {
        if let Some(shaking) = self.session.shaking.take() {
            self.abort(shaking.exchange);
        }
    }

    /// The handshake is over, without success.
    pub(super) fn end_negotiation(&mut self, reply: Reply) {
        self.drop_initialize();
        match reply {
            Reply::Error(error, _) => self.handshake_error(&error),
            Reply::Failed(over) => self.handshake_over(&over),
            Reply::Result(_) => {}
        }
    }
}
