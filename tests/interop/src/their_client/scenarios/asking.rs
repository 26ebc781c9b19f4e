//! What our server asks the client for in the midst of a call.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::their_client::stage::{Stage, text};

/// What the clients answer.
const ANSWER: &str = "forty-two";
const ROOT: &str = "file:///forty-two";

/// The server samples on the stream of a call.
pub(super) async fn sample_on_call(stage: &mut Stage) -> Result<()> {
    ask(stage, "call", "sampling", ANSWER).await
}

/// The server samples on the standalone stream.
pub(super) async fn sample_standalone(stage: &mut Stage) -> Result<()> {
    ask(stage, "standalone", "sampling", ANSWER).await
}

/// The server elicits on the stream of a call.
pub(super) async fn elicit_on_call(stage: &mut Stage) -> Result<()> {
    ask(stage, "call", "elicitation", ANSWER).await
}

/// The server elicits on the standalone stream.
pub(super) async fn elicit_standalone(stage: &mut Stage) -> Result<()> {
    ask(stage, "standalone", "elicitation", ANSWER).await
}

/// A result that samples.
pub(super) async fn sample(stage: &mut Stage) -> Result<()> {
    ask(stage, "call", "sampling", ANSWER).await
}

/// A result that elicits.
pub(super) async fn elicit(stage: &mut Stage) -> Result<()> {
    ask(stage, "call", "elicitation", ANSWER).await
}

/// A result that asks for the client's roots.
pub(super) async fn roots(stage: &mut Stage) -> Result<()> {
    ask(stage, "call", "roots", ROOT).await
}

/// A result that asks for three things at once, with a state that does not survive a change of encoding.
pub(super) async fn all(stage: &mut Stage) -> Result<()> {
    let expected = format!("{ANSWER} {ANSWER} {ROOT}");
    ask(stage, "call", "all", &expected).await
}

/// Results that ask one after the other, and one that has a state only.
pub(super) async fn rounds(stage: &mut Stage) -> Result<()> {
    let expected = format!("three two {ANSWER} {ANSWER}");
    ask(stage, "call", "rounds", &expected).await
}

/// A resource and a prompt that ask.
pub(super) async fn on_read(stage: &mut Stage) -> Result<()> {
    let task = json!({ "play": "read", "uri": "test://ask", "prompt": "ask", "arguments": {} });
    let saw = stage.play(task).await?;
    ensure!(saw["resource"] == ANSWER, "it saw {saw}");
    ensure!(saw["prompt"] == ANSWER, "it saw {saw}");
    Ok(())
}

async fn ask(stage: &mut Stage, via: &str, kind: &str, expected: &str) -> Result<()> {
    let call = json!({ "tool": "ask", "arguments": { "via": via, "kind": kind } });
    // Twice, for the second finds everything as the first left it.
    let saw = stage
        .play(json!({ "play": "calls", "calls": [call, call] }))
        .await?;
    for number in 0..2 {
        let answer = text(&saw, number)?;
        ensure!(
            answer == expected,
            "the server got {answer:?} for an answer"
        );
    }
    Ok(())
}
