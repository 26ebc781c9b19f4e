//! The end of a server.

use std::time::Duration;

use mcp_sansio_smol::server::serve_until;
use mcp_sansio_smol::{CallOptions, Client};
use serde_json::json;

use crate::site::{builder, listen, soon, until};

const LONG: Duration = Duration::from_secs(600);

#[test]
fn what_runs_gets_its_grace_and_then_the_listener_is_gone() {
    let (go, going) = smol::channel::bounded::<()>(1);
    let service = builder().serve(move |_| {
        let going = going.clone();
        async move {
            going.recv().await.unwrap();
            Ok(json!({"content": "done"}))
        }
    });
    let service = service.unwrap();
    let handle = service.handle();
    let (listener, address) = listen();
    let (end, asked_to_end) = smol::channel::bounded::<()>(1);
    let serving = smol::spawn(serve_until(listener, service, {
        let handle = handle.clone();
        async move {
            asked_to_end.recv().await.unwrap();
            handle.shut_down(LONG).await;
        }
    }));
    smol::block_on(async {
        let client = Client::connect(format!("http://{address}/mcp"));
        let client = soon(client).await.unwrap();
        let call = client.call_tool_with("any", json!({}), CallOptions::default());
        until(|| handle.counters().requests == 1).await;
        end.send(()).await.unwrap();
        until(|| !handle.inspect().obligations.is_empty()).await;
        assert!(!serving.is_finished());
        go.send(()).await.unwrap();
        assert_eq!(soon(call).await.unwrap()["content"], "done");
        soon(serving).await;
        assert!(handle.inspect().exchanges.is_empty());
    });
    let refused = std::net::TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

/// A client that keeps its connection does not keep the server.
#[test]
fn idle_connections_are_closed() {
    let service = builder().serve(|_| async { Ok(json!({})) }).unwrap();
    let (listener, address) = listen();
    let idle = std::net::TcpStream::connect(address).unwrap();
    smol::block_on(async {
        let used = Client::connect(format!("http://{address}/mcp"));
        let (end, asked_to_end) = smol::channel::bounded::<()>(1);
        let serving = smol::spawn(serve_until(listener, service, async move {
            // An error is a test that has failed already.
            let _ = asked_to_end.recv().await;
        }));
        let client = soon(used).await.unwrap();
        until(|| client.inspect().exchanges.is_empty()).await;
        drop(end);
        soon(serving).await;
    });
    drop(idle);
}
