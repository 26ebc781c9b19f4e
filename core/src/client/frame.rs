//! Frames of streams, and the messages in them.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned as _;
use alloc::format;
use bytes::Bytes;

use super::Client;
use super::answer::{exact, is_own};
use super::errand::Errand;
use super::event::{ClientEvent, Source};
use super::exchange::{Origin, Purpose};
use super::input::SseEvent;
use super::ledger::{Stage, Wire};
use super::legacy::stream::{Frame, Stream};
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::Notification;
use crate::outcome::Outcome;
use crate::version::Era;

impl Client {
    pub(super) fn on_frame(&mut self, id: ExchangeId, event: SseEvent<'_>) {
        let Some(exchange) = self.exchanges.get(&id) else {
            return;
        };
        let origin = exchange.origin(id);
        let purpose = origin.purpose;
        if purpose == Purpose::EventStream && event.event == "endpoint" {
            return self.endpoint_named(id, event.data);
        }
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
            .stream_of(origin)
            .map_or(Frame::New, |stream| stream.take(&event, scanned.is_some()));
        if purpose == Purpose::Standalone {
            self.standalone_heard();
        }
        match scanned {
            None => {}
            Some(Scanned::One(message)) => self.on_framed(origin, frame, message),
            Some(Scanned::Batch(messages)) if self.session.has_batches() => {
                for message in messages {
                    match message {
                        Ok(message) => self.on_framed(origin, frame, message),
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
    fn on_framed(&mut self, origin: Origin, frame: Frame, message: Message<'_>) {
        let is_answer = matches!(message, Message::Result { .. } | Message::Error { .. });
        if frame == Frame::New || is_answer {
            self.on_message(origin, message);
        }
    }

    pub(super) fn on_message(&mut self, origin: Origin, message: Message<'_>) {
        let Origin {
            exchange: id,
            purpose,
            ..
        } = origin;
        let is_answer = matches!(message, Message::Result { .. } | Message::Error { .. });
        if self.session.is_closing() && !is_answer {
            return; // Nothing reaches the application after `close`.
        }
        if let Purpose::Listen(listen) = purpose {
            return self.on_listen_message(id, listen, message);
        }
        match message {
            Message::Request { method, .. } if origin.era == Era::Modern => {
                let what = format!(
                    "a request of the server ({method}), which this revision does not have"
                );
                self.ignore(id, what);
            }
            Message::Request { method, .. } if !self.can_answer(origin) => {
                let what = format!(
                    "a request of the server ({method}), for whose answer there is no session"
                );
                self.ignore(id, what);
            }
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
                self.on_answer(origin, Some(raw), outcome);
            }
            Message::Error { id: raw, error } => {
                self.on_answer(origin, raw, || Outcome::Error(error));
            }
        }
    }

    /// Whether a request of the server's can be answered: not if its exchange has outlived its session, and
    /// not before it is known where answers go.
    fn can_answer(&self, origin: Origin) -> bool {
        match origin.purpose {
            Purpose::Call(_) | Purpose::Resume(_) => self.session.is_current(origin.epoch),
            Purpose::EventStream => self.session.message_url().is_some(),
            _ => true,
        }
    }

    /// A response in a stream. In a session it settles the call that its id names, wherever it came; a
    /// modern one is for the call of its own exchange.
    fn on_answer(&mut self, origin: Origin, raw: Option<&str>, outcome: impl FnOnce() -> Outcome) {
        let Origin {
            exchange: id,
            purpose,
            epoch,
            era,
        } = origin;
        if let Purpose::Errand(errand, own) = purpose {
            return self.errand_answer(id, errand, own, raw, outcome());
        }
        if purpose == Purpose::EventStream
            && let Some((initialize, own)) = self.session.asks_initialize()
            && raw.is_some_and(|raw| is_own(raw, own))
        {
            return self.errand_answer(initialize, Errand::Initialize, own, raw, outcome());
        }
        let epoch = match purpose {
            Purpose::EventStream => self.session.epoch,
            _ => epoch,
        };
        let named = raw
            .filter(|_| era == Era::Legacy)
            .and_then(exact)
            .and_then(|id| self.ledger.by_wire(Wire { epoch, id }))
            .filter(|call| self.ledger.get(*call).is_some_and(|entry| entry.era == era));
        let call = named.or_else(|| self.own_call(purpose, raw));
        let Some(call) = call else {
            let what = raw.unwrap_or("null");
            return self.ignore(
                id,
                format!("a response to request {what}, which nobody waits for"),
            );
        };
        if purpose == Purpose::EventStream
            && let Some(Stage::Open(post)) = self.ledger.get(call).map(|entry| entry.stage)
        {
            self.linger(post); // Its acknowledgement is on its way.
        }
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
            "notifications/progress" if self.on_progress(source, params) => {}
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
    fn stream_of(&mut self, origin: Origin) -> Option<&mut Stream> {
        if origin.era == Era::Modern {
            return None; // Nothing is resumed there.
        }
        match origin.purpose {
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
        Purpose::Listen(listen) => Source::Listen(listen),
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
