//! The queue, and sending. Calls and notifications wait in one line until the session is ready and an
//! exchange is free; what answers or cancels goes out at once.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use bytes::Bytes;

use super::event::ClientOutput;
use super::exchange::{Exchange, Post, Purpose, Reading, Request};
use super::ledger::{Stage, Ticket, Wire};
use super::legacy::session::{Gate, Phase, Suspect};
use super::progress::attach_token;
use super::{Client, Timer};
use crate::http::{Header, Method, names};
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc;
use crate::message::Notification;
use crate::notice::NoticeKind;
use crate::outcome::FailureKind;
use crate::story::Seen;

/// Exchanges that calls leave free, for responses, cancels and DELETE.
const RESERVED_EXCHANGES: usize = 2;

#[derive(Clone, Debug)]
pub(super) enum Waiting {
    Call(CallId),
    Notification(Notification),
}

/// First come, first served.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    next: Ticket,
    waiting: BTreeMap<Ticket, Waiting>,
}

impl Queue {
    pub(super) fn push(&mut self, waiting: Waiting) -> Ticket {
        self.next += 1;
        self.waiting.insert(self.next, waiting);
        self.next
    }

    pub(super) fn remove(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop_first().map(|(_, waiting)| waiting)
    }

    pub(super) fn take_all(&mut self) -> Vec<Waiting> {
        core::mem::take(&mut self.waiting).into_values().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values()
    }
}

impl Client {
    /// Puts a call at the end of the line; where there is no line, it is sent.
    pub(super) fn send_in_turn(&mut self, call: CallId) {
        let is_its_turn = self.queue.is_empty() && self.session.suspect == Suspect::No;
        if is_its_turn && self.may_send() {
            self.send(call);
        } else {
            self.enqueue(call);
        }
    }

    /// Puts a call at the end of the line.
    pub(super) fn enqueue(&mut self, call: CallId) {
        let ticket = self.queue.push(Waiting::Call(call));
        self.timers.clear(Timer::Grace(call));
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.stage = Stage::Queued(ticket);
        }
    }

    /// Brings what waits forward, as far as the session and the free exchanges allow.
    pub(super) fn proceed(&mut self) {
        if self.queue.is_empty() {
            return;
        }
        match self.session.phase {
            Phase::Idle | Phase::Saved => self.begin_session(),
            Phase::Lost => {
                let reason = "the session was lost, and re-initializing is off: connect again";
                self.fail_waiting(FailureKind::SessionLost, reason);
            }
            Phase::Closed | Phase::Closing | Phase::Ready(_) | Phase::Shaking => {}
        }
        while self.may_send() {
            match self.session.suspect {
                Suspect::Asking => return,
                Suspect::Marked => return self.ask_whether_alive(),
                Suspect::No => {}
            }
            match self.queue.pop() {
                Some(Waiting::Call(call)) => self.send(call),
                Some(Waiting::Notification(notification)) => {
                    self.post_notification(Post::Notification, &notification);
                }
                None => return,
            }
        }
    }

    fn may_send(&self) -> bool {
        matches!(self.session.phase, Phase::Ready(Gate::Open)) && self.has_free_exchange()
    }

    fn has_free_exchange(&self) -> bool {
        self.config.limits.exchanges.is_none_or(|most| {
            self.exchanges.len() < most.saturating_sub(RESERVED_EXCHANGES).max(1)
        })
    }

    fn send(&mut self, call: CallId) {
        let id = self.next_wire;
        let Some(entry) = self.ledger.get(call) else {
            return;
        };
        if entry.stream.is_resuming() {
            return self.send_resume(call);
        }
        let params = entry
            .params
            .as_ref()
            .and_then(|p| core::str::from_utf8(p).ok());
        let body = if entry.takes_token() {
            let params = attach_token(params, entry.has_meta, id);
            jsonrpc::request(id, &entry.method, Some(&params))
        } else {
            jsonrpc::request(id, &entry.method, params)
        };
        let mut headers = self.post_headers();
        headers.extend_from_slice(&entry.options.headers);
        let request = Request {
            method: Method::Post,
            url: None,
            headers,
            body,
        };
        let epoch = self.session.epoch;
        self.next_wire += 1;
        let exchange = self.open(Purpose::Call(call), request);
        self.ledger.sent_as(call, Wire { epoch, id });
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.tries.sendings += 1;
            entry.stage = Stage::Open(exchange);
        }
        self.saw(
            call,
            Some(exchange),
            Seen::Opened {
                method: Method::Post,
            },
        );
    }

    /// Opens the GET that brings back the stream of a call.
    fn send_resume(&mut self, call: CallId) {
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        entry.stream.begin();
        let cursor = entry.stream.cursor();
        let extra = entry.options.headers.clone();
        let mut headers = self.get_headers(cursor);
        headers.extend(extra);
        let exchange = self.open(Purpose::Resume(call), Request::get(headers));
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.stage = Stage::Open(exchange);
        }
        self.saw(
            call,
            Some(exchange),
            Seen::Opened {
                method: Method::Get,
            },
        );
    }

    pub(super) fn take_wire_id(&mut self) -> u64 {
        let id = self.next_wire;
        self.next_wire += 1;
        id
    }

    /// Opens an exchange: the one place where a request leaves.
    pub(super) fn open(&mut self, purpose: Purpose, request: Request) -> ExchangeId {
        let exchange = self.ids.exchange();
        self.out.push(ClientOutput::Open {
            exchange,
            method: request.method,
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
        });
        self.exchanges.insert(
            exchange,
            Exchange {
                purpose,
                epoch: self.session.epoch,
                sent: request,
                hops: 0,
                reading: Reading::Head,
                has_ignored: false,
            },
        );
        exchange
    }

    /// Drops an exchange at once.
    pub(super) fn abort(&mut self, exchange: ExchangeId) {
        if self.exchanges.remove(&exchange).is_some() {
            self.timers.clear(Timer::Exchange(exchange));
            self.out.push(ClientOutput::Abort { exchange });
        }
    }

    /// Lets an exchange end by itself, for a little while, so that its connection can be reused. Nothing
    /// that it brings is wanted any more.
    pub(super) fn linger(&mut self, exchange: ExchangeId) {
        let until = self.after(self.config.timing.linger);
        if let Some(open) = self.exchanges.get_mut(&exchange) {
            open.reading = Reading::Discard;
            open.sent.body = Bytes::new();
            self.timers.set(Timer::Exchange(exchange), until);
        }
    }

    /// Ends the exchange of a call that has settled, unless it already runs out by itself.
    pub(super) fn release(&mut self, exchange: ExchangeId) {
        let runs_out = self
            .exchanges
            .get(&exchange)
            .is_some_and(|open| matches!(open.reading, Reading::Discard));
        if !runs_out {
            self.abort(exchange);
        }
    }

    pub(super) fn post_headers(&self) -> Vec<Header> {
        let mut headers = Vec::with_capacity(6);
        headers.push(Header::new(
            names::ACCEPT,
            Bytes::from_static(b"application/json, text/event-stream"),
        ));
        headers.push(Header::new(
            names::CONTENT_TYPE,
            Bytes::from_static(b"application/json"),
        ));
        self.session.add_headers(&mut headers);
        headers
    }

    pub(super) fn get_headers(&self, cursor: Option<Bytes>) -> Vec<Header> {
        let mut headers = Vec::with_capacity(6);
        headers.push(Header::new(
            names::ACCEPT,
            Bytes::from_static(b"text/event-stream"),
        ));
        self.session.add_headers(&mut headers);
        if let Some(cursor) = cursor {
            headers.push(Header::new(names::LAST_EVENT_ID, cursor));
        }
        headers
    }
}

impl Request {
    pub(super) const fn get(headers: Vec<Header>) -> Self {
        Self {
            method: Method::Get,
            url: None,
            headers,
            body: Bytes::new(),
        }
    }
}

impl Client {
    /// Settles everything that waits for its turn: there is no session to send it on.
    pub(super) fn fail_waiting(&mut self, kind: FailureKind, reason: &str) {
        for waiting in self.queue.take_all() {
            match waiting {
                Waiting::Call(call) => self.fail_because(call, kind, reason),
                Waiting::Notification(notification) => self.notice(
                    NoticeKind::Undelivered,
                    None,
                    format!("notification {}: {reason}", notification.method),
                ),
            }
        }
    }
}
