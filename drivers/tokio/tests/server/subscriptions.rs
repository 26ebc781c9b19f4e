//! Subscriptions, from our own client to our own service.

use std::time::Duration;

use mcp_sansio_tokio::server::{Builder, Service};
use mcp_sansio_tokio::{
    Client, FailureKind, Filter, Identity, Outcome, Subscription, SubscriptionEvent, Version,
};
use serde_json::{Value, json};

use crate::support::{Site, soon, until};

const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const UPDATED: &str = "notifications/resources/updated";

fn builder() -> Builder {
    let mut identity = Identity::new("changing", "1.0");
    identity.capabilities =
        r#"{"tools":{"listChanged":true},"resources":{"subscribe":true}}"#.into();
    Service::builder(identity)
}

async fn site() -> Site {
    Site::axum(builder().serve(|_| async { Ok(json!({})) }).unwrap()).await
}

async fn next(subscription: &mut Subscription) -> SubscriptionEvent {
    soon(subscription.next()).await.expect("it is not over")
}

async fn opened(subscription: &mut Subscription) -> Value {
    match next(subscription).await {
        SubscriptionEvent::Opened(filter) => filter,
        other => panic!("{other:?}"),
    }
}

async fn notified(subscription: &mut Subscription) -> (String, Value) {
    match next(subscription).await {
        SubscriptionEvent::Notification(notification) => {
            let params = notification.params.unwrap_or_else(|| "null".into());
            let params = serde_json::from_slice(&params).unwrap();
            (notification.method.into_owned(), params)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_subscription_brings_what_it_asks_for_and_nothing_else() {
    let site = site().await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let mut tools = client.listen(Filter::default().tools().prompts());
    // The service offers no changes of prompts.
    assert_eq!(opened(&mut tools).await, json!({"toolsListChanged": true}));
    let mut note = client.listen(json!({"resourceSubscriptions": ["file:///a"]}));
    let filter = json!({"resourceSubscriptions": ["file:///a"]});
    assert_eq!(opened(&mut note).await, filter);

    site.handle.notify_all(PROMPTS, None);
    site.handle
        .notify_all(UPDATED, Some(json!({"uri": "file:///b"})));
    site.handle.notify_all(TOOLS, None);
    site.handle
        .notify_all(UPDATED, Some(json!({"uri": "file:///a"})));
    let (method, _) = notified(&mut tools).await;
    assert_eq!(method, TOOLS);
    let (method, params) = notified(&mut note).await;
    assert_eq!(method, UPDATED);
    assert_eq!(params["uri"], "file:///a");
    soon(client.close()).await;
}

#[tokio::test]
async fn dropping_it_ends_it() {
    let site = site().await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let mut subscription = client.listen(Filter::default().tools());
    opened(&mut subscription).await;
    assert_eq!(site.handle.inspect().exchanges.len(), 1);
    drop(subscription);
    until(|| site.handle.inspect().exchanges.is_empty()).await;
    until(|| client.inspect().exchanges.is_empty()).await;
    soon(client.close()).await;
}

#[tokio::test]
async fn it_keeps_its_client_open_and_ends_with_it() {
    let site = site().await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let mut subscription = client.listen(Filter::default().tools());
    opened(&mut subscription).await;
    let other = client.clone();
    drop(client);
    site.handle.notify_all(TOOLS, None);
    notified(&mut subscription).await;
    soon(other.close()).await;
    for mut subscription in [subscription, other.listen(Filter::default().tools())] {
        let SubscriptionEvent::Ended(Outcome::Failed(failure)) = next(&mut subscription).await
        else {
            panic!("the client is closed");
        };
        assert_eq!(failure.kind, FailureKind::Closed);
        assert_eq!(soon(subscription.next()).await, None);
    }
}

#[tokio::test]
async fn a_server_that_shuts_down_ends_it_gracefully() {
    let site = site().await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let mut subscription = client.listen(Filter::default().tools());
    opened(&mut subscription).await;
    site.handle.notify_all(TOOLS, None);
    soon(site.handle.shut_down(Duration::from_secs(10))).await;
    let (method, _) = notified(&mut subscription).await;
    assert_eq!(method, TOOLS);
    let end = next(&mut subscription).await;
    assert!(
        matches!(end, SubscriptionEvent::Ended(Outcome::Result(_))),
        "{end:?}"
    );
    assert_eq!(soon(subscription.next()).await, None);
    soon(client.close()).await;
}

#[tokio::test]
async fn a_session_has_none() {
    let site = site().await;
    let client = Client::builder(site.url())
        .configure(|config| config.versions = Version::V2024_11_05..=Version::V2025_11_25);
    let client = soon(client.connect()).await.unwrap();
    let mut subscription = client.listen(Filter::default().tools());
    let SubscriptionEvent::Ended(Outcome::Failed(failure)) = next(&mut subscription).await else {
        panic!("there are no subscriptions in a session");
    };
    assert_eq!(failure.kind, FailureKind::Undeliverable);
    assert_eq!(soon(subscription.next()).await, None);
    soon(client.close()).await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_delays_no_outcome_and_not_the_end() {
    let site = site().await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let mut subscription = client.listen(Filter::default().resource("file:///a"));
    opened(&mut subscription).await;
    for n in 0..200 {
        let params = json!({"uri": "file:///a", "n": n});
        site.handle.notify_all(UPDATED, Some(params));
    }
    until(|| client.inspect().bytes > 0).await;
    soon(client.call_tool("any", json!({}))).await.unwrap();
    soon(site.handle.shut_down(Duration::from_secs(10))).await;
    // What had come into its queue is there, in order; then the end, which waited for nobody.
    let mut read = 0;
    let end = loop {
        match next(&mut subscription).await {
            SubscriptionEvent::Notification(notification) => {
                let params = notification.params.unwrap();
                let params: Value = serde_json::from_slice(&params).unwrap();
                assert_eq!(params["n"], read);
                read += 1;
            }
            other => break other,
        }
    };
    assert!(read >= 64, "{read}");
    assert!(matches!(end, SubscriptionEvent::Ended(_)), "{end:?}");
    soon(client.close()).await;
}

#[tokio::test]
async fn reading_makes_room_for_what_waits_in_the_machine() {
    let site = site().await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let mut subscription = client.listen(Filter::default().resource("file:///a"));
    opened(&mut subscription).await;
    for n in 0..200 {
        let params = json!({"uri": "file:///a", "n": n});
        site.handle.notify_all(UPDATED, Some(params));
    }
    until(|| client.inspect().bytes > 0).await;
    for n in 0..200 {
        let (_, params) = notified(&mut subscription).await;
        assert_eq!(params["n"], n);
    }
    soon(client.close()).await;
}

/// Subscriptions come and go on many threads, read and unread, while all is told to all.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_that_come_and_go_leave_nothing_behind() {
    let site = site().await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let listeners = (0..8).map(|listener| {
        let (client, handle) = (client.clone(), site.handle.clone());
        tokio::spawn(async move {
            for turn in 0..20 {
                let mut subscription = client.listen(Filter::default().tools());
                opened(&mut subscription).await;
                handle.notify_all(TOOLS, None);
                if (listener + turn) % 2 == 0 {
                    notified(&mut subscription).await;
                }
            }
        })
    });
    for listener in listeners.collect::<Vec<_>>() {
        soon(listener).await.unwrap();
    }
    until(|| client.inspect().exchanges.is_empty()).await;
    until(|| site.handle.inspect().exchanges.is_empty()).await;
    // The room that they took is there again.
    let mut subscription = client.listen(Filter::default().tools());
    opened(&mut subscription).await;
    site.handle.notify_all(TOOLS, None);
    notified(&mut subscription).await;
    soon(client.close()).await;
}
