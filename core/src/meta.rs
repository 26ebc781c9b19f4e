//! The keys of `_meta` that the protocol reserves.
//!
//! Source: 2026-07-28, basic, "`_meta`".

pub(crate) const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
pub(crate) const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
pub(crate) const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
pub(crate) const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
pub(crate) const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
pub(crate) const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

use crate::jsonrpc;

/// The text of a member of `params._meta`.
pub(crate) fn of<'a>(params: Option<&'a str>, key: &str) -> Option<&'a str> {
    jsonrpc::member(jsonrpc::member(params?, "_meta")?, key)
}
