//! What a peer says beside its answers.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use mcp_sansio_tokio::{CallOptions, Client, Notifications};
use serde_json::{Value, json};

use crate::our_client::stage::{Stage, call, echoes, finish, text_of, told};
use crate::suite::Way as _;

/// How long a message may take that is sure to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Progress of a call.
pub(super) async fn progress(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    three_steps(&client, true).await?;
    finish(client).await
}

/// The peer's answers and progress arrive in pieces of three bytes.
pub(super) async fn trickle(stage: &mut Stage) -> Result<()> {
    stage.proxy.trickle(3);
    let client = stage.connect().await?;
    // Characters of two, three and four bytes fall into different pieces.
    let text = "\u{e9}\u{20ac}\u{1f980}".repeat(200);
    echoes(&client, &text).await?;
    three_steps(&client, stage.way.reason_against("progress").is_none()).await?;
    client.list_tools().await.map_err(told)?;
    finish(client).await
}

/// Makes a call of three steps, and checks what is told of them.
async fn three_steps(client: &Client, are_told: bool) -> Result<()> {
    let mut options = CallOptions::default();
    options.progress = true;
    let arguments = json!({ "label": "progress", "steps": 3, "step_ms": 20 });
    let mut pending = client.call_tool_with("slow", arguments, options);
    let mut progress = pending
        .progress()
        .context("the call has no progress to read")?;
    let reading = async {
        let mut steps = Vec::new();
        while let Some(params) = progress.next().await {
            steps.push((params["progress"].as_f64(), params["total"].as_f64()));
        }
        steps
    };
    let (result, steps) = tokio::join!(pending, reading);
    let text = text_of(&result.map_err(told)?)?;
    ensure!(text == "progress done", "slow answered {text:?}");
    let count = if are_told { 3 } else { 0 };
    let expected: Vec<_> = (1..=count)
        .map(|step| (Some(f64::from(step)), Some(3.0)))
        .collect();
    ensure!(steps == expected, "the progress was {steps:?}");
    Ok(())
}

/// Notifications on the stream of a call.
pub(super) async fn on_call(stage: &mut Stage) -> Result<()> {
    let builder = stage
        .builder()
        .configure(|config| config.standalone = false);
    let client = builder.connect().await.map_err(told)?;
    let mut notifications = client.notifications();
    for text in ["first", "second", "third"] {
        notify(&client, &mut notifications, "call", text).await?;
    }
    finish(client).await
}

/// Notifications on the standalone stream.
pub(super) async fn standalone(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let mut notifications = client.notifications();
    stage.proxy.standalone_streams(1).await?;
    for text in ["first", "second", "third"] {
        notify(&client, &mut notifications, "standalone", text).await?;
    }
    finish(client).await
}

/// Log messages of calls that ask for them, and none of a call that does not.
pub(super) async fn log(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let mut notifications = client.notifications();
    let said = async |text: &str, meta: Value| {
        let arguments = json!({ "via": "call", "text": text });
        let params = json!({ "name": "notify", "arguments": arguments, "_meta": meta });
        let result = client.request("tools/call", params).await;
        text_of(&result.map_err(told)?)
    };
    said("unwanted", json!({})).await?;
    for level in ["info", "debug"] {
        said(level, json!({ "io.modelcontextprotocol/logLevel": level })).await?;
        next_message(&mut notifications, level).await?;
    }
    said(
        "too low",
        json!({ "io.modelcontextprotocol/logLevel": "error" }),
    )
    .await?;
    said(
        "last",
        json!({ "io.modelcontextprotocol/logLevel": "info" }),
    )
    .await?;
    next_message(&mut notifications, "last").await?;
    finish(client).await
}

/// Has the peer send a log message, and checks that it is the next to come.
pub(super) async fn notify(
    client: &Client,
    notifications: &mut Notifications,
    via: &str,
    text: &str,
) -> Result<()> {
    call(client, "notify", json!({ "via": via, "text": text })).await?;
    next_message(notifications, text).await
}

/// Checks that this log message is the next to come.
async fn next_message(notifications: &mut Notifications, text: &str) -> Result<()> {
    let data = tokio::time::timeout(PATIENCE, log_message(notifications)).await;
    let data = data.with_context(|| format!("the log message {text:?} did not come"))??;
    ensure!(data == text, "{data} came instead of {text:?}");
    Ok(())
}

/// The `data` of the next log message.
async fn log_message(notifications: &mut Notifications) -> Result<Value> {
    while let Some(notification) = notifications.next().await {
        if notification.method == "notifications/message" {
            let params = notification
                .params
                .context("a log message without params")?;
            let params: Value = serde_json::from_slice(&params)?;
            return Ok(params["data"].clone());
        }
    }
    bail!("the notifications ended")
}
