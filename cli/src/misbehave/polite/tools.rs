//! The tools, the same in both eras.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::exchange::Exchange;

/// Between two progress notifications of the tool `slow`.
const STEP: Duration = Duration::from_millis(100);

/// The answer of the tool `echo`, which is that of most incidents too.
pub(crate) fn echo(x: &Exchange) -> Value {
    let text = arguments(x)["text"].as_str().unwrap_or("hello");
    x.result(&json!({"content": [{"type": "text", "text": text}]}))
}

pub(super) fn add(x: &Exchange) -> Value {
    let (Some(a), Some(b)) = (arguments(x)["a"].as_f64(), arguments(x)["b"].as_f64()) else {
        return x.result(&json!({
            "content": [{"type": "text", "text": "`a` and `b` must be numbers"}],
            "isError": true,
        }));
    };
    x.result(&json!({
        "content": [{"type": "text", "text": (a + b).to_string()}],
        "structuredContent": {"sum": a + b},
    }))
}

/// Streams progress, then answers.
pub(super) async fn slow(x: &mut Exchange) -> io::Result<()> {
    let steps = arguments(x)["steps"].as_u64().unwrap_or(5).min(600);
    let token = x.message()["params"]["_meta"]["progressToken"].clone();
    x.open_stream().await?;
    for step in 1..=steps {
        if x.unless_left(sleep(STEP)).await.is_none() {
            return Ok(());
        }
        if !token.is_null() {
            x.message_event(&json!({
                "jsonrpc": "2.0",
                "method": "notifications/progress",
                "params": {"progressToken": token, "progress": step, "total": steps},
            }))
            .await?;
        }
    }
    let done = format!("{steps} steps taken");
    let text = arguments(x)["text"].as_str().unwrap_or(&done);
    let answer = x.result(&json!({"content": [{"type": "text", "text": text}]}));
    x.message_event(&answer).await?;
    x.end().await
}

fn arguments(x: &Exchange) -> &Value {
    &x.message()["params"]["arguments"]
}

pub(super) fn list() -> Value {
    json!([
        {
            "name": "echo",
            "description": "Says what it is told",
            "inputSchema": {
                "type": "object",
                "properties": {"text": {"type": "string"}},
            },
        },
        {
            "name": "add",
            "description": "Adds two numbers",
            "inputSchema": {
                "type": "object",
                "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
                "required": ["a", "b"],
            },
        },
        {
            "name": "slow",
            "description": "Takes steps of 100 ms, reports progress, and says what it is told",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "steps": {"type": "integer", "minimum": 0, "maximum": 600},
                    "text": {"type": "string"},
                },
            },
        },
    ])
}
