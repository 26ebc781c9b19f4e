//! Answers to modern requests: what the protocol wants in every result is added where it is missing, and the
//! status says what the error says.
//!
//! Source: 2026-07-28, basic, "`ResultType`", "`_meta`"; server/utilities/caching;
//! basic/transports/streamable-http, "Protocol Version Header".

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::input_required::check_input_required;
use crate::ids::ObligationId;
use crate::jsonrpc;
use crate::jsonrpc::code::{
    HEADER_MISMATCH, INTERNAL_ERROR, METHOD_NOT_FOUND, MISSING_CLIENT_CAPABILITY,
    UNSUPPORTED_PROTOCOL_VERSION,
};
use crate::message::{Answer, Handshake, Identity, RpcError};
use crate::meta;
use crate::mirror;
use crate::notice::NoticeKind;
use crate::server::Server;
use crate::server::obligations::Obligation;
use crate::server::route::text_of;
use crate::subscription::{LISTEN, tagged};

impl Server {
    /// The application's answer as it goes out. One that breaks the protocol becomes an error, and the host
    /// is told.
    pub(in crate::server) fn modern_answer(&mut self, id: ObligationId, answer: Answer) -> Answer {
        let Answer::Result(result) = answer else {
            return answer;
        };
        let Some(obligation) = self.obligations.get(&id) else {
            return Answer::Result(result);
        };
        match self.decorated(obligation, text_of(&result)) {
            Ok(decorated) => {
                if obligation.method == "tools/list" {
                    self.learn_tools(text_of(&result));
                }
                Answer::Result(decorated.map_or(result, Bytes::from))
            }
            Err(wrong) => {
                let detail = format!(
                    "the answer to {} (request {}) {}; the client got an error",
                    obligation.method,
                    id.as_u64(),
                    wrong.reason
                );
                self.notice(NoticeKind::Ignored, None, None, detail);
                Answer::Error(wrong.error)
            }
        }
    }

    /// The result with what it lacks; `None`: nothing.
    fn decorated(&self, obligation: &Obligation, result: &str) -> Result<Option<String>, Wrong> {
        if !jsonrpc::is_object(result.as_bytes()) {
            return Err(Wrong::new("is not a JSON object"));
        }
        let result_type = jsonrpc::member(result, "resultType");
        if result_type.is_some_and(|kind| !kind.starts_with('"')) {
            return Err(Wrong::new("has a resultType that is no string"));
        }
        check_input_required(obligation, result)?;
        match &self.config.handshake {
            Handshake::Core(identity) => Ok(completed(&obligation.method, result, identity)),
            Handshake::Host if obligation.method == LISTEN => {
                Ok(Some(tagged(Some(result), &obligation.wire)))
            }
            Handshake::Host => Ok(None),
        }
    }

    fn learn_tools(&mut self, result: &str) {
        if let Some(list) = mirror::read_list(result) {
            self.mirrors.learn(list.tools);
        }
    }
}

/// An answer that must not go out.
pub(super) struct Wrong {
    /// What is wrong with it, for the host.
    reason: String,
    /// What the client gets.
    error: RpcError,
}

impl Wrong {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        let error = RpcError::new(INTERNAL_ERROR, "the server's answer was malformed");
        Self::with(reason, error)
    }

    pub(super) fn with(reason: impl Into<String>, error: RpcError) -> Self {
        Self {
            reason: reason.into(),
            error,
        }
    }
}

/// The result with `resultType`, who we are, and, where clients may keep it, for how long: not at all.
pub(super) fn completed(method: &str, result: &str, identity: &Identity) -> Option<String> {
    let lacks = |key: &str| jsonrpc::member(result, key).is_none();
    let mut added = String::new();
    let mut add = |member: &str| {
        let comma = if added.is_empty() { "" } else { "," };
        added = [&added, comma, member].concat();
    };
    if lacks("resultType") {
        add(r#""resultType":"complete""#);
    }
    if is_cacheable(method) && !is_input_required(result) {
        if lacks("ttlMs") {
            add(r#""ttlMs":0"#);
        }
        if lacks("cacheScope") {
            add(r#""cacheScope":"private""#);
        }
    }
    let info = format!(
        "{}:{}",
        jsonrpc::quote(meta::SERVER_INFO),
        text_of(&identity.info)
    );
    let meta = jsonrpc::member(result, "_meta");
    match meta {
        None => add(&format!("\"_meta\":{{{info}}}")),
        Some(meta)
            if jsonrpc::member(meta, meta::SERVER_INFO).is_none() && meta.starts_with('{') =>
        {
            let result =
                jsonrpc::splice_member(result, "_meta", |_| jsonrpc::with_members(meta, &info));
            return Some(jsonrpc::with_members(&result, &added));
        }
        Some(_) => {}
    }
    (!added.is_empty()).then(|| jsonrpc::with_members(result, &added))
}

pub(super) fn is_input_required(result: &str) -> bool {
    jsonrpc::member(result, "resultType")
        .and_then(jsonrpc::string)
        .is_some_and(|kind| kind == "input_required")
}

fn is_cacheable(method: &str) -> bool {
    matches!(
        method,
        "prompts/list"
            | "resources/list"
            | "resources/read"
            | "resources/templates/list"
            | "tools/list"
    )
}

/// The status of a JSON answer. An event stream has begun with 200.
pub(in crate::server) fn status_of(answer: &Answer) -> u16 {
    match answer {
        Answer::Error(error) => match error.code {
            METHOD_NOT_FOUND => 404,
            HEADER_MISMATCH | MISSING_CLIENT_CAPABILITY | UNSUPPORTED_PROTOCOL_VERSION => 400,
            _ => 200,
        },
        Answer::Result(_) => 200,
    }
}
