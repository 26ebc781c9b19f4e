//! What answers a request, or carries what the server says unasked. A stream can outlive the exchange that
//! it goes out on: its client may come back for the rest.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use super::config::ResponseMode;
use super::event::{Body, ServerOutput};
use super::exchange::State;
use super::legacy::log::Log;
use super::modern::listen::Listen;
use super::obligations::Obligation;
use super::reject::json_headers;
use super::route::{Place, text_of};
use super::writer::Writer;
use super::{Server, Timer};
use crate::http::{Header, names};
use crate::ids::{ExchangeId, ObligationId, SessionId};
use crate::notice::NoticeKind;
use crate::sse::encode;
use crate::version::Version;

/// Streams are numbered from the machine's one sequence; the number is part of their event ids.
pub(super) type StreamId = u64;

#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) session: Option<SessionId>,
    pub(super) version: Version,
    pub(super) kind: Kind,
    /// What it goes out on now.
    pub(super) exchange: Option<ExchangeId>,
    /// The requests that it still has to answer.
    pub(super) owed: Vec<ObligationId>,
    /// The raw ids of all requests that it answers, those that are answered among them.
    pub(super) asked: Vec<Box<str>>,
    /// Answers still to come, those of the core itself among them.
    pub(super) expected: usize,
    /// It answers a batch.
    pub(super) is_batch: bool,
    /// Answers to a batch that wait for the others, or for the stream to begin.
    pub(super) collected: Vec<Bytes>,
    /// Events for a client that comes back.
    pub(super) log: Log,
    /// Messages of a standalone stream that nobody has opened. They count as kept events.
    pub(super) waiting: VecDeque<Bytes>,
}

impl Stream {
    pub(super) const fn new(
        session: Option<SessionId>,
        version: Version,
        exchange: Option<ExchangeId>,
    ) -> Self {
        Self {
            session,
            version,
            kind: Kind::Response,
            exchange,
            owed: Vec::new(),
            asked: Vec::new(),
            expected: 1,
            is_batch: false,
            collected: Vec::new(),
            log: Log::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Bytes that it holds for as long as it is open.
    pub(super) fn held(&self) -> usize {
        match &self.kind {
            Kind::Listen(listen) => listen.held(),
            Kind::Response | Kind::Standalone => 0,
        }
    }

    pub(super) const fn is_standalone(&self) -> bool {
        matches!(self.kind, Kind::Standalone)
    }

    /// Whether a client could come back to it: it was given an event id.
    pub(super) const fn is_resumable(&self) -> bool {
        self.log.has_given_ids()
    }

    /// Whether it gives its client a cursor as soon as it begins (2025-11-25 only; older clients would take the
    /// empty event for a message).
    pub(super) fn is_primed(&self) -> bool {
        self.session.is_some() && self.version >= Version::V2025_11_25
    }

    /// Bytes of the messages that wait for a reader.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting.iter().map(Bytes::len).sum()
    }

    pub(super) fn event_id(id: StreamId, seq: u64) -> String {
        format!("{id}-{seq}")
    }
}

#[cfg(feature = "explore")]
impl Stream {
    pub(super) fn fingerprint(&self, canon: &mut crate::canon::Canon<'_>) {
        canon.add(&self.session.is_some());
        canon.id(self.session.map_or(0, |id| id.0));
        canon.add(&(self.version, core::mem::discriminant(&self.kind)));
        if let Kind::Listen(listen) = &self.kind {
            canon.add(listen);
        }
        canon.add(&self.exchange.is_some());
        canon.id(self.exchange.map_or(0, |id| id.0));
        canon.add(&self.owed.len());
        self.owed.iter().for_each(|id| canon.id(id.0));
        canon.add(&(&self.asked, self.expected, self.is_batch));
        canon.add(&(&self.collected, &self.waiting));
        self.log.fingerprint(canon);
    }
}

/// What a stream is for.
#[cfg_attr(feature = "explore", derive(strum::IntoStaticStr, strum::VariantNames))]
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// It is a subscription.
    Listen(Box<Listen>),
    /// It answers requests.
    Response,
    /// It answers nothing: it is a session's standalone stream.
    Standalone,
}

/// Who answers, and the status of a response of which nothing has gone out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Author {
    Application {
        status: u16,
    },
    /// The core itself: a ping, or a request that the application will not answer.
    Core {
        status: u16,
    },
}

/// How much a message matters when there is no room for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weight {
    /// An answer, or a request that is owed one: never dropped.
    Owed,
    /// A notification: dropped, with a notice, when its reader is too slow.
    Passing,
}

impl Server {
    pub(super) fn open_response_stream(&mut self, place: Place) -> StreamId {
        let id = self.ids.next();
        let stream = Stream::new(place.session, place.version, Some(place.exchange));
        self.streams.insert(id, stream);
        id
    }

    /// The stream answers a batch of this many requests.
    pub(super) fn expect_answers(&mut self, stream: StreamId, answers: usize) {
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.expected = answers;
            stream.is_batch = true;
        }
    }

    /// Whether the response can only be one JSON body.
    pub(super) fn is_json_only(&self, stream: &Stream) -> bool {
        let is_subscription = || {
            let mut owed = stream.owed.iter();
            let open = owed.find_map(|id| self.obligations.get(id));
            open.is_some_and(Obligation::is_subscription)
        };
        self.config.mode == ResponseMode::Json && !stream.is_standalone() && !is_subscription()
    }

    /// Begins the response as a stream of events, if nothing of it went out yet.
    pub(super) fn begin_events(&mut self, id: StreamId, extra: &[Header]) {
        let Some(stream) = self.streams.get(&id) else {
            return;
        };
        let Some(exchange) = stream.exchange else {
            return;
        };
        if !matches!(
            self.exchanges.get(&exchange).map(|e| &e.state),
            Some(State::Waiting(_))
        ) {
            return;
        }
        self.timers.clear(Timer::Head(exchange));
        self.send_event_head(exchange, extra);
        if let Some(open) = self.exchanges.get_mut(&exchange) {
            open.state = State::Streaming(id, Writer::new(self.now));
        }
        self.keep_alive_later(exchange);
        self.prime(id);
        let collected = self
            .streams
            .get_mut(&id)
            .map(|stream| core::mem::take(&mut stream.collected));
        for message in collected.unwrap_or_default() {
            self.send_event(id, &message, Weight::Owed);
        }
    }

    pub(super) fn send_event_head(&mut self, exchange: ExchangeId, extra: &[Header]) {
        let mut headers = Vec::from([
            Header::new(
                names::CONTENT_TYPE,
                Bytes::from_static(b"text/event-stream"),
            ),
            Header::new(
                names::CACHE_CONTROL,
                Bytes::from_static(b"no-cache, no-transform"),
            ),
            // Or nginx holds events back until it has a buffer full of them.
            Header::new(names::ACCEL_BUFFERING, Bytes::from_static(b"no")),
        ]);
        headers.extend_from_slice(extra);
        self.out.push_back(ServerOutput::Head {
            exchange,
            status: 200,
            headers,
            body: Body::Stream,
        });
    }

    /// Gives the client a cursor before there is anything to say, so that it can come back from the very
    /// beginning.
    pub(super) fn prime(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        if !stream.is_primed() {
            return;
        }
        let event_id = Stream::event_id(id, stream.log.last());
        stream.log.give_id();
        let event = encode::priming(&event_id, self.config.timing.retry);
        self.write_to_stream(id, event);
    }

    /// Sends a message on a stream: stores it first, sends it second.
    pub(super) fn send_event(&mut self, id: StreamId, message: &Bytes, weight: Weight) {
        let text = text_of(message);
        if weight == Weight::Passing && !self.has_room(id, text.len()) {
            let (exchange, session) = self
                .streams
                .get(&id)
                .map_or((None, None), |stream| (stream.exchange, stream.session));
            let detail = "a notification was dropped: its reader is too slow";
            return self.notice(NoticeKind::Dropped, exchange, session, detail);
        }
        self.begin_events(id, &[]);
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let event = if stream.session.is_some() {
            let event_id = Stream::event_id(id, stream.log.last() + 1);
            let event = encode::message(Some(&event_id), text);
            self.store(id, event.clone());
            event
        } else {
            encode::message(None, text)
        };
        self.write_to_stream(id, event);
    }

    fn write_to_stream(&mut self, id: StreamId, bytes: Bytes) {
        if let Some(exchange) = self.streams.get(&id).and_then(|stream| stream.exchange) {
            self.write(exchange, bytes);
        }
    }

    /// Brings the answer to one request of a stream on its way; the stream ends with its last one.
    pub(super) fn deliver(
        &mut self,
        id: StreamId,
        message: Bytes,
        author: Author,
        extra: &[Header],
    ) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        stream.expected = stream.expected.saturating_sub(1);
        let is_last = stream.expected == 0;
        let is_batch = stream.is_batch;
        let exchange = stream.exchange;
        let is_waiting = exchange
            .and_then(|exchange| self.exchanges.get(&exchange))
            .is_some_and(|open| matches!(open.state, State::Waiting(_)));
        if is_waiting && self.goes_out_as_json(author, is_batch) {
            return self.deliver_json(id, message, author, extra);
        }
        let is_stored = self.streams.get(&id).is_some_and(Stream::is_resumable);
        if exchange.is_none() && !is_stored {
            let session = self.streams.get(&id).and_then(|stream| stream.session);
            let detail = "the answer was dropped: its client has gone, and cannot come back for it";
            self.notice(NoticeKind::Undelivered, None, session, detail);
        } else {
            self.begin_events(id, extra);
            self.send_event(id, &message, Weight::Owed);
        }
        if is_last {
            self.finish_stream(id);
        }
    }

    /// What the core says itself begins no stream: the application has not said anything yet.
    fn goes_out_as_json(&self, author: Author, is_batch: bool) -> bool {
        match (author, self.config.mode) {
            (Author::Core { .. }, _) | (Author::Application { .. }, ResponseMode::Json) => true,
            (Author::Application { .. }, ResponseMode::Adaptive) => !is_batch,
            (Author::Application { .. }, ResponseMode::Sse) => false,
        }
    }

    fn deliver_json(&mut self, id: StreamId, message: Bytes, author: Author, extra: &[Header]) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let Some(exchange) = stream.exchange else {
            return;
        };
        let body = if stream.is_batch {
            stream.collected.push(message);
            if stream.expected > 0 {
                return;
            }
            array_of(&stream.collected)
        } else {
            message
        };
        self.streams.remove(&id);
        let (Author::Application { status } | Author::Core { status }) = author;
        self.answer_whole_with(exchange, status, body, extra);
    }

    /// The core's own answer to a request of a batch.
    pub(super) fn answer_in_batch(&mut self, id: StreamId, message: Bytes) {
        self.deliver(id, message, Author::Core { status: 200 }, &[]);
    }

    pub(super) fn answer_whole(&mut self, exchange: ExchangeId, status: u16, body: Bytes) {
        self.answer_whole_with(exchange, status, body, &[]);
    }

    fn answer_whole_with(
        &mut self,
        exchange: ExchangeId,
        status: u16,
        body: Bytes,
        extra: &[Header],
    ) {
        let mut headers = json_headers();
        headers.extend_from_slice(extra);
        self.exchange_is_over(exchange);
        self.out.push_back(ServerOutput::Head {
            exchange,
            status,
            headers,
            body: Body::Whole(body),
        });
    }

    /// The stream has said all: its exchange ends, and its events are kept for a while.
    pub(super) fn finish_stream(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get(&id) else {
            return;
        };
        let is_kept = stream.is_resumable();
        if let Some(exchange) = stream.exchange {
            self.end(exchange);
        }
        if is_kept {
            let until = self.after(self.config.timing.replay);
            self.timers.set(Timer::Replay(id), until);
            self.trim_logs();
        } else {
            self.forget_stream(id);
        }
    }

    pub(super) fn forget_stream(&mut self, id: StreamId) {
        self.timers.clear(Timer::Replay(id));
        if let Some(stream) = self.streams.remove(&id) {
            self.logged -= stream.log.bytes() + stream.waiting_bytes();
        }
    }
}

fn array_of(messages: &[Bytes]) -> Bytes {
    let mut array = Vec::from([b'[']);
    for (n, message) in messages.iter().enumerate() {
        if n > 0 {
            array.push(b',');
        }
        array.extend_from_slice(message);
    }
    array.push(b']');
    array.into()
}
