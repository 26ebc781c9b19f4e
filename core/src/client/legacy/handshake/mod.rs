//! The handshake: `initialize`, its result, `initialized`.
//!
//! Source: 2025-11-25, basic/lifecycle, "Initialization".

mod answer;
mod failure;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::client::errand::Errand;
use crate::client::exchange::{Purpose, Request};
use crate::client::ledger::Kind;
use crate::client::legacy::gate::Gate;
use crate::client::session::{Phase, Shaking};
use crate::client::{Client, Timer};
use crate::http::{Header, Method, names};
use crate::ids::CallId;
use crate::jsonrpc;
use crate::message::{Handshake, Identity};
use crate::outcome::{Execution, FailureKind, Outcome};
use crate::story::Teller;
use crate::version::{Era, Version};

impl Client {
    /// Makes a session if something waits for one, or goes on with the one there is.
    pub(in crate::client) fn begin_session(&mut self) {
        match self.session.phase {
            Phase::Closed | Phase::Closing => {}
            Phase::Shaking => {
                self.tell_connects();
            }
            Phase::Ready(_) => self.settle_connects_from_session(),
            Phase::Saved => {
                self.session.phase = Phase::Ready(Gate::Open);
                self.begin_standalone();
                self.settle_connects_from_session();
            }
            Phase::Idle | Phase::Lost => match self.session.not_before {
                Some(at) if at > self.now => self.timers.set(Timer::HandshakeAgain, at),
                _ => self.begin_negotiation(),
            },
        }
    }

    /// The host's own `initialize`. A second one begins a new session.
    pub(in crate::client) fn begin_host_handshake(&mut self, id: CallId, params: Option<Bytes>) {
        if let Some(shaking) = self.session.shaking.take() {
            self.abort(shaking.exchange);
        }
        for call in self.ledger.ids() {
            let is_older = self
                .ledger
                .get(call)
                .is_some_and(|entry| entry.kind == Kind::Initialize);
            if is_older && call != id {
                let reason = "the host sent another initialize";
                self.fail_because(call, FailureKind::SessionLost, reason);
            }
        }
        if matches!(self.session.phase, Phase::Ready(_) | Phase::Saved) {
            self.session.phase = Phase::Ready(Gate::Open);
            self.delete_session();
            self.end_session("the host began a new one");
        }
        self.session.host_params = Some(params.unwrap_or_else(|| Bytes::from_static(b"{}")));
        self.begin_negotiation();
    }

    /// Sends `initialize`, as a part of the handshake that is under way.
    pub(in crate::client) fn begin_initialize(&mut self) {
        let params = match (&self.config.handshake, &self.session.host_params) {
            (Handshake::Core(identity), _) => {
                initialize_params(identity, self.newest_legacy_version())
            }
            (Handshake::Host, Some(params)) => String::from_utf8_lossy(params).into_owned(),
            (Handshake::Host, None) => return,
        };
        let wire_id = self.take_wire_id();
        // No session id and no version: both are what this request asks for.
        let request = Request {
            method: Method::Post,
            url: None,
            headers: Vec::from([
                Header::new(
                    names::ACCEPT,
                    Bytes::from_static(b"application/json, text/event-stream"),
                ),
                Header::new(names::CONTENT_TYPE, Bytes::from_static(b"application/json")),
            ]),
            body: jsonrpc::request(wire_id, "initialize", Some(&params)),
        };
        let exchange = self.open(Purpose::Errand(Errand::Initialize, wire_id), request);
        self.session.shaking = Some(Shaking {
            exchange,
            wire_id,
            session: None,
        });
        self.handshake_is(Errand::Initialize, Execution::Unknown);
    }

    fn newest_legacy_version(&self) -> Version {
        let newest = *self.config.versions.end();
        match newest.era() {
            Era::Legacy => newest,
            Era::Modern => Version::NEWEST_LEGACY,
        }
    }

    /// What is known of the request that the application's `connect`, or the host's `initialize`, stands for.
    pub(in crate::client) fn tell_connects(&mut self) {
        let execution = self.session.negotiation.execution();
        for entry in self.ledger.calls.values_mut() {
            if entry.kind != Kind::Request {
                entry.execution = execution;
            }
        }
    }

    /// Settles what is the handshake: the application's `connect`, the host's `initialize`.
    fn settle_connects(&mut self, outcome: impl Fn(Teller) -> Outcome) {
        for call in self.ledger.ids() {
            let teller = match self.ledger.get(call) {
                Some(entry) if entry.kind != Kind::Request => entry.teller.clone(),
                _ => continue,
            };
            let outcome = outcome(teller);
            self.answer(call, outcome);
        }
    }

    pub(in crate::client) fn settle_connects_from_session(&mut self) {
        let result = match (&self.session.result, self.session.version) {
            (Some(result), _) => result.clone(),
            // Saved without its result: what is known is the version.
            (None, version) => match version.map_or("", Version::as_str) {
                name if self.session.era() == Some(Era::Modern) => {
                    format!(r#"{{"supportedVersions":["{name}"]}}"#).into()
                }
                name => format!(r#"{{"protocolVersion":"{name}"}}"#).into(),
            },
        };
        self.settle_connects(|_| Outcome::Result(result.clone()));
    }
}

fn initialize_params(identity: &Identity, version: Version) -> String {
    let utf8 = |text: &Bytes| String::from_utf8_lossy(text).into_owned();
    let meta = identity
        .meta
        .as_ref()
        .map_or_else(String::new, |meta| format!(r#","_meta":{}"#, utf8(meta)));
    format!(
        r#"{{"protocolVersion":"{version}","capabilities":{},"clientInfo":{}{meta}}}"#,
        utf8(&identity.capabilities),
        utf8(&identity.info),
    )
}
