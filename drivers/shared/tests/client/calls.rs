//! Calls and what comes of them.

use std::time::Duration;

use super::buffer::Buffer;
use super::patience::soon;
use super::server::{Server, notification};
use crate::driver::{
    Call, CallError, CallOptions, Client, Execution, FailureKind, Outcome, Recording,
};
use macro_rules_attribute::apply;
use serde_json::json;

#[apply(driven)]
async fn a_json_answer_is_the_result() {
    let server = Server::start(|request, reply| {
        let text = &request.body["params"]["arguments"]["text"];
        reply.json(&request.result(&json!({"content": [{"type": "text", "text": text}]})))
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let result = soon(client.call_tool("echo", json!({"text": "hi"}))).await;
    assert_eq!(result.unwrap()["content"][0]["text"], "hi");
    let call = &server.seen("tools/call")[0];
    assert_eq!(call.body["params"]["name"], "echo");
}

#[apply(driven)]
async fn a_stream_brings_the_result() {
    let server = Server::start(|request, reply| {
        reply.stream()?;
        reply.event(&request.result(&json!({"content": []})))?;
        reply.end()
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let result = soon(client.call_tool("echo", ())).await.unwrap();
    assert_eq!(result, json!({"content": []}));
}

#[apply(driven)]
async fn the_result_of_a_started_call_is_its_text_untouched() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({"a": [1, 2]}))));
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let call = Call::new("resources/read", Some(r#"{"uri":"a:b"}"#.into()));
    let outcome = soon(client.start(call)).await;
    assert_eq!(outcome, Outcome::Result(r#"{"a":[1,2]}"#.into()));
}

#[apply(driven)]
async fn an_error_object_is_the_peers_answer() {
    let server = Server::start(|request, reply| {
        let error = json!({"code": -32602, "message": "no such tool"});
        reply.json(&json!({"jsonrpc": "2.0", "id": request.body["id"], "error": error}))
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let error = soon(client.call_tool("nothing", ())).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Peer(error) if error.code == -32602),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        "the peer answered with an error: no such tool (error -32602)"
    );
}

#[apply(driven)]
async fn progress_comes_before_the_result_and_ends_with_it() {
    let server = Server::start(|request, reply| {
        reply.stream()?;
        for step in 1..=3 {
            let token = &request.body["params"]["_meta"]["progressToken"];
            let params = json!({"progressToken": token, "progress": step});
            reply.event(&notification("notifications/progress", &params))?;
        }
        reply.event(&request.result(&json!({"content": []})))?;
        reply.end()
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let mut options = CallOptions::default();
    options.progress = true;
    let mut call = client.call_tool_with("slow", (), options);
    let mut progress = call.progress().expect("it was asked for");
    assert!(call.progress().is_none(), "one reader");
    soon(call).await.unwrap();
    let mut steps = Vec::new();
    while let Some(params) = soon(progress.next()).await {
        steps.push(params["progress"].as_u64().unwrap());
    }
    assert_eq!(steps, [1, 2, 3]);
}

#[apply(driven)]
async fn a_list_is_fetched_page_by_page() {
    let server = Server::start(|request, reply| {
        let page = match request.body["params"]["cursor"].as_str() {
            None => json!({"tools": [{"name": "a"}, {"name": "b"}], "nextCursor": "2"}),
            Some(cursor) => json!({"tools": [{"name": cursor}]}),
        };
        reply.json(&request.result(&page))
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let tools = soon(client.list_tools()).await.unwrap();
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "b", "2"]);
}

#[apply(driven)]
async fn the_first_call_of_a_built_client_connects() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let client = Client::builder(&server.url).build().unwrap();
    assert_eq!(server.connections(), 0);
    assert!(client.known().is_none());
    soon(client.ping()).await.unwrap();
    assert_eq!(server.seen("initialize").len(), 1);
    assert_eq!(client.known().unwrap().session.as_deref(), Some("s-1"));
}

#[apply(driven)]
async fn a_refused_connection_is_told_as_such() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    drop(listener);
    let Err(error) = soon(Client::connect(url)).await else {
        panic!("nobody listens there");
    };
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(failure.execution, Execution::NotSent);
    assert!(format!("{error:#}").contains("refused"), "{error:#}");
}

#[apply(driven)]
async fn a_connection_that_breaks_may_have_run_the_call() {
    let server = Server::start(|_, _| Err(std::io::ErrorKind::ConnectionReset.into()));
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let error = soon(client.call_tool("fragile", ())).await.unwrap_err();
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, FailureKind::ConnectionLost);
    assert_eq!(failure.execution, Execution::Unknown);
}

#[apply(driven)]
async fn silence_ends_at_the_deadline() {
    let server = Server::start(|request, reply| match request.what() {
        "ping" => reply.json(&request.result(&json!({}))),
        _ => reply.stream(),
    });
    let client = soon(Client::connect(&server.url)).await.unwrap();
    // Then the session stands, and the next call goes out when it is made.
    soon(client.ping()).await.unwrap();
    let mut options = CallOptions::default();
    options.max = Some(Duration::from_millis(100));
    let error = soon(client.call_tool_with("mute", (), options))
        .await
        .unwrap_err();
    let CallError::Failed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert!(failure.story.lines().len() > 1, "{error:#}");
}

#[apply(driven)]
async fn headers_are_sent_but_neither_recorded_nor_over_the_protocols() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let record = Buffer::default();
    let client = Client::builder(&server.url)
        .header("Authorization", "Bearer secret")
        .header("content-type", "text/plain")
        .record(Recording::Whole, record.clone())
        .connect();
    let client = soon(client).await.unwrap();
    soon(client.ping()).await.unwrap();
    soon(client.close()).await;
    for what in ["initialize", "ping", "DELETE"] {
        let headers = server.saw(what).await.headers;
        let has = |header: &str| headers.iter().any(|line| line == header);
        assert!(has("authorization: Bearer secret"), "{headers:?}");
        assert_eq!(
            has("content-type: application/json"),
            what != "DELETE",
            "{headers:?}"
        );
    }
    let record = record.text();
    assert!(record.contains("initialize"), "{record}");
    assert!(!record.contains("secret"), "{record}");
}

#[apply(driven)]
async fn a_header_that_cannot_be_sent_is_named() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let client = Client::builder(&server.url).header("x y", "z").connect();
    let Err(error) = soon(client).await else {
        panic!("there is no such header");
    };
    assert!(
        format!("{error:#}").contains("\"x y\" cannot be the name of a header"),
        "{error:#}"
    );
    assert_eq!(server.connections(), 0);
}

#[apply(driven)]
async fn arguments_that_are_no_json_are_not_sent() {
    let server = Server::start(|request, reply| reply.json(&request.result(&json!({}))));
    let client = soon(Client::connect(&server.url)).await.unwrap();
    let arguments = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = soon(client.call_tool("echo", arguments)).await.unwrap_err();
    assert!(matches!(error, CallError::Arguments(_)), "{error}");
    assert!(server.seen("tools/call").is_empty());
}

#[test]
fn everything_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<crate::driver::PendingCall>();
    shared::<crate::driver::Notifications>();
    shared::<CallError>();
}
