//! What the application hands over: checked, and put where it waits for its turn.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::authorize::Asked;
use super::event::ClientEvent;
use super::exchange::Post;
use super::ledger::{Entry, Idle, Kind, Stage, Tries, failed};
use super::legacy::stream::Stream;
use super::queue::Waiting;
use super::{Client, Timer};
use crate::http::{Header, is_header_value, names};
use crate::ids::CallId;
use crate::jsonrpc;
use crate::message::{Call, CallOptions, Handshake, Notification};
use crate::meta;
use crate::notice::NoticeKind;
use crate::outcome::{Execution, FailureKind};
use crate::story::Teller;
use crate::version::Era;

/// The longest header value that we emit.
pub(super) const MOST_HEADER_BYTES: usize = 4096;

impl Client {
    pub(super) fn admit_connect(&mut self, id: CallId) {
        if self.session.is_closing() {
            return self.reject(id, FailureKind::Closed, String::new());
        }
        if matches!(self.config.handshake, Handshake::Host) && !self.session.can_begin() {
            let reason = "the host speaks the handshake: send its initialize as a call".to_owned();
            return self.reject(id, FailureKind::Misuse, reason);
        }
        let call = Call::new("initialize", None);
        self.enter(id, Kind::Connect, call, Facts::default());
        self.begin_session();
    }

    pub(super) fn admit(&mut self, id: CallId, call: Call) {
        let mut call = call;
        let facts = match self.check(&mut call) {
            Ok(facts) => facts,
            Err((kind, reason)) => return self.reject(id, kind, reason),
        };
        if call.method == "initialize" && facts.version.is_none() {
            let params = call.params.clone();
            self.enter(id, Kind::Initialize, call, facts);
            self.begin_host_handshake(id, params);
        } else {
            self.enter(id, Kind::Request, call, facts);
            self.send_in_turn(id);
        }
    }

    pub(super) fn admit_notification(&mut self, notification: Notification) {
        if self.session.is_closing() {
            return;
        }
        if notification.method.is_empty() {
            return self.notice(NoticeKind::Ignored, None, "a notification without a method");
        }
        if let Err(reason) = check_params(notification.params.as_ref()) {
            return self.notice(
                NoticeKind::Ignored,
                None,
                format!("notification {}: {reason}", notification.method),
            );
        }
        let is_modern = self.is_modern_of_host(&notification);
        if is_modern && self.has_free_exchange() {
            self.post_notification(Post::Notification, &notification);
        } else if notification.method == "notifications/initialized" && !is_modern {
            self.host_is_initialized(&notification);
        } else if self.queue.len() >= self.config.limits.calls {
            let detail = format!(
                "notification {}: too many messages are waiting",
                notification.method
            );
            self.notice(NoticeKind::Undelivered, None, detail);
        } else {
            self.queue.push(Waiting::Notification(notification));
        }
    }

    /// What is wrong with a call, if anything; else what its params say to the transport. Headers that
    /// the protocol owns are taken out.
    fn check(&mut self, call: &mut Call) -> Result<Facts, (FailureKind, String)> {
        if self.session.is_closing() {
            return Err((FailureKind::Closed, String::new()));
        }
        let misuse = |reason| (FailureKind::Misuse, reason);
        if call.method.is_empty() {
            return Err(misuse("the method is empty".to_owned()));
        }
        let host = self.host_speaks();
        if call.method == "initialize" && !host {
            return Err(misuse("initialize is the core's: use connect".to_owned()));
        }
        let facts = Facts::of(call.params.as_ref()).map_err(misuse)?;
        self.check_headers(&mut call.options).map_err(misuse)?;
        if self.ledger.calls.len() >= self.config.limits.calls {
            let reason = format!(
                "{} calls are in flight, the limit",
                self.config.limits.calls
            );
            return Err((FailureKind::Overloaded, reason));
        }
        let is_modern = facts.version.is_some();
        if host && !is_modern && call.method != "initialize" && !self.session.can_begin() {
            let reason = "the host has sent no initialize yet".to_owned();
            return Err((FailureKind::Undeliverable, reason));
        }
        Ok(facts)
    }

    pub(super) const fn host_speaks(&self) -> bool {
        matches!(self.config.handshake, Handshake::Host)
    }

    fn check_headers(&mut self, options: &mut CallOptions) -> Result<(), String> {
        for Header { name, value } in &options.headers {
            if !is_token(name) {
                return Err(format!("{name:?} is no header name"));
            }
            if !is_header_value(value) || value.len() > MOST_HEADER_BYTES {
                return Err(format!(
                    "the value of header {name} has control characters or is longer than {MOST_HEADER_BYTES} bytes"
                ));
            }
        }
        let host_speaks = self.host_speaks();
        let is_reserved = |header: &Header| {
            names::RESERVED
                .iter()
                .any(|name| header.name.eq_ignore_ascii_case(name))
                || !host_speaks && names::is_param(&header.name)
        };
        if let Some(header) = options.headers.iter().find(|header| is_reserved(header)) {
            let detail = format!(
                "header {} is the protocol's; the call's own was left out",
                header.name
            );
            self.notice(NoticeKind::Ignored, None, detail);
            options.headers.retain(|header| !is_reserved(header));
        }
        Ok(())
    }

    fn enter(&mut self, id: CallId, kind: Kind, call: Call, facts: Facts) {
        let Call {
            method,
            params,
            options,
        } = call;
        let max = self.after(options.max.unwrap_or(self.config.timing.max));
        self.timers.set(Timer::Max(id), max);
        let idle = if kind == Kind::Request {
            options.idle.or(self.config.timing.idle)
        } else {
            None
        };
        let entry = Entry {
            kind,
            safe: !facts.answers_question && (options.safe || is_safe(&method)),
            method,
            params,
            options,
            own_token: facts.token,
            has_meta: facts.has_meta,
            named_version: facts.version.filter(|_| self.host_speaks()),
            task: facts.task,
            stage: Stage::Handshake,
            era: Era::Legacy,
            wire: None,
            execution: Execution::NotSent,
            tries: Tries::default(),
            asked: Asked::default(),
            stream: Stream::default(),
            refresh: None,
            rounds: None,
            idle: Idle {
                bound: idle,
                stopped_with: None,
                questions: 0,
            },
            teller: Teller::new(self.now),
        };
        self.ledger.insert(id, entry);
        self.start_idle(id);
    }

    /// A call that cannot be made settles in the step in which it was handed over.
    fn reject(&mut self, call: CallId, kind: FailureKind, reason: String) {
        let mut teller = Teller::new(self.now);
        if !reason.is_empty() {
            teller.note(self.now, reason);
        }
        self.out.event(ClientEvent::Settled {
            call,
            outcome: failed(kind, Execution::NotSent, None, teller),
        });
    }
}

/// What the params of a request say to the transport.
#[derive(Debug, Default)]
struct Facts {
    /// The raw JSON of `_meta.progressToken`.
    token: Option<Box<str>>,
    has_meta: bool,
    /// The revision that `_meta` names, if it does.
    version: Option<Box<str>>,
    /// `task` is there: the request makes a task (2025-11-25, utilities, tasks).
    task: bool,
    /// The request goes on with an earlier one, so it is never sent twice.
    answers_question: bool,
}

impl Facts {
    fn of(params: Option<&Bytes>) -> Result<Self, String> {
        let mut facts = Self::default();
        let Some(params) = params else {
            return Ok(facts);
        };
        let text = core::str::from_utf8(params).map_err(|_| "params are not UTF-8".to_owned())?;
        let mut meta_is_object = true;
        jsonrpc::members(text, |key, value| match key {
            "_meta" => {
                facts.has_meta = true;
                meta_is_object = value.starts_with('{');
                facts.token = jsonrpc::member(value, "progressToken").map(Into::into);
                facts.version = jsonrpc::member(value, meta::PROTOCOL_VERSION)
                    .and_then(jsonrpc::string)
                    .map(Into::into);
            }
            "task" => facts.task = true,
            "requestState" | "inputResponses" => facts.answers_question = true,
            _ => {}
        })
        .map_err(|reason| format!("params are not the JSON text of an object: {reason}"))?;
        if meta_is_object {
            Ok(facts)
        } else {
            Err("params._meta is not an object".to_owned())
        }
    }
}

fn check_params(params: Option<&Bytes>) -> Result<(), String> {
    match params {
        Some(params) if !jsonrpc::is_object(params) => {
            Err("params are not the JSON text of an object".to_owned())
        }
        _ => Ok(()),
    }
}

/// Requests that only read, so that running one twice does no harm.
fn is_safe(method: &str) -> bool {
    method.ends_with("/list")
        || matches!(
            method,
            "ping"
                | "resources/read"
                | "resources/templates/list"
                | "prompts/get"
                | "completion/complete"
                | "server/discover"
        )
}

/// RFC 9110 section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
