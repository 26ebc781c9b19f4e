//! Calls and sessions that the application ends, and the command line program.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use mcp_sansio_tokio::{CallError, CallOptions, Era, Execution, FailureKind};
use reqwest::Method;
use serde_json::json;
use tokio::process::Command;

use crate::our_client::peers::Sessions;
use crate::our_client::stage::{Stage, echoes, finish, told};

/// How many seconds a call may take at most: more of them if the peer has not even begun with it by then.
const LONGEST: [u64; 3] = [1, 5, 25];

/// The application drops a call.
pub(super) async fn cancel(stage: &mut Stage) -> Result<()> {
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
    echoes(&client, "still there").await?;
    finish(client).await
}

/// A call takes longer than it may.
pub(super) async fn time_out(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    for seconds in LONGEST {
        let mut options = CallOptions::default();
        options.max = Some(Duration::from_secs(seconds));
        let label = format!("late after {seconds} s");
        let arguments = json!({ "label": label, "steps": 1_200, "step_ms": 100 });
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
        if !stage.process.heard("started", Some(&label)).is_empty() {
            // The peer is told, so that it does not work for nobody.
            stage.process.hear("cancelled", Some(&label)).await?;
            echoes(&client, "still there").await?;
            return finish(client).await;
        }
    }
    bail!("the peer began with no call before its time was over")
}

/// A second client goes on with what the first has learned.
pub(super) async fn go_on(stage: &mut Stage) -> Result<()> {
    let first = stage.connect().await?;
    echoes(&first, "from the first").await?;
    let known = first.known().context("no session is known")?;
    let builder = stage
        .builder()
        .configure(|config| config.known = Some(known.clone()));
    let second = builder.connect().await.map_err(told)?;
    echoes(&second, "from the second").await?;
    let handshakes = stage.handshakes();
    ensure!(
        handshakes == 1,
        "there were {handshakes} handshakes instead of 1"
    );
    finish(second).await?;
    // A session has gone with the second client; closing the first finds nothing to end.
    finish(first).await
}

/// The client is closed.
pub(super) async fn close(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    echoes(&client, "hi").await?;
    if stage.mode.spoken == Era::Modern {
        finish(client).await?;
        let deletes = stage.proxy.sent("DELETE ");
        ensure!(deletes == 0, "there is nothing to end, but it was tried");
        return Ok(());
    }
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

/// The command line program.
pub(super) async fn cli(stage: &mut Stage) -> Result<()> {
    let mut command = Command::new(stage.cli());
    command.args([
        "call",
        &stage.url(),
        "echo",
        r#"{"text":"hi from a shell"}"#,
        "--era",
        stage.mode.asked.name(),
    ]);
    if stage.mode.sessions == Sessions::Stream {
        command.arg("--http-sse");
    }
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
