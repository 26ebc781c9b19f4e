//! Listen streams.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::their_client::stage::Stage;

/// How long a shut-down may take beyond its grace.
const PATIENCE: Duration = Duration::from_secs(30);

const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const UPDATED: &str = "notifications/resources/updated";
const RESOURCE: &str = "test://greeting";

/// A filter, and what the client hears of all that changes, until the server shuts down.
pub(super) async fn listen(stage: &mut Stage) -> Result<()> {
    is_listening(stage, false).await?;
    for (method, params) in [
        (PROMPTS, None),
        (UPDATED, Some(json!({ "uri": "test://other" }))),
        (TOOLS, None),
        (UPDATED, Some(json!({ "uri": RESOURCE }))),
    ] {
        stage.server.handle().notify_all(method, params);
    }
    stage.hears("heard").await?;
    stage.hears("heard").await?;
    ends(stage).await?;
    let saw = stage.saw().await?;
    let expected = json!([[TOOLS, null], [UPDATED, RESOURCE]]);
    ensure!(saw["heard"] == expected, "it saw {saw}");
    ensure!(saw["end"] == "graceful", "it saw {saw}");
    Ok(())
}

/// The server shuts down, and says so.
pub(super) async fn ended(stage: &mut Stage) -> Result<()> {
    is_listening(stage, false).await?;
    ends(stage).await?;
    let saw = stage.saw().await?;
    ensure!(saw["end"] == "graceful", "it saw {saw}");
    Ok(())
}

/// The network resets the connection of the stream.
pub(super) async fn lost(stage: &mut Stage) -> Result<()> {
    is_listening(stage, false).await?;
    stage.proxy.cut();
    let saw = stage.saw().await?;
    ensure!(saw["end"] == "remote", "it saw {saw}");
    Ok(())
}

/// The client is not interested any more.
pub(super) async fn unlisten(stage: &mut Stage) -> Result<()> {
    is_listening(stage, true).await?;
    stage.waiting().await?;
    stage.cue().await?;
    let saw = stage.saw().await?;
    ensure!(saw["end"] == "local", "it saw {saw}");
    Ok(())
}

/// The client listens to changes of the tools and of a resource, and of no more; until its cue, if it is to
/// `close` the stream.
async fn is_listening(stage: &mut Stage, close: bool) -> Result<()> {
    let filter = json!({ "toolsListChanged": true, "resourceSubscriptions": [RESOURCE] });
    let task = json!({ "play": "listen", "filter": filter, "close": close });
    stage.begin(task).await?;
    let told: Value = stage.hears("listening").await?;
    ensure!(told["filter"] == filter, "it hears of {told}");
    Ok(())
}

async fn ends(stage: &Stage) -> Result<()> {
    let down = stage.server.handle().shut_down(Duration::from_secs(1));
    let down = tokio::time::timeout(PATIENCE, down).await;
    down.context("the server was not down in time")
}
