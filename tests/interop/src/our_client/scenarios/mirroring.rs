//! Arguments of a call that its headers repeat.

use anyhow::{Result, ensure};
use mcp_sansio_tokio::Client;
use serde_json::json;

use crate::our_client::stage::{Stage, call, finish, told};

/// A call of a tool whose schema the client has seen.
pub(super) async fn mirror(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    client.list_tools().await.map_err(told)?;
    is_mirrored(stage, &client).await?;
    ensure!(
        stage.proxy.sent("mcp-name: mirror") == 1,
        "the call was sent more than once"
    );
    finish(client).await
}

/// A call of a tool whose schema the client has not seen: the peer refuses it, and the client finds out.
pub(super) async fn unlisted(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    is_mirrored(stage, &client).await?;
    ensure!(
        stage.proxy.sent(r#""method":"tools/list""#) > 0,
        "the tools were not listed"
    );
    ensure!(
        stage.proxy.sent("mcp-name: mirror") == 2,
        "the call was not sent twice"
    );
    finish(client).await
}

async fn is_mirrored(stage: &Stage, client: &Client) -> Result<()> {
    let region = "Z\u{fc}rich \u{1f980}";
    let arguments = json!({ "region": region, "level": 7, "plain": "as it is" });
    let text = call(client, "mirror", arguments).await?;
    ensure!(
        text == format!("{region} 7 as it is"),
        "mirror answered {text:?}"
    );
    // A text that a header cannot carry goes encoded, a number as it is.
    for header in [
        "mcp-param-region: =?base64?WsO8cmljaCDwn6aA?=",
        "mcp-param-level: 7",
    ] {
        ensure!(
            stage.proxy.sent(header) == 1,
            "the header {header:?} is not there"
        );
    }
    let unmarked = stage.proxy.sent("mcp-param-plain");
    ensure!(unmarked == 0, "an argument without a mark was mirrored");
    Ok(())
}
