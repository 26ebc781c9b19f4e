//! Sending: what a call becomes on the wire, and exchanges from their opening to their end.

use alloc::vec::Vec;
use bytes::Bytes;

use super::authorize::Asked;
use super::event::ClientOutput;
use super::exchange::{Exchange, Purpose, Reading, Request};
use super::ledger::{Stage, Wire};
use super::progress::attach_token;
use super::{Client, Timer};
use crate::http::{Header, Method, names};
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc;
use crate::outcome::FailureKind;
use crate::story::Seen;
use crate::version::Era;

impl Client {
    pub(super) fn send(&mut self, call: CallId) {
        let id = self.next_wire;
        let Some(entry) = self.ledger.get(call) else {
            return;
        };
        if entry.stream.is_resuming() {
            return self.send_resume(call);
        }
        if self.goes_out_modern(entry) {
            return self.send_modern(call);
        }
        if entry.rounds.is_some() {
            let reason = "the server is of another era than when it asked";
            return self.fail_because(call, FailureKind::SessionLost, reason);
        }
        let params = entry
            .params
            .as_ref()
            .and_then(|p| core::str::from_utf8(p).ok());
        let body = if self.adds_token(entry) {
            let params = attach_token(params, entry.has_meta, id);
            jsonrpc::request(id, &entry.method, Some(&params))
        } else {
            jsonrpc::request(id, &entry.method, params)
        };
        let mut headers = self.post_headers();
        headers.extend_from_slice(&entry.options.headers);
        self.post_call(call, Era::Legacy, headers, body);
    }

    /// Sends a call's request, which carries the next wire id.
    pub(super) fn post_call(&mut self, call: CallId, era: Era, headers: Vec<Header>, body: Bytes) {
        let request = Request {
            method: Method::Post,
            url: None,
            headers,
            body,
        };
        let id = self.take_wire_id();
        let exchange = match era {
            Era::Legacy => self.open(Purpose::Call(call), request),
            Era::Modern => self.open_modern(Purpose::Call(call), request),
        };
        let epoch = self.session.epoch;
        self.ledger.sent_as(call, Wire { epoch, id });
        if let Some(entry) = self.ledger.get_mut(call) {
            entry.era = era;
            entry.tries.sent();
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

    /// Opens an exchange of the session.
    pub(super) fn open(&mut self, purpose: Purpose, mut request: Request) -> ExchangeId {
        if request.method == Method::Post && request.url.is_none() {
            request.url = self.session.message_url();
        }
        self.open_in(Era::Legacy, purpose, request)
    }

    /// Opens an exchange that belongs to no session.
    pub(super) fn open_modern(&mut self, purpose: Purpose, request: Request) -> ExchangeId {
        self.open_in(Era::Modern, purpose, request)
    }

    /// The one place where a request leaves.
    pub(super) fn open_in(&mut self, era: Era, purpose: Purpose, request: Request) -> ExchangeId {
        let exchange = self.ids.exchange();
        self.recorder.serves(exchange, purpose.told());
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
                era,
                epoch: self.session.epoch,
                sent: request,
                hops: 0,
                generation: self.authorization.generation,
                asked: Asked::default(),
                reading: Reading::Head,
                has_ignored: false,
            },
        );
        exchange
    }

    /// Opens the successor of an exchange: its request once more, for the same owner.
    pub(super) fn open_next(&mut self, exchange: Exchange) -> ExchangeId {
        let Exchange {
            purpose,
            era,
            epoch,
            sent,
            hops,
            asked,
            ..
        } = exchange;
        let next = self.open_in(era, purpose, sent);
        if let Some(open) = self.exchanges.get_mut(&next) {
            open.epoch = epoch;
            open.hops = hops;
            open.asked = asked;
        }
        self.moved(purpose, next);
        next
    }

    /// Drops an exchange at once; what it was opened for is not wanted any more.
    pub(super) fn abort(&mut self, exchange: ExchangeId) {
        self.unpark(exchange);
        self.cut_off(exchange);
    }

    /// Drops an exchange at once.
    pub(super) fn cut_off(&mut self, exchange: ExchangeId) {
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
        self.unpark(exchange);
        let runs_out = self
            .exchanges
            .get(&exchange)
            .is_some_and(|open| matches!(open.reading, Reading::Discard));
        if !runs_out {
            self.cut_off(exchange);
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
