//! The end of a server: with grace, and without.

use std::sync::Arc;
use std::time::Duration;

use mcp_sansio_tokio::server::{EndReason, Request, Service, Session};
use serde_json::json;
use tokio::sync::{Notify, mpsc};

use crate::raw::Raw;
use crate::support::{Site, builder, soon, until};

const LONG: Duration = Duration::from_secs(600);

fn released_by(go: &Arc<Notify>) -> Service {
    let go = Arc::clone(go);
    let service = builder().serve(move |_| {
        let go = Arc::clone(&go);
        async move {
            go.notified().await;
            Ok(json!({"done": true}))
        }
    });
    service.unwrap()
}

#[tokio::test]
async fn what_runs_gets_its_grace() {
    let go = Arc::new(Notify::new());
    let site = Site::axum(released_by(&go)).await;
    let session = site.session().await;
    let mut standalone = site.send(Raw::get(&session)).await;
    let call = async {
        let response = site.call(&session, "any", 1).await;
        response.json().await["result"].clone()
    };
    let script = async {
        until(|| site.handle.counters().requests == 1).await;
        let handle = site.handle.clone();
        let down = tokio::spawn(async move { handle.shut_down(LONG).await });
        // The standalone stream ends first, and nothing new is taken.
        assert_eq!(standalone.message().await, None);
        assert_eq!(site.call(&session, "any", 2).await.status, 503);
        assert!(!down.is_finished());
        go.notify_one();
        soon(down).await.unwrap();
    };
    let (result, ()) = tokio::join!(call, script);
    assert_eq!(result, json!({"done": true}));
    assert!(site.handle.inspect().exchanges.is_empty());
    assert_eq!(
        site.handle.counters().sessions_ended(EndReason::Shutdown),
        1
    );
}

#[tokio::test]
async fn after_the_grace_the_rest_is_answered() {
    let service = builder()
        .serve(|request: Request| async move {
            request.cancelled().await;
            std::future::pending::<()>().await;
            Ok(json!({}))
        })
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let (response, ()) = tokio::join!(site.call(&session, "any", 1), async {
        until(|| site.handle.counters().requests == 1).await;
        soon(site.handle.shut_down(Duration::from_millis(20))).await;
    });
    let answer = response.json().await;
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("shutting down"), "{message}");
}

#[tokio::test]
async fn session_handlers_are_told() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let service = builder()
        .sessions(move |session: Session| {
            let tell = tell.clone();
            async move {
                let reason = session.run(|_| async { Ok(json!({})) }).await;
                tell.send(reason).unwrap();
            }
        })
        .unwrap();
    let site = Site::axum(service).await;
    let _session = site.session().await;
    soon(site.handle.shut_down(LONG)).await;
    assert_eq!(soon(told.recv()).await, Some(EndReason::Shutdown));
    // A second time is nothing new.
    soon(site.handle.shut_down(LONG)).await;
    assert_eq!(site.handle.counters().handler_returned, 0);
}

#[tokio::test]
async fn events_end_with_the_server() {
    let service = builder().serve(|_| async { Ok(json!({})) }).unwrap();
    let handle = service.handle();
    let mut events = handle.events();
    soon(handle.shut_down(LONG)).await;
    assert_eq!(soon(events.next()).await, None);
    assert_eq!(soon(handle.events().next()).await, None);
}

#[tokio::test]
async fn without_its_last_handle_a_server_shuts_down() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let service = builder()
        .sessions(move |session: Session| {
            let tell = tell.clone();
            async move {
                tell.send(session.ended().await).unwrap();
            }
        })
        .unwrap();
    let answer = service.respond(
        http::Request::post("/mcp")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(crate::raw::initialize().to_string())
            .unwrap(),
    );
    assert_eq!(soon(answer).await.status(), 200);
    drop(service);
    assert_eq!(soon(told.recv()).await, Some(EndReason::Shutdown));
}

/// A server whose runtime has gone does not leave its host waiting.
#[test]
fn without_its_runtime_a_server_is_down() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let first = runtime();
    let service = first.block_on(async { builder().serve(|_| async { Ok(json!({})) }) });
    let handle = service.unwrap().handle();
    drop(first);
    runtime().block_on(soon(handle.shut_down(LONG)));
}

#[test]
fn outside_of_a_runtime_there_is_no_server() {
    let error = builder().serve(|_| async { Ok(json!({})) }).unwrap_err();
    assert!(error.to_string().contains("runtime"), "{error}");
}
