//! A host that speaks JSON-RPC itself, over the server.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use mcp_sansio_tokio::driver::server::{Link, Message, Opening};
use mcp_sansio_tokio::server::EndReason;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::raw::{Raw, call, initialize, modern};
use crate::support::{Errors, Site, builder, soon, until};

fn read(message: &Message) -> Value {
    serde_json::from_slice(&message.relayed.text).unwrap()
}

/// Answers a request.
fn answer(link: &Link, request: &Value, result: &Value) {
    let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
    link.send(answer.to_string().as_bytes(), None);
}

/// Answers `initialize`, which is a session's first message.
async fn shake_hands(link: &Link) {
    let initialize = read(&soon(link.next()).await.unwrap());
    assert_eq!(initialize["method"], "initialize");
    let info = json!({"name": "host", "version": "1"});
    let result = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info});
    answer(link, &initialize, &result);
}

/// A host that answers each request with its method, and tells how its links end.
async fn answering(tell: mpsc::UnboundedSender<&'static str>) -> Site {
    let handler = move |link: Link| {
        let tell = tell.clone();
        async move {
            let opening = match link.opening() {
                Opening::Session(_) => "session",
                Opening::Request { .. } => "request",
            };
            if opening == "session" {
                shake_hands(&link).await;
            }
            while let Some(message) = link.next().await {
                let request = read(&message);
                if message.relayed.obligation.is_some() {
                    let path = message.attached::<Parts>().unwrap().uri.path();
                    let result = json!({"method": request["method"], "path": path});
                    answer(&link, &request, &result);
                }
            }
            tell.send(opening).unwrap();
        }
    };
    Site::axum(builder().links(handler).unwrap()).await
}

#[tokio::test]
async fn a_session_is_a_link_until_it_ends() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let site = answering(tell).await;
    let session = site.session().await;
    let response = site.call(&session, "any", 1).await.json().await;
    assert_eq!(response["id"], 1);
    assert_eq!(
        response["result"],
        json!({"method": "tools/call", "path": "/mcp"})
    );
    let delete = Raw::new("DELETE", String::new()).session(&session);
    assert!(site.send(delete).await.status < 300);
    assert_eq!(soon(told.recv()).await, Some("session"));
    assert_eq!(site.handle.counters().handler_returned, 0);
}

#[tokio::test]
async fn a_request_without_a_session_is_a_link_until_it_is_answered() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let site = answering(tell).await;
    for id in 0..2 {
        let request = modern("tools/call", json!({"name": "any"}), id);
        let response = site.send(Raw::modern(&request)).await.json().await;
        assert_eq!(response["result"]["method"], "tools/call");
        assert_eq!(response["id"], id);
        assert_eq!(soon(told.recv()).await, Some("request"));
    }
}

#[tokio::test]
async fn a_handler_that_returns_early_answers_its_request_and_ends_its_session() {
    let errors = Errors::watch();
    let site = Site::axum(builder().links(|_| async {}).unwrap()).await;
    let request = modern("tools/call", json!({"name": "any"}), 1);
    let response = site.send(Raw::modern(&request)).await.json().await;
    assert_eq!(response["error"]["code"], -32603);
    assert_eq!(site.handle.counters().unanswered, 1);
    errors.say("dropped without an answer");
    assert!(site.send(Raw::post(&initialize())).await.status >= 400);
    let counters = site.handle.counters();
    assert_eq!(counters.sessions_ended(EndReason::HandlerReturned), 1);
    assert!(site.handle.inspect().obligations.is_empty());
}

#[tokio::test]
async fn a_handler_that_panics_answers_its_request() {
    let handler = |link: Link| async move {
        drop(link.next().await);
        panic!("as the test wants it");
    };
    let site = Site::axum(builder().links(handler).unwrap()).await;
    let request = modern("tools/call", json!({"name": "any"}), 1);
    let response = site.send(Raw::modern(&request)).await.json().await;
    assert_eq!(response["error"]["code"], -32603);
    assert_eq!(site.handle.counters().panicked, 1);
}

/// Its client learns it, and the host never sees the request.
#[tokio::test]
async fn a_request_that_is_not_taken_is_taken_back() {
    let go_on = Arc::new(Notify::new());
    let (tell, mut told) = mpsc::unbounded_channel();
    let handler = {
        let go_on = Arc::clone(&go_on);
        move |link: Link| {
            let (go_on, tell) = (Arc::clone(&go_on), tell.clone());
            async move {
                shake_hands(&link).await;
                go_on.notified().await;
                while let Some(message) = link.next().await {
                    tell.send(read(&message)["method"].to_string()).unwrap();
                }
                tell.send("the end".to_string()).unwrap();
            }
        }
    };
    let builder = builder().configure(|config| config.timing.take = Duration::from_millis(50));
    let site = Site::axum(builder.links(handler).unwrap()).await;
    let session = site.session().await;
    assert_eq!(site.call(&session, "any", 1).await.status, 500);
    assert_eq!(site.handle.counters().not_taken, 1);
    go_on.notify_one();
    assert_eq!(
        soon(told.recv()).await.unwrap(),
        "\"notifications/initialized\""
    );
    let delete = Raw::new("DELETE", String::new()).session(&session);
    assert!(site.send(delete).await.status < 300);
    assert_eq!(soon(told.recv()).await.unwrap(), "the end");
}

/// The host hears of it as of any cancellation, and then the link ends.
#[tokio::test]
async fn a_request_that_was_taken_is_cancelled() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let handler = move |link: Link| {
        let tell = tell.clone();
        async move {
            while let Some(message) = link.next().await {
                tell.send(read(&message)).unwrap();
            }
            tell.send(Value::Null).unwrap();
        }
    };
    let site = Site::axum(builder().links(handler).unwrap()).await;
    let request = modern("tools/call", json!({"name": "any"}), 1);
    let client = site.start(Raw::modern(&request)).await;
    let taken = soon(told.recv()).await.unwrap();
    drop(client);
    let cancelled = soon(told.recv()).await.unwrap();
    assert_eq!(cancelled["method"], "notifications/cancelled");
    assert_eq!(cancelled["params"]["requestId"], taken["id"]);
    assert_eq!(soon(told.recv()).await, Some(Value::Null));
    until(|| site.handle.inspect().obligations.is_empty()).await;
}

/// Notifications are bounded: of those that nobody reads the newest are kept.
#[tokio::test]
async fn notifications_that_nobody_reads_are_dropped() {
    let go_on = Arc::new(Notify::new());
    let (tell, mut told) = mpsc::unbounded_channel();
    let handler = {
        let go_on = Arc::clone(&go_on);
        move |link: Link| {
            let (go_on, tell) = (Arc::clone(&go_on), tell.clone());
            async move {
                shake_hands(&link).await;
                go_on.notified().await;
                while let Some(message) = link.next().await {
                    tell.send(read(&message)).unwrap();
                }
            }
        }
    };
    let site = Site::axum(builder().links(handler).unwrap()).await;
    let session = site.session().await;
    for number in 0..300 {
        let params = json!({"number": number});
        let said = json!({"jsonrpc": "2.0", "method": "notifications/said", "params": params});
        assert_eq!(
            site.send(Raw::post(&said).session(&session)).await.status,
            202
        );
    }
    let call = site
        .start(Raw::post(&call("any", 1)).session(&session))
        .await;
    go_on.notify_one();
    let mut numbers = Vec::new();
    loop {
        let message = soon(told.recv()).await.unwrap();
        if message["method"] == "tools/call" {
            break;
        }
        numbers.push(message["params"]["number"].as_u64().unwrap());
    }
    assert_eq!(numbers, (300 - 256..300).collect::<Vec<_>>());
    drop(call);
}
