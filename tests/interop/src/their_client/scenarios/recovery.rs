//! Streams, connections, sessions and servers that go away.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::basics::{echo, slow, with};
use super::messages::steps;
use crate::their_client::server::log_message;
use crate::their_client::stage::{Stage, error, text};

/// What a client may wait for a call that nobody answers any more. Some of them have nothing but this.
const GIVE_UP_MS: u64 = 8_000;
/// How our server says that it does not know a session.
const NOT_FOUND: &str = "HTTP/1.1 404";

/// The server ends the connection of a call before its answer.
pub(super) async fn resume(stage: &mut Stage) -> Result<()> {
    let call = json!({ "tool": "drop", "arguments": {} });
    let task = json!({ "play": "calls", "calls": [call, echo("after")], "messages": 2 });
    let saw = stage.play(task).await?;
    ensure!(text(&saw, 0)? == "resumed", "it saw {saw}");
    ensure!(
        saw["messages"] == json!(["before the drop", "after the drop"]),
        "it saw {saw}"
    );
    ensure!(
        stage.proxy.sent("last-event-id: ") > 0,
        "no stream was resumed"
    );
    ensure!(
        stage.proxy.sent(r#""name":"drop""#) == 1,
        "the call was sent more than once"
    );
    ensure!(text(&saw, 1)? == "after", "it saw {saw}");
    Ok(())
}

/// The network resets the connection of a call.
pub(super) async fn cut(stage: &mut Stage) -> Result<()> {
    // Long enough that the connection is cut long before the answer, and in steps so short that some fall
    // into the time without a connection.
    let max_ms = if stage.way.is_resumable() {
        60_000
    } else {
        // Some clients do not notice that the stream has broken off, once it has begun.
        GIVE_UP_MS
    };
    let call = with(slow("cut", 100, 20), "max_ms", max_ms);
    // Where the call fails at once, the next would race against the news of other broken connections.
    let calls = json!([call, with(echo("after"), "anew", !stage.way.is_resumable())]);
    stage
        .begin(json!({ "play": "calls", "calls": calls }))
        .await?;
    stage.server.hear("started", "cut").await?;
    if stage.way.is_resumable() {
        // What has come on the stream is a place to resume from.
        stage.proxy.brings("notifications/progress").await?;
    }
    stage.proxy.cut();
    let saw = stage.saw_or_fell().await?;
    // It may have run, so it must not run again.
    let started = stage.server.count("started", "cut");
    ensure!(started == 1, "the call has run {started} times");
    let Some(saw) = saw else {
        return works_again(stage).await;
    };
    if stage.way.is_resumable() {
        ensure!(text(&saw, 0)? == "cut done", "it saw {saw}");
        // What the server said while nobody listened came too, and nothing came twice.
        let expected: Vec<_> = (1..=100).map(|step| (f64::from(step), 100.0)).collect();
        ensure!(steps(&saw, 0) == expected, "it saw {saw}");
    } else {
        error(&saw, 0)?;
    }
    ensure!(text(&saw, 1)? == "after", "it saw {saw}");
    Ok(())
}

/// The network resets the connection of the standalone stream.
pub(super) async fn cut_standalone(stage: &mut Stage) -> Result<()> {
    let notify =
        |text| json!({ "tool": "notify", "arguments": { "via": "standalone", "text": text } });
    let calls = json!([notify("before"), with(notify("after"), "cue", true)]);
    let task = json!({ "play": "calls", "calls": calls, "messages": 3 });
    stage.begin(task).await?;
    stage.waiting().await?;
    stage.proxy.standalone_streams(1).await?;
    stage.proxy.brings("before").await?;
    stage.proxy.cut();
    // Said while nobody listens, and kept for the client.
    let (method, params) = log_message("meanwhile");
    stage.server.handle().notify_all(method, params);
    stage.proxy.standalone_streams(2).await?;
    stage.cue().await?;
    let saw = stage.saw().await?;
    ensure!(
        saw["messages"] == json!(["before", "meanwhile", "after"]),
        "it saw {saw}"
    );
    Ok(())
}

/// The server forgets everything while it is idle.
pub(super) async fn restart(stage: &mut Stage) -> Result<()> {
    stage.begin(lost_between()).await?;
    stage.waiting().await?;
    stage.crash().await?;
    if stage.way.has_sessions() {
        // The client has noticed when its standalone stream finds no session. Were it cued before, it could
        // still send the next call on a connection that is broken.
        stage.proxy.brings(NOT_FOUND).await?;
        stage.cue().await?;
        let saw = stage.saw().await?;
        return is_found_lost(stage, &saw, 2);
    }
    stage.cue().await?;
    let Some(saw) = stage.saw_or_fell().await? else {
        return works_again(stage).await;
    };
    // There was no session to lose; the connection may have been.
    if error(&saw, 1).is_err() {
        ensure!(text(&saw, 1)? == "after", "it saw {saw}");
    }
    ensure!(text(&saw, 2)? == "again", "it saw {saw}");
    Ok(())
}

/// The server crashes while a call is in flight.
pub(super) async fn restart_in_flight(stage: &mut Stage) -> Result<()> {
    let doomed = with(slow("doomed", 600, 100), "max_ms", GIVE_UP_MS);
    let calls = json!([doomed, with(echo("after"), "anew", true)]);
    stage
        .begin(json!({ "play": "calls", "calls": calls }))
        .await?;
    stage.server.hear("started", "doomed").await?;
    if stage.way.is_resumable() {
        // Then the client has something to come back for, and finds nobody who knows of it.
        stage.proxy.brings("notifications/progress").await?;
    }
    stage.crash().await?;
    let saw = stage.saw_or_fell().await?;
    let started = stage.server.count("started", "doomed");
    ensure!(started == 0, "the new server has run the call too");
    let Some(saw) = saw else {
        return works_again(stage).await;
    };
    error(&saw, 0)?;
    ensure!(text(&saw, 1)? == "after", "it saw {saw}");
    Ok(())
}

/// The server ends sessions that were idle.
pub(super) async fn expiry(stage: &mut Stage) -> Result<()> {
    // The client sees a server that ends idle sessions from its first request on.
    stage.replace(None, Some(Duration::from_secs(1))).await?;
    stage.begin(lost_between()).await?;
    stage.waiting().await?;
    // A standalone stream keeps a session alive; so the network goes away until the session has ended.
    stage.proxy.refuse().await?;
    stage.proxy.cut();
    stage.server.hear("ended", "idle").await?;
    stage.proxy.listen()?;
    stage.cue().await?;
    let saw = stage.saw().await?;
    is_found_lost(stage, &saw, 1)
}

/// The application's handler of a session returns while a call is in flight.
pub(super) async fn handler_returns(stage: &mut Stage) -> Result<()> {
    let orphan = with(slow("orphan", 600, 100), "max_ms", 60_000);
    let calls = json!([orphan, echo("after"), with(echo("again"), "anew", true)]);
    stage
        .begin(json!({ "play": "calls", "calls": calls }))
        .await?;
    stage.server.hear("started", "orphan").await?;
    stage.server.leave();
    let saw = stage.saw().await?;
    let message = error(&saw, 0)?;
    ensure!(
        message.contains("handler returned"),
        "the client was told {message:?}"
    );
    // The handler of the request is told that nobody waits for it.
    stage.server.hear("cancelled", "orphan").await?;
    let returned = stage.server.handle().counters().handler_returned;
    ensure!(returned == 1, "{returned} handlers have returned");
    is_found_lost(stage, &saw, 1)
}

/// A call, and two after something happened: one in the same session, one in a new.
fn lost_between() -> Value {
    let calls = json!([
        echo("before"),
        with(echo("after"), "cue", true),
        with(echo("again"), "anew", true),
    ]);
    json!({ "play": "calls", "calls": calls })
}

/// Checks that the second call found its session lost, by one of at least so many answers that say so, and
/// that a new session works.
fn is_found_lost(stage: &Stage, saw: &Value, answers: usize) -> Result<()> {
    if stage.way.client.reinitializes {
        ensure!(text(saw, 1)? == "after", "it saw {saw}");
    } else {
        error(saw, 1)?;
        let told = stage.proxy.brought(NOT_FOUND);
        ensure!(
            told >= answers,
            "the client was told {told} times that its session is lost"
        );
    }
    ensure!(text(saw, 2)? == "again", "it saw {saw}");
    Ok(())
}

/// Checks that a new client works.
async fn works_again(stage: &mut Stage) -> Result<()> {
    let task = json!({ "play": "calls", "calls": [echo("a new client")] });
    let saw = stage.play(task).await?;
    ensure!(text(&saw, 0)? == "a new client", "it saw {saw}");
    Ok(())
}
