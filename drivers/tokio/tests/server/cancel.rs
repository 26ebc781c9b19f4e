//! Clients that cancel, and clients that vanish.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mcp_sansio_tokio::server::{Builder, Request, Service, Withdrawal};
use serde_json::json;
use tokio::sync::{Notify, mpsc};

use crate::raw::{Raw, call, modern};
use crate::support::{Site, builder, soon, until};

/// A handler that waits to be cancelled or released, and tells which.
fn waiting(
    builder: Builder,
) -> (
    Service,
    Arc<Notify>,
    mpsc::UnboundedReceiver<Option<Withdrawal>>,
) {
    let release = Arc::new(Notify::new());
    let (tell, told) = mpsc::unbounded_channel();
    let service = {
        let release = Arc::clone(&release);
        builder.serve(move |request: Request| {
            let (release, tell) = (Arc::clone(&release), tell.clone());
            async move {
                assert!(!request.is_cancelled());
                tokio::select! {
                    why = request.cancelled() => tell.send(Some(why)).unwrap(),
                    () = release.notified() => tell.send(None).unwrap(),
                }
                Ok(json!({"late": request.is_cancelled()}))
            }
        })
    };
    (service.unwrap(), release, told)
}

#[tokio::test]
async fn a_cancelled_request_is_told_and_answered() {
    let (service, _release, mut told) = waiting(builder());
    let site = Site::axum(service).await;
    let session = site.session().await;
    let (response, ()) = tokio::join!(site.call(&session, "any", 1), async {
        until(|| site.handle.counters().requests == 1).await;
        let params = json!({"requestId": 1});
        let cancelled =
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params});
        let sent = site.send(Raw::post(&cancelled).session(&session)).await;
        assert_eq!(sent.status, 202);
    });
    assert_eq!(response.json().await["error"]["code"], -32800);
    assert_eq!(
        soon(told.recv()).await.unwrap(),
        Some(Withdrawal::Cancelled)
    );
    assert!(site.handle.inspect().obligations.is_empty());
}

/// Requests of clients that nobody would answer if they came back.
fn without_sessions() -> [String; 2] {
    let modern = modern("tools/call", json!({"name": "any"}), 1);
    [
        Raw::post(&call("any", 1)).text(),
        Raw::modern(&modern).text(),
    ]
}

#[tokio::test]
async fn without_a_session_a_vanished_client_cancels() {
    for request in without_sessions() {
        let builder = builder().configure(|config| config.sessions = false);
        let (service, _release, mut told) = waiting(builder);
        let site = Site::axum(service).await;
        let stream = site.start_text(&request).await;
        until(|| site.handle.counters().requests == 1).await;
        drop(stream);
        assert_eq!(soon(told.recv()).await.unwrap(), Some(Withdrawal::Gone));
        until(|| site.handle.inspect().exchanges.is_empty()).await;
    }
}

#[tokio::test]
async fn in_a_session_work_goes_on_without_its_client() {
    let (service, release, mut told) = waiting(builder());
    let site = Site::axum(service).await;
    let session = site.session().await;
    let stream = site
        .start(Raw::post(&call("any", 1)).session(&session))
        .await;
    until(|| site.handle.counters().requests == 1).await;
    drop(stream);
    until(|| site.handle.inspect().exchanges.is_empty()).await;
    release.notify_one();
    assert_eq!(soon(told.recv()).await.unwrap(), None);
    until(|| site.handle.inspect().obligations.is_empty()).await;
}

#[tokio::test]
async fn a_handler_is_dropped_if_the_host_wants_it() {
    for request in without_sessions() {
        let dropped = Arc::new(AtomicBool::new(false));
        let service = {
            let dropped = Arc::clone(&dropped);
            builder()
                .configure(|config| config.sessions = false)
                .abort_withdrawn()
                .serve(move |_| {
                    let guard = SetOnDrop(Arc::clone(&dropped));
                    async move {
                        std::future::pending::<()>().await;
                        drop(guard);
                        Ok(json!({}))
                    }
                })
        };
        let site = Site::axum(service.unwrap()).await;
        let stream = site.start_text(&request).await;
        until(|| site.handle.counters().requests == 1).await;
        drop(stream);
        until(|| dropped.load(Ordering::SeqCst)).await;
        assert_eq!(site.handle.counters().unanswered, 0);
    }
}

struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
