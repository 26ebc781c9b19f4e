//! What a peer says beside its answers.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use mcp_sansio_tokio::{CallOptions, Client, Notifications};
use serde_json::{Value, json};

use crate::our_client::scenarios::Scenario;
use crate::our_client::stage::{SAMPLED, Stage, call, finish, text_of, told};

/// How long a message may take that is sure to come.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn progress(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    three_steps(&client, true).await?;
    finish(client).await
}

pub(super) async fn trickle(stage: &mut Stage<'_>) -> Result<()> {
    stage.proxy.trickle(3);
    let client = stage.connect().await?;
    // Characters of two, three and four bytes fall into different pieces.
    let text = "\u{e9}\u{20ac}\u{1f980}".repeat(200);
    let answer = call(&client, "echo", json!({ "text": text })).await?;
    ensure!(answer == text, "echo answered {answer:?}");
    three_steps(
        &client,
        stage.mode.reason_against(Scenario::Progress).is_none(),
    )
    .await?;
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

pub(super) async fn ask_on_call(stage: &mut Stage<'_>) -> Result<()> {
    // Without a standalone stream there is only the call's own for the question to come on.
    let builder = stage
        .builder()
        .configure(|config| config.standalone = false);
    let client = builder.connect().await.map_err(told)?;
    let text = call(&client, "ask", json!({ "via": "call" })).await?;
    ensure!(text == SAMPLED, "the peer got {text:?} for an answer");
    finish(client).await
}

pub(super) async fn ask_standalone(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    stage.proxy.standalone_streams(1).await?;
    let text = call(&client, "ask", json!({ "via": "standalone" })).await?;
    ensure!(text == SAMPLED, "the peer got {text:?} for an answer");
    finish(client).await
}

pub(super) async fn notify_on_call(stage: &mut Stage<'_>) -> Result<()> {
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

pub(super) async fn notify_standalone(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    let mut notifications = client.notifications();
    stage.proxy.standalone_streams(1).await?;
    for text in ["first", "second", "third"] {
        notify(&client, &mut notifications, "standalone", text).await?;
    }
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
