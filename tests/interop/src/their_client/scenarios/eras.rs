//! Which revision is spoken, and what there is.

use anyhow::{Result, ensure};
use mcp_sansio_tokio::Era;
use serde_json::json;

use super::basics::{echo, slow};
use crate::suite::Asked;
use crate::their_client::inspector;
use crate::their_client::server::NAME;
use crate::their_client::stage::{Stage, text};

/// The tools that our server offers.
const TOOLS: [&str; 8] = [
    "add", "ask", "drop", "echo", "fail", "mirror", "notify", "slow",
];

/// The handshake, and the lists of what there is.
pub(super) async fn look(stage: &mut Stage) -> Result<()> {
    if stage.is_inspected() {
        return inspector::look(stage, &TOOLS).await;
    }
    let saw = stage.play(json!({ "play": "look" })).await?;
    ensure!(saw["version"] == newest(stage.way.spoken()), "it saw {saw}");
    // A client that asks for the modern era need not ask who the server is.
    let is_unasked = stage.way.asked == Asked::Modern && saw["server"].is_null();
    ensure!(saw["server"] == NAME || is_unasked, "it saw {saw}");
    ensure!(saw["tools"] == json!(TOOLS), "it saw {saw}");
    ensure!(
        saw["resources"] == json!(["test://greeting"]),
        "it saw {saw}"
    );
    ensure!(saw["prompts"] == json!(["greet"]), "it saw {saw}");
    Ok(())
}

/// The older revisions of the protocol.
pub(super) async fn revisions(stage: &mut Stage) -> Result<()> {
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

/// A server that speaks the legacy era only.
pub(super) async fn legacy_server(stage: &mut Stage) -> Result<()> {
    meets(stage, Era::Legacy, Asked::Modern).await
}

/// A server that speaks the modern era only.
pub(super) async fn modern_server(stage: &mut Stage) -> Result<()> {
    meets(stage, Era::Modern, Asked::Legacy).await
}

/// A server of one era: clients find it, and one that asks for the `other` era is told which there is.
async fn meets(stage: &mut Stage, only: Era, other: Asked) -> Result<()> {
    stage.replace(Some(only), None).await?;
    if stage.way.asked == other {
        let refused = if stage.is_inspected() {
            inspector::list(stage, &TOOLS).await.err()
        } else {
            stage.play(json!({ "play": "look" })).await.err()
        };
        ensure!(refused.is_some(), "the client speaks the other era");
        let told = stage.proxy.brought(newest(only));
        ensure!(told > 0, "the client was not told which versions there are");
        return Ok(());
    }
    if stage.is_inspected() {
        return inspector::list(stage, &TOOLS).await;
    }
    let saw = stage.play(json!({ "play": "look" })).await?;
    ensure!(saw["version"] == newest(only), "it saw {saw}");
    ensure!(saw["tools"] == json!(TOOLS), "it saw {saw}");
    Ok(())
}

fn newest(era: Era) -> &'static str {
    match era {
        Era::Legacy => "2025-11-25",
        Era::Modern => "2026-07-28",
    }
}
