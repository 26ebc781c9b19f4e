//! What a peer asks the client for in the midst of a call.

use anyhow::{Result, bail, ensure};
use mcp_sansio_tokio::{CallError, Client, FailureKind, Identity, RpcError};
use serde_json::{Value, json};

use crate::our_client::stage::{ANSWERED, ROOT, Stage, call, finish, told};

/// A request of the peer on the stream of a call.
pub(super) async fn on_call(stage: &mut Stage) -> Result<()> {
    // Without a standalone stream there is only the call's own for the question to come on.
    let builder = stage
        .builder()
        .configure(|config| config.standalone = false);
    let client = builder.connect().await.map_err(told)?;
    let text = call(&client, "ask", json!({ "via": "call" })).await?;
    ensure!(text == ANSWERED, "the peer got {text:?} for an answer");
    finish(client).await
}

/// A request of the peer on the standalone stream.
pub(super) async fn standalone(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    stage.proxy.standalone_streams(1).await?;
    let text = call(&client, "ask", json!({ "via": "standalone" })).await?;
    ensure!(text == ANSWERED, "the peer got {text:?} for an answer");
    finish(client).await
}

/// A result that samples.
pub(super) async fn sample(stage: &mut Stage) -> Result<()> {
    by_result(stage, "sampling", 2, ANSWERED).await
}

/// A result that elicits.
pub(super) async fn elicit(stage: &mut Stage) -> Result<()> {
    by_result(stage, "elicitation", 2, ANSWERED).await
}

/// A result that asks for the client's roots.
pub(super) async fn roots(stage: &mut Stage) -> Result<()> {
    by_result(stage, "roots", 2, ROOT).await
}

/// A result that asks for three things at once, with a state that does not survive a change of encoding.
pub(super) async fn all(stage: &mut Stage) -> Result<()> {
    let expected = format!("{ANSWERED} {ANSWERED} {ROOT}");
    by_result(stage, "all", 2, &expected).await
}

/// Results that ask one after the other, and one that has a state only.
pub(super) async fn rounds(stage: &mut Stage) -> Result<()> {
    let expected = format!("three two {ANSWERED} {ANSWERED}");
    by_result(stage, "rounds", 4, &expected).await
}

/// A result that elicits, of a client whose application does not want to answer.
pub(super) async fn refused(stage: &mut Stage) -> Result<()> {
    let builder = stage
        .builder()
        .on_request(|_| async { Err::<Value, _>(RpcError::new(-1, "not now")) });
    let client = builder.connect().await.map_err(told)?;
    match call_elicits(&client).await {
        Err(CallError::Failed(failure)) => ensure!(
            failure.kind == FailureKind::Cancelled,
            "it failed otherwise: {failure:#}"
        ),
        other => bail!("the call ended otherwise: {other:?}"),
    }
    finish(client).await
}

/// A result that elicits, though the client does not say that it can: most peers say so instead, and what others
/// send is no answer.
pub(super) async fn undeclared(stage: &mut Stage) -> Result<()> {
    let builder = stage.builder().identity(Identity::new("mute", "1"));
    let client = builder.connect().await.map_err(told)?;
    match call_elicits(&client).await {
        Err(CallError::Peer(error)) => ensure!(error.code == -32021, "the peer answered {error}"),
        Err(CallError::Failed(failure)) => ensure!(
            failure.kind == FailureKind::BadAnswer,
            "it failed otherwise: {failure:#}"
        ),
        other => bail!("the call ended otherwise: {other:?}"),
    }
    finish(client).await
}

async fn call_elicits(client: &Client) -> Result<Value, CallError> {
    let arguments = json!({ "via": "call", "kind": "elicitation" });
    client.call_tool("ask", arguments).await
}

/// Calls a tool that asks, and checks what it answers after so many requests.
async fn by_result(stage: &mut Stage, kind: &str, requests: usize, expected: &str) -> Result<()> {
    let client = stage.connect().await?;
    let text = call(&client, "ask", json!({ "via": "call", "kind": kind })).await?;
    // Where nothing was said the peer has words of its own for it.
    ensure!(
        text.starts_with(expected),
        "the peer got {text:?} for an answer"
    );
    let sent = stage.proxy.sent(r#""name":"ask""#);
    ensure!(sent == requests, "the call took {sent} requests");
    finish(client).await
}
