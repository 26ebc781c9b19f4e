//! rmcp services over our server: what becomes of those that fail, and of their clients.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use mcp_sansio_tokio::rmcp as ours;
use mcp_sansio_tokio::server::EndReason;
use rmcp::model::ProtocolVersion;
use rmcp::service::ServiceError;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientServiceExt as _, ErrorData, ServiceExt as _};
use serde_json::json;

use crate::handler::Handler;
use crate::listener::Listener;
use crate::patience::{soon, until};
use crate::support::{ERAS, Era, Side, Site, call, connect, mount, text, tool};

const SIDES: [Side; 2] = [Side::Ours, Side::Rmcps];

fn code(error: &ServiceError) -> Option<i32> {
    match error {
        ServiceError::McpError(ErrorData { code, .. }) => Some(code.0),
        _ => None,
    }
}

/// rmcp does not notice it, and on its own transport the client waits for ever.
#[tokio::test]
async fn a_handler_that_panics_answers() {
    for era in ERAS {
        let site = Site::start(Side::Ours).await;
        let client = connect(Side::Rmcps, era, &site.url).await;
        let error = call(&client, "panic").await.unwrap_err();
        assert_eq!(code(&error), Some(-32603), "{error}");
        assert_eq!(call(&client, "moment").await.unwrap(), "over");
        soon(client.cancel()).await.unwrap();
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_made_answers() {
    let service = ours::service(|| Err::<Handler, _>(io::Error::other("no room")));
    let service = service.build().unwrap();
    let handle = service.handle();
    let url = mount(axum::Router::new().route_service("/mcp", service)).await;
    let transport = ours::transport(url.clone()).build().unwrap();
    assert!(soon(().serve(transport)).await.is_err());
    let transport = ours::transport(url).build().unwrap();
    let refused = soon(().serve_with_lifecycle(transport, Era::Modern.lifecycle())).await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("without an answer")
    );
    assert_eq!(handle.counters().unanswered, 1);
    assert!(handle.sessions().is_empty());
}

#[tokio::test]
async fn handlers_find_the_head_of_the_http_request() {
    for era in ERAS {
        let site = Site::start(Side::Ours).await;
        let mut config = StreamableHttpClientTransportConfig::with_uri(&*site.url);
        let header = ("x-test".parse().unwrap(), "here".parse().unwrap());
        config.custom_headers = HashMap::from([header]);
        let transport = StreamableHttpClientTransport::from_config(config);
        let client = soon(Listener::default().serve_with_lifecycle(transport, era.lifecycle()));
        let client = client.await.unwrap();
        assert_eq!(call(&client, "header").await.unwrap(), "here");
        soon(client.cancel()).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_closes_ends_its_session() {
    for side in SIDES {
        let site = Site::start(Side::Ours).await;
        let client = connect(side, Era::Legacy, &site.url).await;
        assert_eq!(site.handle().sessions().len(), 1);
        soon(client.cancel()).await.unwrap();
        until(|| site.handle().sessions().is_empty()).await;
        let counters = site.handle().counters();
        assert_eq!(counters.sessions_ended(EndReason::Deleted), 1);
    }
}

#[tokio::test]
async fn a_server_that_shuts_down_answers_what_is_in_flight() {
    for era in ERAS {
        let site = Site::start(Side::Ours).await;
        let client = connect(Side::Rmcps, era, &site.url).await;
        let shut_down = async {
            until(|| site.seen.has("waiting")).await;
            soon(site.handle().shut_down(Duration::ZERO)).await;
        };
        let (called, ()) = tokio::join!(call(&client, "wait"), shut_down);
        called.unwrap_err();
        until(|| site.seen.has("cancelled")).await;
    }
}

/// Without sessions a legacy client is served request by request, as rmcp's own stateless mode does.
#[tokio::test]
async fn a_server_without_sessions() {
    for side in SIDES {
        let site = Site::ours(|builder| builder.configure(|config| config.sessions = false)).await;
        let client = connect(side, Era::Legacy, &site.url).await;
        let version = client.peer_info().unwrap().protocol_version.clone();
        assert_eq!(version, ProtocolVersion::V_2025_11_25);
        let echoed = soon(client.call_tool(tool("echo", &json!({"text": "so"})))).await;
        assert_eq!(text(&echoed.unwrap()), "so");
        // Its client cannot be asked, and nobody waits for that.
        assert!(call(&client, "ask").await.is_err());
        assert!(site.handle().sessions().is_empty());
        soon(client.cancel()).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_its_request() {
    let site = Site::start(Side::Ours).await;
    let client = connect(Side::Rmcps, Era::Modern, &site.url).await;
    let waiting = tokio::spawn(async move { call(&client, "wait").await });
    until(|| site.seen.has("waiting")).await;
    waiting.abort();
    until(|| site.seen.has("cancelled")).await;
}
