//! What the server answers: tools, one resource, one prompt.

use mcp_sansio_tokio::server::Request;
use mcp_sansio_tokio::{Identity, RpcError};
use serde_json::{Value, json};

use super::tools;

pub(super) const INVALID_PARAMS: i64 = -32602;
pub(super) const INTERNAL_ERROR: i64 = -32603;
const METHOD_NOT_FOUND: i64 = -32601;
const RESOURCE_NOT_FOUND: i64 = -32002;

const RESOURCE: &str = "mcp-sansio://about";
const PROMPT: &str = "greet";

/// Who the server says that it is.
pub(crate) fn identity() -> Identity {
    let mut identity = Identity::new("mcp-sansio serve", env!("CARGO_PKG_VERSION"));
    identity.capabilities = r#"{"tools":{"listChanged":true},"resources":{},"prompts":{}}"#.into();
    identity
}

/// Answers a request. Handshake and pings are the transport's own.
pub(crate) async fn answer(request: Request) -> Result<Value, RpcError> {
    match request.method() {
        "tools/list" => Ok(json!({"tools": tools::list()})),
        "tools/call" => tools::call(&request).await,
        "resources/list" => Ok(json!({"resources": [{
            "uri": RESOURCE,
            "name": "about",
            "description": "What this server is for",
            "mimeType": "text/plain",
        }]})),
        "resources/templates/list" => Ok(json!({"resourceTemplates": []})),
        "resources/read" => read(&request.params()?),
        "prompts/list" => Ok(json!({"prompts": [{
            "name": PROMPT,
            "description": "Greets somebody",
            "arguments": [{"name": "name", "description": "Whom", "required": false}],
        }]})),
        "prompts/get" => prompt(&request.params()?),
        other => Err(RpcError::new(
            METHOD_NOT_FOUND,
            format!("there is no method {other:?}"),
        )),
    }
}

fn read(params: &Value) -> Result<Value, RpcError> {
    let uri = params["uri"].as_str().unwrap_or_default();
    if uri != RESOURCE {
        return Err(RpcError::new(
            RESOURCE_NOT_FOUND,
            format!("there is no resource {uri:?}"),
        ));
    }
    Ok(json!({"contents": [{
        "uri": RESOURCE,
        "mimeType": "text/plain",
        "text": "A small MCP server to try clients against. Each of its tools shows another side of the transport.",
    }]}))
}

fn prompt(params: &Value) -> Result<Value, RpcError> {
    let name = params["name"].as_str().unwrap_or_default();
    if name != PROMPT {
        return Err(RpcError::new(
            INVALID_PARAMS,
            format!("there is no prompt {name:?}"),
        ));
    }
    let whom = params["arguments"]["name"].as_str().unwrap_or("world");
    Ok(json!({"messages": [{
        "role": "user",
        "content": {"type": "text", "text": format!("Say hello to {whom}.")},
    }]}))
}
