//! Streams, connections and peers that go away.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use mcp_sansio_tokio::{CallError, CallOptions, Execution, FailureKind};
use reqwest::Method;
use serde_json::json;

use super::messages::notify;
use crate::our_client::peers::Sessions;
use crate::our_client::stage::{Stage, call, echoes, finish, text_of, told};

/// How many steps a call takes that is to be cut: more of them if the answer was faster.
const STEPS: [u32; 3] = [20, 100, 500];
/// What a request has that resumes a stream.
const RESUMES: &str = "last-event-id: ";
/// How long a session that nobody uses may live on.
const PATIENCE: Duration = Duration::from_secs(60);

/// The peer ends the stream of a call before its answer.
pub(super) async fn resume(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let text = call(&client, "drop", json!({})).await?;
    ensure!(text == "resumed", "drop answered {text:?}");
    ensure!(stage.proxy.sent(RESUMES) > 0, "no stream was resumed");
    ensure!(
        stage.proxy.sent(r#""name":"drop""#) == 1,
        "the call was sent more than once"
    );
    finish(client).await
}

/// The network resets the connection of a call.
pub(super) async fn cut(stage: &mut Stage) -> Result<()> {
    for steps in STEPS {
        if is_cut(stage, steps).await? {
            return Ok(());
        }
    }
    bail!("every call was answered before its connection could be cut")
}

/// Whether a call of so many steps was cut before its answer, and all was as it must be then.
async fn is_cut(stage: &mut Stage, steps: u32) -> Result<bool> {
    let client = stage.connect().await?;
    let mut options = CallOptions::default();
    options.progress = true;
    let label = format!("cut of {steps}");
    let arguments = json!({ "label": label, "steps": steps, "step_ms": 100 });
    let mut pending = client.call_tool_with("slow", arguments, options);
    let mut progress = pending
        .progress()
        .context("the call has no progress to read")?;
    let resumed = stage.proxy.sent(RESUMES);
    let cutting = async {
        stage.process.hear("started", Some(&label)).await?;
        let mut told = Vec::new();
        if stage.mode.resumable {
            // Progress that has come is a place to resume from.
            told.extend(progress.next().await);
        }
        stage.proxy.cut();
        while let Some(step) = progress.next().await {
            told.push(step);
        }
        anyhow::Ok(told)
    };
    let (result, told_steps) = tokio::join!(pending, cutting);
    let told_steps = told_steps?;
    // It may have run, so it must not be sent again.
    let started = stage.process.heard("started", Some(&label)).len();
    ensure!(started == 1, "the peer has run the call {started} times");
    let has_resumed = stage.proxy.sent(RESUMES) > resumed;
    let was_cut = result.is_err() || has_resumed;
    if stage.mode.resumable || !was_cut {
        let text = text_of(&result.map_err(told)?)?;
        ensure!(text == format!("{label} done"), "slow answered {text:?}");
    } else {
        is_lost(result, &[FailureKind::ConnectionLost])?;
    }
    if has_resumed {
        // What the peer said while nobody listened came too, and nothing came twice.
        let told_steps: Vec<_> = told_steps
            .iter()
            .filter_map(|step| step["progress"].as_f64())
            .collect();
        // What a peer has lost itself is not to be had; but only that is missing.
        let is_lost = |step: &u32| {
            stage.way.peer.replays_with_a_gap
                && stage.proxy.brought(&format!(r#""progress":{step},"#)) == 0
        };
        let expected: Vec<_> = (1..=steps)
            .filter(|step| !is_lost(step))
            .map(f64::from)
            .collect();
        ensure!(told_steps == expected, "the progress was {told_steps:?}");
    }
    // Other connections were reset too, which need not be known yet; so this is a call that may be made again.
    client.list_tools().await.map_err(told)?;
    finish(client).await?;
    Ok(was_cut)
}

/// The network resets the connection of a call that may be made again.
pub(super) async fn cut_safe(stage: &mut Stage) -> Result<()> {
    for steps in STEPS {
        if is_cut_and_made_again(stage, steps).await? {
            return Ok(());
        }
    }
    bail!("every call was answered before its connection could be cut")
}

/// Whether a call of so many steps was cut before its answer, and all was as it must be then.
async fn is_cut_and_made_again(stage: &mut Stage, steps: u32) -> Result<bool> {
    let client = stage.connect().await?;
    let mut options = CallOptions::default();
    options.safe = true;
    let label = format!("safe of {steps}");
    let arguments = json!({ "label": label, "steps": steps, "step_ms": 50 });
    let pending = client.call_tool_with("slow", arguments, options);
    let cutting = async {
        stage.process.hear("started", Some(&label)).await?;
        stage.proxy.cut();
        anyhow::Ok(())
    };
    let (result, cutting) = tokio::join!(pending, cutting);
    cutting?;
    let text = text_of(&result.map_err(told)?)?;
    ensure!(text == format!("{label} done"), "slow answered {text:?}");
    let started = stage.process.heard("started", Some(&label)).len();
    ensure!(started <= 2, "the peer has run the call {started} times");
    finish(client).await?;
    Ok(started == 2)
}

/// The network resets the connection of the standalone stream.
pub(super) async fn cut_standalone(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let mut notifications = client.notifications();
    // Cut first while nothing has come on it yet: at some peers there is an event id to resume from
    // already, at others there is none.
    for (cuts, text) in [(1, "cut once"), (2, "cut twice"), (3, "cut again")] {
        stage.proxy.standalone_streams(cuts).await?;
        stage.proxy.cut();
        stage.proxy.standalone_streams(cuts + 1).await?;
        // Had anything been repeated, it would come before this.
        notify(&client, &mut notifications, "standalone", text).await?;
    }
    finish(client).await
}

/// The peer forgets everything while it is idle.
pub(super) async fn restart(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    echoes(&client, "before").await?;
    let before = client.known().context("no session is known")?.session;
    stage.restart().await?;
    // Five calls meet the loss at once; what is lost is made again once.
    let texts: Vec<_> = (0..5).map(|number| format!("after {number}")).collect();
    try_join_all(texts.iter().map(|text| echoes(&client, text))).await?;
    let after = client.known().context("no session is known")?.session;
    let (expected, is_new) = match stage.mode.sessions {
        Sessions::No => (1, false),
        Sessions::Header => (2, true),
        // A client that looks for the oldest transport asks at the endpoint first, but only once.
        Sessions::Stream => (3, false),
    };
    let handshakes = stage.handshakes();
    ensure!(
        handshakes == expected,
        "there were {handshakes} handshakes instead of {expected}"
    );
    ensure!((before != after) == is_new, "the session is {after:?}");
    finish(client).await
}

/// The peer dies while a call is in flight.
pub(super) async fn restart_in_flight(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let arguments = json!({ "label": "doomed", "steps": 600, "step_ms": 100 });
    let pending = client.call_tool_with("slow", arguments, CallOptions::default());
    let restarting = async {
        stage.process.hear("started", Some("doomed")).await?;
        stage.restart().await
    };
    let (result, restarting) = tokio::join!(pending, restarting);
    restarting?;
    is_lost(
        result,
        &[FailureKind::ConnectionLost, FailureKind::SessionLost],
    )?;
    let started = stage.process.heard("started", Some("doomed")).len();
    ensure!(started == 0, "the new peer has run the call too");
    echoes(&client, "after").await?;
    finish(client).await
}

/// The peer ends sessions that were idle.
pub(super) async fn expiry(stage: &mut Stage) -> Result<()> {
    let idle = Duration::from_secs(1);
    stage.restart_as(stage.mode.name, Some(idle)).await?;
    // A standalone stream would keep the session alive.
    let builder = stage
        .builder()
        .configure(|config| config.standalone = false);
    let client = builder.connect().await.map_err(told)?;
    let session = client.known().context("no session is known")?.session;
    let session = session.context("the peer gave no session id")?;
    let expiring = async {
        // Asking for it is using it, so it is left alone for a while each time.
        loop {
            tokio::time::sleep(idle * 3).await;
            match stage.raw(Method::POST, &session).await? {
                200 => {}
                status => return anyhow::Ok(status),
            }
        }
    };
    let status = tokio::time::timeout(PATIENCE, expiring).await;
    let status = status.context("the session does not expire")??;
    ensure!(
        status == 404,
        "the session has expired, but answers {status}"
    );
    echoes(&client, "after").await?;

    // A call that takes longer than a session may be idle, and says nothing meanwhile.
    let arguments = json!({ "label": "silent", "steps": 1, "step_ms": 4_000 });
    let result = client.call_tool("slow", arguments).await;
    if stage.mode.expires_under_calls {
        is_lost(
            result,
            &[FailureKind::ConnectionLost, FailureKind::SessionLost],
        )?;
    } else {
        let text = text_of(&result.map_err(told)?)?;
        ensure!(text == "silent done", "slow answered {text:?}");
    }
    echoes(&client, "in the end").await?;
    finish(client).await?;
    stage.restart().await
}

/// The peer is gone for a while.
pub(super) async fn gone(stage: &mut Stage) -> Result<()> {
    let builder = stage.builder().configure(|config| {
        // How patient the client is with a peer that is gone is not what this is about.
        config.timing.backoff = Duration::from_millis(50)..=Duration::from_millis(200);
    });
    let client = builder.connect().await.map_err(told)?;
    let arguments = json!({ "label": "orphan", "steps": 600, "step_ms": 100 });
    let pending = client.call_tool_with("slow", arguments, CallOptions::default());
    let killing = async {
        stage.process.hear("started", Some("orphan")).await?;
        stage.proxy.refuse().await?;
        stage.kill().await
    };
    let (result, killing) = tokio::join!(pending, killing);
    killing?;
    is_lost(result, &[FailureKind::ConnectionLost])?;
    // A new call cannot even be sent, and says so.
    let expected = match stage.mode.sessions {
        // Its stream is the session, and another cannot be made.
        Sessions::Stream => FailureKind::SessionLost,
        Sessions::No | Sessions::Header => FailureKind::Unreachable,
    };
    match client
        .call_tool("echo", json!({ "text": "anybody?" }))
        .await
    {
        Err(CallError::Failed(failure)) => {
            ensure!(failure.kind == expected, "it failed otherwise: {failure:#}");
            ensure!(
                failure.execution == Execution::NotSent,
                "it was not sent: {failure:#}"
            );
        }
        other => bail!("the call ended otherwise: {other:?}"),
    }
    stage.restart().await?;
    stage.proxy.listen()?;
    echoes(&client, "back").await?;
    finish(client).await
}

/// Somebody else ends the session while a call is in flight.
pub(super) async fn evicted(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let session = client.known().context("no session is known")?.session;
    let session = session.context("the peer gave no session id")?;
    let arguments = json!({ "label": "evicted", "steps": 600, "step_ms": 100 });
    let pending = client.call_tool_with("slow", arguments, CallOptions::default());
    let evicting = async {
        stage.process.hear("started", Some("evicted")).await?;
        let status = stage.raw(Method::DELETE, &session).await?;
        ensure!(
            (200..300).contains(&status),
            "the peer ends sessions with {status}"
        );
        // This call finds the session gone, and makes a new one.
        echoes(&client, "after").await
    };
    let (result, evicting) = tokio::join!(pending, evicting);
    evicting?;
    // Some peers answer what they cut short, with an error; others say nothing any more.
    if !matches!(result, Err(CallError::Peer(_))) {
        is_lost(
            result,
            &[FailureKind::ConnectionLost, FailureKind::SessionLost],
        )?;
    }
    finish(client).await
}

/// Checks that a call failed in one of these ways, and that it is said to may have run.
fn is_lost(result: Result<serde_json::Value, CallError>, kinds: &[FailureKind]) -> Result<()> {
    match result {
        Err(CallError::Failed(failure)) => {
            ensure!(
                kinds.contains(&failure.kind),
                "it failed in another way: {failure:#}"
            );
            ensure!(
                failure.execution == Execution::Unknown,
                "it may have run: {failure:#}"
            );
            Ok(())
        }
        Err(error) => Err(told(error)),
        Ok(result) => bail!("the peer has answered: {result}"),
    }
}
