//! The errors that clients get, with the codes of JSON-RPC and of the protocol.

use mcp_sansio_tokio::{Era, RpcError, Version};
use serde_json::{Value, json};

const INTERNAL_ERROR: i64 = -32603;
const INVALID_PARAMS: i64 = -32602;
const METHOD_NOT_FOUND: i64 = -32601;
const MISSING_CAPABILITY: i64 = -32021;
const RESOURCE_NOT_FOUND: i64 = -32002;

pub(crate) fn internal(message: impl Into<String>) -> RpcError {
    RpcError::new(INTERNAL_ERROR, message)
}

pub(crate) fn invalid_params(message: impl Into<String>) -> RpcError {
    RpcError::new(INVALID_PARAMS, message)
}

pub(crate) fn method_not_found(method: &str) -> RpcError {
    RpcError::new(METHOD_NOT_FOUND, format!("{method} is not there"))
}

/// The client did not declare what the request needs of it.
pub(crate) fn missing_capability(needed: &Value) -> RpcError {
    let message = "the request needs a capability that its client does not declare";
    let data = json!({ "requiredCapabilities": needed });
    with_data(RpcError::new(MISSING_CAPABILITY, message), &data)
}

/// There is no resource at this URI. The code for it is another since 2026-07-28.
pub(crate) fn resource_not_found(version: Version, uri: &str) -> RpcError {
    let code = match version.era() {
        Era::Legacy => RESOURCE_NOT_FOUND,
        Era::Modern => INVALID_PARAMS,
    };
    let message = format!("there is no resource {uri:?}");
    with_data(RpcError::new(code, message), &json!({ "uri": uri }))
}

fn with_data(error: RpcError, data: &Value) -> RpcError {
    RpcError {
        data: Some(data.to_string().into()),
        ..error
    }
}
