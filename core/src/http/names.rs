//! Names of the headers that the protocol owns or reads, in lower case.

pub(crate) const ACCEPT: &str = "accept";
pub(crate) const ALLOW: &str = "allow";
pub(crate) const CACHE_CONTROL: &str = "cache-control";
pub(crate) const CONTENT_LENGTH: &str = "content-length";
pub(crate) const CONTENT_TYPE: &str = "content-type";
pub(crate) const HOST: &str = "host";
pub(crate) const LAST_EVENT_ID: &str = "last-event-id";
pub(crate) const LOCATION: &str = "location";
pub(crate) const METHOD: &str = "mcp-method";
pub(crate) const NAME: &str = "mcp-name";
pub(crate) const ORIGIN: &str = "origin";
pub(crate) const PROTOCOL_VERSION: &str = "mcp-protocol-version";
pub(crate) const RETRY_AFTER: &str = "retry-after";
pub(crate) const SESSION_ID: &str = "mcp-session-id";
pub(crate) const ACCEL_BUFFERING: &str = "x-accel-buffering";
pub(crate) const WWW_AUTHENTICATE: &str = "www-authenticate";

/// Headers that a host cannot set for a call: the machine or the HTTP library writes them.
pub(crate) const RESERVED: [&str; 11] = [
    ACCEPT,
    CONTENT_TYPE,
    "connection",
    "content-length",
    "host",
    LAST_EVENT_ID,
    METHOD,
    NAME,
    PROTOCOL_VERSION,
    SESSION_ID,
    "transfer-encoding",
];

/// Whether a header repeats an argument of a tool (2026-07-28, transports/streamable-http, "Custom Headers
/// from Tool Parameters").
pub(crate) fn is_param(name: &str) -> bool {
    const PREFIX: &str = "mcp-param-";
    name.get(..PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}
