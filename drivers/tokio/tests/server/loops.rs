//! Session handlers: the default loop, one of the host's own, and those that do not do their work.

use std::sync::Arc;
use std::time::Duration;

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::{EndReason, Event, Session};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::raw::{Raw, initialize};
use crate::support::{Errors, Site, builder, soon, until};

#[tokio::test]
async fn the_default_loop_runs_until_the_client_deletes_the_session() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let service = builder()
        .sessions(move |session: Session| {
            let tell = tell.clone();
            async move {
                let params: Value = session.params().unwrap();
                tell.send(params["clientInfo"]["name"].to_string()).unwrap();
                let reason = session.run(|_| async { Ok(json!({"ran": true})) }).await;
                tell.send(reason.as_str().to_string()).unwrap();
            }
        })
        .unwrap();
    let site = Site::axum(service).await;
    let mut events = site.handle.events();
    let session = site.session().await;
    assert_eq!(soon(told.recv()).await.unwrap(), "\"raw\"");
    let answer = site.call(&session, "any", 1).await.json().await;
    assert_eq!(answer["result"], json!({"ran": true}));

    let delete = Raw::new("DELETE", String::new()).session(&session);
    assert!(site.send(delete).await.status < 300);
    assert_eq!(soon(told.recv()).await.unwrap(), "deleted");
    assert_eq!(site.call(&session, "any", 2).await.status, 404);

    let started = soon(events.next()).await.unwrap();
    let Event::SessionStarted { session } = started else {
        panic!("{started:?}");
    };
    let Some(Event::Notification { notification, .. }) = soon(events.next()).await else {
        panic!("initialized is a notification");
    };
    assert_eq!(notification.method, "notifications/initialized");
    let reason = EndReason::Deleted;
    let ended = Event::SessionEnded { session, reason };
    assert_eq!(soon(events.next()).await, Some(ended));
    assert_eq!(site.handle.counters().sessions_ended(reason), 1);
    assert_eq!(site.handle.counters().handler_returned, 0);
}

#[tokio::test]
async fn a_loop_of_the_hosts_own_answers_in_its_own_order() {
    let errors = Errors::watch();
    let service = builder()
        .sessions(|session: Session| async move {
            let first = session.next().await.unwrap();
            let second = session.next().await.unwrap();
            second.respond(Ok(json!("second")));
            first.respond(Err::<Value, _>(RpcError::new(-32000, "first")));
            // The third is dropped.
            while let Some(request) = session.next().await {
                drop(request);
            }
        })
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let (first, second) = tokio::join!(site.call(&session, "a", 1), async {
        until(|| site.handle.counters().requests == 1).await;
        site.call(&session, "b", 2).await
    });
    assert_eq!(first.json().await["error"]["message"], "first");
    assert_eq!(second.json().await["result"], "second");
    let third = site.call(&session, "c", 3).await.json().await;
    assert_eq!(third["error"]["code"], -32603);
    assert_eq!(site.handle.counters().unanswered, 1);
    errors.say("a request was dropped without an answer");
}

#[tokio::test]
async fn a_handler_that_never_reads_gives_500_and_says_so() {
    let errors = Errors::watch();
    let service = builder()
        .configure(|config| config.timing.take = Duration::from_millis(50))
        .sessions(|session: Session| async move {
            session.ended().await; // and no loop
        })
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let response = site.call(&session, "any", 1).await;
    assert_eq!(response.status, 500);
    let answer = response.json().await;
    assert_eq!(answer["error"]["code"], -32603);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("no session loop is reading"), "{message}");
    assert_eq!(site.handle.counters().not_taken, 1);
    errors.say("session.run(handler)");
}

#[tokio::test]
async fn a_handler_that_returns_early_ends_its_session() {
    let errors = Errors::watch();
    let go = Arc::new(Notify::new());
    let service = {
        let go = Arc::clone(&go);
        builder().sessions(move |_| {
            let go = Arc::clone(&go);
            async move { go.notified().await }
        })
    };
    let site = Site::axum(service.unwrap()).await;
    let session = site.session().await;
    let (response, ()) = tokio::join!(site.call(&session, "any", 1), async {
        until(|| site.handle.counters().requests == 1).await;
        go.notify_one();
    });
    let message = response.json().await["error"]["message"].to_string();
    assert!(message.contains("session handler returned"), "{message}");
    assert_eq!(site.call(&session, "any", 2).await.status, 404);
    let counters = site.handle.counters();
    assert_eq!(counters.handler_returned, 1);
    assert_eq!(counters.sessions_ended(EndReason::HandlerReturned), 1);
    errors.say("a session handler returned while its client was still there");
}

#[tokio::test]
async fn a_handler_that_panics_ends_its_session() {
    let errors = Errors::watch();
    let service = builder()
        .sessions(|session: Session| async move {
            let _request = session.next().await;
            panic!("as the test wants it");
        })
        .unwrap();
    let site = Site::axum(service).await;
    let session = site.session().await;
    let answer = site.call(&session, "any", 1).await.json().await;
    assert!(answer["error"].is_object(), "{answer}");
    assert_eq!(site.call(&session, "any", 2).await.status, 404);
    let counters = site.handle.counters();
    assert_eq!(counters.handler_failed, 1);
    assert_eq!(counters.sessions_ended(EndReason::HandlerFailed), 1);
    // The request that it held is told of, too.
    errors.include("the handler of a request panicked");
    errors.include("a session handler panicked");
}

/// The handler that fails before it is a future.
#[tokio::test]
async fn a_handler_that_panics_at_once_leaves_its_connection_alone() {
    let errors = Errors::watch();
    let service = builder()
        .sessions(|_| -> std::future::Ready<()> { panic!("as the test wants it") })
        .unwrap();
    let site = Site::axum(service).await;
    let response = site.send(Raw::post(&initialize())).await;
    assert_eq!(response.status, 200);
    let session = response.header("mcp-session-id").unwrap();
    until(|| site.handle.sessions().is_empty()).await;
    assert_eq!(site.call(session, "any", 1).await.status, 404);
    errors.say("a session handler panicked");
}

#[tokio::test]
async fn a_host_ends_a_session() {
    let service = builder().serve(|_| async { Ok(json!({})) }).unwrap();
    let site = Site::axum(service).await;
    let wire = site.session().await;
    let id = site.handle.sessions()[0];
    let session = site.handle.session(id).unwrap();
    session.end(EndReason::Evicted);
    assert_eq!(soon(session.ended()).await, EndReason::Evicted);
    assert!(site.handle.session(id).is_none());
    assert_eq!(site.call(&wire, "any", 1).await.status, 404);
}

#[tokio::test]
async fn a_loop_needs_sessions() {
    let built = builder()
        .configure(|config| config.sessions = false)
        .sessions(|session: Session| async move {
            session.ended().await;
        });
    let error = built.unwrap_err().to_string();
    assert!(error.contains("use `serve`"), "{error}");
}
