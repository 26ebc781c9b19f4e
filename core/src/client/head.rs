//! Heads of responses: what a status means for whom the exchange serves.

use alloc::format;
use alloc::vec::Vec;
use bytes::Bytes;

use super::exchange::{Purpose, Reading};
use super::ledger::Stage;
use super::{Client, Timer};
use crate::http::media::Media;
use crate::http::{self, Header, Headers, names};
use crate::ids::{CallId, ExchangeId};
use crate::notice::NoticeKind;
use crate::outcome::{Execution, FailureKind, Refusal};
use crate::sse::Decoder;
use crate::story::Seen;
use crate::version::Era;

/// Redirects that one exchange follows.
const MOST_HOPS: u8 = 3;
/// Bytes of a refusal's body that the outcome keeps.
const MOST_REFUSAL_BYTES: usize = 4096;

impl Client {
    pub(super) fn on_head(&mut self, id: ExchangeId, status: u16, headers: Headers<'_>) {
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        if !matches!(exchange.reading, Reading::Head) {
            return;
        }
        let purpose = exchange.purpose;
        if let Purpose::Call(call) | Purpose::Resume(call) = purpose {
            self.saw(call, Some(id), Seen::Head { status });
        }
        if matches!(status, 307 | 308) && self.redirect(id, headers) {
            return;
        }
        if self.may_want_credentials(status) {
            if self.park_get(id, status, headers) {
                return;
            }
        } else if let Some(exchange) = self.exchanges.get_mut(&id) {
            exchange.sent.body = Bytes::new();
        }
        match purpose {
            Purpose::Call(call) => self.call_head(id, call, status, headers),
            Purpose::Delete => self.delete_head(id),
            Purpose::Errand(errand, _) => self.errand_head(id, errand, status, headers),
            Purpose::EventStream => self.event_stream_head(id, status, headers),
            Purpose::Listen(listen) => self.listen_head(id, listen, status, headers),
            Purpose::Ping(suspicion) => self.ping_head(id, suspicion, status, headers),
            Purpose::Post(post) => self.post_head(id, post, status, headers),
            Purpose::Resume(call) => self.resume_head(id, call, status, headers),
            Purpose::Standalone => self.standalone_head(id, status, headers),
        }
    }

    fn call_head(&mut self, id: ExchangeId, call: CallId, status: u16, headers: Headers<'_>) {
        match status {
            200..=299 if self.is_answered_elsewhere(id) => {
                self.linger(id);
                self.wait_for_standalone(call);
            }
            202 if self.may_be_answered_later(id) => {
                self.linger(id);
                self.wait_for_standalone(call);
            }
            202 => {
                self.linger(id);
                let reason = "the server accepted the request (202) and promised no answer";
                self.fail_because(call, FailureKind::BadAnswer, reason);
            }
            200..=299 => match self.body_of(headers) {
                Ok(reading) => self.read_on(id, reading),
                Err(reason) => {
                    self.linger(id);
                    self.fail_because(call, FailureKind::BadAnswer, reason);
                }
            },
            0 | 300..=399 => {
                self.linger(id);
                let refusal = refusal(status, headers);
                self.saw_target(call, headers);
                self.fail_refused(call, FailureKind::Redirected, Execution::Refused, refusal);
            }
            _ => {
                if execution_after(status) == Execution::Refused
                    && let Some(entry) = self.ledger.get_mut(call)
                {
                    entry.stage = Stage::Refused(id);
                }
                self.read_error(id, status, headers);
            }
        }
    }

    /// Whether the answer to a request comes on the stream of HTTP+SSE, and not on its own exchange.
    fn is_answered_elsewhere(&self, id: ExchangeId) -> bool {
        self.session.is_http_sse() && self.is_legacy(id)
    }

    /// Whether a request that was only accepted may be answered on the standalone stream.
    fn may_be_answered_later(&self, id: ExchangeId) -> bool {
        self.config.accept_202 && self.standalone.is_open() && self.is_legacy(id)
    }

    fn is_legacy(&self, id: ExchangeId) -> bool {
        let open = self.exchanges.get(&id);
        open.is_some_and(|open| open.era == Era::Legacy)
    }

    /// How the body of a good response is read; the error says why it is no answer.
    pub(super) fn body_of(&self, headers: Headers<'_>) -> Result<Reading, alloc::string::String> {
        let content_type = http::text(headers, names::CONTENT_TYPE);
        match Media::of(content_type) {
            Media::Json => Ok(Reading::Json(Vec::new())),
            Media::Sse => Ok(Reading::Sse(Decoder::new(self.config.limits.event))),
            Media::Other => Err(match content_type {
                Some(other) => format!("the answer is {other}, neither JSON nor an event stream"),
                None => "the answer has no content-type, so it is neither JSON nor an event stream"
                    .into(),
            }),
        }
    }

    pub(super) fn read_on(&mut self, id: ExchangeId, reading: Reading) {
        if let Some(exchange) = self.exchanges.get_mut(&id) {
            exchange.reading = reading;
        }
    }

    /// Reads the body of an error, which may explain it; but not for ever.
    pub(super) fn read_error(&mut self, id: ExchangeId, status: u16, headers: Headers<'_>) {
        let until = self.after(self.config.timing.exchange);
        self.timers.set(Timer::Exchange(id), until);
        self.read_on(id, Reading::Error(refusal(status, headers), Vec::new()));
    }

    fn saw_target(&mut self, call: CallId, headers: Headers<'_>) {
        let text = match http::find(headers, names::LOCATION) {
            Some(target) => format!("redirected to {}", http::lossy(target)),
            None => "redirected, without saying where".into(),
        };
        self.saw(call, None, Seen::Note { text });
    }

    /// Follows a redirect to the same origin, with method and body kept. `false`: not followed.
    fn redirect(&mut self, id: ExchangeId, headers: Headers<'_>) -> bool {
        let Some(exchange) = self.exchanges.get(&id) else {
            return false;
        };
        let base = match &exchange.sent.url {
            Some(url) => http::origin::Url::parse(url),
            None => Ok(self.url.clone()),
        };
        let target = http::text(headers, names::LOCATION).and_then(|to| base.ok()?.join(to).ok());
        let Some(target) = target.filter(|target| target.same_origin(&self.url)) else {
            return false;
        };
        if exchange.hops == MOST_HOPS || exchange.purpose == Purpose::Delete {
            return false;
        }
        let mut redirected = exchange.clone();
        redirected.hops += 1;
        redirected.sent.url = Some(target.as_str().into());
        let (purpose, method) = (exchange.purpose, exchange.sent.method);
        let bound = self.timers.clear(Timer::Exchange(id));
        self.linger(id);
        let next = self.open_next(redirected);
        if let Some(at) = bound {
            self.timers.set(Timer::Exchange(next), at);
        }
        if let Purpose::Call(call) = purpose
            && let Some(entry) = self.ledger.get_mut(call)
        {
            // The redirect refused the request, whatever becomes of it at its new place.
            entry.execution = entry.execution.max(Execution::Refused);
        }
        if let Purpose::Call(call) | Purpose::Resume(call) = purpose {
            self.saw_target(call, headers);
            self.saw(call, Some(next), Seen::Opened { method });
        }
        true
    }

    /// Tells the owner of an exchange that it goes on under another handle.
    pub(super) fn moved(&mut self, purpose: Purpose, to: ExchangeId) {
        match purpose {
            Purpose::Call(call) | Purpose::Resume(call) => {
                if let Some(entry) = self.ledger.get_mut(call) {
                    entry.stage = Stage::Open(to);
                }
            }
            Purpose::Errand(errand, _) => self.errand_moved(errand, to),
            Purpose::EventStream => self.session.event_stream_moved(to),
            Purpose::Listen(listen) => self.listen_moved(listen, to),
            Purpose::Standalone => self.standalone.moved(to),
            Purpose::Delete | Purpose::Ping(_) | Purpose::Post(_) => {}
        }
    }

    pub(super) fn undelivered(&mut self, id: ExchangeId, what: &str, why: &str) {
        self.notice(NoticeKind::Undelivered, Some(id), format!("{what}: {why}"));
    }
}

/// What a refusal keeps: the headers that a host acts on.
pub(super) fn refusal(status: u16, headers: Headers<'_>) -> Refusal {
    const KEPT: [&str; 4] = [
        names::CONTENT_TYPE,
        names::LOCATION,
        names::RETRY_AFTER,
        names::WWW_AUTHENTICATE,
    ];
    let kept = KEPT.into_iter().flat_map(|name| {
        headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(move |(_, value)| Header::new(name, Bytes::copy_from_slice(value)))
    });
    Refusal {
        status,
        headers: kept.collect(),
        body: Bytes::new(),
    }
}

impl Refusal {
    /// Keeps the beginning of the body, which may explain it.
    pub(super) fn with_body(self, body: &[u8]) -> Self {
        let kept = body.get(..MOST_REFUSAL_BYTES).unwrap_or(body);
        Self {
            body: Bytes::copy_from_slice(kept),
            ..self
        }
    }
}

/// What an HTTP error says of the request that it answers: these statuses are given before anything
/// runs; any other may come after.
pub(super) fn execution_after(status: u16) -> Execution {
    match status {
        0 | 300..=399 | 400 | 401 | 403..=406 | 411 | 413 | 415 | 421 | 429 | 431 => {
            Execution::Refused
        }
        _ => Execution::Unknown,
    }
}

/// Statuses that say "not now": another attempt may fare better.
pub(super) const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 409 | 425 | 429 | 500..=599)
}
