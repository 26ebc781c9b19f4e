//! Watches what passes between a client and the service, for the log.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::body::{Body as _, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::{Request, Response};
use mcp_sansio_tokio::server::Service;
use serde_json::Value;

use super::bodies::{Answering, Asking};
use super::host::Breaks;
use crate::log::{Asked, Log, Saw};

/// Bytes of a request's body that are looked at. A longer one is no message that the log could name.
const MOST_SEEN: usize = 64 << 10;

/// Passes a request to the service, and its answer back.
pub(super) async fn pass(
    service: &Service,
    request: Request<Incoming>,
    exchange: Exchange,
) -> Response<Answering> {
    let exchange = Arc::new(exchange);
    let (parts, body) = request.into_parts();
    let cursor = parts.headers.get("last-event-id");
    exchange.begin(
        parts.method.as_str(),
        cursor.and_then(|cursor| cursor.to_str().ok()),
    );
    let body = Asking::new(body, Arc::clone(&exchange));
    let response = service.respond(Request::from_parts(parts, body)).await;
    exchange.told();
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    let kind = parts.headers.get(CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if is_stream {
        exchange.said(format!("{status}, event stream"));
    } else if body.is_end_stream() {
        exchange.said(status.to_string());
        exchange.is_over();
    }
    let body = Answering::new(body, exchange, (!is_stream).then_some(status));
    Response::from_parts(parts, body)
}

/// One exchange, for the log. When it is dropped before it is over, the client has left.
pub(super) struct Exchange {
    log: Log,
    number: u32,
    breaks: Breaks,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    http: String,
    cursor: Option<String>,
    body: Vec<u8>,
    /// What was asked, once that is known.
    asked: Option<Asked>,
    is_over: bool,
}

impl Exchange {
    pub(super) fn new(log: Log, number: u32, breaks: Breaks) -> Self {
        Self {
            log,
            number,
            breaks,
            state: Mutex::default(),
        }
    }

    fn begin(&self, http: &str, cursor: Option<&str>) {
        let mut state = self.state();
        http.clone_into(&mut state.http);
        state.cursor = cursor.map(str::to_owned);
    }

    /// Looks at bytes of the request's body.
    pub(super) fn passes(&self, data: &[u8]) {
        let mut state = self.state();
        let room = MOST_SEEN.saturating_sub(state.body.len());
        state.body.extend_from_slice(&data[..data.len().min(room)]);
    }

    /// Notes what is asked, as far as it has passed.
    pub(super) fn told(&self) {
        let mut state = self.state();
        if state.asked.is_some() {
            return;
        }
        let message = serde_json::from_slice(&mem::take(&mut state.body)).unwrap_or(Value::Null);
        let asked = Asked::of(&state.http, &message, state.cursor.as_deref());
        state.asked = Some(asked.clone());
        drop(state);
        self.log.add(self.number, Saw::Asked(asked));
    }

    pub(super) fn said(&self, what: String) {
        self.log.add(self.number, Saw::Said(what));
    }

    pub(super) fn is_over(&self) {
        self.state().is_over = true;
    }

    pub(super) fn ends(&self, how: Saw) {
        self.log.add(self.number, how);
        self.is_over();
    }

    /// After how many parts its answer is broken off.
    pub(super) fn breaks_after(&self) -> Option<u32> {
        self.state().asked.as_ref().and_then(self.breaks)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.told();
        if !self.state().is_over {
            self.log.add(self.number, Saw::Left);
        }
    }
}
