//! What the server offers: from a request to its result.

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::{Request, Session};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::asking::{self, Asked};
use super::tools::call;
use crate::said::Said;

/// The tools, with the names and types of the arguments of each.
const TOOLS: [(&str, &[(&str, &str)]); 8] = [
    ("add", &[("a", "integer"), ("b", "integer")]),
    ("ask", &[("via", "string"), ("kind", "string")]),
    ("drop", &[]),
    ("echo", &[("text", "string")]),
    ("fail", &[]),
    (
        "mirror",
        &[
            ("region", "string"),
            ("level", "integer"),
            ("plain", "string"),
        ],
    ),
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
/// The arguments that a caller repeats in headers in the modern era, and what these are called.
const MIRRORED: [(&str, &str); 2] = [("region", "Region"), ("level", "Level")];
const RESOURCE: &str = "test://greeting";
const PROMPT: &str = "greet";
/// A resource and a prompt that ask the client. They are in no list.
const ASKING_RESOURCE: &str = "test://ask";
const ASKING_PROMPT: &str = "ask";

const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// Answers a request of a client. Without sessions there is none.
pub(super) async fn answer(
    request: Request,
    session: Option<Session>,
    said: Said,
) -> Result<Value, RpcError> {
    match request.method() {
        "tools/list" => Ok(tools()),
        "tools/call" => call(&request, session.as_ref(), &said).await,
        "resources/list" => Ok(
            json!({ "resources": [{ "name": "greeting", "uri": RESOURCE, "mimeType": "text/plain" }] }),
        ),
        "resources/read" => read(&request).await,
        "prompts/list" => Ok(json!({ "prompts": [{
            "name": PROMPT,
            "arguments": [{ "name": "name", "required": true }],
        }] })),
        "prompts/get" => prompt(&request).await,
        "logging/setLevel" => Ok(json!({})),
        method => Err(RpcError::new(
            METHOD_NOT_FOUND,
            format!("no method {method}"),
        )),
    }
}

/// The result of `tools/list`.
pub(super) fn tools() -> Value {
    json!({ "tools": TOOLS.map(tool).to_vec() })
}

fn tool((name, arguments): (&str, &[(&str, &str)])) -> Value {
    let properties: Map<_, _> = arguments
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), argument(name, kind)))
        .collect();
    json!({ "name": name, "inputSchema": { "type": "object", "properties": properties } })
}

fn argument(name: &str, kind: &str) -> Value {
    let mut schema = json!({ "type": kind });
    if let Some((_, header)) = MIRRORED.iter().find(|(mirrored, _)| *mirrored == name) {
        schema["x-mcp-header"] = (*header).into();
    }
    schema
}

#[derive(Deserialize)]
struct ReadResource {
    uri: String,
}

async fn read(request: &Request) -> Result<Value, RpcError> {
    let ReadResource { uri } = request.params()?;
    let text = match uri.as_str() {
        RESOURCE => "good day".to_owned(),
        ASKING_RESOURCE => match asking::elicit(request).await? {
            Asked::Answer(text) => text,
            Asked::Question(result) => return Ok(result),
        },
        _ => return Err(RpcError::new(INVALID_PARAMS, format!("no resource {uri}"))),
    };
    Ok(json!({ "contents": [{ "uri": uri, "mimeType": "text/plain", "text": text }] }))
}

#[derive(Deserialize)]
struct GetPrompt {
    name: String,
    #[serde(default)]
    arguments: Map<String, Value>,
}

async fn prompt(request: &Request) -> Result<Value, RpcError> {
    let GetPrompt { name, arguments } = request.params()?;
    let text = match name.as_str() {
        PROMPT => format!(
            "Greet {}.",
            arguments
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
        ),
        ASKING_PROMPT => match asking::elicit(request).await? {
            Asked::Answer(text) => text,
            Asked::Question(result) => return Ok(result),
        },
        _ => return Err(RpcError::new(INVALID_PARAMS, format!("no prompt {name}"))),
    };
    Ok(json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": text } }] }))
}
