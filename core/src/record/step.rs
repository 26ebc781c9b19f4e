//! What was done to a machine and what it said, as the objects of a record's lines.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use bytes::Bytes;

use super::line::Object;
use super::{Detail, Serves};
use crate::client::{
    ClientEvent, ClientInput, ClientOutput, ListenState, Sent, SessionChange, Source, SseEvent,
};
use crate::http::Header;
use crate::ids::{CallId, ObligationId};
use crate::jsonrpc::quote;
use crate::message::{Answer, Call, Notification, RpcError};
use crate::outcome::{Failure, Outcome, Refusal};

/// Stands for a text that is left out.
pub(super) const REDACTED: &str = "<redacted>";

/// Headers whose values are never written.
const CREDENTIALS: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
];

/// Headers whose values a redacted record keeps: the protocol's and HTTP's own words.
const PUBLIC: [&str; 7] = [
    "accept",
    "allow",
    "content-type",
    "mcp-method",
    "mcp-protocol-version",
    "retry-after",
    "www-authenticate",
];

/// How a payload of the host is written: [`payload`], or [`exact`].
pub(super) type Write = fn(Detail, Object, &str, Option<&Bytes>) -> Object;

pub(super) fn call(detail: Detail, call: &Call, id: CallId, write: Write) -> Object {
    let object = Object::of_type("call").text("method", &call.method);
    let object = write(detail, object, "params", call.params.as_ref());
    let mut options = Object::new()
        .flag("safe", call.options.safe)
        .flag("progress", call.options.progress);
    if let Some(idle) = call.options.idle {
        options = options.duration("idle", idle);
    }
    if let Some(max) = call.options.max {
        options = options.duration("max", max);
    }
    options = options.list("headers", &hosts_own(detail, &call.options.headers));
    object.object("options", options).number("id", id.as_u64())
}

pub(super) fn notify(detail: Detail, notification: &Notification, write: Write) -> Object {
    let object = Object::of_type("notify").text("method", &notification.method);
    write(detail, object, "params", notification.params.as_ref())
}

pub(super) fn respond(detail: Detail, id: ObligationId, answer: &Answer, write: Write) -> Object {
    let object = Object::of_type("respond").number("id", id.as_u64());
    match answer {
        Answer::Result(result) => write(detail, object, "result", Some(result)),
        Answer::Error(error) => object.object("error", rpc_error(detail, error)),
    }
}

pub(super) fn cancel(detail: Detail, call: CallId, reason: Option<&str>) -> Object {
    let object = Object::of_type("cancel").number("call", call.as_u64());
    match reason {
        Some(reason) => object.text("reason", private(detail, reason)),
        None => object,
    }
}

pub(super) fn input(detail: Detail, input: &ClientInput<'_>) -> Object {
    match input {
        ClientInput::Head {
            exchange,
            status,
            headers,
        } => Object::of_type("head")
            .number("exchange", exchange.as_u64())
            .number("status", (*status).into())
            .list(
                "headers",
                &headers
                    .iter()
                    .map(|(name, value)| header(detail, name, value))
                    .collect::<Vec<_>>(),
            ),
        ClientInput::Chunk { exchange, data } => {
            let object = Object::of_type("chunk").number("exchange", exchange.as_u64());
            match detail {
                Detail::Redacted => object.length("data", data.len()),
                Detail::Whole => object.bytes(data),
            }
        }
        ClientInput::SseEvent { exchange, event } => sse_event(
            detail,
            Object::of_type("sse_event").number("exchange", exchange.as_u64()),
            event,
        ),
        ClientInput::End { exchange } => {
            Object::of_type("end").number("exchange", exchange.as_u64())
        }
        ClientInput::Failed { exchange, failure } => Object::of_type("failed")
            .number("exchange", exchange.as_u64())
            .text(
                "sent",
                match failure.sent {
                    Sent::Maybe => "maybe",
                    Sent::No => "no",
                },
            )
            .text("detail", &failure.detail),
        ClientInput::Timeout => Object::of_type("timeout"),
    }
}

pub(super) fn output(detail: Detail, output: &ClientOutput) -> Object {
    match output {
        ClientOutput::Abort { exchange } => {
            Object::of_type("abort").number("exchange", exchange.as_u64())
        }
        ClientOutput::Event(event) => client_event(detail, event),
        ClientOutput::Open {
            exchange,
            method,
            url,
            headers: fields,
            body,
        } => {
            let object = Object::of_type("open")
                .number("exchange", exchange.as_u64())
                .text("method", method.as_str());
            let object = match (url, detail) {
                (None, _) => object.null("url"),
                (Some(url), Detail::Redacted) => object.text("url", public_url(url)),
                (Some(url), Detail::Whole) => object.text("url", url),
            };
            let object = object.list("headers", &headers(detail, fields));
            if body.is_empty() {
                object.null("body")
            } else {
                payload(detail, object, "body", Some(body))
            }
        }
    }
}

/// Adds whom the exchange serves that is opened by this line.
pub(super) fn serves(line: Object, whom: Serves) -> Object {
    match whom {
        Serves::Call(call) => line.object("for", Object::new().number("call", call.as_u64())),
        Serves::Listen(listen) => {
            line.object("for", Object::new().number("listen", listen.as_u64()))
        }
        Serves::Other(what) => line.text("for", what),
    }
}

fn client_event(detail: Detail, event: &ClientEvent) -> Object {
    match event {
        ClientEvent::Closed => Object::of_type("closed"),
        ClientEvent::Listen { listen, state } => {
            let object = Object::of_type("listen").number("listen", listen.as_u64());
            match state {
                ListenState::Ended(how) => {
                    object.object("ended", outcome(detail, Object::new(), how))
                }
                ListenState::Gap => object.flag("gap", true),
                ListenState::Open { filter } => payload(detail, object, "open", Some(filter)),
            }
        }
        ClientEvent::Notice(notice) => {
            let object = Object::of_type("notice").text("kind", notice.kind.as_str());
            let object = match notice.exchange {
                Some(exchange) => object.number("exchange", exchange.as_u64()),
                None => object.null("exchange"),
            };
            object.text("detail", &notice.detail)
        }
        ClientEvent::Notification {
            source: from,
            notification,
        } => {
            let object =
                source(Object::of_type("notification"), *from).text("method", &notification.method);
            payload(detail, object, "params", notification.params.as_ref())
        }
        ClientEvent::Progress { call, params } => {
            let object = Object::of_type("progress").number("call", call.as_u64());
            payload(detail, object, "params", Some(params))
        }
        ClientEvent::Request {
            id,
            source: from,
            method,
            params,
        } => {
            let object = source(Object::of_type("request").number("id", id.as_u64()), *from);
            payload(
                detail,
                object.text("method", method),
                "params",
                params.as_ref(),
            )
        }
        ClientEvent::SessionChanged { epoch, change } => {
            let object = Object::of_type("session_changed").number("epoch", (*epoch).into());
            match change {
                SessionChange::Connected => object.text("change", "connected"),
                SessionChange::Lost(why) => {
                    object.object("change", Object::new().object("lost", failure(detail, why)))
                }
                SessionChange::Reinitialized => object.text("change", "reinitialized"),
            }
        }
        ClientEvent::Settled { call, outcome } => settled(detail, *call, outcome),
        ClientEvent::Unauthorized { refusal, calls } => {
            let calls: Vec<_> = calls.iter().map(|call| call.as_u64().to_string()).collect();
            let object = Object::of_type("unauthorized").number("status", refusal.status.into());
            told(detail, object, refusal).list("calls", &calls)
        }
        ClientEvent::Withdrawn { id, why } => Object::of_type("withdrawn")
            .number("id", id.as_u64())
            .text("why", why.as_str()),
    }
}

pub(super) fn settled(detail: Detail, call: CallId, how: &Outcome) -> Object {
    let object = Object::of_type("settled").number("call", call.as_u64());
    outcome(detail, object, how)
}

fn outcome(detail: Detail, object: Object, outcome: &Outcome) -> Object {
    match outcome {
        Outcome::Error(error) => object.object("error", rpc_error(detail, error)),
        Outcome::Failed(why) => object.object("failure", failure(detail, why)),
        Outcome::Result(result) => payload(detail, object, "result", Some(result)),
    }
}

fn failure(detail: Detail, failure: &Failure) -> Object {
    let mut object = Object::new()
        .text("kind", failure.kind.as_str())
        .text("execution", failure.execution.as_str());
    if let Some(refusal) = &failure.refusal {
        object = object.number("status", refusal.status.into());
        object = object.object("refusal", told(detail, Object::new(), refusal));
    }
    let story: Vec<_> = failure
        .story
        .lines()
        .iter()
        .map(|line| quote(&line.to_string()))
        .collect();
    object.list("story", &story)
}

/// What a refusal says beside its status.
fn told(detail: Detail, object: Object, refusal: &Refusal) -> Object {
    let object = object.list("headers", &headers(detail, &refusal.headers));
    match detail {
        Detail::Redacted => object.length("body", refusal.body.len()),
        Detail::Whole => object.object("body", Object::new().bytes(&refusal.body)),
    }
}

fn rpc_error(detail: Detail, error: &RpcError) -> Object {
    let object = Object::new()
        .member("code", &error.code.to_string())
        .text("message", private(detail, &error.message));
    payload(detail, object, "data", error.data.as_ref())
}

fn sse_event(detail: Detail, object: Object, event: &SseEvent<'_>) -> Object {
    let object = object.text("event", event.event);
    let object = match detail {
        Detail::Redacted => object.length("data", event.data.len()),
        Detail::Whole => object.text("data", event.data),
    };
    let object = match event.id {
        Some(id) => object.text("id", private(detail, id)),
        None => object.null("id"),
    };
    match event.retry {
        Some(retry) => object.duration("retry", retry),
        None => object.null("retry"),
    }
}

fn source(object: Object, source: Source) -> Object {
    match source {
        Source::Call(call) => object.object("source", Object::new().number("call", call.as_u64())),
        Source::Listen(listen) => {
            object.object("source", Object::new().number("listen", listen.as_u64()))
        }
        Source::Standalone => object.text("source", "standalone"),
    }
}

pub(super) fn headers(detail: Detail, headers: &[Header]) -> Vec<String> {
    headers
        .iter()
        .map(|field| header(detail, &field.name, &field.value))
        .collect()
}

/// Headers that the host handed over: whatever they are named, their values are its own.
fn hosts_own(detail: Detail, fields: &[Header]) -> Vec<String> {
    match detail {
        Detail::Redacted => fields
            .iter()
            .map(|field| format!("[{},{}]", quote(&field.name), quote(REDACTED)))
            .collect(),
        Detail::Whole => headers(detail, fields),
    }
}

pub(super) fn header(detail: Detail, name: &str, value: &[u8]) -> String {
    let listed = |names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let told = match detail {
        Detail::Redacted => listed(&PUBLIC),
        Detail::Whole => !listed(&CREDENTIALS),
    };
    let value = match core::str::from_utf8(value) {
        _ if !told => quote(REDACTED),
        Ok(text) => quote(text),
        Err(_) => Object::new().bytes(value).finish(),
    };
    format!("[{},{value}]", quote(name))
}

/// A payload that the machine passes on byte for byte: its text as it is, in the member `<name>_text`.
pub(super) fn exact(detail: Detail, object: Object, name: &str, payload: Option<&Bytes>) -> Object {
    match (payload, detail) {
        (None, _) => object,
        (Some(payload), Detail::Redacted) => object.length(name, payload.len()),
        (Some(payload), Detail::Whole) => {
            object.text(&format!("{name}_text"), &String::from_utf8_lossy(payload))
        }
    }
}

/// A payload that may be missing: the JSON text, or how long it was.
pub(super) fn payload(
    detail: Detail,
    object: Object,
    name: &str,
    payload: Option<&Bytes>,
) -> Object {
    match (payload, detail) {
        (None, _) => object,
        (Some(payload), Detail::Redacted) => object.length(name, payload.len()),
        (Some(payload), Detail::Whole) => object.json(name, payload),
    }
}

pub(super) fn private(detail: Detail, text: &str) -> &str {
    match detail {
        Detail::Redacted => REDACTED,
        Detail::Whole => text,
    }
}

/// A URL without its query, where some hosts carry a key.
pub(super) fn public_url(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
