//! What is this driver's own: its connections.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use mcp_sansio_smol::core::{Method, Sent};
use mcp_sansio_smol::driver::{Exchange as _, Http as _, Request};
use mcp_sansio_smol::{CallError, Client, Execution, FailureKind, Hyper, Response, client_builder};
use serde_json::json;

use crate::client::patience::{PATIENCE, soon, until};
use crate::client::server::Server;

fn get(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: Vec::new().into(),
    }
}

async fn read(mut response: Response) {
    while soon(response.chunk()).await.unwrap().is_some() {}
}

fn answering() -> Server {
    Server::raw(|_, reply| reply.empty("200 OK"))
}

#[test]
fn connections_are_used_again() {
    let server = answering();
    let http = Hyper::for_url(&server.url).unwrap();
    smol::block_on(async {
        for _ in 0..20 {
            read(soon(http.send(get(&server.url))).await.unwrap()).await;
        }
    });
    // The next request may come before hyper has seen to the end of the response.
    assert!(server.connections() < 20);
}

#[test]
fn a_connection_waits_no_longer_than_it_may() {
    let server = answering();
    let idle = Duration::from_millis(50);
    let http = client_builder().pool_idle_timeout(idle).build().unwrap();
    for connections in 1..=3 {
        smol::block_on(async {
            read(soon(http.send(get(&server.url))).await.unwrap()).await;
        });
        assert_eq!(server.connections(), connections);
        thread::sleep(2 * idle);
    }
}

/// Though nothing else happens.
#[test]
fn a_connection_that_has_waited_for_too_long_is_closed() {
    let (gone, seen) = channel();
    let server = Server::raw(move |_, reply| {
        reply.empty("200 OK")?;
        reply.wait_until_gone();
        gone.send(()).map_err(std::io::Error::other)
    });
    let idle = Duration::from_millis(50);
    let http = client_builder().pool_idle_timeout(idle).build().unwrap();
    smol::block_on(async {
        read(soon(http.send(get(&server.url))).await.unwrap()).await;
        until(|| seen.try_recv().is_ok()).await;
    });
    drop(http);
}

#[test]
fn without_room_for_idle_ones_each_request_has_its_own_connection() {
    let server = answering();
    let http = client_builder().pool_max_idle_per_host(0).build().unwrap();
    smol::block_on(async {
        for _ in 0..3 {
            read(soon(http.send(get(&server.url))).await.unwrap()).await;
            // Long enough for a connection to become ready for the next request, were it kept.
            smol::Timer::after(Duration::from_millis(20)).await;
        }
    });
    assert_eq!(server.connections(), 3);
}

/// A server that answers one request on each connection and then closes it without a word, and tells so.
fn closing() -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let (tell, closed) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap();
            assert!(request[..count].ends_with(b"\r\n\r\n"));
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
            drop(stream);
            // An error is a test that is over.
            let _ = tell.send(());
        }
    });
    (url, closed)
}

/// Whether the server had closed a kept connection is known before anything is written on it, or the request is
/// given back: it is never lost.
#[test]
fn a_request_over_a_connection_that_was_closed_meanwhile_is_not_sent() {
    let (url, closed) = closing();
    let http = Hyper::for_url(&url).unwrap();
    smol::block_on(async {
        for _ in 0..20 {
            let response = loop {
                match soon(http.send(get(&url))).await {
                    Ok(response) => break response,
                    Err(failure) => assert_eq!(failure.sent, Sent::No, "{}", failure.detail),
                }
            };
            closed.recv_timeout(PATIENCE).unwrap();
            read(response).await;
        }
    });
}

#[test]
fn a_response_that_is_dropped_closes_its_connection() {
    let (gone, seen) = channel();
    let server = Server::raw(move |_, reply| {
        reply.stream()?;
        reply.wait_until_gone();
        gone.send(()).map_err(std::io::Error::other)
    });
    let http = Hyper::for_url(&server.url).unwrap();
    smol::block_on(async {
        drop(soon(http.send(get(&server.url))).await.unwrap());
        until(|| seen.try_recv().is_ok()).await;
    });
}

#[test]
fn the_application_may_open_connections_itself() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let address = server.url["http://".len()..]
        .trim_end_matches("/mcp")
        .to_owned();
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let http = client_builder().connector(move |url| {
        assert_eq!(url.host(), Some("nowhere.test"));
        count.fetch_add(1, Ordering::SeqCst);
        smol::net::TcpStream::connect(address.clone())
    });
    let http = http.build().unwrap();
    smol::block_on(async {
        let client = Client::builder("http://nowhere.test/mcp").http_client(http);
        let client = soon(client.connect()).await.unwrap();
        soon(client.ping()).await.unwrap();
        soon(client.close()).await;
    });
    assert_eq!(opened.load(Ordering::SeqCst), server.connections());
    let host = "host: nowhere.test".to_owned();
    assert!(server.seen("ping")[0].headers.contains(&host));
}

#[test]
fn a_connection_that_cannot_be_opened_is_told_with_its_reason() {
    let http = client_builder().connector(|_| async {
        Err::<smol::net::TcpStream, _>(std::io::Error::other("the tunnel is closed"))
    });
    let client = Client::builder("http://nowhere.test/mcp").http_client(http.build().unwrap());
    let error = smol::block_on(soon(client.connect())).err();
    let Some(CallError::Failed(failure)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(failure.execution, Execution::NotSent);
    let told = format!("{failure:#}");
    assert!(told.contains("the tunnel is closed"), "{told}");
}

#[test]
fn what_is_no_url_is_told_at_once() {
    let error = Client::builder("nowhere").build().err();
    assert!(
        matches!(&error, Some(CallError::Setup(text)) if text.contains("nowhere")),
        "{error:?}"
    );
}

/// The sockets of a client are closed with it, wherever it is dropped.
#[test]
fn a_dropped_client_closes_its_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let theirs = server.url["http://".len()..]
        .trim_end_matches("/mcp")
        .to_owned();
    let open = Arc::new(AtomicUsize::new(0));
    let now_open = Arc::clone(&open);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let there = TcpStream::connect(&theirs).unwrap();
            now_open.fetch_add(1, Ordering::SeqCst);
            let open = Arc::clone(&now_open);
            let (mut to, mut from) = (there.try_clone().unwrap(), stream.try_clone().unwrap());
            thread::spawn(move || {
                // Until the client closes it: the server never does.
                let _ = std::io::copy(&mut from, &mut to);
                open.fetch_sub(1, Ordering::SeqCst);
            });
            let (mut from, mut to) = (there, stream);
            thread::spawn(move || std::io::copy(&mut from, &mut to));
        }
    });
    let url = format!("http://{address}/mcp");
    let client = smol::block_on(soon(Client::connect(url))).unwrap();
    smol::block_on(soon(client.ping())).unwrap();
    assert!(open.load(Ordering::SeqCst) > 0);
    drop(client);
    smol::block_on(async {
        server.saw("DELETE").await;
        until(|| open.load(Ordering::SeqCst) == 0).await;
    });
}

/// Answers each connection's first head with this, and gives what it read.
fn proxy(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://me:secret@{}", listener.local_addr().unwrap());
    let (tell, asked) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
                head.extend(byte);
            }
            // Errors are a test that is over.
            let _ = tell.send(String::from_utf8(head).unwrap());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, asked)
}

const TO_THE_PROXY: &str = "proxy-authorization: Basic bWU6c2VjcmV0\r\n";

#[test]
fn a_proxy_is_asked_for_the_whole_url() {
    let (url, asked) = proxy("HTTP/1.1 204 No Content\r\n\r\n");
    let http = client_builder().proxy(&url).build().unwrap();
    let response = smol::block_on(soon(http.send(get("http://nowhere.test/mcp?x=1"))));
    assert_eq!(response.unwrap().head().status, 204);
    let asked = asked.recv_timeout(PATIENCE).unwrap();
    assert!(
        asked.starts_with("GET http://nowhere.test/mcp?x=1 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains("host: nowhere.test\r\n"), "{asked}");
    assert!(asked.contains(TO_THE_PROXY), "{asked}");
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;

    /// A server that speaks no TLS, or none that is trusted.
    #[test]
    fn a_handshake_that_fails_has_sent_nothing() {
        let server = Server::raw(|_, _| panic!("that is no HTTP request"));
        let url = server.url.replace("http:", "https:");
        let error = smol::block_on(soon(Client::connect(url))).err();
        let Some(CallError::Failed(failure)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert_eq!(failure.execution, Execution::NotSent);
        let told = format!("{failure:#}");
        assert!(told.contains("no TLS"), "{told}");
    }

    #[test]
    fn a_proxy_that_opens_no_tunnel_is_told_of() {
        let (url, asked) = proxy("HTTP/1.1 403 Not From Here\r\n\r\n");
        let http = client_builder().proxy(&url).build().unwrap();
        let failure = smol::block_on(soon(http.send(get("https://nowhere.test/mcp")))).unwrap_err();
        assert_eq!(failure.sent, Sent::No);
        assert!(
            failure.detail.contains("403 Not From Here"),
            "{}",
            failure.detail
        );
        let asked = asked.recv_timeout(PATIENCE).unwrap();
        let expected = "CONNECT nowhere.test:443 HTTP/1.1\r\nhost: nowhere.test:443\r\n";
        assert_eq!(asked, format!("{expected}{TO_THE_PROXY}\r\n"));
    }

    /// What comes through the tunnel is TLS, or nothing is sent.
    #[test]
    fn behind_the_tunnel_there_is_tls() {
        let (url, _asked) = proxy("HTTP/1.1 200 Connected\r\n\r\nno TLS");
        let http = client_builder().proxy(&url).build().unwrap();
        let failure = smol::block_on(soon(http.send(get("https://nowhere.test/mcp")))).unwrap_err();
        assert_eq!(failure.sent, Sent::No);
        assert!(failure.detail.contains("no TLS"), "{}", failure.detail);
    }

    #[test]
    fn other_proxies_than_those_of_http_are_refused() {
        let http = client_builder()
            .proxy("socks5://127.0.0.1:1")
            .build()
            .unwrap();
        let failure = smol::block_on(soon(http.send(get("http://nowhere.test/mcp")))).unwrap_err();
        assert!(failure.detail.contains("socks5"), "{}", failure.detail);
    }
}
