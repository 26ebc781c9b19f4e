//! The tools: each shows another side of the transport.

use std::time::Duration;

use mcp_sansio_tokio::server::{HttpParts as _, Input, Request};
use mcp_sansio_tokio::{CallError, Era, FailureKind, RpcError};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::methods::INVALID_PARAMS;

/// Between two progress notifications of the tool `slow`.
const STEP: Duration = Duration::from_millis(100);
/// The most that the tool `slow` takes: a minute of them.
const MOST_STEPS: u32 = 600;
/// The most that the tool `big` gives.
const MOST_BYTES: u64 = 16 << 20;

/// Calls the tool that a `tools/call` names.
pub(super) async fn call(request: &Request) -> Result<Value, RpcError> {
    let params: Value = request.params()?;
    let arguments = &params["arguments"];
    match params["name"].as_str().unwrap_or_default() {
        "echo" => Ok(text(arguments["text"].as_str().unwrap_or("hello"))),
        "add" => Ok(add(arguments)),
        "slow" => Ok(slow(request, arguments).await),
        "ask" => Ok(ask(request, arguments).await),
        "big" => Ok(big(arguments)),
        "route" => Ok(route(request, arguments)),
        other => Err(RpcError::new(
            INVALID_PARAMS,
            format!("there is no tool {other:?}"),
        )),
    }
}

fn add(arguments: &Value) -> Value {
    let (Some(a), Some(b)) = (arguments["a"].as_f64(), arguments["b"].as_f64()) else {
        return failed("`a` and `b` must be numbers");
    };
    let mut result = text(&(a + b).to_string());
    result["structuredContent"] = json!({"sum": a + b});
    result
}

/// Progress, then the answer.
async fn slow(request: &Request, arguments: &Value) -> Value {
    let steps = arguments["steps"].as_u64().unwrap_or(5);
    let steps = u32::try_from(steps).unwrap_or(MOST_STEPS).min(MOST_STEPS);
    for step in 1..=steps {
        sleep(STEP).await;
        request.progress(f64::from(step), Some(f64::from(steps)), None);
    }
    let done = format!("{steps} steps taken");
    text(arguments["text"].as_str().unwrap_or(&done))
}

/// Asks the person at the client; where it cannot do that, its model.
async fn ask(request: &Request, arguments: &Value) -> Value {
    let question = arguments["question"].as_str().unwrap_or("How are you?");
    let form = json!({
        "message": question,
        "requestedSchema": {
            "type": "object",
            "properties": {"answer": {"type": "string"}},
            "required": ["answer"],
        },
    });
    if can(request, "elicitation") {
        match request.input("person", "elicitation/create", form).await {
            Err(error) if is_unable(&error) => {}
            answer => return told("the person", "action", answer),
        }
    }
    let prompt = json!({
        "messages": [{"role": "user", "content": {"type": "text", "text": question}}],
        "maxTokens": 200,
    });
    let answer = request.input("model", "sampling/createMessage", prompt);
    told("the model", "role", answer.await)
}

/// Whether there is hope that the client can be asked so. In a session only asking tells for sure.
fn can(request: &Request, capability: &str) -> bool {
    request.version().era() == Era::Legacy
        || request
            .client_capabilities()
            .is_some_and(|can| can.get(capability).is_some())
}

/// Whether the client cannot be asked that way; it may be another way.
fn is_unable(error: &CallError) -> bool {
    matches!(error, CallError::Failed(failure) if failure.kind == FailureKind::Undeliverable)
}

/// The answer of the client as the answer of the tool. `mark` is what every answer of that kind has.
fn told(who: &str, mark: &str, answer: Result<Input, CallError>) -> Value {
    match answer {
        // The client asks, and makes its call again.
        Ok(Input::Required(question)) => question,
        Ok(Input::Answer(answer)) if answer.get(mark).is_some() => {
            let content = &answer["content"];
            let words = [&content["answer"], &content["text"]]
                .into_iter()
                .find_map(Value::as_str);
            let mut result = match words {
                Some(words) => text(&format!("{who} says: {words}")),
                None => text(&format!("{who} gave no answer ({})", answer[mark])),
            };
            result["structuredContent"] = answer;
            result
        }
        Ok(Input::Answer(answer)) => failed(&format!("the client's answer is none: {answer}")),
        Err(error) => failed(&format!("{who} could not be asked: {error}")),
    }
}

fn big(arguments: &Value) -> Value {
    let bytes = arguments["bytes"].as_u64().unwrap_or(1 << 20);
    if bytes > MOST_BYTES {
        return failed(&format!("`bytes` may be {MOST_BYTES} at most"));
    }
    text(&"0123456789abcdef".repeat(usize::try_from(bytes / 16).unwrap_or_default()))
}

/// Where an intermediary could route the call to without reading it.
fn route(request: &Request, arguments: &Value) -> Value {
    let Some(region) = arguments["region"].as_str() else {
        return failed("`region` must be a text");
    };
    let headers = request.parts().map(|parts| &parts.headers);
    let header = headers.and_then(|headers| headers.get("mcp-param-region"));
    let header = header.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let header = header.as_deref().unwrap_or("not there");
    text(&format!(
        "region {region}; the header Mcp-Param-Region is {header}"
    ))
}

pub(super) fn text(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}

fn failed(why: &str) -> Value {
    let mut result = text(why);
    result["isError"] = true.into();
    result
}

/// What `tools/list` lists.
pub(super) fn list() -> Vec<Value> {
    vec![
        tool(
            "echo",
            "Says what it is told",
            &json!({"text": {"type": "string"}}),
            &[],
        ),
        tool(
            "add",
            "Adds two numbers",
            &json!({"a": {"type": "number"}, "b": {"type": "number"}}),
            &["a", "b"],
        ),
        tool(
            "slow",
            "Takes steps of 100 ms, reports progress, and says what it is told",
            &json!({
                "steps": {"type": "integer", "minimum": 0, "maximum": MOST_STEPS},
                "text": {"type": "string"},
            }),
            &[],
        ),
        tool(
            "ask",
            "Asks the client a question: by elicitation, or else by sampling",
            &json!({"question": {"type": "string"}}),
            &[],
        ),
        tool(
            "big",
            "Gives a text of so many bytes; without a number, 1 MiB",
            &json!({"bytes": {"type": "integer", "minimum": 0, "maximum": MOST_BYTES}}),
            &[],
        ),
        tool(
            "route",
            "Says where its call is to run, which is mirrored into a header of the HTTP request",
            &json!({"region": {"type": "string", "x-mcp-header": "Region"}}),
            &["region"],
        ),
    ]
}

/// A tool as `tools/list` lists it.
pub(super) fn tool(name: &str, description: &str, properties: &Value, required: &[&str]) -> Value {
    json!({
        "name": name,
        "description": description,
        "inputSchema": {"type": "object", "properties": properties, "required": required},
    })
}
