//! What the application hands to a machine and gets from it. Payloads are JSON text in [`Bytes`]: the
//! core parses only what the protocol makes it know, and passes the rest on as it is.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
use core::time::Duration;

use crate::config_error::ConfigError;
use crate::http::Header;
use crate::jsonrpc::{is_object, quote};

/// A request for the peer.
///
/// ```
/// use mcp_sansio::{Call, CallOptions};
/// let mut options = CallOptions::default();
/// options.progress = true;
/// let call = Call::new("tools/call", Some(r#"{"name":"echo"}"#.into())).with(options);
/// assert_eq!(call.method, "tools/call");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Call {
    /// The JSON-RPC method.
    pub method: Cow<'static, str>,
    /// The JSON text of `params`, an object; `None` leaves the member out.
    pub params: Option<Bytes>,
    /// How this one call is to be treated.
    pub options: CallOptions,
}

impl Call {
    /// A call with default options.
    pub fn new(method: impl Into<Cow<'static, str>>, params: Option<Bytes>) -> Self {
        Self {
            method: method.into(),
            params,
            options: CallOptions::default(),
        }
    }

    /// The same call with these options.
    pub fn with(self, options: CallOptions) -> Self {
        Self { options, ..self }
    }
}

/// How one call is to be treated.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The call may be run twice without harm, so it may be sent again when a session is lost. The
    /// protocol's reading methods (`ping`, `*/list`, `resources/read`, ..) are safe without this.
    pub safe: bool,
    /// Report progress as [`ClientEvent::Progress`](crate::ClientEvent::Progress).
    pub progress: bool,
    /// The idle clock of this call, instead of [`ClientTiming::idle`](crate::ClientTiming::idle).
    pub idle: Option<Duration>,
    /// The hard maximum of this call, instead of [`ClientTiming::max`](crate::ClientTiming::max).
    pub max: Option<Duration>,
    /// Extra headers for this call's requests: its sending, its resumes, its cancellation. Names that the protocol owns are ignored, with a notice.
    pub headers: Vec<Header>,
}

/// A message that nobody answers.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Notification {
    /// The JSON-RPC method.
    pub method: Cow<'static, str>,
    /// The JSON text of `params`.
    pub params: Option<Bytes>,
}

impl Notification {
    /// A notification.
    pub fn new(method: impl Into<Cow<'static, str>>, params: Option<Bytes>) -> Self {
        Self {
            method: method.into(),
            params,
        }
    }
}

/// A JSON-RPC error object: the peer's answer, not a failure of the transport.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RpcError {
    /// The JSON-RPC error code.
    pub code: i64,
    /// The peer's sentence.
    pub message: String,
    /// The JSON text of `data`.
    pub data: Option<Bytes>,
}

impl RpcError {
    /// An error without data.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (error {})", self.message, self.code)
    }
}

impl core::error::Error for RpcError {}

/// What the application answers to a request of the peer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The JSON text of `result`.
    Result(Bytes),
    /// An error object.
    Error(RpcError),
}

/// Who we are, as the handshake says it. Each field but the last two is JSON text.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Identity {
    /// The JSON text of `clientInfo` or `serverInfo`.
    pub info: Bytes,
    /// The JSON text of `capabilities`.
    pub capabilities: Bytes,
    /// A server's instructions; a client has none.
    pub instructions: Option<String>,
    /// The JSON text of the `_meta` object that `initialize` carries.
    pub meta: Option<Bytes>,
}

impl Identity {
    /// An identity with no capabilities.
    pub fn new(name: &str, version: &str) -> Self {
        let info = format!(r#"{{"name":{},"version":{}}}"#, quote(name), quote(version));
        Self {
            info: info.into(),
            capabilities: Bytes::from_static(b"{}"),
            instructions: None,
            meta: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for (name, text) in [
            ("info", Some(&self.info)),
            ("capabilities", Some(&self.capabilities)),
            ("meta", self.meta.as_ref()),
        ] {
            if text.is_some_and(|text| !is_object(text)) {
                return Err(ConfigError(format!(
                    "handshake: {name} is not the JSON text of an object"
                )));
            }
        }
        Ok(())
    }
}

/// Who speaks the handshake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Handshake {
    /// The core, with this identity.
    Core(Identity),
    /// The host: its own `initialize` goes through as a call.
    Host,
}
