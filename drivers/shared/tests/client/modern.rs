//! The client against scripted servers of 2026-07-28.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::patience::{soon, until};
use super::server::{Reply, Request, Server, notification};
use crate::driver::{
    CallOptions, Client, Filter, Identity, Known, Outcome, SubscriptionEvent, Version,
};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// A server of the modern era. `script` answers all but `server/discover`.
fn modern(
    script: impl Fn(&Request, &mut Reply<'_>) -> io::Result<()> + Send + Sync + 'static,
) -> Server {
    Server::raw(move |request, reply| match request.what() {
        "server/discover" => reply.json(&request.result(&json!({
            "resultType": "complete",
            "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {"listChanged": true}},
        }))),
        _ => script(request, reply),
    })
}

#[apply(driven)]
async fn every_request_says_what_it_needs() {
    let server = modern(|request, reply| reply.json(&request.result(&json!({"content": []}))));
    let client = Client::builder(&server.url)
        .identity(Identity::new("asking", "2.0"))
        .header("authorization", "Bearer secret")
        .connect();
    let client = soon(client).await.unwrap();
    assert_eq!(client.version(), Some(Version::V2026_07_28));
    soon(client.call_tool("echo", json!({}))).await.unwrap();
    soon(client.close()).await;
    for (what, name) in [("server/discover", None), ("tools/call", Some("echo"))] {
        let [request] = &server.seen(what)[..] else {
            panic!("one {what}");
        };
        let has = |name: &str, value: &str| {
            let line = format!("{name}: {value}");
            assert!(request.headers.contains(&line), "{:?}", request.headers);
        };
        has("mcp-protocol-version", "2026-07-28");
        has("mcp-method", what);
        has("authorization", "Bearer secret");
        if let Some(name) = name {
            has("mcp-name", name);
        }
        let session = |line: &String| line.starts_with("mcp-session-id");
        assert!(!request.headers.iter().any(session));
        let meta = &request.body["params"]["_meta"];
        assert_eq!(
            meta["io.modelcontextprotocol/protocolVersion"],
            "2026-07-28"
        );
        assert_eq!(meta["io.modelcontextprotocol/clientInfo"]["name"], "asking");
    }
    for what in ["initialize", "GET", "DELETE"] {
        assert!(server.seen(what).is_empty(), "{what}");
    }
}

#[apply(driven)]
async fn what_is_known_is_not_asked_again() {
    let server = modern(|request, reply| reply.json(&request.result(&json!({"content": []}))));
    let first = soon(Client::connect(&server.url)).await.unwrap();
    let known = first.known().unwrap();
    assert_eq!(known.version, Version::V2026_07_28);
    soon(first.close()).await;

    let second = Client::builder(&server.url).configure(|config| config.known = Some(known));
    let second = soon(second.connect()).await.unwrap();
    soon(second.call_tool("echo", json!({}))).await.unwrap();
    assert_eq!(server.seen("server/discover").len(), 1);
    soon(second.close()).await;
}

#[apply(driven)]
async fn what_is_known_wrongly_heals() {
    let server = Server::start(|request, reply| {
        let version = |line: &String| line == "mcp-protocol-version: 2025-11-25";
        if request.headers.iter().any(version) {
            reply.json(&request.result(&json!({"content": []})))
        } else {
            reply.empty("400 Bad Request")
        }
    });
    let client = Client::builder(&server.url)
        .configure(|config| config.known = Some(Known::new(Version::V2026_07_28, None)))
        .build()
        .unwrap();
    soon(client.call_tool("echo", json!({}))).await.unwrap();
    assert_eq!(client.version(), Some(Version::V2025_11_25));
    assert_eq!(server.seen("initialize").len(), 1);
    soon(client.close()).await;
}

#[apply(driven)]
async fn dropping_a_call_aborts_its_exchange_and_says_nothing() {
    let (gone, seen) = mpsc::channel();
    let server = modern(move |_, reply| {
        reply.stream()?;
        reply.wait_until_gone();
        gone.send(()).map_err(io::Error::other)
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let call = client.call_tool_with("slow", (), CallOptions::default());
    server.saw("tools/call").await;
    drop(call);
    assert!(client.inspect().calls.is_empty());
    until(|| seen.try_recv().is_ok()).await;
    soon(client.close()).await;
    assert!(server.seen("notifications/cancelled").is_empty());
}

/// Acknowledges a subscription, and says that the tools have changed.
fn acknowledge(request: &Request, reply: &mut Reply<'_>) -> io::Result<()> {
    let meta = json!({SUBSCRIPTION: request.body["id"]});
    let filter = &request.body["params"]["notifications"];
    let params = json!({"_meta": meta, "notifications": filter});
    reply.stream()?;
    reply.event(&notification(
        "notifications/subscriptions/acknowledged",
        &params,
    ))?;
    reply.event(&notification(
        "notifications/tools/list_changed",
        &json!({"_meta": meta}),
    ))
}

#[apply(driven)]
async fn a_lost_subscription_tells_of_its_gap_and_is_opened_again() {
    let opened = AtomicUsize::new(0);
    let server = modern(move |request, reply| {
        acknowledge(request, reply)?;
        if opened.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let meta = json!({SUBSCRIPTION: request.body["id"]});
        reply.event(&request.result(&json!({"resultType": "complete", "_meta": meta})))?;
        reply.end()
    });
    let client = Client::builder(&server.url).configure(|config| {
        config.timing.backoff = Duration::from_millis(10)..=Duration::from_millis(20);
    });
    let client = soon(client.connect()).await.unwrap();
    let mut subscription = client.listen(Filter::default().tools());
    let mut seen = Vec::new();
    while let Some(event) = soon(subscription.next()).await {
        seen.push(event);
    }
    let filter = json!({"toolsListChanged": true});
    let [first, _, gap, second, changed, end] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(*first, SubscriptionEvent::Opened(filter.clone()));
    assert_eq!(*gap, SubscriptionEvent::Gap);
    assert_eq!(*second, SubscriptionEvent::Opened(filter));
    assert!(
        matches!(changed, SubscriptionEvent::Notification(changed)
            if changed.method == "notifications/tools/list_changed"),
        "{changed:?}"
    );
    assert!(
        matches!(end, SubscriptionEvent::Ended(Outcome::Result(_))),
        "{end:?}"
    );
    let ids: Vec<Value> = server
        .seen("subscriptions/listen")
        .into_iter()
        .map(|request| request.body["id"].clone())
        .collect();
    assert!(
        matches!(&ids[..], [first, second] if first != second),
        "{ids:?}"
    );
    soon(client.close()).await;
}

/// A reader that never comes: the queue of a subscription that is lost again and again does not grow.
#[apply(driven)]
async fn gaps_that_nobody_reads_are_one_gap() {
    const LOSSES: usize = 4;
    let opened = AtomicUsize::new(0);
    let server = modern(move |request, reply| {
        let meta = json!({SUBSCRIPTION: request.body["id"]});
        reply.stream()?;
        reply.event(&notification(
            "notifications/subscriptions/acknowledged",
            &json!({"_meta": meta, "notifications": {}}),
        ))?;
        if opened.fetch_add(1, Ordering::SeqCst) < LOSSES {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        reply.event(&request.result(&json!({"resultType": "complete", "_meta": meta})))?;
        reply.end()
    });
    let client = Client::builder(&server.url).configure(|config| {
        config.timing.backoff = Duration::from_millis(1)..=Duration::from_millis(1);
    });
    let client = soon(client.connect()).await.unwrap();
    let mut subscription = client.listen(Filter::default().tools());
    until(|| server.seen("subscriptions/listen").len() > LOSSES).await;
    until(|| client.inspect().exchanges.is_empty()).await;
    let mut seen = Vec::new();
    while let Some(event) = soon(subscription.next()).await {
        seen.push(event);
    }
    let opened = SubscriptionEvent::Opened(json!({}));
    assert_eq!(
        seen[..3],
        [opened.clone(), SubscriptionEvent::Gap, opened],
        "{seen:?}"
    );
    assert_eq!(seen.len(), 4, "{seen:?}");
    soon(client.close()).await;
}
