//! The clients' requests: each is answered or withdrawn exactly once, within a bound.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use super::event::ServerEvent;
use super::exchange::State;
use super::modern::{Asker, status_of};
use super::route::{Place, text_of};
use super::stream::{Author, StreamId};
use super::{Server, Timer};
use crate::http::Header;
use crate::ids::{ExchangeId, ObligationId, SessionId};
use crate::jsonrpc;
use crate::jsonrpc::code::INTERNAL_ERROR;
use crate::message::{Answer, RpcError};
use crate::notice::NoticeKind;
use crate::outcome::Withdrawal;
use crate::story::{Millis, Teller};
use crate::subscription::LISTEN;

/// What the field's SDKs answer to a request that its client cancelled.
const REQUEST_CANCELLED: i64 = -32800;

#[derive(Clone, Debug)]
pub(super) struct Obligation {
    pub(super) session: Option<SessionId>,
    pub(super) stream: StreamId,
    pub(super) method: Cow<'static, str>,
    /// The raw JSON of the client's id, which goes back as it came.
    pub(super) wire: Box<str>,
    /// What a modern request says of its client; `None`: it is a legacy one.
    pub(super) asker: Option<Box<Asker>>,
    /// The application has begun with it.
    pub(super) is_taken: bool,
    pub(super) teller: Teller,
}

impl Obligation {
    /// It is a subscription that the host serves itself: it lives as long as its stream.
    pub(super) fn is_subscription(&self) -> bool {
        self.asker.is_some() && self.method == LISTEN
    }
}

#[cfg(feature = "explore")]
impl Obligation {
    pub(super) fn fingerprint(&self, canon: &mut crate::canon::Canon<'_>) {
        canon.add(&self.session.is_some());
        canon.id(self.session.map_or(0, |id| id.0));
        canon.id(self.stream);
        canon.add(&(&*self.method, &self.wire, &self.asker, self.is_taken));
    }
}

impl Server {
    /// Takes on a request: from here on its answer is owed.
    pub(super) fn oblige(
        &mut self,
        place: Place,
        stream: StreamId,
        wire: &str,
        method: String,
        params: Option<&str>,
    ) -> ObligationId {
        let id = self.ids.obligation();
        let method: Cow<'static, str> = method.into();
        if let Some(open) = self.streams.get_mut(&stream) {
            open.owed.push(id);
            open.asked.push(wire.into());
        }
        self.obligations.insert(
            id,
            Obligation {
                session: place.session,
                stream,
                method: method.clone(),
                wire: wire.into(),
                asker: None,
                is_taken: false,
                teller: Teller::new(self.now),
            },
        );
        if let Some(session) = place.session {
            self.sessions.began_work(session);
        }
        let until = self.after(self.config.timing.take);
        self.timers.set(Timer::Take(id), until);
        self.event(ServerEvent::Request {
            id,
            exchange: place.exchange,
            session: place.session,
            version: place.version,
            method,
            params: params.map(|params| Bytes::copy_from_slice(params.as_bytes())),
        });
        id
    }

    /// The application begins with the request.
    pub(super) fn take_up(&mut self, id: ObligationId) -> bool {
        let now = self.now;
        let Some(obligation) = self.obligations.get_mut(&id) else {
            return false;
        };
        if obligation.is_taken {
            return true;
        }
        obligation.is_taken = true;
        obligation.teller.note(now, "taken by the application");
        let stream = obligation.stream;
        let is_handshake = obligation.method == "initialize";
        self.timers.clear(Timer::Take(id));
        self.start_answer_clock(id);
        let stream = self.streams.get(&stream);
        let exchange = stream.and_then(|stream| stream.exchange);
        let is_json_only = stream.is_some_and(|stream| self.is_json_only(stream));
        let is_waiting = exchange.is_some_and(|exchange| {
            matches!(
                self.exchanges.get(&exchange).map(|e| &e.state),
                Some(State::Waiting(_))
            )
        });
        // A handshake waits for its answer, which alone can carry the session id; JSON has no other head.
        if let Some(exchange) = exchange
            && is_waiting
            && !is_handshake
            && !is_json_only
        {
            let at = self.after(self.config.timing.head);
            self.timers.set(Timer::Head(exchange), at);
        }
        true
    }

    fn start_answer_clock(&mut self, id: ObligationId) {
        if let Some(bound) = self.config.timing.answer {
            let at = self.after(bound);
            self.timers.set(Timer::Answer(id), at);
        }
    }

    /// Output for the request shows that the application is at work on it; of a subscription, that it is
    /// open: from then on it lives as long as its stream.
    pub(super) fn restart_answer_clock(&mut self, id: ObligationId) {
        match self.obligations.get(&id) {
            Some(open) if open.is_subscription() => {
                self.timers.clear(Timer::Answer(id));
            }
            Some(_) => self.start_answer_clock(id),
            None => {}
        }
    }

    pub(super) fn respond_to(&mut self, id: ObligationId, answer: Answer) {
        let Some(obligation) = self.obligations.get(&id) else {
            return;
        };
        let wire = obligation.wire.clone();
        let is_handshake = obligation.method == "initialize";
        let is_modern = obligation.asker.is_some();
        let mut answer = self.checked(id, answer);
        if is_modern {
            answer = self.modern_answer(id, answer);
        } else if is_handshake {
            return self.respond_to_initialize(id, answer);
        }
        let message = match &answer {
            Answer::Result(result) => jsonrpc::result(&wire, text_of(result)),
            Answer::Error(error) => jsonrpc::error(&wire, error),
        };
        let status = if is_modern { status_of(&answer) } else { 200 };
        self.discharge(id, message, Author::Application { status }, &[]);
    }

    /// An answer that is no JSON text would break the stream that it goes out on.
    fn checked(&mut self, id: ObligationId, answer: Answer) -> Answer {
        match answer {
            Answer::Result(result) if !jsonrpc::is_value(&result) => {
                let session = self.obligations.get(&id).and_then(|open| open.session);
                let detail = format!(
                    "the answer to request {} is not JSON text; the client got an error",
                    id.as_u64()
                );
                self.notice(NoticeKind::Ignored, None, session, detail);
                Answer::Error(RpcError::new(
                    INTERNAL_ERROR,
                    "the server's answer was malformed",
                ))
            }
            Answer::Error(error)
                if error
                    .data
                    .as_ref()
                    .is_some_and(|data| !jsonrpc::is_value(data)) =>
            {
                Answer::Error(RpcError {
                    data: None,
                    ..error
                })
            }
            answer => answer,
        }
    }

    /// Brings the answer on its way and takes the request off the table.
    pub(super) fn discharge(
        &mut self,
        id: ObligationId,
        message: Bytes,
        author: Author,
        extra: &[Header],
    ) {
        let Some(obligation) = self.obligations.remove(&id) else {
            return;
        };
        self.timers.clear(Timer::Take(id));
        self.timers.clear(Timer::Answer(id));
        if let Some(stream) = self.streams.get_mut(&obligation.stream) {
            stream.owed.retain(|owed| *owed != id);
        }
        self.deliver(obligation.stream, message, author, extra);
        if let Some(session) = obligation.session {
            self.session_finished_work(session);
        }
    }

    /// Ends a request that the application will not answer: the client gets an error that says why, the
    /// application is told to stop.
    pub(super) fn withdraw(
        &mut self,
        id: ObligationId,
        why: Withdrawal,
        status: u16,
        error: &RpcError,
    ) {
        let Some(obligation) = self.obligations.get(&id) else {
            return;
        };
        let message = jsonrpc::error(&obligation.wire, error);
        let handshake = (obligation.method == "initialize")
            .then_some(obligation.session)
            .flatten();
        self.discharge(id, message, Author::Core { status }, &[]);
        self.event(ServerEvent::Withdrawn { id, why });
        if let Some(session) = handshake {
            self.refuse_session(session);
        }
    }

    /// No session loop reads the requests: an honest error now, instead of headers and silence.
    pub(super) fn is_not_taken(&mut self, id: ObligationId) {
        let Some(obligation) = self.obligations.get(&id) else {
            return;
        };
        let bound = Millis(self.config.timing.take);
        let sentence = format!(
            "the server's application did not take the request within {bound}: no session loop is reading"
        );
        let detail = format!(
            "{} (request {}) was not taken within {bound}; its client got an error. The application must run its \
             session loop, and take each request when it begins with it",
            obligation.method,
            id.as_u64()
        );
        let session = obligation.session;
        let exchange = self.exchange_of(id);
        self.withdraw(
            id,
            Withdrawal::NotTaken,
            500,
            &RpcError::new(INTERNAL_ERROR, sentence),
        );
        self.notice(NoticeKind::NotTaken, exchange, session, detail);
    }

    pub(super) fn answer_is_late(&mut self, id: ObligationId) {
        let after = self.config.timing.answer.unwrap_or_default();
        let sentence = format!(
            "the server's application gave no answer for {}",
            Millis(after)
        );
        self.withdraw(
            id,
            Withdrawal::TimedOut,
            200,
            &RpcError::new(INTERNAL_ERROR, sentence),
        );
    }

    /// The client cancels a request. One that it cannot mean, or could mean twice, stays as it is
    /// (utilities, cancellation: ignore what is unknown or finished; never `initialize`).
    pub(super) fn on_cancelled(&mut self, place: Place, params: Option<&str>) {
        let Some(raw) = params.and_then(|params| jsonrpc::member(params, "requestId")) else {
            return;
        };
        if place.session.is_none() {
            return; // Without sessions nothing says whose request an id means.
        }
        let mut named = self.obligations.iter().filter(|(_, open)| {
            open.session == place.session && *open.wire == *raw && open.method != "initialize"
        });
        let (Some((&id, _)), None) = (named.next(), named.next()) else {
            return;
        };
        let error = RpcError::new(REQUEST_CANCELLED, "the client cancelled the request");
        self.withdraw(id, Withdrawal::Cancelled, 200, &error);
    }

    /// The client has gone. In a session the work goes on, and is kept where the client can come back for
    /// it; without one nothing can bring the answer any more.
    pub(super) fn on_gone(&mut self, exchange: ExchangeId) {
        let stream = self
            .exchanges
            .get(&exchange)
            .and_then(super::exchange::Exchange::stream);
        self.exchange_is_over(exchange);
        let Some(id) = stream else {
            return;
        };
        let Some(stream) = self.streams.get(&id) else {
            return;
        };
        if stream.session.is_some() {
            return;
        }
        let owed: Vec<_> = stream.owed.clone();
        for obligation in owed {
            self.forget_obligation(obligation, Withdrawal::Gone);
        }
        self.forget_stream(id);
    }

    fn forget_obligation(&mut self, id: ObligationId, why: Withdrawal) {
        if self.obligations.remove(&id).is_some() {
            self.timers.clear(Timer::Take(id));
            self.timers.clear(Timer::Answer(id));
            self.event(ServerEvent::Withdrawn { id, why });
        }
    }

    /// An exchange has ended, or is about to in this step.
    pub(super) fn exchange_is_over(&mut self, id: ExchangeId) {
        for timer in [
            Timer::Body(id),
            Timer::Head(id),
            Timer::KeepAlive(id),
            Timer::Stall(id),
        ] {
            self.timers.clear(timer);
        }
        let stream = self
            .exchanges
            .remove(&id)
            .and_then(|exchange| exchange.stream());
        if let Some(stream) = stream.and_then(|stream| self.streams.get_mut(&stream))
            && stream.exchange == Some(id)
        {
            stream.exchange = None;
        }
    }

    fn exchange_of(&self, id: ObligationId) -> Option<ExchangeId> {
        let stream = self.obligations.get(&id)?.stream;
        self.streams.get(&stream)?.exchange
    }
}
