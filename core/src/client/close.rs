//! Closing: every call settles in this step; the session is ended within a bound.

use alloc::vec::Vec;
use bytes::Bytes;

use super::event::ClientEvent;
use super::exchange::{Purpose, Request};
use super::legacy::standalone::Standalone;
use super::session::Phase;
use super::{Client, Timer};
use crate::http::Method;
use crate::ids::ExchangeId;
use crate::outcome::FailureKind;

impl Client {
    pub(super) fn begin_close(&mut self) {
        if self.session.is_closing() {
            return;
        }
        let handshake = self
            .session
            .initialize_exchange()
            .filter(|_| !self.session.is_http_sse());
        self.session.phase = Phase::Closing;
        self.timers.remove_all();
        self.queue.take_all();
        for call in self.ledger.ids() {
            self.fail(call, FailureKind::Closed);
        }
        self.end_listens(FailureKind::Closed);
        self.withdraw_posts();
        self.unpark_all();
        self.out.clear_messages();
        let open: Vec<_> = self.exchanges.keys().copied().collect();
        for exchange in open {
            // A session that is being made is awaited, so that it can be ended.
            if Some(exchange) != handshake {
                self.abort(exchange);
            }
        }
        self.standalone = Standalone::default();
        let until = self.after(self.config.timing.close);
        self.timers.set(Timer::Close, until);
        self.delete_session();
    }

    /// Tells the server that the session is over, if there is one to end.
    pub(super) fn delete_session(&mut self) {
        if !self.session.has_id() {
            return;
        }
        let mut headers = Vec::new();
        self.session.add_headers(&mut headers);
        let request = Request {
            method: Method::Delete,
            url: None,
            headers,
            body: Bytes::new(),
        };
        let exchange = self.open(Purpose::Delete, request);
        let until = self.after(self.config.timing.close);
        self.timers.set(Timer::Exchange(exchange), until);
        self.session.forget_id();
    }

    /// Whatever the server says to DELETE, the session is over for us.
    pub(super) fn delete_head(&mut self, id: ExchangeId) {
        self.linger(id);
    }

    pub(super) fn close_is_over(&mut self) {
        let open: Vec<_> = self.exchanges.keys().copied().collect();
        for exchange in open {
            self.abort(exchange);
        }
    }

    /// Closed as soon as nothing is open any more.
    pub(super) fn finish_close(&mut self) {
        if matches!(self.session.phase, Phase::Closing) && self.exchanges.is_empty() {
            self.session.phase = Phase::Closed;
            self.timers.remove_all();
            self.out.event(ClientEvent::Closed);
        }
    }
}
