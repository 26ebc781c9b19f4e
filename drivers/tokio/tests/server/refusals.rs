//! What is refused, over real sockets, and that nothing is kept of it.

use std::time::Duration;

use mcp_sansio_tokio::server::ServerConfig;
use serde_json::json;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::raw::{Raw, Response, call, initialize};
use crate::support::{Site, builder, soon, until};

async fn site() -> Site {
    configured(|config| config.limits.body = 1_000).await
}

async fn configured(change: impl FnOnce(&mut ServerConfig)) -> Site {
    let service = builder()
        .configure(change)
        .serve(|_| async { Ok(json!({})) })
        .unwrap();
    Site::axum(service).await
}

#[tokio::test]
async fn each_bad_request_gets_its_status() {
    let site = site().await;
    let session = site.session().await;
    let good = || Raw::post(&call("any", 1)).session(&session);
    let long = json!({"text": "x".repeat(2_000)});
    for (request, status) in [
        (good().with("host", "evil.example"), 403),
        (good().with("origin", "https://evil.example"), 403),
        (good().with("content-type", "text/plain"), 415),
        (good().with("accept", "text/html"), 406),
        (good().with("mcp-session-id", ""), 400),
        (good().with("mcp-session-id", "unknown"), 404),
        (good().with("mcp-protocol-version", "1999-01-01"), 400),
        (Raw::post(&long).session(&session), 413),
        (Raw::post(&json!("no message")).session(&session), 400),
        (Raw::new("PUT", String::new()), 405),
        (Raw::new("PATCH", String::new()), 405),
        (Raw::get(&session).with("accept", "application/json"), 406),
        (
            Raw::get(&session).with("origin", "https://evil.example"),
            403,
        ),
        (Raw::new("DELETE", String::new()).session("unknown"), 404),
    ] {
        let response = site.send(request).await;
        assert_eq!(response.status, status);
        let body = response.json().await;
        assert!(body["error"]["message"].is_string(), "{status}: {body}");
    }
    assert_eq!(site.handle.counters().requests, 0);
    let answer = site.send(good()).await.json().await;
    assert_eq!(answer["result"], json!({}));
    assert_eq!(site.handle.sessions().len(), 1);
    assert!(site.handle.inspect().exchanges.is_empty());
}

#[tokio::test]
async fn allow_names_the_methods() {
    let response = site().await.send(Raw::new("PUT", String::new())).await;
    let allow = response.header("allow").unwrap();
    assert!(allow.contains("POST"), "{allow}");
}

/// A body whose declared length is too long is refused before it comes.
#[tokio::test]
async fn a_long_body_is_not_waited_for() {
    let request = Raw::post(&initialize()).with("content-length", "1000000");
    assert_eq!(site().await.send(request).await.status, 413);
}

#[tokio::test]
async fn an_endless_body_is_refused() {
    let site = site().await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                accept: application/json, text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let chunk = format!("100\r\n{}\r\n", " ".repeat(256));
    // It ends when the server closes the connection.
    let endless =
        tokio::spawn(async move { while writer.write_all(chunk.as_bytes()).await.is_ok() {} });
    let mut head = String::new();
    let mut reader = BufReader::new(reader);
    soon(tokio::io::AsyncBufReadExt::read_line(
        &mut reader,
        &mut head,
    ))
    .await
    .unwrap();
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    endless.abort();
}

#[tokio::test]
async fn a_slow_body_is_refused() {
    let site = configured(|config| config.timing.body = Duration::from_millis(100)).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                accept: application/json, text/event-stream\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let response = soon(Response::read(BufReader::new(stream))).await;
    assert_eq!(response.status, 408);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let site = site().await;
    let request = Raw::post(&initialize()).with("content-length", "900");
    let stream = site.start(request).await;
    until(|| site.handle.inspect().exchanges.len() == 1).await;
    drop(stream);
    until(|| site.handle.inspect().exchanges.is_empty()).await;
    assert_eq!(site.handle.counters().sessions_started, 0);
}

/// More headers than anybody means are the HTTP library's to refuse; the machine never hears of them.
#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let site = site().await;
    let names: Vec<String> = (0..1_000).map(|n| format!("x-flood-{n}")).collect();
    let request = names
        .iter()
        .fold(Raw::post(&initialize()), |request, name| {
            request.with(name, "x")
        });
    assert_eq!(site.send(request).await.status, 431);
    assert!(site.handle.inspect().exchanges.is_empty());
    assert_eq!(site.handle.counters().sessions_started, 0);
}

/// A body that is longer than its declared length is cut there, and is no JSON any more.
#[tokio::test]
async fn a_length_that_lies_is_refused() {
    let site = site().await;
    let request = Raw::post(&initialize()).with("content-length", "10");
    assert_eq!(site.send(request).await.status, 400);
    assert_eq!(site.handle.counters().sessions_started, 0);
}
