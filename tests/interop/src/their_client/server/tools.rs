//! The tools.

use std::time::Duration;

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::{Request, Session};
use serde::Deserialize;
use serde_json::{Value, json};

use super::RETRY;
use super::asking::{self, Asked, Kind, Via};
use crate::said::Said;

const INTERNAL_ERROR: i64 = -32603;

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
    Mirror {
        region: String,
        level: i64,
        plain: String,
    },
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

/// Answers `tools/call`.
pub(super) async fn call(
    request: &Request,
    session: Option<&Session>,
    said: &Said,
) -> Result<Value, RpcError> {
    match request.params()? {
        Tool::Add { a, b } => Ok(text(&(a + b).to_string())),
        Tool::Ask { via, kind } => Ok(match asking::ask(request, session, via, kind).await? {
            Asked::Answer(words) => text(&words),
            Asked::Question(result) => result,
        }),
        Tool::Drop {} => drop_connection(request).await,
        Tool::Echo { text: words } => Ok(text(&words)),
        Tool::Fail {} => {
            let mut result = text("failed on purpose");
            result["isError"] = true.into();
            Ok(result)
        }
        Tool::Mirror {
            region,
            level,
            plain,
        } => Ok(text(&format!("{region} {level} {plain}"))),
        Tool::Notify { via, text: words } => {
            let (method, params) = log_message(&words);
            match via {
                Via::Call => request.notify(method, params),
                Via::Standalone => asking::standalone(session)?.notify(method, params),
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

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}
