//! What the server offers: from a request to its result.

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::{Request, Session};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::tools;
use crate::said::Said;

/// The tools, with the arguments of each.
const TOOLS: [(&str, &[(&str, &str)]); 7] = [
    ("add", &[("a", "integer"), ("b", "integer")]),
    ("ask", &[("via", "string"), ("kind", "string")]),
    ("drop", &[]),
    ("echo", &[("text", "string")]),
    ("fail", &[]),
    ("notify", &[("via", "string"), ("text", "string")]),
    (
        "slow",
        &[
            ("label", "string"),
            ("steps", "integer"),
            ("step_ms", "integer"),
        ],
    ),
];
const RESOURCE: &str = "test://greeting";
const PROMPT: &str = "greet";

const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// Answers a request of a client. Without sessions there is none.
pub(super) async fn answer(
    request: Request,
    session: Option<Session>,
    said: Said,
) -> Result<Value, RpcError> {
    match request.method() {
        "tools/list" => Ok(json!({ "tools": TOOLS.map(tool).to_vec() })),
        "tools/call" => tools::call(&request, session.as_ref(), &said).await,
        "resources/list" => Ok(
            json!({ "resources": [{ "name": "greeting", "uri": RESOURCE, "mimeType": "text/plain" }] }),
        ),
        "resources/read" => read(&request.params()?),
        "prompts/list" => Ok(json!({ "prompts": [{
            "name": PROMPT,
            "arguments": [{ "name": "name", "required": true }],
        }] })),
        "prompts/get" => prompt(&request.params()?),
        "logging/setLevel" => Ok(json!({})),
        method => Err(RpcError::new(
            METHOD_NOT_FOUND,
            format!("no method {method}"),
        )),
    }
}

/// A tool as `tools/list` describes it.
fn tool((name, arguments): (&str, &[(&str, &str)])) -> Value {
    let properties: Map<_, _> = arguments
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), json!({ "type": kind })))
        .collect();
    json!({ "name": name, "inputSchema": { "type": "object", "properties": properties } })
}

#[derive(Deserialize)]
struct ReadResource {
    uri: String,
}

fn read(ReadResource { uri }: &ReadResource) -> Result<Value, RpcError> {
    if uri != RESOURCE {
        return Err(RpcError::new(INVALID_PARAMS, format!("no resource {uri}")));
    }
    Ok(json!({ "contents": [{ "uri": uri, "mimeType": "text/plain", "text": "good day" }] }))
}

#[derive(Deserialize)]
struct GetPrompt {
    name: String,
    arguments: GetPromptArguments,
}

#[derive(Deserialize)]
struct GetPromptArguments {
    name: String,
}

fn prompt(GetPrompt { name, arguments }: &GetPrompt) -> Result<Value, RpcError> {
    if name != PROMPT {
        return Err(RpcError::new(INVALID_PARAMS, format!("no prompt {name}")));
    }
    let text = format!("Greet {}.", arguments.name);
    Ok(json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": text } }] }))
}
