//! Streams: the standalone one, readers that do not read, and questions to the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mcp_sansio_tokio::server::Request;
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::raw::{Raw, Response, call, request};
use crate::support::{Site, builder, soon, until};

#[tokio::test]
async fn notify_all_reaches_every_standalone_stream() {
    let service = builder().serve(|_| async { Ok(json!({})) }).unwrap();
    let site = Site::axum(service).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let session = site.session().await;
        let stream = site.send(Raw::get(&session)).await;
        assert_eq!(stream.status, 200);
        streams.push(stream);
    }
    let method = "notifications/tools/list_changed";
    site.handle.notify_all(method, None);
    for stream in &mut streams {
        assert_eq!(stream.message().await.unwrap()["method"], method);
    }
    // One session's own.
    let ids = site.handle.sessions();
    let last = site.handle.session(ids[2]).unwrap();
    last.notify(
        "notifications/message",
        Some(json!({"level": "info", "data": 1})),
    );
    let message = streams[2].message().await.unwrap();
    assert_eq!(message["params"]["data"], 1);
}

#[tokio::test]
async fn a_question_goes_to_the_client_and_its_answer_comes_back() {
    let service = builder()
        .serve(|request: Request| async move {
            let result = request.ask("sampling/createMessage", json!({"maxTokens": 1}));
            Ok(json!({"client": result.await.unwrap()}))
        })
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let mut response = site.call(&session, "any", 1).await;
    let question = response.message().await.unwrap();
    assert_eq!(question["method"], "sampling/createMessage");
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"said": "hi"}});
    let sent = site.send(Raw::post(&answer).session(&session)).await;
    assert_eq!(sent.status, 202);
    let answer = response.message().await.unwrap();
    assert_eq!(answer["result"], json!({"client": {"said": "hi"}}));
    assert_eq!(response.message().await, None);
}

/// Sends more than sockets and the HTTP library take, for as long as it is let.
async fn flood(request: Request, enough: Arc<AtomicBool>) {
    let params = json!({"level": "info", "data": "x".repeat(64 << 10)});
    while !enough.load(Ordering::SeqCst) {
        request.notify("notifications/message", Some(params.clone()));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_cut_off_and_slows_nobody() {
    let enough = Arc::new(AtomicBool::new(false));
    let service = builder().configure(|config| config.timing.stall = Duration::from_millis(300));
    let service = {
        let enough = Arc::clone(&enough);
        service.serve(move |request: Request| {
            let enough = Arc::clone(&enough);
            async move {
                let is_flood = request
                    .params_json()
                    .unwrap()
                    .windows(5)
                    .any(|w| w == b"flood");
                if is_flood {
                    flood(request, enough).await;
                }
                Ok(json!({}))
            }
        })
    };
    let site = Site::axum(service.unwrap()).await;
    let session = site.session().await;
    let stuck = site
        .start(Raw::post(&call("flood", 1)).session(&session))
        .await;
    until(|| site.handle.counters().requests == 1).await;
    for id in 0..50 {
        let other = site.session().await;
        let answer = site.call(&other, "quick", id).await.json().await;
        assert_eq!(answer["id"], id);
    }
    // The stuck one is cut off: nothing is held for it any more.
    until(|| site.handle.inspect().exchanges.is_empty()).await;
    enough.store(true, Ordering::SeqCst);
    // What it finds when it reads at last has no end.
    let mut response = soon(Response::read(tokio::io::BufReader::new(stuck))).await;
    let error = soon(async {
        loop {
            match response.chunk().await {
                Ok(chunk) => assert!(!chunk.is_empty(), "the response looks complete"),
                Err(error) => return error,
            }
        }
    });
    error.await;
}

#[tokio::test]
async fn a_released_connection_is_resumed_where_it_was_left() {
    let service = builder()
        .serve(|request: Request| async move {
            request.progress(1.0, None, None);
            request.release_connection(Some(Duration::from_millis(10)));
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(json!({"content": []}))
        })
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let body = request(
        "tools/call",
        &json!({"name": "poll", "_meta": {"progressToken": 5}}),
        1,
    );
    let mut response = site.send(Raw::post(&body).session(&session)).await;
    let mut text = String::new();
    loop {
        let chunk = soon(response.chunk()).await.unwrap();
        if chunk.is_empty() {
            break;
        }
        text += &chunk;
    }
    assert!(
        text.contains("retry: 10") || text.contains("retry:10"),
        "{text}"
    );
    let mut ids = text.lines().filter_map(|line| line.strip_prefix("id:"));
    let cursor = ids.next_back().unwrap().trim();
    let resume = Raw::get(&session).with("last-event-id", cursor);
    let mut resumed = site.send(resume).await;
    assert_eq!(resumed.status, 200);
    assert_eq!(resumed.message().await.unwrap()["id"], 1);
    assert_eq!(resumed.message().await, None);
}

#[tokio::test]
async fn a_second_standalone_stream_replaces_the_first() {
    let service = builder().serve(|_| async { Ok(json!({})) }).unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let mut first = site.send(Raw::get(&session)).await;
    let mut second = site.send(Raw::get(&session)).await;
    assert_eq!(first.message().await, None);
    site.handle
        .notify_all("notifications/tools/list_changed", None);
    let message = second.message().await.unwrap();
    assert_eq!(message["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn a_vanished_stream_is_forgotten() {
    let service = builder().serve(|_| async { Ok(json!({})) }).unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let mut stream = site.start(Raw::get(&session)).await;
    let mut byte = [0];
    soon(stream.read_exact(&mut byte)).await.unwrap();
    assert_eq!(site.handle.inspect().exchanges.len(), 1);
    drop(stream);
    until(|| site.handle.inspect().exchanges.is_empty()).await;
}
