//! A server of one function: results, errors, progress, panics, and how they look on the wire.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_sansio_tokio::server::{HttpParts as _, Principal, Request, ResponseMode, Service};
use mcp_sansio_tokio::{Handshake, Recording, RpcError};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::raw::{Raw, call, initialize, request};
use crate::support::{Errors, Site, builder};

/// What most tests serve.
fn tools() -> Service {
    builder().serve(tool).unwrap()
}

async fn tool(request: Request) -> Result<Value, RpcError> {
    let params: Value = request.params()?;
    match (request.method(), params["name"].as_str()) {
        ("tools/list", _) => Ok(json!({"tools": [{"name": "echo"}]})),
        ("tools/call", Some("echo")) => Ok(json!({"content": params["arguments"]})),
        ("tools/call", Some("steps")) => {
            for step in 1..=3 {
                request.progress(f64::from(step), Some(3.0), Some("going on"));
            }
            Ok(json!({"content": []}))
        }
        ("tools/call", Some("panic")) => panic!("as the test wants it"),
        (method, _) => Err(RpcError::new(-32601, format!("{method} is not there"))),
    }
}

async fn initialize_list_call(site: Site) {
    let response = site.send(Raw::post(&initialize())).await;
    assert_eq!(response.status, 200);
    assert!(response.header("mcp-session-id").is_some());
    let result = &response.json().await["result"];
    assert_eq!(result["serverInfo"]["name"], "tested");
    assert_eq!(result["capabilities"], json!({"tools": {}}));

    let session = site.session().await;
    let list = Raw::post(&request("tools/list", &json!({}), 1)).session(&session);
    let answer = site.send(list).await.json().await;
    assert_eq!(answer["result"]["tools"][0]["name"], "echo");

    let params = json!({"name": "echo", "arguments": {"text": "hi"}});
    let echo = Raw::post(&request("tools/call", &params, 2)).session(&session);
    let answer = site.send(echo).await.json().await;
    let expected = json!({"jsonrpc": "2.0", "id": 2, "result": {"content": {"text": "hi"}}});
    assert_eq!(answer, expected);

    let other = Raw::post(&request("prompts/list", &json!({}), 3)).session(&session);
    let answer = site.send(other).await.json().await;
    assert_eq!(answer["error"]["message"], "prompts/list is not there");
    assert_eq!(site.handle.counters().requests, 3);
    assert_eq!(site.handle.counters().sessions_started, 2);
    assert_eq!(site.handle.sessions().len(), 2);
}

#[tokio::test]
async fn under_axum() {
    initialize_list_call(Site::axum(tools()).await).await;
}

#[tokio::test]
async fn under_hyper() {
    initialize_list_call(Site::hyper(tools()).await).await;
}

#[tokio::test]
async fn progress_makes_it_a_stream() {
    let site = Site::axum(tools()).await;
    let session = site.session().await;
    let mut response = site.call(&session, "steps", 1).await;
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    for step in 1..=3 {
        let message = response.message().await.unwrap();
        assert_eq!(message["method"], "notifications/progress");
        let expected = json!({"progressToken": "t-1", "progress": f64::from(step), "total": 3.0, "message": "going on"});
        assert_eq!(message["params"], expected);
    }
    assert_eq!(response.message().await.unwrap()["id"], 1);
    assert_eq!(response.message().await, None);
}

#[tokio::test]
async fn json_mode_has_room_for_the_answer_only() {
    let service = builder()
        .configure(|config| config.mode = ResponseMode::Json)
        .serve(tool)
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let answer = site.call(&session, "steps", 1).await.json().await;
    assert_eq!(answer["result"], json!({"content": []}));
}

#[tokio::test]
async fn without_progress_token_there_is_no_progress() {
    let site = Site::axum(tools()).await;
    let session = site.session().await;
    let params = json!({"name": "steps"});
    let steps = Raw::post(&request("tools/call", &params, 1)).session(&session);
    let answer = site.send(steps).await.json().await;
    assert_eq!(answer["result"], json!({"content": []}));
}

#[tokio::test]
async fn a_slow_answer_comes_on_a_stream() {
    let go = Arc::new(Notify::new());
    let service = {
        let go = Arc::clone(&go);
        builder()
            .configure(|config| config.timing.head = Duration::from_millis(20))
            .serve(move |_| {
                let go = Arc::clone(&go);
                async move {
                    go.notified().await;
                    Ok(json!({}))
                }
            })
    };
    let site = Site::axum(service.unwrap()).await;
    let session = site.session().await;
    let mut response = site.call(&session, "slow", 7).await;
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    go.notify_one();
    assert_eq!(response.message().await.unwrap()["id"], 7);
    assert_eq!(response.message().await, None);
}

#[tokio::test]
async fn a_panic_answers_its_request_and_no_other() {
    let errors = Errors::watch();
    let site = Site::axum(tools()).await;
    let session = site.session().await;
    let answer = site.call(&session, "panic", 1).await.json().await;
    assert_eq!(answer["error"]["code"], -32603);
    assert_eq!(site.handle.counters().panicked, 1);
    errors.say("the handler of a request panicked");
    let answer = site.call(&session, "echo", 2).await.json().await;
    assert_eq!(answer["result"], json!({"content": {}}));
}

#[tokio::test]
async fn a_result_that_json_cannot_write_is_an_error() {
    let errors = Errors::watch();
    let service = builder()
        .serve(|_| async { Ok(std::collections::BTreeMap::from([((1, 2), 3)])) })
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let answer = site.call(&session, "any", 1).await.json().await;
    assert_eq!(answer["error"]["code"], -32603);
    errors.say("cannot be written as JSON");
}

#[tokio::test]
async fn without_sessions_there_is_no_session_id() {
    let service = builder()
        .configure(|config| config.sessions = false)
        .serve(
            |request: Request| async move { Ok(json!({"session": request.session().is_some()})) },
        )
        .unwrap();
    let site = Site::axum(service).await;
    let response = site.send(Raw::post(&initialize())).await;
    assert_eq!(response.header("mcp-session-id"), None);
    let answer = site.send(Raw::post(&call("any", 1))).await.json().await;
    assert_eq!(answer["result"], json!({"session": false}));
}

#[tokio::test]
async fn a_session_belongs_to_its_principal() {
    let service = builder()
        .serve(|request: Request| async move {
            let name = request.extension().map(|Principal(name)| name.clone());
            let agent = request.parts().unwrap().headers.get("user-agent").cloned();
            Ok(json!({"principal": name, "agent": agent.unwrap().to_str().unwrap()}))
        })
        .unwrap();
    let handle = service.handle();
    let who = |mut request: axum::extract::Request, next: axum::middleware::Next| async {
        let name = request.headers()["x-who"].to_str().unwrap().to_string();
        request.extensions_mut().insert(Principal(name));
        next.run(request).await
    };
    let router = axum::Router::new()
        .route_service("/mcp", service)
        .layer(axum::middleware::from_fn(who));
    let address = Site::route(router).await;
    let site = Site { address, handle };

    let response = site
        .send(Raw::post(&initialize()).with("x-who", "ann"))
        .await;
    let session = response.header("mcp-session-id").unwrap();
    let as_who = |who| {
        Raw::post(&call("any", 1))
            .session(session)
            .with("x-who", who)
            .with("user-agent", "raw")
    };
    let answer = site.send(as_who("ann")).await.json().await;
    assert_eq!(
        answer["result"],
        json!({"principal": "ann", "agent": "raw"})
    );
    assert_eq!(site.send(as_who("bob")).await.status, 404);
}

#[tokio::test]
async fn a_host_speaks_the_handshake_itself() {
    let service = builder()
        .configure(|config| config.handshake = Handshake::Host)
        .serve(|request: Request| async move {
            match request.method() {
                "initialize" => Ok(json!({
                    "protocolVersion": request.version().as_str(),
                    "capabilities": {},
                    "serverInfo": {"name": "own", "version": "1"},
                })),
                method => Ok(json!({"method": method})),
            }
        })
        .unwrap();
    let site = Site::axum(service).await;
    let answer = site.send(Raw::post(&initialize())).await.json().await;
    assert_eq!(answer["result"]["serverInfo"]["name"], "own");
    let session = site.session().await;
    let answer = site.call(&session, "any", 1).await.json().await;
    assert_eq!(answer["result"], json!({"method": "tools/call"}));
}

/// What a test reads while the server writes it.
#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<u8>>>);

impl Write for Record {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_record_has_a_line_for_each_step() {
    let record = Record::default();
    let service = builder()
        .record(Recording::Whole, record.clone())
        .serve(tool)
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    site.call(&session, "echo", 1).await.json().await;
    let record = String::from_utf8(record.0.lock().unwrap().clone()).unwrap();
    for line in record.lines() {
        serde_json::from_str::<Value>(line).expect("a line of JSON");
    }
    assert!(record.contains("tools/call"), "{record}");
}
