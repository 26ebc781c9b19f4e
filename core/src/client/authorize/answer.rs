//! What ends the waiting: the application's answer, or that nobody wants any more what waits.

use alloc::string::String;
use bytes::Bytes;

use super::Authorization;
use crate::client::errand::Errand;
use crate::client::exchange::{Exchange, Post, Purpose, Reading};
use crate::client::input::Sent;
use crate::client::queue::Waiting;
use crate::client::{Client, Timer};
use crate::ids::ExchangeId;
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::Notification;
use crate::outcome::Execution;

/// The application's answer.
impl Client {
    pub(in crate::client) fn authorized(&mut self, granted: bool) {
        if granted {
            self.authorization.generation += 1;
        }
        self.end_authorization(granted, "the application got no new credentials");
    }

    pub(in crate::client) fn authorization_is_late(&mut self) {
        self.end_authorization(false, "the application got no new credentials in time");
    }

    fn end_authorization(&mut self, granted: bool, why_not: &str) {
        self.authorization.told = None;
        self.timers.clear(Timer::Authorization);
        let waiting = self.calls_that_wait();
        while let Some((id, exchange)) = self.authorization.parked.pop_first() {
            if granted {
                self.go_again(exchange);
            } else {
                if let Purpose::Call(call) | Purpose::Resume(call) = exchange.purpose
                    && let Some(entry) = self.ledger.get_mut(call)
                {
                    entry.teller.note(self.now, why_not);
                }
                self.refusal_stands(id, &exchange);
            }
        }
        self.restart_handshake_clocks();
        for call in waiting {
            self.restart_clock(call);
        }
    }

    /// Sends again what was refused, with the credentials of now.
    pub(super) fn go_again(&mut self, exchange: Exchange) {
        match exchange.purpose {
            Purpose::Call(call) => self.enqueue(call),
            Purpose::Resume(call) => {
                if let Some(entry) = self.ledger.get_mut(call) {
                    entry.stream.resume();
                }
                self.enqueue(call);
            }
            Purpose::Post(Post::Notification) if !self.session.is_current(exchange.epoch) => {
                self.queue_again(&exchange.sent.body);
            }
            purpose => {
                let next = self.open_next(exchange);
                self.bound_again(purpose, next);
            }
        }
    }

    /// The session that a notification was refused in is gone: it goes out in the next one.
    fn queue_again(&mut self, body: &[u8]) {
        let message = core::str::from_utf8(body).map(jsonrpc::scan);
        if let Ok(Ok(Scanned::One(Message::Notification { method, params }))) = message {
            let params = params.map(|params| Bytes::copy_from_slice(params.as_bytes()));
            let notification = Notification::new(String::from(method), params);
            self.queue.push(Waiting::Notification(notification));
        }
    }

    /// Bounds an exchange that is opened again, as it was when it was opened first.
    fn bound_again(&mut self, purpose: Purpose, exchange: ExchangeId) {
        let until = self.after(self.config.timing.exchange);
        match purpose {
            Purpose::Errand(Errand::ListTools(_), _) | Purpose::Post(_) => {
                self.timers.set(Timer::Exchange(exchange), until);
            }
            Purpose::Listen(listen) => self.timers.set(Timer::ListenAcknowledged(listen), until),
            Purpose::Errand(errand, _) => self.handshake_is(errand, Execution::Unknown),
            _ => {}
        }
    }

    /// What a refusal means where no credentials help.
    pub(in crate::client) fn refusal_stands(&mut self, id: ExchangeId, exchange: &Exchange) {
        let Reading::Error(refusal, body) = &exchange.reading else {
            return;
        };
        let refusal = refusal.clone();
        match exchange.purpose {
            Purpose::Call(call) => self.refused(exchange, call, refusal, body),
            Purpose::Errand(errand, _) => self.errand_refused(errand, refusal, body),
            Purpose::EventStream => {
                self.event_stream_is_over(&exchange.reading, Sent::Maybe, "");
            }
            Purpose::Listen(listen) => self.listen_is_over(listen, &exchange.reading, ""),
            Purpose::Post(post) => self.post_refused(id, post, refusal.status),
            Purpose::Resume(call) => self.resume_refused(call, refusal),
            Purpose::Standalone => self.standalone_refused(id, refusal.status),
            Purpose::Delete | Purpose::Ping(_) => {}
        }
    }
}

/// What does not wait any more.
impl Client {
    /// Nobody wants the exchange any more.
    pub(in crate::client) fn unpark(&mut self, id: ExchangeId) {
        if let Some(exchange) = self.authorization.parked.remove(&id)
            && exchange.purpose.is_handshake()
            && !self.authorization.holds_handshake()
        {
            self.restart_handshake_clocks();
            for call in self.ledger.ids() {
                self.restart_clock(call);
            }
        }
    }

    /// The session is over: what was said in it is not said again.
    pub(in crate::client) fn unpark_posts(&mut self, epoch: u32) {
        self.authorization.parked.retain(|_, parked| {
            let is_of_session = matches!(
                parked.purpose,
                Purpose::Post(Post::Initialized { .. } | Post::Response { .. })
            );
            !is_of_session || parked.epoch != epoch
        });
    }

    pub(in crate::client) fn unpark_all(&mut self) {
        self.authorization = Authorization {
            generation: self.authorization.generation,
            ..Authorization::default()
        };
    }
}
