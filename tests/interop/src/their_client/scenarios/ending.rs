//! Calls, sessions, clients and servers that end.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use super::basics::{echo, slow, with};
use crate::their_client::stage::{Stage, error, text};

/// How long a shut-down may take beyond its grace.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a call may take at most: longer if the server has not even seen it by then.
const LONGEST_MS: [u64; 3] = [1_000, 5_000, 25_000];

/// The client dies while a call is in flight.
pub(super) async fn vanish(stage: &mut Stage) -> Result<()> {
    // Nobody can come back for an answer without a session, so the work is stopped, however long it takes.
    let is_stopped = !stage.way.has_sessions();
    let call = slow("abandoned", if is_stopped { 600 } else { 20 }, 100);
    stage
        .begin(json!({ "play": "calls", "calls": [call] }))
        .await?;
    stage.server.hear("started", "abandoned").await?;
    stage.kill_client().await?;
    if is_stopped {
        stage.server.hear("cancelled", "abandoned").await?;
    }
    Ok(())
}

/// The application gives up a call.
pub(super) async fn cancel(stage: &mut Stage) -> Result<()> {
    let call = with(slow("dropped", 600, 100), "cancel", true);
    let calls = json!([call, echo("after")]);
    stage
        .begin(json!({ "play": "calls", "calls": calls }))
        .await?;
    stage.waiting().await?;
    stage.server.hear("started", "dropped").await?;
    stage.cue().await?;
    stage.server.hear("cancelled", "dropped").await?;
    let saw = stage.saw().await?;
    error(&saw, 0)?;
    ensure!(text(&saw, 1)? == "after", "it saw {saw}");
    Ok(())
}

/// A call takes longer than it may.
pub(super) async fn time_out(stage: &mut Stage) -> Result<()> {
    for max_ms in LONGEST_MS {
        let label = format!("late after {max_ms} ms");
        let call = with(slow(&label, 1_200, 100), "max_ms", max_ms);
        let calls = json!([call, echo("after")]);
        let saw = stage
            .play(json!({ "play": "calls", "calls": calls }))
            .await?;
        error(&saw, 0)?;
        ensure!(text(&saw, 1)? == "after", "it saw {saw}");
        if stage.server.count("started", &label) > 0 {
            // The server is told, so that it does not work for nobody.
            return stage.server.hear("cancelled", &label).await.map(drop);
        }
    }
    bail!("no call had reached the server before its time was over")
}

/// The client ends its session.
pub(super) async fn close(stage: &mut Stage) -> Result<()> {
    let task = json!({ "play": "calls", "calls": [echo("hi")], "delete": true });
    let saw = stage.play(task).await?;
    ensure!(text(&saw, 0)? == "hi", "it saw {saw}");
    stage.server.hear("ended", "deleted").await?;
    let left = stage.server.handle().sessions();
    ensure!(left.is_empty(), "sessions are left over: {left:?}");
    Ok(())
}

/// The server is shut down, and lets the call in flight finish.
pub(super) async fn drain(stage: &mut Stage) -> Result<()> {
    // One SDK lists the tools after the first call of one, to check its result; later it would be refused.
    let calls = json!([echo("first"), slow("last", 10, 100)]);
    stage
        .begin(json!({ "play": "calls", "calls": calls }))
        .await?;
    stage.server.hear("started", "last").await?;
    let grace = Duration::from_secs(20);
    let down = tokio::time::timeout(PATIENCE, stage.server.handle().shut_down(grace)).await;
    down.context("the server was not down in time")?;
    let saw = stage.saw().await?;
    ensure!(text(&saw, 1)? == "last done", "it saw {saw}");
    Ok(())
}

/// The server is shut down, and does not wait for the call in flight.
pub(super) async fn shut_down(stage: &mut Stage) -> Result<()> {
    let call = with(slow("too long", 600, 100), "max_ms", 60_000);
    stage
        .begin(json!({ "play": "calls", "calls": [call] }))
        .await?;
    stage.server.hear("started", "too long").await?;
    let grace = Duration::from_millis(500);
    let down = tokio::time::timeout(PATIENCE, stage.server.handle().shut_down(grace)).await;
    down.context("the server was not down in time")?;
    stage.server.hear("cancelled", "too long").await?;
    let saw = stage.saw().await?;
    let message = error(&saw, 0)?;
    ensure!(
        message.contains("shutting down"),
        "the client was told {message:?}"
    );
    Ok(())
}
