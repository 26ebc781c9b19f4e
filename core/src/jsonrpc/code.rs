//! Error codes: those of JSON-RPC 2.0, section 5.1, and those of MCP.

pub(crate) const PARSE_ERROR: i64 = -32700;
pub(crate) const INVALID_REQUEST: i64 = -32600;
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
pub(crate) const INVALID_PARAMS: i64 = -32602;
pub(crate) const INTERNAL_ERROR: i64 = -32603;

// 2026-07-28, basic, "Error Codes".

/// What the headers say is not what the body says.
pub(crate) const HEADER_MISMATCH: i64 = -32020;
/// The request needs a capability that its client did not declare.
pub(crate) const MISSING_CLIENT_CAPABILITY: i64 = -32021;
/// The server does not speak the revision that the request names.
pub(crate) const UNSUPPORTED_PROTOCOL_VERSION: i64 = -32022;
