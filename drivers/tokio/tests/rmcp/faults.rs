//! Eight servers that leave rmcp 3.8.0 waiting for ever. With our client beneath it each call settles, and says how.

use std::io;
use std::thread;
use std::time::Duration;

use mcp_sansio_tokio::rmcp::{self as ours, TransportError};
use mcp_sansio_tokio::{Failure, FailureKind};
use rmcp::model::CallToolRequestParams;
use rmcp::service::{ClientInitializeError, RunningService, ServiceError};
use rmcp::transport::{DynamicTransportError, IntoTransport};
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::json;

use crate::patience::soon;
use crate::server::{Reply, Request, Server};

/// The call maximum: for an application it would be ten seconds, say, which is long for a test.
const MAX: Duration = Duration::from_millis(1500);

/// A server with a session, and a fault: what that does not answer, is answered as it should be.
fn server(
    fault: impl Fn(&Request, &mut Reply<'_>) -> Option<io::Result<()>> + Send + Sync + 'static,
) -> Server {
    Server::raw(move |request, reply| {
        fault(request, reply).unwrap_or_else(|| match request.what() {
            "initialize" => reply.json(&request.result(&json!({
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "scripted", "version": "1"},
            }))),
            "GET" => reply.empty("405 Method Not Allowed"),
            "tools/call" => reply.json(&request.result(&json!({"content": []}))),
            _ => reply.empty("202 Accepted"),
        })
    })
}

/// A server that says nothing more once it has begun to answer.
fn silent_on(method: &'static str) -> Server {
    server(move |request, reply| {
        (request.what() == method).then(|| {
            reply.stream()?;
            reply.wait_until_gone();
            Ok(())
        })
    })
}

/// A server that breaks off the answer to a call, and what it says to whoever comes back for it.
fn resumed(resume: impl Fn(&mut Reply<'_>) -> io::Result<()> + Send + Sync + 'static) -> Server {
    server(move |request, reply| match request.what() {
        "tools/call" => Some(break_off(reply)),
        "GET"
            if request
                .headers
                .iter()
                .any(|header| header.starts_with("last-event-id")) =>
        {
            Some(resume(reply))
        }
        _ => None,
    })
}

/// A stream with an event to come back to, which ends.
fn break_off(reply: &mut Reply<'_>) -> io::Result<()> {
    reply.stream()?;
    reply.chunk("id: 1\nretry: 20\ndata:\n\n")?;
    reply.end()
}

fn transport(server: &Server) -> ours::ClientTransport {
    let builder = ours::transport(&server.url).configure(|config| {
        config.timing.max = MAX;
        // All attempts of a resume fit into it.
        config.timing.backoff = Duration::from_millis(5)..=Duration::from_millis(10);
    });
    builder.build().unwrap()
}

async fn connect<E, A>(
    transport: impl IntoTransport<RoleClient, E, A>,
) -> Result<RunningService<RoleClient, ()>, ClientInitializeError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    soon(().serve(transport)).await
}

fn any() -> CallToolRequestParams {
    CallToolRequestParams::new("any")
}

/// Our failure, in rmcp's error. It says our sentence too.
fn failure(error: DynamicTransportError) -> Failure {
    let sentence = error.to_string();
    match *error.error.downcast().unwrap() {
        TransportError::Failed { failure, .. } => {
            assert!(sentence.contains(&failure.to_string()), "{sentence}");
            *failure
        }
        other => panic!("not a failure: {other}"),
    }
}

async fn settles(server: &Server, kind: FailureKind) {
    let client = connect(transport(server)).await.unwrap();
    match soon(client.call_tool(any())).await.unwrap_err() {
        ServiceError::TransportSend(error) => {
            let failure = failure(error);
            assert_eq!(failure.kind, kind, "{failure:#}");
        }
        other => panic!("not the transport's failure: {other}"),
    }
    soon(client.cancel()).await.unwrap();
}

#[tokio::test]
async fn a_stream_without_a_word() {
    settles(&silent_on("tools/call"), FailureKind::TimedOut).await;
}

#[tokio::test]
async fn keep_alives_for_ever() {
    let server = server(|request, reply| {
        (request.what() == "tools/call").then(|| {
            reply.stream()?;
            loop {
                reply.chunk(": still here\n\n")?;
                thread::sleep(Duration::from_millis(20));
            }
        })
    });
    settles(&server, FailureKind::TimedOut).await;
}

#[tokio::test]
async fn initialize_without_an_answer() {
    let server = silent_on("initialize");
    match connect(transport(&server)).await.unwrap_err() {
        ClientInitializeError::TransportError { error, .. } => {
            let failure = failure(error);
            assert_eq!(failure.kind, FailureKind::TimedOut, "{failure:#}");
        }
        other => panic!("not the transport's failure: {other}"),
    }
}

#[tokio::test]
async fn a_resume_that_is_refused() {
    let server = resumed(|reply| reply.empty("404 Not Found"));
    settles(&server, FailureKind::SessionLost).await;
}

#[tokio::test]
async fn a_resume_that_brings_nothing() {
    let server = resumed(break_off);
    settles(&server, FailureKind::ConnectionLost).await;
}

#[tokio::test]
async fn a_request_that_is_only_accepted() {
    let server = server(|request, reply| {
        (request.what() == "tools/call").then(|| reply.empty("202 Accepted"))
    });
    settles(&server, FailureKind::BadAnswer).await;
}

#[tokio::test]
async fn an_answer_to_nobody() {
    let server = server(|request, reply| {
        let answer = json!({"jsonrpc": "2.0", "id": 4711, "result": {"content": []}});
        (request.what() == "tools/call").then(|| reply.json(&answer))
    });
    settles(&server, FailureKind::BadAnswer).await;
}

/// Here nothing fails: the handshake goes on without that word, and so does the call, after a moment.
#[tokio::test]
async fn initialized_without_an_acknowledgement() {
    let server = server(|request, reply| {
        (request.what() == "notifications/initialized").then(|| {
            reply.wait_until_gone();
            Ok(())
        })
    });
    let transport = ours::transport(&server.url).build().unwrap();
    let client = connect(transport).await.unwrap();
    soon(client.call_tool(any())).await.unwrap();
    soon(client.cancel()).await.unwrap();
}
