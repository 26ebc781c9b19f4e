//! Requests and their answers.

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use mcp_sansio_tokio::{CallError, Version};
use serde_json::json;

use crate::our_client::peers::UnknownTool;
use crate::our_client::stage::{Stage, call, finish, told};

/// The tools that every peer offers.
const TOOLS: [&str; 7] = ["add", "ask", "drop", "echo", "fail", "notify", "slow"];

pub(super) async fn handshake(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    let known = client
        .known()
        .context("connected, but no session is known")?;
    ensure!(
        known.version == Version::V2025_11_25,
        "{} was negotiated",
        known.version
    );
    ensure!(
        known.session.is_some() == stage.mode.sessions,
        "the session id is {:?}",
        known.session
    );
    let tools = client.list_tools().await.map_err(told)?;
    let mut names: Vec<_> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    names.sort_unstable();
    ensure!(names == TOOLS, "the tools are {names:?}");
    finish(client).await
}

pub(super) async fn revisions(stage: &mut Stage<'_>) -> Result<()> {
    for version in [
        Version::V2025_06_18,
        Version::V2025_03_26,
        Version::V2024_11_05,
    ] {
        let builder = stage.builder().configure(|config| {
            config.versions = Version::V2024_11_05..=version;
        });
        let client = builder.connect().await.map_err(told).context(version)?;
        let known = client
            .known()
            .context("connected, but no session is known")?;
        ensure!(
            known.version == version,
            "{} was negotiated instead of {version}",
            known.version
        );
        let text = call(&client, "echo", json!({ "text": "old" }))
            .await
            .context(version)?;
        ensure!(text == "old", "echo answered {text:?}");
        finish(client).await?;
    }
    Ok(())
}

pub(super) async fn calls(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    let odd = "line\nbreak\r\n\r\ndata: x \u{2028} \u{1f980} \"quoted\" \\ \0";
    let text = call(&client, "echo", json!({ "text": odd })).await?;
    ensure!(text == odd, "echo answered {text:?}");
    let text = call(&client, "add", json!({ "a": 40, "b": 2 })).await?;
    ensure!(text == "42", "add answered {text:?}");
    let large = "x".repeat(300_000);
    let text = call(&client, "echo", json!({ "text": large })).await?;
    ensure!(
        text == large,
        "echo answered {} bytes instead of {}",
        text.len(),
        large.len()
    );
    // That a tool fails is a result like others.
    let result = client.call_tool("fail", json!({})).await.map_err(told)?;
    ensure!(result["isError"] == true, "fail answered {result}");
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    ensure!(text.contains("failed on purpose"), "fail answered {result}");
    finish(client).await
}

pub(super) async fn ping(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    client.ping().await.map_err(told)?;
    finish(client).await
}

pub(super) async fn unknown_tool(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    let answer = client.call_tool("no-such-tool", json!({})).await;
    match (stage.mode.unknown_tool, answer) {
        (UnknownTool::Error, Err(CallError::Peer(error))) => {
            ensure!(error.code == -32602, "the peer answered {error}");
        }
        (UnknownTool::FailedResult, Ok(result)) => {
            ensure!(result["isError"] == true, "the peer answered {result}");
        }
        (_, Ok(result)) => bail!("the peer answered {result}"),
        (_, Err(error)) => return Err(told(error)),
    }
    finish(client).await
}

pub(super) async fn unknown_method(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    match client.request("no/such/method", json!({})).await {
        Err(CallError::Peer(error)) => ensure!(error.code == -32601, "the peer answered {error}"),
        Err(error) => return Err(told(error)),
        Ok(result) => bail!("the peer answered {result}"),
    }
    // The session has not suffered.
    call(&client, "echo", json!({ "text": "still there" })).await?;
    finish(client).await
}

pub(super) async fn concurrent(stage: &mut Stage<'_>) -> Result<()> {
    let client = stage.connect().await?;
    let one = |number: usize| {
        let client = &client;
        async move {
            let text = format!("call {number}");
            // Of different lengths, so that they do not end in the order in which they began.
            let arguments = json!({ "label": text, "steps": 1, "step_ms": (number * 37) % 200 });
            let answer = call(client, "slow", arguments).await?;
            ensure!(
                answer == format!("{text} done"),
                "{text} was answered {answer:?}"
            );
            let answer = call(client, "echo", json!({ "text": text })).await?;
            ensure!(answer == text, "{text} was answered {answer:?}");
            Ok(())
        }
    };
    try_join_all((0..20).map(one)).await?;
    finish(client).await
}
