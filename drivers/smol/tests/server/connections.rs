//! Clients that vanish, that do not read, and that say nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mcp_sansio_smol::Version;
use mcp_sansio_smol::server::{Request, Withdrawal, connection};
use serde_json::json;
use smol::Timer;
use smol::net::unix::UnixStream;

use crate::site::{Raw, Site, builder, soon, until};

#[test]
fn a_vanished_client_cancels() {
    let (tell, told) = smol::channel::unbounded();
    let service = builder().serve(move |request: Request| {
        let tell = tell.clone();
        async move {
            tell.send(request.cancelled().await).await.unwrap();
            Ok(json!({}))
        }
    });
    let site = Site::new(service.unwrap());
    let client = site.start("tools/call");
    smol::block_on(async {
        until(|| site.handle.counters().requests == 1).await;
        drop(client);
        assert_eq!(soon(told.recv()).await.unwrap(), Withdrawal::Gone);
        until(|| site.handle.inspect().exchanges.is_empty()).await;
    });
}

#[test]
fn several_requests_go_over_one_connection() {
    let service = builder().serve(|_| async { Ok(json!({"content": []})) });
    let site = Site::new(service.unwrap());
    let stream = TcpStream::connect(site.address).unwrap();
    for _ in 0..3 {
        let body = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        write!(
            &stream,
            "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = Raw(std::io::BufReader::new(stream.try_clone().unwrap()));
        let head = answer.line().unwrap();
        assert!(head.starts_with("HTTP/1.1 4"), "{head}");
        answer.json();
    }
}

#[test]
fn a_reader_that_does_not_read_is_cut_off_and_slows_nobody() {
    let enough = Arc::new(AtomicBool::new(false));
    let flood = Arc::clone(&enough);
    let service = builder()
        .configure(|config| config.timing.stall = Duration::from_millis(300))
        .serve(move |request: Request| {
            let enough = Arc::clone(&flood);
            async move {
                let params = request.params_json().unwrap();
                if params.windows(5).any(|word| word == b"flood") {
                    let noise = json!({"level": "info", "data": "x".repeat(64 << 10)});
                    while !enough.load(Ordering::SeqCst) {
                        request.notify("notifications/message", Some(noise.clone()));
                        Timer::after(Duration::from_millis(1)).await;
                    }
                }
                Ok(json!({"content": []}))
            }
        });
    let site = Site::new(service.unwrap());
    let session = site.client(Version::V2025_11_25);
    let client = site.client(Version::V2026_07_28);
    let address = site.address;
    smol::block_on(async {
        // In a session log messages are sent unasked.
        let known = session.known().unwrap();
        let mut stuck = stuck_call(address, known.session.as_deref().unwrap());
        until(|| site.handle.counters().requests == 1).await;
        for _ in 0..50 {
            soon(client.call_tool("quick", json!({}))).await.unwrap();
        }
        let is_standalone = |held: &mcp_sansio_smol::Inspection| held.exchanges.len() <= 1;
        until(|| is_standalone(&site.handle.inspect())).await;
        enough.store(true, Ordering::SeqCst);
        // What it finds when it reads at last has no end.
        let mut found = Vec::new();
        // An error says the same as the end of the connection.
        let _ = stuck.read_to_end(&mut found);
        assert!(
            !found.ends_with(b"0\r\n\r\n"),
            "the response looks complete"
        );
    });
}

fn stuck_call(address: std::net::SocketAddr, session: &str) -> TcpStream {
    let body = r#"{"jsonrpc":"2.0","id":99,"method":"tools/call","params":{"name":"flood"}}"#;
    let stream = TcpStream::connect(address).unwrap();
    write!(
        &stream,
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nmcp-session-id: {session}\r\n\
         mcp-protocol-version: 2025-11-25\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
    )
    .unwrap();
    stream
}

#[test]
fn a_connection_may_be_any_stream() {
    let service = builder().serve(|_| async { Ok(json!({"content": []})) });
    let service = service.unwrap();
    let http = mcp_sansio_smol::client_builder().connector(move |_| {
        let service = service.clone();
        async move {
            let (ours, theirs) = UnixStream::pair()?;
            smol::spawn(connection(theirs, service)).detach();
            Ok(ours)
        }
    });
    let http = http.build().unwrap();
    smol::block_on(async {
        let client = mcp_sansio_smol::Client::builder("http://localhost/mcp").http_client(http);
        let client = soon(client.connect()).await.unwrap();
        soon(client.call_tool("any", json!({}))).await.unwrap();
        soon(client.close()).await;
    });
}
