//! Listen streams.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use mcp_sansio_tokio::{Client, FailureKind, Filter, Outcome, Subscription, SubscriptionEvent};
use serde_json::{Value, json};

use crate::our_client::stage::{Stage, echoes, finish, told};

/// How long something may take that is sure to come.
const PATIENCE: Duration = Duration::from_secs(60);

const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const UPDATED: &str = "notifications/resources/updated";
const RESOURCE: &str = "test://greeting";

/// Two streams at once, each with its own filter.
pub(super) async fn listen(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let mut first = client.listen(Filter::default().tools().resource(RESOURCE));
    let filter = json!({ "toolsListChanged": true, "resourceSubscriptions": [RESOURCE] });
    is_opened(&mut first, &filter).await?;
    let mut second = client.listen(Filter::default().prompts());
    is_opened(&mut second, &json!({ "promptsListChanged": true })).await?;
    for order in [
        json!({ "change": "prompts" }),
        json!({ "change": "resources" }),
        json!({ "update": "test://other" }),
        json!({ "change": "tools" }),
        json!({ "update": RESOURCE }),
        json!({ "change": "prompts" }),
    ] {
        stage.process.tell(&order).await?;
    }
    // What is not asked for would have come before.
    is_told(&mut first, TOOLS).await?;
    let params = is_told(&mut first, UPDATED).await?;
    ensure!(params["uri"] == RESOURCE, "its params were {params}");
    is_told(&mut second, PROMPTS).await?;
    is_told(&mut second, PROMPTS).await?;
    echoes(&client, "beside it").await?;
    drop((first, second));
    finish(client).await
}

/// In a legacy session there are no such streams.
pub(super) async fn unknown(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let mut subscription = client.listen(Filter::default().tools());
    match next(&mut subscription).await? {
        SubscriptionEvent::Ended(Outcome::Failed(failure)) => ensure!(
            failure.kind == FailureKind::Undeliverable,
            "it failed otherwise: {failure:#}"
        ),
        other => bail!("it was {other:?} instead of the end"),
    }
    let listens = stage.proxy.sent("subscriptions/listen");
    ensure!(listens == 0, "the peer was asked for it all the same");
    finish(client).await
}

/// The peer ends the stream in its own time.
pub(super) async fn ended(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let mut subscription = opened(&client).await?;
    stage.process.tell(&json!("end")).await?;
    match next(&mut subscription).await? {
        SubscriptionEvent::Ended(Outcome::Result(_)) => {}
        other => bail!("it was {other:?} instead of the end"),
    }
    let after = subscription.next().await;
    ensure!(after.is_none(), "after the end came {after:?}");
    let listens = stage.proxy.sent(r#""method":"subscriptions/listen""#);
    ensure!(listens == 1, "it was opened {listens} times");
    finish(client).await?;
    // Some peers end with their streams.
    stage.restart().await
}

/// The network resets the connection of the stream.
pub(super) async fn cut(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let mut subscription = opened(&client).await?;
    for _ in 0..2 {
        stage.proxy.cut();
        is_opened_again(&mut subscription).await?;
        stage.process.tell(&json!({ "change": "tools" })).await?;
        is_told(&mut subscription, TOOLS).await?;
    }
    drop(subscription);
    finish(client).await
}

/// The peer dies and comes back.
pub(super) async fn restart(stage: &mut Stage) -> Result<()> {
    // How patient the client is with a peer that starts slowly is not what this is about.
    let builder = stage
        .builder()
        .configure(|config| config.limits.reconnects = u32::MAX);
    let client = builder.connect().await.map_err(told)?;
    let mut subscription = opened(&client).await?;
    stage.restart().await?;
    is_opened_again(&mut subscription).await?;
    stage.process.tell(&json!({ "change": "tools" })).await?;
    is_told(&mut subscription, TOOLS).await?;
    drop(subscription);
    finish(client).await
}

/// The client is not interested any more.
pub(super) async fn unlisten(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    drop(opened(&client).await?);
    let closing = async {
        while !client.inspect().exchanges.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let closed = tokio::time::timeout(PATIENCE, closing).await;
    closed.context("the stream is still open")?;
    // For the peer there is nobody to tell any more.
    stage.process.tell(&json!({ "change": "tools" })).await?;
    echoes(&client, "still there").await?;
    finish(client).await
}

/// A stream that is open, for changes of the tools.
async fn opened(client: &Client) -> Result<Subscription> {
    let mut subscription = client.listen(Filter::default().tools());
    is_opened(&mut subscription, &json!({ "toolsListChanged": true })).await?;
    Ok(subscription)
}

async fn is_opened(subscription: &mut Subscription, filter: &Value) -> Result<()> {
    match next(subscription).await? {
        SubscriptionEvent::Opened(accepted) => {
            ensure!(accepted == *filter, "the peer listens to {accepted}");
            Ok(())
        }
        other => bail!("it was {other:?} instead of the acknowledgement"),
    }
}

/// It is lost, as often as it takes, and open again.
async fn is_opened_again(subscription: &mut Subscription) -> Result<()> {
    let mut gaps = 0;
    loop {
        match next(subscription).await? {
            SubscriptionEvent::Gap => gaps += 1,
            SubscriptionEvent::Opened(_) => break,
            other => bail!("it was {other:?} instead of a gap"),
        }
    }
    ensure!(gaps > 0, "it is open, but was not lost");
    Ok(())
}

/// The next change is one of this kind. Gives what is said of it.
async fn is_told(subscription: &mut Subscription, method: &str) -> Result<Value> {
    match next(subscription).await? {
        SubscriptionEvent::Notification(told) if told.method == method => {
            let params = told.params.context("nothing says whose stream it is on")?;
            Ok(serde_json::from_slice(&params)?)
        }
        other => bail!("it was {other:?} instead of {method}"),
    }
}

async fn next(subscription: &mut Subscription) -> Result<SubscriptionEvent> {
    let event = tokio::time::timeout(PATIENCE, subscription.next()).await;
    let event = event.context("nothing came on the stream in time")?;
    event.context("the stream has ended")
}
