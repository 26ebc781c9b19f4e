//! Bodies of responses: collected or decoded, and what their end means for whom they serve.

use alloc::format;

use super::exchange::{Exchange, Purpose, Reading};
use super::input::{Sent, SseEvent, TransportFailure};
use super::{Client, Timer};
use crate::ids::ExchangeId;
use crate::outcome::FailureKind;
use crate::sse::TooLarge;
use crate::story::Seen;
use crate::version::Era;

impl Client {
    pub(super) fn on_chunk(&mut self, id: ExchangeId, data: &[u8]) {
        let limit = self.config.limits.body;
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        let purpose = exchange.purpose;
        let mut too_large = false;
        let is_stream = match &mut exchange.reading {
            Reading::Decoding | Reading::Discard | Reading::Head => return,
            Reading::Sse(_) => true,
            Reading::Json(body) => {
                too_large = body.len() + data.len() > limit;
                if !too_large {
                    body.extend_from_slice(data);
                }
                false
            }
            Reading::Error(_, body) => {
                // An error beyond the limit is cut: its status has said what matters.
                let room = limit - body.len();
                body.extend(data.iter().take(room));
                false
            }
        };
        if let Purpose::Call(call) | Purpose::Resume(call) = purpose {
            let count = data.len() as u64;
            self.saw(call, Some(id), Seen::Bytes { count });
        }
        if too_large {
            let reason = format!("the body is larger than {limit} bytes");
            self.stream_failed(id, FailureKind::TooLarge, &reason);
        } else if is_stream {
            self.decode(id, data);
        }
    }

    fn decode(&mut self, id: ExchangeId, data: &[u8]) {
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        // The decoder lends its events, and handling them needs all of `self`: so it is taken out, and
        // put back if the stream is still wanted.
        let taken = core::mem::replace(&mut exchange.reading, Reading::Decoding);
        let Reading::Sse(mut decoder) = taken else {
            exchange.reading = taken;
            return;
        };
        let purpose = exchange.purpose;
        self.stream_is_alive(purpose);
        let comments = decoder.comments();
        let mut input = data;
        while let Some(decoded) = decoder.next(&mut input) {
            match decoded {
                Ok(event) => self.on_frame(id, event),
                Err(TooLarge) => self.event_too_large(id),
            }
            let is_wanted = self
                .exchanges
                .get(&id)
                .is_some_and(|open| matches!(open.reading, Reading::Decoding));
            if !is_wanted {
                return;
            }
        }
        if let Some(exchange) = self.exchanges.get_mut(&id) {
            let keeps_alive = decoder.comments() > comments;
            exchange.reading = Reading::Sse(decoder);
            if keeps_alive {
                self.stream_kept_alive(purpose);
            }
        }
    }

    pub(super) fn on_sse_event(&mut self, id: ExchangeId, event: SseEvent<'_>) {
        let limit = self.config.limits.event;
        let Some(exchange) = self.exchanges.get_mut(&id) else {
            return;
        };
        if !matches!(exchange.reading, Reading::Sse(_)) {
            return;
        }
        let purpose = exchange.purpose;
        self.stream_is_alive(purpose);
        let size = event.data.len() + event.event.len() + event.id.map_or(0, str::len);
        if let Purpose::Call(call) | Purpose::Resume(call) = purpose {
            self.saw(call, Some(id), Seen::Bytes { count: size as u64 });
        }
        if size > limit {
            self.event_too_large(id);
        } else {
            self.on_frame(id, event);
        }
    }

    /// Bytes came on a stream that may be silent for long.
    fn stream_is_alive(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Listen(listen) => self.listen_is_alive(listen),
            Purpose::Standalone => self.standalone_is_alive(),
            _ => {}
        }
    }

    /// They were a keep-alive.
    fn stream_kept_alive(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Listen(listen) => self.listen_kept_alive(listen),
            Purpose::Standalone => self.standalone_kept_alive(),
            _ => {}
        }
    }

    fn event_too_large(&mut self, id: ExchangeId) {
        let reason = format!("an event is larger than {} bytes", self.config.limits.event);
        self.stream_failed(id, FailureKind::TooLarge, &reason);
    }

    /// Ends an exchange whose body cannot be used any further. Resuming would bring the same again.
    fn stream_failed(&mut self, id: ExchangeId, kind: FailureKind, reason: &str) {
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        match exchange.purpose {
            Purpose::Call(call) | Purpose::Resume(call) => self.fail_because(call, kind, reason),
            Purpose::Errand(errand, _) => {
                self.abort(id);
                self.errand_failed(errand, kind, reason);
            }
            Purpose::EventStream => {
                self.abort(id);
                self.event_stream_lost(reason);
            }
            Purpose::Listen(listen) => {
                self.abort(id);
                self.end_listen_because(listen, kind, reason);
            }
            Purpose::Standalone => {
                self.abort(id);
                self.standalone_unreadable(id, reason);
            }
            Purpose::Delete | Purpose::Ping(_) | Purpose::Post(_) => self.abort(id),
        }
    }

    pub(super) fn on_end(&mut self, id: ExchangeId) {
        let Some(exchange) = self.take(id) else {
            return;
        };
        let Exchange {
            purpose, reading, ..
        } = &exchange;
        if let Purpose::Call(call) | Purpose::Resume(call) = *purpose {
            self.saw(call, Some(id), Seen::Ended);
        }
        match (*purpose, reading) {
            (_, Reading::Decoding | Reading::Discard) => {}
            (_, Reading::Head) => {
                let failure = TransportFailure {
                    sent: Sent::Maybe,
                    detail: "the response ended before its head".into(),
                };
                self.lost(id, exchange, &failure);
            }
            (_, Reading::Error(..)) => self.on_refusal(id, exchange),
            (Purpose::Call(call), Reading::Json(body)) => {
                self.json_answer(id, &exchange, call, body);
            }
            (Purpose::Call(call) | Purpose::Resume(call), Reading::Sse(_)) => {
                self.stream_ended(call);
            }
            (Purpose::Errand(errand, own), Reading::Json(body)) => {
                self.errand_json(errand, own, body);
            }
            (Purpose::Errand(errand, _), Reading::Sse(_)) => self.errand_unanswered(errand),
            (Purpose::EventStream, reading) => {
                self.event_stream_is_over(reading, Sent::Maybe, "the stream ended");
            }
            (Purpose::Listen(listen), reading) => {
                self.listen_is_over(listen, reading, "the stream ended");
            }
            (Purpose::Standalone, _) => self.standalone_ended(None),
            _ => {}
        }
    }

    pub(super) fn on_failed(&mut self, id: ExchangeId, failure: &TransportFailure) {
        let Some(exchange) = self.take(id) else {
            return;
        };
        if let Purpose::Call(call) | Purpose::Resume(call) = exchange.purpose {
            let detail = failure.detail.clone();
            self.saw(call, Some(id), Seen::Failed { detail });
        }
        self.lost(id, exchange, failure);
    }

    fn take(&mut self, id: ExchangeId) -> Option<Exchange> {
        self.timers.clear(Timer::Exchange(id));
        self.exchanges.remove(&id)
    }

    /// An exchange ended without what it was for.
    fn lost(&mut self, id: ExchangeId, exchange: Exchange, failure: &TransportFailure) {
        match (exchange.purpose, &exchange.reading) {
            (_, Reading::Decoding | Reading::Discard) | (Purpose::Delete, _) => {}
            (_, Reading::Error(..)) => self.on_refusal(id, exchange),
            (Purpose::Call(call), Reading::Head) if failure.sent == Sent::No => self.not_sent(call),
            (Purpose::Call(call), Reading::Head)
                if exchange.era == Era::Legacy && self.session.is_http_sse() =>
            {
                self.wait_for_standalone(call); // The answer comes on the stream, if it was received.
            }
            (Purpose::Call(call), Reading::Head | Reading::Json(_)) => self.answer_lost(call),
            (Purpose::Call(call), Reading::Sse(_)) | (Purpose::Resume(call), _) => {
                self.stream_ended(call);
            }
            (Purpose::Errand(errand, _), _) => {
                let kind = match failure.sent {
                    Sent::No => FailureKind::Unreachable,
                    Sent::Maybe => FailureKind::ConnectionLost,
                };
                self.errand_failed(errand, kind, &failure.detail);
            }
            (Purpose::EventStream, reading) => {
                self.event_stream_is_over(reading, failure.sent, &failure.detail);
            }
            (Purpose::Listen(listen), reading) => {
                self.listen_is_over(listen, reading, &failure.detail);
            }
            (Purpose::Standalone, _) => self.standalone_ended(None),
            (Purpose::Ping(suspicion), _) => self.ping_answered(suspicion),
            (Purpose::Post(post), _) => self.post_failed(id, post, exchange.sent, failure),
        }
    }

    /// The body of an error stops coming: what came is judged.
    pub(super) fn error_body_is_late(&mut self, id: ExchangeId) {
        if let Some(exchange) = self.exchanges.get(&id).cloned() {
            self.abort(id);
            self.on_refusal(id, exchange);
        }
    }
}
