//! The tools.

use std::time::Duration;

use mcp_sansio_tokio::server::{Request, Session};
use mcp_sansio_tokio::{CallError, RpcError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::RETRY;
use crate::said::Said;

const INTERNAL_ERROR: i64 = -32603;
const INVALID_PARAMS: i64 = -32602;

/// A call of a tool. Every tool takes what it knows of the arguments.
#[derive(Deserialize)]
#[serde(tag = "name", content = "arguments", rename_all = "snake_case")]
enum Tool {
    Add {
        a: i64,
        b: i64,
    },
    Ask {
        via: Via,
        #[serde(default)]
        kind: Kind,
    },
    Drop {},
    Echo {
        text: String,
    },
    Fail {},
    Notify {
        via: Via,
        text: String,
    },
    Slow {
        label: String,
        steps: u32,
        step_ms: u64,
    },
}

/// Which stream something goes on.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Via {
    Call,
    Standalone,
}

/// What the client is asked for.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Sampling,
    Elicitation,
}

/// Answers `tools/call`.
pub(super) async fn call(
    request: &Request,
    session: Option<&Session>,
    said: &Said,
) -> Result<Value, RpcError> {
    match request.params()? {
        Tool::Add { a, b } => Ok(text(&(a + b).to_string())),
        Tool::Ask { via, kind } => ask(request, session, via, kind).await,
        Tool::Drop {} => drop_connection(request).await,
        Tool::Echo { text: words } => Ok(text(&words)),
        Tool::Fail {} => {
            let mut result = text("failed on purpose");
            result["isError"] = true.into();
            Ok(result)
        }
        Tool::Notify { via, text: words } => {
            let (method, params) = log_message(&words);
            match via {
                Via::Call => request.notify(method, params),
                Via::Standalone => standalone(session)?.notify(method, params),
            }
            Ok(text("sent"))
        }
        Tool::Slow {
            label,
            steps,
            step_ms,
        } => {
            let step = Duration::from_millis(step_ms);
            slow(request, said, &label, steps, step).await
        }
    }
}

async fn slow(
    request: &Request,
    said: &Said,
    label: &str,
    steps: u32,
    step: Duration,
) -> Result<Value, RpcError> {
    said.say(json!({ "event": "started", "label": label }));
    for done in 1..=steps {
        tokio::select! {
            () = tokio::time::sleep(step) => {}
            _ = request.cancelled() => {
                said.say(json!({ "event": "cancelled", "label": label }));
                return Err(RpcError::new(INTERNAL_ERROR, "cancelled"));
            }
        }
        request.progress(f64::from(done), Some(f64::from(steps)), None);
    }
    Ok(text(&format!("{label} done")))
}

async fn ask(
    request: &Request,
    session: Option<&Session>,
    via: Via,
    kind: Kind,
) -> Result<Value, RpcError> {
    let (method, params) = match kind {
        Kind::Sampling => (
            "sampling/createMessage",
            json!({
                "messages": [{ "role": "user", "content": { "type": "text", "text": "What is the answer?" } }],
                "maxTokens": 16,
            }),
        ),
        Kind::Elicitation => (
            "elicitation/create",
            json!({
                "message": "What is the answer?",
                "requestedSchema": { "type": "object", "properties": { "answer": { "type": "string" } } },
            }),
        ),
    };
    let asked = match via {
        Via::Call => request.ask(method, params),
        Via::Standalone => standalone(session)?.ask(method, params),
    };
    let answer = asked.await.map_err(told)?;
    let place = match kind {
        Kind::Sampling => "/content/text",
        Kind::Elicitation => "/content/answer",
    };
    let words = answer.pointer(place).and_then(Value::as_str);
    Ok(text(words.unwrap_or_default()))
}

/// Ends the call's connection before its answer, for the client to come back.
async fn drop_connection(request: &Request) -> Result<Value, RpcError> {
    let (method, params) = log_message("before the drop");
    request.notify(method, params);
    request.release_connection(Some(RETRY));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (method, params) = log_message("after the drop");
    request.notify(method, params);
    Ok(text("resumed"))
}

/// A log message, as method and params.
pub(crate) fn log_message(text: &str) -> (&'static str, Option<Value>) {
    let params = json!({ "level": "info", "data": text });
    ("notifications/message", Some(params))
}

fn standalone(session: Option<&Session>) -> Result<&Session, RpcError> {
    session.ok_or_else(|| RpcError::new(INVALID_PARAMS, "without sessions there is one way only"))
}

/// What went wrong with a question, told to the client that was asked.
fn told(error: CallError) -> RpcError {
    match error {
        CallError::Peer(error) => error,
        error => RpcError::new(INTERNAL_ERROR, format!("{error:#}")),
    }
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}
