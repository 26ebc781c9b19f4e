//! Requests and their answers.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::their_client::inspector;
use crate::their_client::stage::{Stage, text};

/// A resource and a prompt.
pub(super) async fn read(stage: &mut Stage) -> Result<()> {
    if stage.is_inspected() {
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

/// Calls, small and large, and a tool that fails.
pub(super) async fn calls(stage: &mut Stage) -> Result<()> {
    if stage.is_inspected() {
        return inspector::calls(stage).await;
    }
    let odd = "line\nbreak\r\n\r\ndata: x \u{2028} \u{1f980} \"quoted\" \\ \0";
    // One of the SDKs reads no event that is longer than 1 MiB.
    let large = "x".repeat(1_000_000);
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

/// A ping.
pub(super) async fn ping(stage: &mut Stage) -> Result<()> {
    stage.play(json!({ "play": "ping" })).await?;
    Ok(())
}

/// A tool that the server does not have.
pub(super) async fn unknown_tool(stage: &mut Stage) -> Result<()> {
    let call = json!({ "tool": "no-such-tool", "arguments": {} });
    let saw = stage
        .play(json!({ "play": "calls", "calls": [call] }))
        .await?;
    let code = &saw["answers"][0]["error"]["code"];
    ensure!(*code == -32602, "it saw {saw}");
    Ok(())
}

/// A method that the server does not have.
pub(super) async fn unknown_method(stage: &mut Stage) -> Result<()> {
    let task = json!({ "play": "request", "method": "no/such/method" });
    let saw = stage.play(task).await?;
    let error = &saw["answer"]["error"];
    // In the modern era its status is 404, which one SDK tells instead, with the answer in its message.
    let message = error["message"].as_str().unwrap_or_default();
    let is_told = error["code"] == -32601 || message.contains("-32601");
    ensure!(is_told, "it saw {saw}");
    Ok(())
}

/// Twenty calls at once.
pub(super) async fn concurrent(stage: &mut Stage) -> Result<()> {
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

/// A call whose headers repeat some of its arguments.
pub(super) async fn mirror(stage: &mut Stage) -> Result<()> {
    let region = "Z\u{fc}rich \u{1f980}";
    if stage.is_inspected() {
        inspector::mirror(stage, region).await?;
    } else {
        let arguments = json!({ "region": region, "level": 7, "plain": "as it is" });
        let call = json!({ "tool": "mirror", "arguments": arguments });
        // A client knows which arguments it must repeat when it has listed the tools.
        let task = json!({ "play": "calls", "list": true, "calls": [call] });
        let saw = stage.play(task).await?;
        let answer = text(&saw, 0)?;
        ensure!(answer == format!("{region} 7 as it is"), "it saw {saw}");
    }
    let repeated = stage
        .proxy
        .sent_header("mcp-param-region", "=?base64?WsO8cmljaCDwn6aA?=");
    ensure!(repeated == 1, "the argument was not repeated");
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
