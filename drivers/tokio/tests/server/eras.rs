//! Our own client and service in both eras: what they find out of each other, and that it works.

use std::ops::RangeInclusive;

use mcp_sansio_tokio::server::{Builder, Request, Service, Session, Withdrawal};
use mcp_sansio_tokio::{CallError, CallOptions, Client, Era, FailureKind, Identity, Version};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Site, builder, soon, until};

const LEGACY: RangeInclusive<Version> = Version::V2024_11_05..=Version::V2025_11_25;
const MODERN: RangeInclusive<Version> = Version::V2026_07_28..=Version::V2026_07_28;

fn speaking(versions: RangeInclusive<Version>) -> Builder {
    builder().configure(|config| config.versions = versions)
}

/// A client that speaks this only.
pub(crate) async fn client(site: &Site, versions: RangeInclusive<Version>) -> Client {
    let client = Client::builder(site.url()).configure(|config| config.versions = versions);
    soon(client.connect()).await.unwrap()
}

/// What a handler can know of its request.
async fn describe(request: Request) -> Result<Value, mcp_sansio_tokio::RpcError> {
    Ok(json!({
        "version": request.version().as_str(),
        "session": request.session().is_some(),
        "info": request.client_info(),
        "capabilities": request.client_capabilities(),
    }))
}

#[tokio::test]
async fn a_client_finds_out_what_the_service_speaks() {
    for (versions, found) in [
        (*LEGACY.start()..=*MODERN.end(), Version::V2026_07_28),
        (MODERN, Version::V2026_07_28),
        (LEGACY, Version::V2025_11_25),
        (
            LEGACY.start().to_owned()..=Version::V2025_06_18,
            Version::V2025_06_18,
        ),
    ] {
        let site = Site::axum(speaking(versions).serve(describe).unwrap()).await;
        let client = Client::builder(site.url())
            .identity(Identity::new("asking", "2.0"))
            .connect();
        let client = soon(client).await.unwrap();
        assert_eq!(client.version(), Some(found));
        soon(client.ping()).await.unwrap();
        let told = soon(client.call_tool("any", json!({}))).await.unwrap();
        assert_eq!(told["version"], found.as_str());
        assert_eq!(told["session"], found.era() == Era::Legacy);
        assert_eq!(told["info"]["name"], "asking");
        assert_eq!(told["capabilities"], json!({}));
        soon(client.close()).await;
        until(|| site.handle.sessions().is_empty()).await;
    }
}

#[tokio::test]
async fn eras_that_do_not_meet_are_one_error() {
    for (theirs, ours) in [(LEGACY, MODERN), (MODERN, LEGACY)] {
        let site = Site::axum(speaking(theirs).serve(describe).unwrap()).await;
        let client = Client::builder(site.url()).configure(|config| config.versions = ours);
        let Err(CallError::Failed(failure)) = soon(client.connect()).await else {
            panic!("there is no common revision");
        };
        assert_eq!(failure.kind, FailureKind::NoCommonVersion, "{failure:#}");
    }
}

#[tokio::test]
async fn progress_comes_in_both_eras() {
    let service = builder().serve(|request: Request| async move {
        request.progress(1.0, Some(2.0), None);
        request.progress(2.0, Some(2.0), Some("done"));
        Ok(json!({}))
    });
    let site = Site::axum(service.unwrap()).await;
    for versions in [LEGACY, MODERN] {
        let client = client(&site, versions).await;
        let mut options = CallOptions::default();
        options.progress = true;
        let mut call = client.call_tool_with("steps", json!({}), options);
        let mut progress = call.progress().unwrap();
        soon(call).await.unwrap();
        let mut steps = Vec::new();
        while let Some(params) = soon(progress.next()).await {
            steps.push(params["progress"].as_f64().unwrap());
        }
        assert_eq!(steps, [1.0, 2.0]);
        soon(client.close()).await;
    }
}

#[tokio::test]
async fn a_dropped_call_is_withdrawn_in_the_way_of_its_era() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let service = builder().serve(move |request: Request| {
        let tell = tell.clone();
        async move {
            tell.send(None).unwrap();
            tell.send(Some(request.cancelled().await)).unwrap();
            Ok(json!({}))
        }
    });
    let site = Site::axum(service.unwrap()).await;
    for (versions, why) in [(LEGACY, Withdrawal::Cancelled), (MODERN, Withdrawal::Gone)] {
        let client = client(&site, versions).await;
        let call = client.call_tool_with("slow", json!({}), CallOptions::default());
        assert_eq!(soon(told.recv()).await, Some(None), "the handler runs");
        drop(call);
        assert_eq!(soon(told.recv()).await, Some(Some(why)));
        soon(client.close()).await;
    }
}

#[tokio::test]
async fn a_service_of_sessions_only_speaks_the_era_that_has_them() {
    let service = builder().sessions(|session: Session| async move {
        session.run(describe).await;
    });
    let site = Site::axum(service.unwrap()).await;
    let client = soon(Client::connect(site.url())).await.unwrap();
    assert_eq!(client.version(), Some(Version::V2025_11_25));
    let told = soon(client.call_tool("any", json!({}))).await.unwrap();
    assert_eq!(told["session"], true);
    soon(client.close()).await;

    let built = speaking(MODERN).sessions(|session: Session| async move {
        session.ended().await;
    });
    let error = built.unwrap_err().to_string();
    assert!(error.contains("use `serve`"), "{error}");
}

#[tokio::test]
async fn a_service_may_have_sessions_for_one_era_and_a_function_for_the_other() {
    let service: Service = builder()
        .sessions_and(
            |session: Session| async move {
                session.run(|_| async { Ok(json!("session")) }).await;
            },
            |_| async { Ok(json!({"by": "function"})) },
        )
        .unwrap();
    let site = Site::axum(service).await;
    let modern = client(&site, MODERN).await;
    let told = soon(modern.call_tool("any", json!({}))).await.unwrap();
    assert_eq!(told["by"], "function");
    let legacy = client(&site, LEGACY).await;
    let told = soon(legacy.call_tool("any", json!({}))).await.unwrap();
    assert_eq!(told, "session");
    soon(modern.close()).await;
    soon(legacy.close()).await;
}
