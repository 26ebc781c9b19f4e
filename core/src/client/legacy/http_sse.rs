//! The HTTP+SSE transport before Streamable HTTP: one GET carries everything that the server says, and
//! names where messages are posted. Deprecated, and only used if the host asks for it.
//!
//! Source: 2024-11-05, basic/transports, "HTTP with SSE"; 2026-07-28, transports/streamable-http, "HTTP+SSE
//! Transport (2024-11-05)".

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use crate::client::Client;
use crate::client::answer::kind_of_refusal;
use crate::client::era::is_modern_error;
use crate::client::errand::{Over, Reply};
use crate::client::exchange::{Purpose, Reading, Request};
use crate::client::head::refusal;
use crate::client::input::Sent;
use crate::client::ledger::Stage;
use crate::client::session::{Phase, Session};
use crate::http::{Header, Headers, names};
use crate::ids::{CallId, ExchangeId};
use crate::outcome::{Execution, FailureKind, Refusal};

/// The stream that carries everything that the server says.
#[derive(Clone, Debug)]
pub(in crate::client) struct EventStream {
    pub(in crate::client) exchange: ExchangeId,
    /// Where messages are posted, once the server has named it.
    endpoint: Option<String>,
}

#[cfg(feature = "explore")]
impl EventStream {
    pub(in crate::client) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }
}

impl Session {
    pub(in crate::client) const fn event_stream_moved(&mut self, to: ExchangeId) {
        if let Some(stream) = &mut self.event_stream {
            stream.exchange = to;
        }
    }

    /// Where messages are posted, if that is not the configured URL.
    pub(in crate::client) fn message_url(&self) -> Option<String> {
        self.event_stream.as_ref()?.endpoint.clone()
    }
}

impl Client {
    /// Whether what became of `initialize` lets us look for the oldest transport.
    pub(in crate::client) fn may_be_http_sse(&self, reply: &Reply) -> bool {
        let refusal = match reply {
            Reply::Error(error, refusal) if !is_modern_error(error) => refusal,
            Reply::Failed(over) => &over.refusal,
            Reply::Error(..) | Reply::Result(_) => return false,
        };
        let is_refused = refusal
            .as_ref()
            .is_some_and(|refusal| matches!(refusal.status, 400 | 404 | 405));
        self.config.http_sse && is_refused && !self.session.negotiation.has_tried_http_sse
    }

    pub(in crate::client) fn open_event_stream(&mut self) {
        self.session.negotiation.has_tried_http_sse = true;
        let headers = Vec::from([Header::new(
            names::ACCEPT,
            Bytes::from_static(b"text/event-stream"),
        )]);
        let exchange = self.open(Purpose::EventStream, Request::get(headers));
        self.session.event_stream = Some(EventStream {
            exchange,
            endpoint: None,
        });
    }

    pub(in crate::client) fn event_stream_head(
        &mut self,
        id: ExchangeId,
        status: u16,
        headers: Headers<'_>,
    ) {
        match (status, self.body_of(headers)) {
            (200..=299, Ok(reading @ Reading::Sse(_))) => self.read_on(id, reading),
            (200..=299, _) => {
                self.linger(id);
                let why = "the answer to its GET is no event stream";
                self.no_event_stream(Over::new(FailureKind::BadAnswer, why));
            }
            (0 | 300..=399, _) => {
                self.linger(id);
                let refusal = refusal(status, headers);
                self.event_stream_refused(FailureKind::Redirected, refusal);
            }
            _ => self.read_error(id, status, headers),
        }
    }

    fn event_stream_refused(&mut self, kind: FailureKind, refusal: Refusal) {
        let why = format!("HTTP {} to its GET", refusal.status);
        self.no_event_stream(Over {
            execution: Execution::Refused,
            refusal: Some(refusal),
            ..Over::new(kind, why)
        });
    }

    /// The first event: where messages are posted.
    pub(in crate::client) fn endpoint_named(&mut self, id: ExchangeId, target: &str) {
        let is_new = self
            .session
            .event_stream
            .as_ref()
            .is_some_and(|stream| stream.endpoint.is_none());
        if !is_new || self.session.phase != Phase::Shaking {
            return;
        }
        let endpoint = self.url.join(target).ok();
        let endpoint = endpoint.filter(|endpoint| endpoint.same_origin(&self.url));
        if let Some(endpoint) = endpoint {
            if let Some(stream) = &mut self.session.event_stream {
                stream.endpoint = Some(endpoint.as_str().into());
            }
            self.begin_initialize();
        } else {
            self.abort(id);
            let why = format!("the server wants messages posted to {target:?}, another origin");
            self.no_event_stream(Over::new(FailureKind::Redirected, why));
        }
    }

    /// The response of the GET is over.
    pub(in crate::client) fn event_stream_is_over(
        &mut self,
        reading: &Reading,
        sent: Sent,
        why: &str,
    ) {
        if let (Sent::No, Phase::Shaking) = (sent, self.session.phase) {
            self.no_event_stream(Over::new(FailureKind::Unreachable, why));
        } else if let Reading::Error(refusal, body) = reading {
            let refusal = refusal.clone().with_body(body);
            self.event_stream_refused(kind_of_refusal(&refusal), refusal);
        } else {
            self.event_stream_lost(why);
        }
    }

    /// There is no stream to be had. If nothing else was tried before, the saved state was wrong.
    fn no_event_stream(&mut self, mut over: Over) {
        self.session.event_stream = None;
        match self.session.negotiation.verdict.take() {
            Some(verdict) => {
                over.execution = self.session.negotiation.execution();
                over.reason = format!("{}; and as HTTP+SSE: {}", verdict.reason(), over.reason);
                self.end_negotiation(Reply::Failed(over));
            }
            None if over.refusal.is_some() => {
                self.session.server = None;
                self.find_out_era();
            }
            None => self.end_negotiation(Reply::Failed(over)),
        }
    }

    /// The stream ended: with it whatever could bring an answer.
    pub(in crate::client) fn event_stream_lost(&mut self, why: &str) {
        if self.session.phase == Phase::Shaking {
            self.no_event_stream(Over::new(FailureKind::ConnectionLost, why));
        } else if let Phase::Ready(_) = self.session.phase {
            self.end_session(&format!(
                "the stream that carries all answers is lost: {why}"
            ));
        }
    }

    /// What becomes of a call when the stream that was to bring its answer is gone.
    pub(super) fn outlive_event_stream(&mut self, call: CallId, why: &str) {
        let waits_on_it = self
            .ledger
            .get(call)
            .is_some_and(|entry| matches!(entry.stage, Stage::Open(_) | Stage::Standalone));
        if waits_on_it {
            self.fail_because(call, FailureKind::ConnectionLost, why);
        }
    }

    /// The stream belongs to a session that is over.
    pub(in crate::client) fn drop_event_stream(&mut self) {
        if let Some(stream) = self.session.event_stream.take() {
            self.abort(stream.exchange);
        }
    }
}
