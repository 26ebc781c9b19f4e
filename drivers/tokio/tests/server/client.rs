//! Our own client against our own server.

use mcp_sansio_tokio::server::{Request, Service};
use mcp_sansio_tokio::{
    CallError, CallOptions, Client, ClientConfig, Identity, RpcError, Version, client_builder,
};
use serde_json::{Value, json};

use crate::support::{Site, builder, soon};

fn service() -> Service {
    builder()
        .serve(|request: Request| async move {
            let params: Value = request.params()?;
            match params["name"].as_str() {
                Some("ask") => {
                    let asked = request.ask("roots/list", ()).await;
                    asked.map_err(|error| RpcError::new(-32000, error.to_string()))
                }
                Some("steps") => {
                    request.progress(1.0, None, None);
                    request.progress(2.0, None, None);
                    Ok(json!({}))
                }
                _ => Ok(params["arguments"].clone()),
            }
        })
        .unwrap()
}

/// Questions of the server's own are for sessions.
fn with_sessions(config: &mut ClientConfig) {
    config.versions = Version::V2024_11_05..=Version::V2025_11_25;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_calls_at_once() {
    let site = Site::axum(service()).await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let calls: Vec<_> = (0..200)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move { client.call_tool("echo", json!({"n": n})).await })
        })
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        assert_eq!(soon(call).await.unwrap().unwrap()["n"], n);
    }
    soon(client.close()).await;
    assert_eq!(site.handle.counters().requests, 200);
    crate::support::until(|| site.handle.sessions().is_empty()).await;
    assert!(site.handle.inspect().obligations.is_empty());
}

#[tokio::test]
async fn a_question_is_answered_by_the_clients_handler() {
    let site = Site::axum(service()).await;
    let mut identity = Identity::new("asked", "1.0");
    identity.capabilities = r#"{"roots":{}}"#.into();
    let client = Client::builder(site.url())
        .identity(identity)
        .configure(with_sessions)
        .on_request(|request| async move { Ok(json!({"asked": request.method})) })
        .connect();
    let client = soon(client).await.unwrap();
    let result = soon(client.call_tool("ask", json!({}))).await.unwrap();
    assert_eq!(result, json!({"asked": "roots/list"}));
    soon(client.close()).await;
}

#[tokio::test]
async fn a_client_that_cannot_answer_is_not_asked() {
    let site = Site::axum(service()).await;
    let client = Client::builder(site.url()).configure(with_sessions);
    let client = soon(client.connect()).await.unwrap();
    let error = soon(client.call_tool("ask", json!({}))).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Peer(error)
            if error.code == -32000 && error.message.contains("has not declared")),
        "{error}"
    );
    soon(client.close()).await;
}

#[tokio::test]
async fn progress_comes_in_order() {
    let site = Site::axum(service()).await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    let mut options = CallOptions::default();
    options.progress = true;
    let mut call = client.call_tool_with("steps", json!({}), options);
    let mut progress = call.progress().unwrap();
    let (result, steps) = tokio::join!(soon(call), async {
        let mut steps = Vec::new();
        while let Some(params) = soon(progress.next()).await {
            steps.push(params["progress"].as_f64().unwrap());
        }
        steps
    });
    result.unwrap();
    assert_eq!(steps, [1.0, 2.0]);
    soon(client.close()).await;
}

/// HTTP/2 has no `host` header: without its authority in that place, the default check would refuse it.
#[tokio::test]
async fn http_2_names_its_host() {
    let site = Site::axum(service()).await;
    let http = client_builder().http2_prior_knowledge().build().unwrap();
    let client = Client::builder(site.url()).http_client(http).connect();
    let client = soon(client).await.unwrap();
    let result = soon(client.call_tool("echo", json!({"n": 2}))).await;
    assert_eq!(result.unwrap()["n"], 2);
    soon(client.close()).await;
}
