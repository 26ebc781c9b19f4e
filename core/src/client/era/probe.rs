//! The question for the server's era, and what follows from each answer: the modern era, `initialize`, or the
//! end.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::common::{is_modern_error, names, supported_in};
use crate::client::errand::{Errand, Over, Reply};
use crate::client::exchange::{Purpose, Request};
use crate::client::{Client, Timer};
use crate::http::Method;
use crate::jsonrpc;
use crate::jsonrpc::code::UNSUPPORTED_PROTOCOL_VERSION;
use crate::message::RpcError;
use crate::outcome::{Execution, FailureKind, Refusal};
use crate::version::{Era, Version};

/// Times that `server/discover` is sent in one negotiation.
const MOST_PROBES: u8 = 3;

impl Client {
    pub(super) fn probe(&mut self, version: Version) {
        let id = self.take_wire_id();
        let params = self.modern_params(None, false, version, None);
        let request = Request {
            method: Method::Post,
            url: None,
            headers: Self::modern_headers(version.header(), Bytes::from_static(b"server/discover")),
            body: jsonrpc::request(id, "server/discover", Some(&params)),
        };
        let exchange = self.open_modern(Purpose::Errand(Errand::Discover, id), request);
        let until = self.after(self.config.timing.probe);
        self.timers.set(Timer::Probe, until);
        let negotiation = &mut self.session.negotiation;
        negotiation.probe = Some(exchange);
        negotiation.probes += 1;
        self.handshake_is(Errand::Discover, Execution::Unknown);
    }

    /// The server does not answer the question for its era: it may be one that leaves unknown methods
    /// unanswered. The question stays open.
    pub(in crate::client) fn probe_is_slow(&mut self) {
        if self.session.negotiation.probe.is_some() {
            self.fall_back(None);
        }
    }

    pub(in crate::client) fn probe_replied(&mut self, reply: Reply) {
        self.timers.clear(Timer::Probe);
        self.session.negotiation.probe = None;
        match reply {
            Reply::Result(result) => self.discovered(result),
            Reply::Error(error, refusal) if error.code == UNSUPPORTED_PROTOCOL_VERSION => {
                self.probe_met_other_version(error, refusal);
            }
            Reply::Error(error, Some(refusal)) if refusal.status == 403 => {
                self.end_negotiation(Reply::Error(error, Some(refusal)));
            }
            Reply::Error(error, refusal) if is_modern_error(&error) => {
                self.session.server = Some(Era::Modern);
                self.end_negotiation(Reply::Error(error, refusal));
            }
            Reply::Failed(over) if is_final(&over) => self.end_negotiation(Reply::Failed(over)),
            other => self.fall_back(Some(other)),
        }
    }

    fn discovered(&mut self, result: Bytes) {
        let text = String::from_utf8_lossy(&result);
        let supported = jsonrpc::member(&text, "supportedVersions").map(names);
        let Some(supported) = supported else {
            let reason = "the answer to server/discover names no versions";
            return self.fall_back(Some(Reply::Failed(Over::new(
                FailureKind::BadAnswer,
                reason,
            ))));
        };
        match self.best_common(&supported) {
            Some(version) if version.era() == Era::Modern => self.enter_modern(version, result),
            _ => {
                self.session.negotiation.offered = Some(supported.join(", "));
                self.fall_back(None);
            }
        }
    }

    fn probe_met_other_version(&mut self, error: RpcError, refusal: Option<Refusal>) {
        let supported = supported_in(&error);
        self.session.negotiation.offered = Some(supported.join(", "));
        match self.best_common(&supported) {
            Some(version) if version.era() == Era::Modern => {
                if self.session.negotiation.probes < MOST_PROBES {
                    self.drop_initialize();
                    self.probe(version);
                } else {
                    self.end_negotiation(Reply::Error(error, refusal));
                }
            }
            Some(_) => self.fall_back(None),
            None => {
                let reason = self.no_common_version();
                self.end_negotiation(Reply::Failed(Over {
                    refusal,
                    execution: Execution::Refused,
                    ..Over::new(FailureKind::NoCommonVersion, reason)
                }));
            }
        }
    }

    /// The server is not known to be modern, so `initialize` is tried, once.
    fn fall_back(&mut self, instead: Option<Reply>) {
        if self.initialize_is_open() {
            return; // It will tell.
        }
        if let Some(verdict) = self.session.negotiation.verdict.take() {
            return self.end_negotiation(*verdict);
        }
        if self.session.is_closing() {
            return self.end_negotiation(Reply::Failed(Over::new(FailureKind::Closed, "")));
        }
        if !self.speaks_legacy() {
            if self.session.negotiation.probe.is_none() {
                self.end_negotiation(self.not_modern(instead));
            }
            return;
        }
        self.begin_initialize();
    }

    /// The server proved not to be modern, and we speak nothing else.
    fn not_modern(&self, instead: Option<Reply>) -> Reply {
        let (said, refusal) = match instead {
            Some(Reply::Error(error, refusal)) => (format!("it answered {error}"), refusal),
            Some(Reply::Failed(over)) => (over.reason, over.refusal),
            _ => (self.no_common_version(), None),
        };
        let reason = format!(
            "the server does not speak {} or later: {said}",
            self.config.versions.start()
        );
        Reply::Failed(Over {
            refusal,
            execution: self.session.negotiation.execution(),
            ..Over::new(FailureKind::NoCommonVersion, reason)
        })
    }

    pub(in crate::client) fn close_probe(&mut self) {
        if let Some(probe) = self.session.negotiation.probe.take() {
            self.abort(probe);
        }
        self.timers.clear(Timer::Probe);
    }
}

/// A failure that `initialize` would meet just so.
const fn is_final(over: &Over) -> bool {
    matches!(
        over.kind,
        FailureKind::Unauthorized | FailureKind::Unreachable
    ) || matches!(&over.refusal, Some(refusal) if refusal.status == 403)
}
