//! The record of a server.

use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::time::Duration;

use super::config::{first_line, handshake, name};
use super::line::Object;
use super::step::{self, REDACTED, header, headers, payload, private};
use super::{Detail, Recorder};
use crate::ids::{CallId, ExchangeId, ObligationId, SessionId};
use crate::jsonrpc::quote;
use crate::message::{Answer, Call, Handshake, Notification};
use crate::server::{
    Allowed, Body, EndReason, ExchangeHead, ResponseMode, ServerConfig, ServerEvent, ServerInput,
    ServerLimits, ServerOutput, ServerTiming, To,
};
use crate::time::Instant;

impl Recorder {
    /// The first line. To be called once, before any other.
    pub(crate) fn server_config(&mut self, config: &ServerConfig, seed: &[u8; 32]) {
        self.write(|detail| settings(detail, config, seed));
    }

    pub(crate) fn accept(&mut self, now: Instant, head: &ExchangeHead<'_>, id: ExchangeId) {
        self.write_input(now, |detail| {
            let object = Object::of_type("accept").text("method", head.method).list(
                "headers",
                &head
                    .headers
                    .iter()
                    .map(|(name, value)| header(detail, name, value))
                    .collect::<Vec<_>>(),
            );
            let object = match head.principal {
                Some(principal) => object.text("principal", private(detail, principal)),
                None => object,
            };
            object.number("id", id.as_u64())
        });
    }

    pub(crate) fn take(&mut self, now: Instant, id: ObligationId) {
        self.write_input(now, |_| Object::of_type("take").number("id", id.as_u64()));
    }

    /// The answer goes out byte for byte, so it is written like that.
    pub(crate) fn answer(&mut self, now: Instant, id: ObligationId, answer: &Answer) {
        self.write_input(now, |detail| step::respond(detail, id, answer, step::exact));
    }

    pub(crate) fn notify_to(&mut self, now: Instant, to: To, notification: &Notification) {
        self.write_input(now, |detail| {
            addressed(step::notify(detail, notification, step::exact), to)
        });
    }

    pub(crate) fn call_to(&mut self, now: Instant, to: To, call: &Call, id: CallId) {
        self.write_input(now, |detail| {
            addressed(step::call(detail, call, id, step::exact), to)
        });
    }

    pub(crate) fn release_connection(&mut self, now: Instant, to: To, retry: Option<Duration>) {
        self.write_input(now, |_| {
            let object = addressed(Object::of_type("release_connection"), to);
            match retry {
                Some(retry) => object.duration("retry", retry),
                None => object.null("retry"),
            }
        });
    }

    pub(crate) fn end_session(&mut self, now: Instant, session: SessionId, reason: EndReason) {
        self.write_input(now, |_| {
            Object::of_type("end_session")
                .number("session", session.as_u64())
                .text("reason", reason.as_str())
        });
    }

    pub(crate) fn declare_tools(&mut self, now: Instant, tools: &[u8]) {
        self.write_input(now, |detail| {
            let tools = Bytes::copy_from_slice(tools);
            step::exact(
                detail,
                Object::of_type("declare_tools"),
                "tools",
                Some(&tools),
            )
        });
    }

    pub(crate) fn shut_down(&mut self, now: Instant, grace: Duration) {
        self.write_input(now, |_| {
            Object::of_type("shut_down").duration("grace", grace)
        });
    }

    pub(crate) fn server_input(&mut self, now: Instant, input: &ServerInput<'_>) {
        self.write_input(now, |detail| driver_input(detail, input));
    }

    /// An output that is being handed out.
    pub(crate) fn server_output(&mut self, output: &ServerOutput) {
        self.write(|detail| Object::new().object("output", server_output(detail, output)));
    }
}

fn settings(detail: Detail, config: &ServerConfig, seed: &[u8; 32]) -> Object {
    let line = first_line(detail, "The record of a server.", seed);
    let settings = Object::new().text("role", "server");
    let settings = match &config.handshake {
        Handshake::Core(identity) => {
            let identity_object = handshake(detail, identity);
            let identity_object = match &identity.instructions {
                Some(text) => identity_object.text("instructions", private(detail, text)),
                None => identity_object,
            };
            settings.object("handshake", identity_object)
        }
        Handshake::Host => settings.text("handshake", "host"),
    };
    let settings = settings
        .list(
            "versions",
            &[name(*config.versions.start()), name(*config.versions.end())],
        )
        .flag("sessions", config.sessions)
        .text(
            "mode",
            match config.mode {
                ResponseMode::Adaptive => "adaptive",
                ResponseMode::Json => "json",
                ResponseMode::Sse => "sse",
            },
        );
    let settings = allowed(settings, "hosts", &config.hosts);
    let settings = allowed(settings, "origins", &config.origins)
        .number("shard", config.shard.into())
        .object("limits", limits(&config.limits))
        .object("timing", timing(&config.timing));
    line.object("config", settings)
}

fn allowed(object: Object, name: &str, allowed: &Allowed) -> Object {
    match allowed {
        Allowed::Any => object.text(name, "any"),
        Allowed::Loopback => object.text(name, "loopback"),
        Allowed::Only(names) => {
            let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
            object.list(name, &names)
        }
    }
}

fn limits(limits: &ServerLimits) -> Object {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let object = Object::new()
        .number("body", count(limits.body))
        .number("sessions", count(limits.sessions));
    let object = match limits.sessions_per_principal {
        Some(most) => object.number("sessions_per_principal", count(most)),
        None => object.null("sessions_per_principal"),
    };
    object
        .number("obligations", count(limits.obligations))
        .number("in_flight", count(limits.in_flight))
        .number("listens", count(limits.listens))
        .number("held", count(limits.held))
        .number("log_events", count(limits.log_events))
        .number("log_bytes", count(limits.log_bytes))
        .number("log_total", count(limits.log_total))
        .number("unwritten", count(limits.unwritten))
}

fn timing(timing: &ServerTiming) -> Object {
    let bound = |object: Object, name: &str, bound: Option<Duration>| match bound {
        Some(bound) => object.duration(name, bound),
        None => object.null(name),
    };
    let object = Object::new()
        .duration("take", timing.take)
        .duration("head", timing.head);
    let object = bound(object, "answer", timing.answer)
        .duration("call", timing.call)
        .duration("body", timing.body);
    let object = bound(object, "keep_alive", timing.keep_alive).duration("stall", timing.stall);
    bound(object, "idle", timing.idle)
        .duration("unused", timing.unused)
        .duration("replay", timing.replay)
        .duration("retry", timing.retry)
}

fn addressed(object: Object, to: To) -> Object {
    match to {
        To::All => object.text("to", "all"),
        To::Request(id) => object.object("to", Object::new().number("request", id.as_u64())),
        To::Session(id) => object.object("to", Object::new().number("session", id.as_u64())),
    }
}

fn driver_input(detail: Detail, input: &ServerInput<'_>) -> Object {
    let of =
        |name, exchange: ExchangeId| Object::of_type(name).number("exchange", exchange.as_u64());
    match *input {
        ServerInput::Chunk { exchange, data } => bytes(detail, of("chunk", exchange), data),
        ServerInput::End { exchange } => of("end", exchange),
        ServerInput::Gone { exchange } => of("gone", exchange),
        ServerInput::Written { exchange } => of("written", exchange),
        ServerInput::Timeout => Object::of_type("timeout"),
    }
}

fn server_output(detail: Detail, output: &ServerOutput) -> Object {
    let of =
        |name, exchange: &ExchangeId| Object::of_type(name).number("exchange", exchange.as_u64());
    match output {
        ServerOutput::Abort { exchange } => of("abort", exchange),
        ServerOutput::Chunk { exchange, data } => bytes(detail, of("chunk", exchange), data),
        ServerOutput::End { exchange } => of("end", exchange),
        ServerOutput::Event(event) => server_event(detail, event),
        ServerOutput::Head {
            exchange,
            status,
            headers: fields,
            body,
        } => {
            let object = of("head", exchange)
                .number("status", (*status).into())
                .list("headers", &headers(detail, fields));
            match body {
                Body::Stream => object.text("body", "stream"),
                Body::Whole(body) if body.is_empty() => object.null("body"),
                Body::Whole(body) => payload(detail, object, "body", Some(body)),
            }
        }
    }
}

fn server_event(detail: Detail, event: &ServerEvent) -> Object {
    match event {
        ServerEvent::Notice(notice) => {
            let object = Object::of_type("notice").text("kind", notice.kind.as_str());
            let object = optional(object, "exchange", notice.exchange.map(ExchangeId::as_u64));
            optional(object, "session", notice.session.map(SessionId::as_u64))
                .text("detail", &notice.detail)
        }
        ServerEvent::Notification {
            exchange,
            session,
            notification,
        } => {
            let object = Object::of_type("notification").number("exchange", exchange.as_u64());
            let object = optional(object, "session", session.map(SessionId::as_u64))
                .text("method", &notification.method);
            payload(detail, object, "params", notification.params.as_ref())
        }
        ServerEvent::Progress { call, params } => {
            let object = Object::of_type("progress").number("call", call.as_u64());
            payload(detail, object, "params", Some(params))
        }
        ServerEvent::Request {
            id,
            exchange,
            session,
            version,
            method,
            params,
        } => {
            let object = Object::of_type("request")
                .number("id", id.as_u64())
                .number("exchange", exchange.as_u64());
            let object = optional(object, "session", session.map(SessionId::as_u64))
                .text("version", version.as_str())
                .text("method", method);
            payload(detail, object, "params", params.as_ref())
        }
        ServerEvent::SessionEnded { session, reason } => Object::of_type("session_ended")
            .number("session", session.as_u64())
            .text("reason", reason.as_str()),
        ServerEvent::SessionStarted {
            session,
            exchange,
            key,
            params,
        } => {
            let object = Object::of_type("session_started")
                .number("session", session.as_u64())
                .number("exchange", exchange.as_u64());
            let object = match detail {
                Detail::Redacted => object.text("key", REDACTED),
                Detail::Whole => object.text("key", key),
            };
            payload(detail, object, "params", Some(params))
        }
        ServerEvent::Settled { call, outcome } => step::settled(detail, *call, outcome),
        ServerEvent::ShutDown => Object::of_type("shut_down"),
        ServerEvent::Withdrawn { id, why } => Object::of_type("withdrawn")
            .number("id", id.as_u64())
            .text("why", why.as_str()),
    }
}

fn bytes(detail: Detail, object: Object, data: &[u8]) -> Object {
    match detail {
        Detail::Redacted => object.length("data", data.len()),
        Detail::Whole => object.bytes(data),
    }
}

fn optional(object: Object, name: &str, id: Option<u64>) -> Object {
    match id {
        Some(id) => object.number(name, id),
        None => object.null(name),
    }
}
