//! A listen stream.

use anyhow::{Context as _, Result};
use rmcp::model::{ServerNotification, SubscriptionFilter};
use rmcp::service::SubscriptionEnd;
use serde_json::{Value, json};

use crate::{Stage, report};

/// Hears of changes until the stream ends, or until the cue where the task says to `close`.
pub(crate) async fn listen(stage: &Stage<'_>) -> Result<Value> {
    let client = stage.connect().await?;
    let filter: SubscriptionFilter = serde_json::from_value(stage.task["filter"].clone())?;
    let mut subscription = client.listen(filter).await?;
    report(&json!({ "event": "listening", "filter": subscription.acknowledged() }));
    let mut heard = Vec::new();
    if stage.task["close"] == true {
        stage.cue().await?;
        subscription.cancel().await?;
    }
    while let Some(notification) = subscription.next().await? {
        let (method, uri) = change(&notification).context("no change of anything")?;
        report(&json!({ "event": "heard", "label": method }));
        heard.push(json!([method, uri]));
    }
    let end = match subscription.end() {
        Some(SubscriptionEnd::Graceful(_)) => "graceful",
        Some(SubscriptionEnd::Cancelled) => "local",
        _ => "remote",
    };
    Ok(json!({ "heard": heard, "end": end }))
}

/// The method of a notification of a change, and the URI of what has changed.
fn change(notification: &ServerNotification) -> Option<(&'static str, Option<&str>)> {
    Some(match notification {
        ServerNotification::ToolListChangedNotification(_) => {
            ("notifications/tools/list_changed", None)
        }
        ServerNotification::PromptListChangedNotification(_) => {
            ("notifications/prompts/list_changed", None)
        }
        ServerNotification::ResourceListChangedNotification(_) => {
            ("notifications/resources/list_changed", None)
        }
        ServerNotification::ResourceUpdatedNotification(updated) => {
            ("notifications/resources/updated", Some(&updated.params.uri))
        }
        _ => return None,
    })
}
