//! Requests and their answers.

use anyhow::{Result, bail, ensure};
use futures_util::future::try_join_all;
use mcp_sansio_tokio::CallError;
use serde_json::json;

use crate::our_client::peers::UnknownTool;
use crate::our_client::stage::{Stage, call, echoes, finish, told};

/// A resource and a prompt.
pub(super) async fn read(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let request = async |method, params| client.request(method, params).await.map_err(told);
    let listed = request("resources/list", json!({})).await?;
    ensure!(
        listed["resources"][0]["uri"] == "test://greeting",
        "the resources are {listed}"
    );
    let read = request("resources/read", json!({ "uri": "test://greeting" })).await?;
    ensure!(
        read["contents"][0]["text"] == "good day",
        "the resource is {read}"
    );
    let listed = request("prompts/list", json!({})).await?;
    ensure!(
        listed["prompts"][0]["name"] == "greet",
        "the prompts are {listed}"
    );
    let params = json!({ "name": "greet", "arguments": { "name": "everybody" } });
    let prompt = request("prompts/get", params).await?;
    ensure!(
        prompt["messages"][0]["content"]["text"] == "Greet everybody.",
        "the prompt is {prompt}"
    );
    finish(client).await
}

/// Calls, small and large, and a tool that fails.
pub(super) async fn calls(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let odd = "line\nbreak\r\n\r\ndata: x \u{2028} \u{1f980} \"quoted\" \\ \0";
    echoes(&client, odd).await?;
    let text = call(&client, "add", json!({ "a": 40, "b": 2 })).await?;
    ensure!(text == "42", "add answered {text:?}");
    let large = "x".repeat(3_000_000);
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

/// Whether the peer is there.
pub(super) async fn ping(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    client.ping().await.map_err(told)?;
    finish(client).await
}

/// A tool that the peer does not have.
pub(super) async fn unknown_tool(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let answer = client.call_tool("no-such-tool", json!({})).await;
    match (stage.way.peer.unknown_tool, answer) {
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

/// A method that the peer does not have.
pub(super) async fn unknown_method(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    match client.request("no/such/method", json!({})).await {
        Err(CallError::Peer(error)) => ensure!(error.code == -32601, "the peer answered {error}"),
        Err(error) => return Err(told(error)),
        Ok(result) => bail!("the peer answered {result}"),
    }
    // Nothing has suffered.
    echoes(&client, "still there").await?;
    finish(client).await
}

/// Twenty calls at once.
pub(super) async fn concurrent(stage: &mut Stage) -> Result<()> {
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
            echoes(client, &text).await
        }
    };
    try_join_all((0..20).map(one)).await?;
    finish(client).await
}
