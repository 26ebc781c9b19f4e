//! What is tokio's and reqwest's own.

use std::thread;
use std::time::Duration;

use mcp_sansio_tokio::{CallError, CallOptions, Client, client_builder};
use serde_json::json;

use crate::client::patience::{PATIENCE, soon};
use crate::client::server::Server;

#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_tls_handshake_that_fails_has_sent_nothing() {
    let server = Server::raw(|_, _| panic!("that is no HTTP request"));
    let http = client_builder().tls_certs_only([]).build().unwrap();
    let url = server.url.replace("http:", "https:");
    let Err(error) = soon(Client::builder(url).http_client(http).connect()).await else {
        panic!("the server speaks no TLS");
    };
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, mcp_sansio_tokio::FailureKind::Unreachable);
    assert_eq!(failure.execution, mcp_sansio_tokio::Execution::NotSent);
}

#[tokio::test]
async fn the_application_may_bring_its_own_http_client() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let http = client_builder().user_agent("mine").build().unwrap();
    let client = soon(Client::builder(&server.url).http_client(http).connect())
        .await
        .unwrap();
    soon(client.ping()).await.unwrap();
    assert!(
        server.seen("ping")[0]
            .headers
            .contains(&"user-agent: mine".to_string())
    );
}

#[test]
fn a_client_needs_a_runtime_and_a_url() {
    let Err(error) = Client::builder("http://127.0.0.1:1/mcp").build() else {
        panic!("there is no runtime");
    };
    assert!(
        error.to_string().contains("within a tokio runtime"),
        "{error}"
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _within = runtime.enter();
    let Err(error) = Client::builder("nowhere").build() else {
        panic!("that is no URL");
    };
    assert!(
        matches!(&error, CallError::Setup(text) if text.contains("nowhere")),
        "{error}"
    );
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
