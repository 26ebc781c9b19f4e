//! The life of a client, its calls and its connections.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::{PATIENCE, Server, soon, until};
use mcp_sansio_tokio::{CallError, CallOptions, Client, FailureKind};
use serde_json::json;

/// The next call may come before a connection is back, though its stream has ended. Then there is one more of
/// them to choose from.
const ON_THEIR_WAY: usize = 3;

#[tokio::test]
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
    let seen = tokio::task::spawn_blocking(move || seen.recv_timeout(PATIENCE));
    soon(seen).await.unwrap().unwrap();
}

#[tokio::test]
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

#[tokio::test]
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

#[test]
fn a_dropped_client_leaves_no_task_behind() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = runtime.block_on(Client::connect(&server.url)).unwrap();
    runtime.block_on(client.ping()).unwrap();
    assert!(runtime.metrics().num_alive_tasks() > 0);
    // Outside of the runtime: closing must not need it.
    drop(client);
    runtime.block_on(server.saw("DELETE"));
    let begun = std::time::Instant::now();
    while runtime.metrics().num_alive_tasks() > 0 {
        assert!(begun.elapsed() < PATIENCE, "a task was left behind");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_client_whose_runtime_is_gone_settles_its_calls() {
    let server = Server::start(|_, reply| reply.stream());
    let first = tokio::runtime::Runtime::new().unwrap();
    let client = first.block_on(Client::connect(&server.url)).unwrap();
    let call = client.call_tool_with("slow", (), CallOptions::default());
    drop(first);
    let second = tokio::runtime::Runtime::new().unwrap();
    second.block_on(async {
        soon(call).await.unwrap_err();
        soon(client.ping()).await.unwrap_err();
        soon(client.close()).await;
    });
}

#[tokio::test]
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

#[tokio::test]
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
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
        tokio::spawn(async move {
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
        soon(caller).await.unwrap();
    }
    assert!(client.inspect().calls.is_empty());
}
