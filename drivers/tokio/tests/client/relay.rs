//! A host that speaks JSON-RPC itself, over the client.

use std::time::Duration;

use mcp_sansio_tokio::driver::{Relay, Sending};
use mcp_sansio_tokio::{CallOptions, FailureKind, Reqwest, Tokio};
use serde_json::{Value, json};

use crate::client::patience::{soon, until};
use crate::client::server::{Server, notification};

type Host = Relay<Reqwest, Tokio>;

fn send(host: &Host, message: &Value) -> Sending {
    host.send(message.to_string().as_bytes(), CallOptions::default())
}

fn call(id: &Value, name: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name}})
}

async fn next(host: &mut Host) -> Value {
    let message = soon(host.next()).await.unwrap();
    serde_json::from_slice(&message.text).unwrap()
}

/// A host that has shaken hands.
async fn connect(server: &Server) -> Host {
    let mut host = Host::builder(&server.url).build().unwrap();
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "h", "version": "1"}});
    let initialize =
        json!({"jsonrpc": "2.0", "id": "init", "method": "initialize", "params": params});
    soon(send(&host, &initialize)).await.unwrap();
    assert_eq!(next(&mut host).await["id"], "init");
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    soon(send(&host, &initialized)).await.unwrap();
    server.saw("notifications/initialized").await;
    host
}

/// Answers what is named "now", and never the rest.
fn server() -> Server {
    Server::start(|request, reply| {
        if request.body["params"]["name"] == "now" {
            reply.stream()?;
            reply.event(&notification(
                "notifications/message",
                &json!({"data": "first"}),
            ))?;
            reply.event(&request.result(&json!({"content": []})))?;
            return reply.end();
        }
        reply.stream()?;
        reply.wait_until_gone();
        Ok(())
    })
}

#[tokio::test]
async fn messages_come_under_the_hosts_ids_and_in_order() {
    let server = server();
    let mut host = connect(&server).await;
    soon(send(&host, &call(&json!("a \"b\""), "now")))
        .await
        .unwrap();
    assert_eq!(next(&mut host).await["params"]["data"], "first");
    assert_eq!(next(&mut host).await["id"], "a \"b\"");
    soon(host.client().close()).await;
    assert!(soon(host.next()).await.is_none());
}

#[tokio::test]
async fn a_failure_is_told_to_who_sent_and_is_a_message() {
    let server = server();
    let mut host = connect(&server).await;
    let mut options = CallOptions::default();
    options.max = Some(Duration::from_millis(50));
    let never = call(&json!(1), "never").to_string();
    let failure = soon(host.send(never.as_bytes(), options)).await;
    assert_eq!(failure.unwrap_err().kind, FailureKind::TimedOut);
    assert_eq!(next(&mut host).await["error"]["code"], -32001);
}

#[tokio::test]
async fn a_sending_that_is_dropped_cancels_its_request() {
    let server = server();
    let mut host = connect(&server).await;
    let sending = send(&host, &call(&json!(1), "never"));
    server.saw("tools/call").await;
    drop(sending);
    assert_eq!(next(&mut host).await["error"]["code"], -32800);
    server.saw("notifications/cancelled").await;
    assert!(host.client().inspect().calls.is_empty());
}

/// The older request is cancelled, and who sent it is released; dropping that does not touch the newer one.
#[tokio::test]
async fn an_id_that_is_used_again() {
    let server = server();
    let mut host = connect(&server).await;
    let older = send(&host, &call(&json!(1), "never"));
    until(|| server.seen("tools/call").len() == 1).await;
    let newer = send(&host, &call(&json!(1), "now"));
    soon(older).await.unwrap();
    soon(newer).await.unwrap();
    assert_eq!(next(&mut host).await["params"]["data"], "first");
    assert_eq!(next(&mut host).await["result"], json!({"content": []}));
}

#[tokio::test]
async fn a_text_that_is_no_message_is_answered() {
    let server = server();
    let mut host = connect(&server).await;
    let batch = br#"["id", "method"]"#;
    let not_utf8 = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}";
    for (text, code) in [(&b"{"[..], -32700), (batch, -32600), (not_utf8, -32700)] {
        let failure = soon(host.send(text, CallOptions::default())).await;
        assert_eq!(failure.unwrap_err().kind, FailureKind::Misuse);
        assert_eq!(next(&mut host).await["error"]["code"], code);
    }
    let odd = json!({"jsonrpc": "1.0", "id": 7, "method": "ping"});
    let failure = soon(send(&host, &odd)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Misuse);
    let answer = next(&mut host).await;
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(7), &json!(-32600))
    );
}

/// Messages that the host does not read wait in the machine; outcomes never do.
#[tokio::test]
async fn a_host_that_does_not_read_is_told_what_became_of_its_calls() {
    let server = server();
    let host = connect(&server).await;
    for id in 0..100 {
        soon(send(&host, &call(&json!(id), "now"))).await.unwrap();
    }
}

#[tokio::test]
async fn a_host_that_goes_away_closes_the_client() {
    let server = server();
    let host = connect(&server).await;
    let sending = send(&host, &call(&json!(1), "never"));
    server.saw("tools/call").await;
    drop(host);
    drop(sending);
    server.saw("DELETE").await;
}

#[tokio::test]
async fn what_is_sent_after_the_end_fails() {
    let server = server();
    let host = connect(&server).await;
    soon(host.client().close()).await;
    let failure = soon(send(&host, &call(&json!(1), "now")))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Closed);
}
