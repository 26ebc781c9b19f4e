//! How the server answers where its incident has nothing against it: as the specification wants it
//! (2025-11-25, "Streamable HTTP"), with three tools to try things with.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::exchange::Exchange;
use super::server::Server;

const NEWEST: &str = "2025-11-25";
const VERSIONS: [&str; 3] = ["2025-03-26", "2025-06-18", NEWEST];
/// Between two progress notifications of the tool `slow`.
const STEP: Duration = Duration::from_millis(100);

/// Answers a request as a server should.
pub(super) async fn answer(server: &Server, x: &mut Exchange) -> io::Result<()> {
    if x.path() != "/mcp" {
        return x.status(404).await;
    }
    if x.http() == "POST" && x.rpc() == "initialize" {
        return initialize(server, x).await;
    }
    let Some(session) = x.session().map(str::to_owned) else {
        return x.status(400).await;
    };
    if !server.knows(&session) {
        return x.status(404).await;
    }
    match x.http() {
        "DELETE" => {
            server.end_session(&session);
            x.status(200).await
        }
        "POST" => post(x).await,
        _ => {
            let allow = [("allow", "POST, DELETE")];
            x.whole(405, &allow, "", "405".into()).await
        }
    }
}

async fn initialize(server: &Server, x: &mut Exchange) -> io::Result<()> {
    let offered = x.message()["params"]["protocolVersion"]
        .as_str()
        .unwrap_or_default();
    let version = VERSIONS
        .into_iter()
        .find(|known| *known == offered)
        .unwrap_or(NEWEST);
    let result = x.result(&json!({
        "protocolVersion": version,
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "mcp-sansio misbehave", "version": env!("CARGO_PKG_VERSION")},
    }));
    let session = server.new_session();
    let headers = [
        ("content-type", "application/json"),
        ("mcp-session-id", session.as_str()),
    ];
    x.whole(
        200,
        &headers,
        &result.to_string(),
        format!("200, {session}").into(),
    )
    .await
}

async fn post(x: &mut Exchange) -> io::Result<()> {
    if !x.message().is_object() {
        let error = x.error(-32700, "the body is no JSON object");
        return x.json(400, &error).await;
    }
    if x.answers() || x.message().get("id").is_none() {
        return x.status(202).await;
    }
    let answer = match x.rpc() {
        "ping" => x.result(&json!({})),
        "tools/list" => x.result(&json!({"tools": tools()})),
        "tools/call" => match x.tool() {
            Some("slow") => return slow(x).await,
            Some("echo") => echo(x),
            Some("add") => add(x),
            other => {
                let other = other.unwrap_or_default();
                x.error(-32602, &format!("there is no tool {other:?}"))
            }
        },
        other => x.error(-32601, &format!("there is no method {other:?}")),
    };
    x.json(200, &answer).await
}

/// The answer of the tool `echo`, which is that of most incidents too.
pub(super) fn echo(x: &Exchange) -> Value {
    let text = arguments(x)["text"].as_str().unwrap_or("hello");
    x.result(&json!({"content": [{"type": "text", "text": text}]}))
}

fn add(x: &Exchange) -> Value {
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
async fn slow(x: &mut Exchange) -> io::Result<()> {
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

fn tools() -> Value {
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
