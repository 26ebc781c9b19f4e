//! The one table from the reason for which a request is refused to its HTTP status and JSON-RPC error.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

use super::Server;
use super::event::{Body, ServerOutput};
use crate::http::{Header, names};
use crate::ids::ExchangeId;
use crate::jsonrpc;
use crate::jsonrpc::code::{
    HEADER_MISMATCH, INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, MISSING_CLIENT_CAPABILITY,
    PARSE_ERROR, UNSUPPORTED_PROTOCOL_VERSION,
};
use crate::message::RpcError;
use crate::version::{Era, Version};

/// A server's own error, as the field uses it for what the transport refuses.
pub(super) const TRANSPORT_ERROR: i64 = -32000;
/// "Session not found", as the field's servers say it.
const SESSION_NOT_FOUND: i64 = -32001;

/// How long a client is asked to wait for a server that has no room.
const RETRY_AFTER_SECS: &[u8] = b"5";

/// Why a request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    BadCursor,
    BadEnvelope(String),
    BadHost(String),
    BadJson(String),
    BadMethod {
        allow: &'static str,
    },
    BadOrigin(String),
    BadParams(String),
    BodyTooLarge(usize),
    BodyTooLate,
    HeaderMismatch(String),
    LiveSession,
    NoSession,
    NotAcceptable(&'static str),
    /// The client would have to declare these capabilities, which are JSON text.
    NotDeclared(String),
    NotJson,
    /// The revision is not spoken, and the client can understand which ones are.
    OtherVersion(String),
    ShuttingDown,
    StreamTaken,
    TooMany(&'static str),
    UnknownSession,
    UnsupportedVersion(String),
}

impl Reason {
    const fn status(&self) -> u16 {
        match self {
            Self::BadCursor
            | Self::BadEnvelope(_)
            | Self::BadJson(_)
            | Self::BadParams(_)
            | Self::HeaderMismatch(_)
            | Self::LiveSession
            | Self::NoSession
            | Self::NotDeclared(_)
            | Self::OtherVersion(_)
            | Self::UnsupportedVersion(_) => 400,
            Self::BadHost(_) | Self::BadOrigin(_) => 403,
            Self::UnknownSession => 404,
            Self::BadMethod { .. } => 405,
            Self::NotAcceptable(_) => 406,
            Self::BodyTooLate => 408,
            Self::StreamTaken => 409,
            Self::BodyTooLarge(_) => 413,
            Self::NotJson => 415,
            Self::ShuttingDown | Self::TooMany(_) => 503,
        }
    }

    const fn code(&self) -> i64 {
        match self {
            Self::BadJson(_) => PARSE_ERROR,
            Self::BadParams(_) => INVALID_PARAMS,
            Self::HeaderMismatch(_) => HEADER_MISMATCH,
            Self::NotDeclared(_) => MISSING_CLIENT_CAPABILITY,
            Self::OtherVersion(_) => UNSUPPORTED_PROTOCOL_VERSION,
            Self::BadEnvelope(_)
            | Self::LiveSession
            | Self::NoSession
            | Self::UnsupportedVersion(_) => INVALID_REQUEST,
            Self::UnknownSession => SESSION_NOT_FOUND,
            _ => TRANSPORT_ERROR,
        }
    }

    fn sentence(&self, versions: &str) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::BadCursor => "Last-Event-ID names no event of this session",
            Self::BadEnvelope(reason) => {
                return format!("the body is no JSON-RPC message: {reason}").into();
            }
            Self::BadHost(host) => {
                return format!("Host {host:?} is not served here; add it to the allowed hosts")
                    .into();
            }
            Self::BadJson(reason) => return format!("the body is not JSON: {reason}").into(),
            Self::BadMethod { allow } => return format!("this endpoint takes {allow}").into(),
            Self::BadOrigin(origin) => {
                return format!(
                    "Origin {origin:?} is not served here; add it to the allowed origins"
                )
                .into();
            }
            Self::BadParams(reason) => return reason.clone().into(),
            Self::HeaderMismatch(reason) => return format!("header mismatch: {reason}").into(),
            Self::BodyTooLarge(limit) => {
                return format!("the body is larger than {limit} bytes").into();
            }
            Self::BodyTooLate => "the body did not come in time",
            Self::LiveSession => "initialize belongs to no session: send it without Mcp-Session-Id",
            Self::NoSession => "Mcp-Session-Id is missing: send initialize first",
            Self::NotAcceptable(wanted) => {
                return format!("the client must accept {wanted}").into();
            }
            Self::NotDeclared(missing) => {
                return format!("this request needs the client capabilities {missing}").into();
            }
            Self::NotJson => "the content-type must be application/json",
            Self::ShuttingDown => "the server is shutting down",
            Self::StreamTaken => "another standalone stream of this session is alive",
            Self::TooMany(what) => return format!("too many {what}").into(),
            Self::UnknownSession => "the session is not known: send initialize",
            Self::OtherVersion(version) | Self::UnsupportedVersion(version) => {
                return format!("protocol version {version:?} is not spoken here; {versions}")
                    .into();
            }
        })
    }
}

impl Server {
    /// Refuses a request with one head, and keeps nothing of it.
    pub(super) fn reject(
        &mut self,
        exchange: ExchangeId,
        reason: &Reason,
        id: Option<&str>,
        version: Option<Version>,
    ) {
        let (oldest, newest) = (self.config.versions.start(), self.config.versions.end());
        let versions = if oldest == newest {
            format!("{newest} is")
        } else {
            format!("{oldest} to {newest} are")
        };
        let mut error = RpcError::new(reason.code(), reason.sentence(&versions));
        let is_modern = version.is_some_and(|version| version.era() == Era::Modern);
        if is_modern && matches!(error.code, TRANSPORT_ERROR | SESSION_NOT_FOUND) {
            error.code = INTERNAL_ERROR; // The codes that servers made up are not to be used any more.
        }
        match reason {
            Reason::NotDeclared(missing) => {
                error.data = Some(format!(r#"{{"requiredCapabilities":{missing}}}"#).into());
            }
            Reason::OtherVersion(requested) => {
                let supported = self.supported_versions();
                let requested = jsonrpc::quote(requested);
                error.data =
                    Some(format!(r#"{{"supported":{supported},"requested":{requested}}}"#).into());
            }
            _ => {}
        }
        let mut headers = json_headers();
        match reason {
            Reason::BadMethod { allow } => {
                headers.push(Header::new(
                    names::ALLOW,
                    Bytes::from_static(allow.as_bytes()),
                ));
            }
            Reason::ShuttingDown | Reason::TooMany(_) => {
                headers.push(Header::new(
                    names::RETRY_AFTER,
                    Bytes::from_static(RETRY_AFTER_SECS),
                ));
            }
            _ => {}
        }
        self.exchange_is_over(exchange);
        self.out.push_back(ServerOutput::Head {
            exchange,
            status: reason.status(),
            headers,
            body: Body::Whole(error_without_request(id, &error, version)),
        });
    }
}

pub(super) fn json_headers() -> Vec<Header> {
    Vec::from([Header::new(
        names::CONTENT_TYPE,
        Bytes::from_static(b"application/json"),
    )])
}

/// An error whose request may be unreadable. Its id is then left out, and `null` before 2025-11-25, whose
/// schema was the first to allow leaving it out.
fn error_without_request(id: Option<&str>, error: &RpcError, version: Option<Version>) -> Bytes {
    match id {
        Some(id) => jsonrpc::error(id, error),
        None if version.is_some_and(|version| version >= Version::V2025_11_25) => {
            jsonrpc::error_without_id(error)
        }
        None => jsonrpc::error("null", error),
    }
}
