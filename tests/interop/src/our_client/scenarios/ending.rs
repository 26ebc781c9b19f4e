//! Calls and sessions that the application ends, and the command line program.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use mcp_sansio_tokio::{CallError, CallOptions, Execution, FailureKind};
use reqwest::Method;
use serde_json::json;
use tokio::process::Command;

use crate::our_client::stage::{Stage, call, finish, told};

pub(super) async fn cancel(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    let arguments = json!({ "label": "dropped", "steps": 600, "step_ms": 100 });
    let pending = client.call_tool_with("slow", arguments, CallOptions::default());
    tokio::select! {
        result = pending => bail!("the call ended by itself: {result:?}"),
        started = stage.process.hear("started", Some("dropped")) => started?,
    };
    // The losing branch of `select!` is dropped, and that is the cancel.
    ensure!(
        client.inspect().calls.is_empty(),
        "the dropped call is still there"
    );
    stage.process.hear("cancelled", Some("dropped")).await?;
    call(&client, "echo", json!({ "text": "still there" })).await?;
    finish(client).await
}

pub(super) async fn time_out(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    let mut options = CallOptions::default();
    options.max = Some(Duration::from_secs(1));
    let arguments = json!({ "label": "late", "steps": 600, "step_ms": 100 });
    match client.call_tool_with("slow", arguments, options).await {
        Err(CallError::Failed(failure)) => {
            ensure!(
                failure.kind == FailureKind::TimedOut,
                "it failed in another way: {failure:#}"
            );
            ensure!(
                failure.execution == Execution::Unknown,
                "it has run: {failure:#}"
            );
        }
        other => bail!("the call ended otherwise: {other:?}"),
    }
    // The peer is told, so that it does not work for nobody.
    stage.process.hear("cancelled", Some("late")).await?;
    call(&client, "echo", json!({ "text": "still there" })).await?;
    finish(client).await
}

pub(super) async fn go_on(stage: &mut Stage<'_>) -> Result<()> {
    let first = stage.connect().await?;
    call(&first, "echo", json!({ "text": "from the first" })).await?;
    let known = first.known().context("no session is known")?;
    let builder = stage
        .builder()
        .configure(|config| config.known = Some(known.clone()));
    let second = builder.connect().await.map_err(told)?;
    let text = call(&second, "echo", json!({ "text": "from the second" })).await?;
    ensure!(text == "from the second", "echo answered {text:?}");
    let handshakes = stage.proxy.sent(r#""method":"initialize""#);
    ensure!(
        handshakes == 1,
        "there were {handshakes} handshakes instead of 1"
    );
    finish(second).await?;
    // The session has gone with the second client; closing the first finds nothing to end.
    finish(first).await
}

pub(super) async fn close(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    call(&client, "echo", json!({ "text": "hi" })).await?;
    let known = client.known().context("no session is known")?;
    let session = known.session.context("the peer gave no session id")?;
    let before = stage.raw(Method::POST, &session).await?;
    ensure!(
        before == 200,
        "the session answers {before} before it is closed"
    );
    finish(client).await?;
    let after = stage.raw(Method::POST, &session).await?;
    ensure!(
        after == 404,
        "the session answers {after} after it was closed"
    );
    Ok(())
}

pub(super) async fn cli(stage: &mut Stage<'_>) -> Result<()> {
    let mut command = Command::new(stage.cli());
    command.args([
        "call",
        &stage.url(),
        "echo",
        r#"{"text":"hi from a shell"}"#,
    ]);
    let output = command.kill_on_drop(true).output().await;
    let output = output.with_context(|| format!("{} cannot be started", stage.cli().display()))?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "call ended with {}: {told}",
        output.status
    );
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(said.contains("hi from a shell"), "call printed {said:?}");
    Ok(())
}
