//! What the server says beside its answers.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::basics::{echo, slow};
use crate::suite::Way as _;
use crate::their_client::stage::{Stage, text};

/// Progress of a call.
pub(super) async fn progress(stage: &mut Stage) -> Result<()> {
    let calls = [slow("one", 3, 20), slow("two", 2, 20)];
    let saw = stage
        .play(json!({ "play": "calls", "calls": calls }))
        .await?;
    ensure!(text(&saw, 0)? == "one done", "it saw {saw}");
    ensure!(
        steps(&saw, 0) == [(1.0, 3.0), (2.0, 3.0), (3.0, 3.0)],
        "it saw {saw}"
    );
    ensure!(text(&saw, 1)? == "two done", "it saw {saw}");
    ensure!(steps(&saw, 1) == [(1.0, 2.0), (2.0, 2.0)], "it saw {saw}");
    Ok(())
}

/// The server's answers arrive in pieces of three bytes.
pub(super) async fn trickle(stage: &mut Stage) -> Result<()> {
    stage.proxy.trickle(3);
    // Characters of two, three and four bytes fall into different pieces.
    let odd = "\u{e9}\u{20ac}\u{1f980}".repeat(200);
    let calls = [echo(&odd), slow("pieces", 3, 20)];
    let saw = stage
        .play(json!({ "play": "calls", "calls": calls }))
        .await?;
    ensure!(text(&saw, 0)? == odd, "echo answered {:?}", text(&saw, 0)?);
    ensure!(text(&saw, 1)? == "pieces done", "it saw {saw}");
    let has_progress = stage.way.reason_against("progress").is_none();
    let expected = if has_progress { 3 } else { 0 };
    ensure!(steps(&saw, 1).len() == expected, "it saw {saw}");
    Ok(())
}

/// Log messages of calls that ask for them, and none of a call that does not.
pub(super) async fn log(stage: &mut Stage) -> Result<()> {
    let call = |text| json!({ "tool": "notify", "arguments": { "via": "call", "text": text } });
    let saw = stage
        .play(json!({ "play": "calls", "calls": [call("unwanted")] }))
        .await?;
    ensure!(saw["messages"] == json!([]), "it saw {saw}");
    let texts = ["first", "second"];
    for level in ["debug", "info"] {
        let task =
            json!({ "play": "calls", "calls": texts.map(call), "log": level, "messages": 2 });
        let saw = stage.play(task).await?;
        ensure!(saw["messages"] == json!(texts), "it saw {saw}");
    }
    let task = json!({ "play": "calls", "calls": [call("too low")], "log": "error" });
    let saw = stage.play(task).await?;
    ensure!(saw["messages"] == json!([]), "it saw {saw}");
    Ok(())
}

/// Notifications on the stream of a call.
pub(super) async fn on_call(stage: &mut Stage) -> Result<()> {
    notify(stage, "call").await
}

/// Notifications on the standalone stream.
pub(super) async fn standalone(stage: &mut Stage) -> Result<()> {
    notify(stage, "standalone").await
}

async fn notify(stage: &mut Stage, via: &str) -> Result<()> {
    let texts = ["first", "second", "third"];
    let call = |text| json!({ "tool": "notify", "arguments": { "via": via, "text": text } });
    let task = json!({ "play": "calls", "calls": texts.map(call), "messages": texts.len() });
    let saw = stage.play(task).await?;
    ensure!(saw["messages"] == json!(texts), "it saw {saw}");
    Ok(())
}

/// The progress that was told of a call, as pairs of done and total.
pub(super) fn steps(saw: &Value, call: usize) -> Vec<(f64, f64)> {
    let steps = saw["answers"][call]["steps"].as_array();
    let pair = |step: &Value| Some((step[0].as_f64()?, step[1].as_f64()?));
    steps.into_iter().flatten().filter_map(pair).collect()
}
