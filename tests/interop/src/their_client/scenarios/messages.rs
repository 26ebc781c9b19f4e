//! What the server says beside its answers.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::Scenario;
use super::basics::{echo, slow};
use crate::their_client::stage::{Stage, text};

pub(super) async fn progress(stage: &mut Stage<'_>) -> Result<()> {
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

pub(super) async fn trickle(stage: &mut Stage<'_>) -> Result<()> {
    stage.proxy.trickle(3);
    // Characters of two, three and four bytes fall into different pieces.
    let odd = "\u{e9}\u{20ac}\u{1f980}".repeat(200);
    let calls = [echo(&odd), slow("pieces", 3, 20)];
    let saw = stage
        .play(json!({ "play": "calls", "calls": calls }))
        .await?;
    ensure!(text(&saw, 0)? == odd, "echo answered {:?}", text(&saw, 0)?);
    ensure!(text(&saw, 1)? == "pieces done", "it saw {saw}");
    let has_progress = stage
        .client
        .reason_against(stage.mode, Scenario::Progress)
        .is_none();
    let expected = if has_progress { 3 } else { 0 };
    ensure!(steps(&saw, 1).len() == expected, "it saw {saw}");
    Ok(())
}

pub(super) async fn ask(stage: &mut Stage<'_>, via: &str, kind: &str) -> Result<()> {
    let call = json!({ "tool": "ask", "arguments": { "via": via, "kind": kind } });
    // Twice, for the second finds everything as the first left it.
    let saw = stage
        .play(json!({ "play": "calls", "calls": [call, call] }))
        .await?;
    for number in 0..2 {
        let answer = text(&saw, number)?;
        ensure!(
            answer == "forty-two",
            "the server got {answer:?} for an answer"
        );
    }
    Ok(())
}

pub(super) async fn notify(stage: &mut Stage<'_>, via: &str) -> Result<()> {
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
