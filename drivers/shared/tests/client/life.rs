//! The life of a client, its calls and its connections.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::patience::{PATIENCE, soon, until};
use super::server::Server;
use crate::driver::{CallError, CallOptions, Client, FailureKind};
use crate::runtime::spawn;
use macro_rules_attribute::apply;
use serde_json::json;

/// The next call may come before a connection is back, though its stream has ended. Then there is one more of
/// them to choose from.
const ON_THEIR_WAY: usize = 3;

#[apply(driven)]
async fn dropping_a_call_cancels_it_and_aborts_its_exchange() {
    let (gone, seen) = mpsc::channel();
    let server = Server::start(move |_, reply| {
        reply.stream()?;
        reply.wait_until_gone();
        gone.send(()).map_err(io::Error::other)
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let call = client.call_tool_with("slow", (), CallOptions::default());
    let id = server.saw("tools/call").await.body["id"].clone();
    drop(call);
    let cancelled = server.saw("notifications/cancelled").await;
    assert_eq!(cancelled.body["params"]["requestId"], id);
    assert!(client.inspect().calls.is_empty());
    until(|| seen.try_recv().is_ok()).await;
}

#[apply(driven)]
async fn closing_ends_the_session_and_settles_what_waits() {
    let server = Server::start(|_, reply| reply.stream());
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let call = client.call_tool_with("slow", (), CallOptions::default());
    server.saw("tools/call").await;
    soon(client.close()).await;
    let delete = &server.seen("DELETE")[0];
    assert!(delete.headers.contains(&"mcp-session-id: s-1".to_string()));
    let closed = |error| matches!(error, CallError::Failed(f) if f.kind == FailureKind::Closed);
    assert!(closed(soon(call).await.unwrap_err()));
    assert!(
        closed(soon(client.ping()).await.unwrap_err()),
        "a closed client settles at once"
    );
    soon(client.close()).await;
}

#[apply(driven)]
async fn a_call_keeps_its_client_open() {
    let server = Server::start(|request, reply| {
        thread::sleep(Duration::from_millis(50));
        reply.json(&request.result(&json!({})))
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let call = client.call_tool_with("slow", (), CallOptions::default());
    drop(client);
    soon(call).await.unwrap();
    server.saw("DELETE").await;
}

#[apply(driven)]
async fn calls_in_a_row_use_the_same_connections() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let client = soon(Client::connect(&server.url)).await.unwrap();
    soon(client.ping()).await.unwrap();
    let before = server.connections();
    for _ in 0..20 {
        soon(client.ping()).await.unwrap();
    }
    assert!(server.connections() <= before + ON_THEIR_WAY);
}

#[apply(driven)]
async fn a_stream_that_ends_after_its_answer_gives_its_connection_back() {
    const LATE: Duration = Duration::from_millis(5);
    let server = Server::start(|request, reply| {
        reply.stream()?;
        reply.event(&request.result(&json!({})))?;
        thread::sleep(LATE);
        reply.end()
    });
    // However late the stream ends.
    let client = Client::builder(&server.url).configure(|config| config.timing.linger = PATIENCE);
    let client = soon(client.connect()).await.unwrap();
    let before = server.connections();
    for _ in 0..20 {
        soon(client.ping()).await.unwrap();
        // The next call comes when the stream has ended.
        until(|| client.inspect().exchanges.is_empty()).await;
    }
    assert!(server.connections() <= before + ON_THEIR_WAY);
}

#[apply(driven)]
async fn calls_from_many_threads_settle_each_on_its_own() {
    let server = Server::start(|request, reply| {
        let number = &request.body["params"]["arguments"];
        reply.stream()?;
        reply.event(&request.result(&json!({"number": number})))?;
        reply.end()
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let callers = (0..8).map(|caller| {
        let client = client.clone();
        spawn(async move {
            for turn in 0..25 {
                let number = caller * 100 + turn;
                // Beside the call that is awaited, one that is dropped on the way.
                let dropped = client.call_tool_with("echo", number, CallOptions::default());
                let result = client.call_tool("echo", number).await.unwrap();
                assert_eq!(result["number"], number);
                drop(dropped);
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        soon(caller).await;
    }
    assert!(client.inspect().calls.is_empty());
}
