//! Frames of streams, and the messages in them.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned as _;
use alloc::format;
use bytes::Bytes;

use super::Client;
use super::answer::{exact, is_own};
use super::event::{ClientEvent, Source};
use super::exchange::Purpose;
use super::input::SseEvent;
use super::ledger::Wire;
use super::legacy::stream::{Frame, Stream};
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::Notification;
use crate::outcome::Outcome;

impl Client {
    pub(super) fn on_frame(&mut self, id: ExchangeId, event: SseEvent<'_>) {
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        let (purpose, epoch) = (exchange.purpose, exchange.epoch);
        let is_message = matches!(event.event, "" | "message") && !event.data.is_empty();
        let scanned = if is_message {
            match jsonrpc::scan(event.data) {
                Ok(scanned) => Some(scanned),
                Err(reason) => {
                    self.ignore(id, format!("an event is no JSON-RPC message: {reason}"));
                    None
                }
            }
        } else {
            None
        };
        let frame = self
            .stream_of(purpose)
            .map_or(Frame::New, |stream| stream.take(&event, scanned.is_some()));
        if purpose == Purpose::Standalone {
            self.standalone_heard();
        }
        match scanned {
            None => {}
            Some(Scanned::One(message)) => self.on_framed(id, purpose, epoch, frame, message),
            Some(Scanned::Batch(messages)) if self.session.has_batches() => {
                for message in messages {
                    match message {
                        Ok(message) => self.on_framed(id, purpose, epoch, frame, message),
                        Err(reason) => self.ignore(id, format!("a message of a batch: {reason}")),
                    }
                }
            }
            Some(Scanned::Batch(_)) => {
                self.ignore(
                    id,
                    "an event is a batch, which this protocol version does not have",
                );
            }
        }
    }

    /// A frame that was there before the stream was resumed has been delivered already; only an answer
    /// in it is looked at again, because a call settles once anyway.
    fn on_framed(
        &mut self,
        id: ExchangeId,
        purpose: Purpose,
        epoch: u32,
        frame: Frame,
        message: Message<'_>,
    ) {
        let is_answer = matches!(message, Message::Result { .. } | Message::Error { .. });
        if frame == Frame::New || is_answer {
            self.on_message(id, purpose, epoch, message);
        }
    }

    pub(super) fn on_message(
        &mut self,
        id: ExchangeId,
        purpose: Purpose,
        epoch: u32,
        message: Message<'_>,
    ) {
        let is_answer = matches!(message, Message::Result { .. } | Message::Error { .. });
        if self.session.is_closing() && !is_answer {
            return; // Nothing reaches the application after `close`.
        }
        match message {
            Message::Request {
                id: asked,
                method,
                params,
            } => self.on_request(id, asked, source_of(purpose), &method, params),
            Message::Notification { method, params } => {
                self.on_notification(source_of(purpose), method, params);
            }
            Message::Result { id: raw, result } => {
                let outcome = || Outcome::Result(Bytes::copy_from_slice(result.as_bytes()));
                self.on_answer(id, purpose, epoch, Some(raw), outcome);
            }
            Message::Error { id: raw, error } => {
                self.on_answer(id, purpose, epoch, raw, || Outcome::Error(error));
            }
        }
    }

    /// A response in a stream: it settles the call that its id names, wherever it came, within the
    /// session in which that id was sent.
    fn on_answer(
        &mut self,
        id: ExchangeId,
        purpose: Purpose,
        epoch: u32,
        raw: Option<&str>,
        outcome: impl FnOnce() -> Outcome,
    ) {
        if purpose == Purpose::Handshake {
            return self.handshake_answer(id, raw, outcome());
        }
        let named = raw
            .and_then(exact)
            .and_then(|id| self.ledger.by_wire(Wire { epoch, id }));
        let call = named.or_else(|| self.own_call(purpose, raw));
        let Some(call) = call else {
            let what = raw.unwrap_or("null");
            return self.ignore(
                id,
                format!("a response to request {what}, which nobody waits for"),
            );
        };
        if matches!(purpose, Purpose::Call(own) | Purpose::Resume(own) if own == call)
            && self.exchanges.contains_key(&id)
        {
            self.linger(id);
        }
        self.answered(call, epoch, outcome());
    }

    /// The call that an exchange serves, if the response on it can be meant for it: its id in another
    /// spelling, or none at all.
    fn own_call(&self, purpose: Purpose, raw: Option<&str>) -> Option<CallId> {
        let (Purpose::Call(call) | Purpose::Resume(call)) = purpose else {
            return None;
        };
        let own = self.ledger.get(call)?.wire?.id;
        raw.is_none_or(|raw| is_own(raw, own)).then_some(call)
    }

    fn on_notification(&mut self, source: Source, method: Cow<'_, str>, params: Option<&str>) {
        match &*method {
            "notifications/cancelled" => self.on_cancelled(params),
            "notifications/progress" if self.on_progress(params) => {}
            _ => {
                let notification = Notification::new(
                    method.into_owned(),
                    params.map(|params| Bytes::copy_from_slice(params.as_bytes())),
                );
                self.out.message(ClientEvent::Notification {
                    source,
                    notification,
                });
            }
        }
    }

    /// What is remembered of the stream that an exchange carries.
    fn stream_of(&mut self, purpose: Purpose) -> Option<&mut Stream> {
        match purpose {
            Purpose::Call(call) | Purpose::Resume(call) => {
                self.ledger.get_mut(call).map(|entry| &mut entry.stream)
            }
            Purpose::Standalone => Some(self.standalone.stream()),
            _ => None,
        }
    }
}

const fn source_of(purpose: Purpose) -> Source {
    match purpose {
        Purpose::Call(call) | Purpose::Resume(call) => Source::Call(call),
        _ => Source::Standalone,
    }
}

/// A method name that needs no allocation where it is one of the protocol's own.
pub(super) fn known_method(method: &str) -> Cow<'static, str> {
    const KNOWN: [&str; 4] = [
        "elicitation/create",
        "ping",
        "roots/list",
        "sampling/createMessage",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == method)
        .map_or_else(|| Cow::Owned(method.to_owned()), Cow::Borrowed)
}
