//! Requests and their answers.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::their_client::clients::Program;
use crate::their_client::inspector;
use crate::their_client::server::NAME;
use crate::their_client::stage::{Stage, text};

const TOOLS: [&str; 7] = ["add", "ask", "drop", "echo", "fail", "notify", "slow"];

pub(super) async fn look(stage: &mut Stage<'_>) -> Result<()> {
    if matches!(stage.client.program, Program::Inspector) {
        return inspector::look(stage, &TOOLS).await;
    }
    let saw = stage.play(json!({ "play": "look" })).await?;
    ensure!(saw["version"] == "2025-11-25", "it saw {saw}");
    ensure!(saw["server"] == NAME, "it saw {saw}");
    ensure!(saw["tools"] == json!(TOOLS), "it saw {saw}");
    ensure!(
        saw["resources"] == json!(["test://greeting"]),
        "it saw {saw}"
    );
    ensure!(saw["prompts"] == json!(["greet"]), "it saw {saw}");
    Ok(())
}

pub(super) async fn revisions(stage: &mut Stage<'_>) -> Result<()> {
    for version in ["2025-06-18", "2025-03-26", "2024-11-05"] {
        let task = json!({ "play": "look", "versions": [version] });
        let saw = stage.play(task).await?;
        ensure!(saw["version"] == version, "it saw {saw}");
        let task = json!({
            "play": "calls",
            "versions": [version],
            "calls": [echo("old"), slow("old", 3, 20), { "tool": "notify", "arguments": { "via": "call", "text": "old" } }],
        });
        let saw = stage.play(task).await?;
        ensure!(text(&saw, 0)? == "old", "it saw {saw}");
        ensure!(text(&saw, 1)? == "old done", "it saw {saw}");
        ensure!(text(&saw, 2)? == "sent", "it saw {saw}");
    }
    Ok(())
}

pub(super) async fn probe(stage: &mut Stage<'_>) -> Result<()> {
    let saw = stage.play(json!({ "play": "look", "probe": true })).await?;
    ensure!(saw["version"] == "2025-11-25", "it saw {saw}");
    ensure!(saw["tools"] == json!(TOOLS), "it saw {saw}");
    let probes = stage.proxy.sent("server/discover");
    ensure!(probes > 0, "the client did not ask for the era");
    Ok(())
}

pub(super) async fn read(stage: &mut Stage<'_>) -> Result<()> {
    if matches!(stage.client.program, Program::Inspector) {
        return inspector::read(stage).await;
    }
    let task = json!({
        "play": "read",
        "uri": "test://greeting",
        "prompt": "greet",
        "arguments": { "name": "everybody" },
    });
    let saw = stage.play(task).await?;
    ensure!(saw["resource"] == "good day", "it saw {saw}");
    ensure!(saw["prompt"] == "Greet everybody.", "it saw {saw}");
    Ok(())
}

pub(super) async fn calls(stage: &mut Stage<'_>) -> Result<()> {
    if matches!(stage.client.program, Program::Inspector) {
        return inspector::calls(stage).await;
    }
    let odd = "line\nbreak\r\n\r\ndata: x \u{2028} \u{1f980} \"quoted\" \\ \0";
    let large = "x".repeat(300_000);
    let task = json!({ "play": "calls", "calls": [
        echo(odd),
        { "tool": "add", "arguments": { "a": 40, "b": 2 } },
        echo(&large),
        { "tool": "fail", "arguments": {} },
    ] });
    let saw = stage.play(task).await?;
    ensure!(text(&saw, 0)? == odd, "echo answered {:?}", text(&saw, 0)?);
    ensure!(text(&saw, 1)? == "42", "add answered {:?}", text(&saw, 1)?);
    let length = text(&saw, 2)?.len();
    ensure!(length == large.len(), "echo answered {length} bytes");
    let failed = &saw["answers"][3];
    ensure!(failed["failed"] == true, "fail answered {failed}");
    ensure!(
        failed["text"] == "failed on purpose",
        "fail answered {failed}"
    );
    Ok(())
}

pub(super) async fn ping(stage: &mut Stage<'_>) -> Result<()> {
    stage.play(json!({ "play": "ping" })).await?;
    Ok(())
}

pub(super) async fn unknown_tool(stage: &mut Stage<'_>) -> Result<()> {
    let call = json!({ "tool": "no-such-tool", "arguments": {} });
    let saw = stage
        .play(json!({ "play": "calls", "calls": [call] }))
        .await?;
    let code = &saw["answers"][0]["error"]["code"];
    ensure!(*code == -32602, "it saw {saw}");
    Ok(())
}

pub(super) async fn unknown_method(stage: &mut Stage<'_>) -> Result<()> {
    let task = json!({ "play": "request", "method": "no/such/method" });
    let saw = stage.play(task).await?;
    ensure!(saw["answer"]["error"]["code"] == -32601, "it saw {saw}");
    Ok(())
}

pub(super) async fn concurrent(stage: &mut Stage<'_>) -> Result<()> {
    // Of different lengths, so that they do not end in the order in which they began.
    let calls: Vec<_> = (0..20)
        .map(|number| slow(&format!("call {number}"), 1, (number * 37) % 200))
        .collect();
    let task = json!({ "play": "calls", "calls": calls, "at_once": true });
    let saw = stage.play(task).await?;
    for number in 0..20 {
        let answer = text(&saw, number)?;
        ensure!(
            answer == format!("call {number} done"),
            "call {number} was answered {answer:?}"
        );
    }
    Ok(())
}

/// A call of `echo`.
pub(super) fn echo(text: &str) -> Value {
    json!({ "tool": "echo", "arguments": { "text": text } })
}

/// A call of `slow`.
pub(super) fn slow(label: &str, steps: u32, step_ms: u64) -> Value {
    json!({ "tool": "slow", "arguments": { "label": label, "steps": steps, "step_ms": step_ms } })
}

/// Adds something to a call: `cue`, `anew`, `cancel` or `max_ms`.
pub(super) fn with(mut call: Value, key: &str, value: impl Into<Value>) -> Value {
    call[key] = value.into();
    call
}
