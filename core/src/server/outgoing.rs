//! Where a message of the application's goes: on the stream that answers the request it belongs to, or on the
//! standalone stream of its session. Never on two streams.

use alloc::format;
use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use super::event::To;
use super::exchange::State;
use super::modern::is_wanted;
use super::stream::{StreamId, Weight};
use super::{Server, Timer};
use crate::ids::{ObligationId, SessionId};
use crate::jsonrpc;
use crate::message::Notification;
use crate::notice::NoticeKind;
use crate::sse::encode;
use crate::subscription::{TASK, tagged};

/// Where a message can go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Route {
    /// On this stream, which is open, or keeps it for a client that comes back.
    Stream(StreamId),
    /// On the standalone stream of this session, which nobody has opened.
    Unopened(SessionId, StreamId),
    /// Nowhere, and why.
    Nowhere(&'static str),
}

impl Server {
    pub(super) fn notify_clients(&mut self, to: To, notification: Notification) {
        let Notification { method, params } = notification;
        let is_good = params
            .as_ref()
            .is_none_or(|params| jsonrpc::is_object(params));
        if !is_good || method.is_empty() {
            let detail = format!(
                "notification {method:?}: it has no method, or its params are not the JSON text of an object"
            );
            return self.notice(NoticeKind::Ignored, None, None, detail);
        }
        let params = params
            .as_ref()
            .and_then(|params| core::str::from_utf8(params).ok());
        let message = jsonrpc::notification(&method, params);
        match to {
            To::Request(id) => {
                if !self.take_up(id) {
                    return;
                }
                self.restart_answer_clock(id);
                if self.has_only_an_answer(id) || !self.is_log_wanted(id, &method, params) {
                    return; // The mode, or the client, says so: it is no accident to be told of.
                }
                let message = self.tagged_for(id, message, &method, params);
                let route = self.route_of_request(id);
                self.send_passing(route, &message, &method);
            }
            To::Session(session) => {
                let route = self.route_of_session(session);
                self.send_passing(route, &message, &method);
            }
            To::All => {
                if method != TASK {
                    for session in self.sessions.ids() {
                        let route = self.route_of_session(session);
                        self.send_passing(route, &message, &method);
                    }
                }
                self.notify_listens(&method, params);
            }
        }
    }

    /// A modern client gets only the log messages that its request asks for.
    fn is_log_wanted(&self, id: ObligationId, method: &str, params: Option<&str>) -> bool {
        let asker = self
            .obligations
            .get(&id)
            .and_then(|open| open.asker.as_ref());
        asker.is_none_or(|asker| is_wanted(asker.log_level, method, params))
    }

    /// A host that serves subscriptions itself does not know the id that tags them.
    fn tagged_for(
        &self,
        id: ObligationId,
        message: Bytes,
        method: &str,
        params: Option<&str>,
    ) -> Bytes {
        match self.obligations.get(&id) {
            Some(open) if open.is_subscription() => {
                jsonrpc::notification(method, Some(&tagged(params, &open.wire)))
            }
            _ => message,
        }
    }

    fn send_passing(&mut self, route: Route, message: &Bytes, method: &str) {
        match route {
            Route::Stream(stream) => self.send_event(stream, message, Weight::Passing),
            Route::Unopened(session, stream) => {
                let limits = &self.config.limits;
                let fits_all = self.logged + message.len() <= limits.log_total;
                let Some(open) = self.streams.get_mut(&stream) else {
                    return;
                };
                let fits = open.waiting.len() < limits.log_events
                    && open.waiting_bytes() + message.len() <= limits.log_bytes;
                if !fits || !fits_all {
                    let detail = "a notification was dropped: the client has not opened its standalone stream";
                    return self.notice(NoticeKind::Dropped, None, Some(session), detail);
                }
                open.waiting.push_back(message.clone());
                self.logged += message.len();
            }
            Route::Nowhere(why) => {
                let detail = format!("notification {method}: {why}");
                self.notice(NoticeKind::Dropped, None, None, detail);
            }
        }
    }

    /// The stream that answers the request; if its client has gone and cannot come back to it, the session's.
    pub(super) fn route_of_request(&self, id: ObligationId) -> Route {
        let Some(obligation) = self.obligations.get(&id) else {
            return Route::Nowhere("the request is answered or withdrawn");
        };
        let Some(stream) = self.streams.get(&obligation.stream) else {
            return Route::Nowhere("the request has no stream");
        };
        if self.is_json_only(stream) {
            return Route::Nowhere(
                "requests are answered as JSON, which has room for the answer only",
            );
        }
        if stream.exchange.is_some() || stream.is_resumable() {
            return Route::Stream(obligation.stream);
        }
        match obligation.session {
            Some(session) => self.route_of_session(session),
            None => Route::Nowhere("its client has gone"),
        }
    }

    /// Whether the response to a request can only be its answer.
    fn has_only_an_answer(&self, id: ObligationId) -> bool {
        self.obligations
            .get(&id)
            .and_then(|obligation| self.streams.get(&obligation.stream))
            .is_some_and(|stream| self.is_json_only(stream))
    }

    pub(super) fn route_of_session(&self, session: SessionId) -> Route {
        let Some(stream) = self.sessions.standalone(session) else {
            return Route::Nowhere("the session is not known");
        };
        match self.streams.get(&stream) {
            Some(open) if open.exchange.is_some() => Route::Stream(stream),
            _ => Route::Unopened(session, stream),
        }
    }

    pub(super) fn release_connections(&mut self, to: To, retry: Option<Duration>) {
        let streams: Vec<StreamId> = match to {
            To::Request(id) => self.streaming(id).into_iter().collect(),
            To::Session(session) => self.sessions.standalone(session).into_iter().collect(),
            To::All => self.streams.keys().copied().collect(),
        };
        for stream in streams {
            self.release_stream(stream, retry);
        }
    }

    /// The stream that answers a request. It begins now, if it then has a cursor for its client to come back with:
    /// the application has something to say later.
    fn streaming(&mut self, id: ObligationId) -> Option<StreamId> {
        if !self.take_up(id) {
            return None;
        }
        let obligation = self.obligations.get(&id)?;
        let stream = obligation.stream;
        let is_handshake = obligation.method == "initialize";
        let open = self.streams.get(&stream)?;
        if !is_handshake && open.is_primed() && !self.is_json_only(open) {
            self.begin_events(stream, &[]);
        }
        Some(stream)
    }

    fn release_stream(&mut self, id: StreamId, retry: Option<Duration>) {
        let Some(stream) = self.streams.get(&id) else {
            return;
        };
        let Some(exchange) = stream.exchange else {
            return;
        };
        let is_streaming = matches!(
            self.exchanges.get(&exchange).map(|open| &open.state),
            Some(State::Streaming(..))
        );
        if !is_streaming || !stream.is_resumable() {
            return;
        }
        self.leave(id, retry);
    }

    /// Ends the exchange of a stream, which lives on.
    pub(super) fn leave(&mut self, id: StreamId, retry: Option<Duration>) {
        let Some(exchange) = self
            .streams
            .get_mut(&id)
            .and_then(|stream| stream.exchange.take())
        else {
            return;
        };
        if let Some(retry) = retry {
            self.write(exchange, encode::retry(retry));
        }
        self.timers.clear(Timer::KeepAlive(exchange));
        self.end(exchange);
    }
}
