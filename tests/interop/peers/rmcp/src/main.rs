//! A server on rmcp, with the tools that every peer offers.
//!
//! Usage: `mcp-sansio-interop-rmcp json|sse [IDLE_MS]`. rmcp answers with JSON only where it keeps no
//! sessions, so `json` is its stateless mode. A session ends when it was idle for `IDLE_MS`.
//!
//! It tells the tests what it sees as one JSON object a line on standard output, and exits when
//! standard input ends.

mod tools;

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::Implementation;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tools::Tools;

/// What the client is told to wait before it resumes.
const RETRY: Duration = Duration::from_millis(100);

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let stateless = args.next().as_deref() == Some("json");
    let idle = args.next().and_then(|text| text.parse().ok());

    let mut manager = LocalSessionManager::default();
    manager.session_config.sse_retry = Some(RETRY);
    if let Some(idle) = idle {
        manager.session_config.keep_alive = Some(Duration::from_millis(idle));
    }
    let manager = Arc::new(manager);
    let config = StreamableHttpServerConfig::default()
        .with_sse_retry(Some(RETRY))
        .with_legacy_session_mode(!stateless)
        .with_json_response(stateless);
    let tools = Tools::new(Arc::clone(&manager));
    let service = StreamableHttpService::new(move || Ok(tools.clone()), manager, config);

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    report(&json!({
        "event": "ready",
        "port": listener.local_addr()?.port(),
        // rmcp names itself where a server gives no name of its own.
        "version": Implementation::from_build_env().version,
    }));
    let app = axum::Router::new().nest_service("/mcp", service);
    tokio::select! {
        served = async { axum::serve(listener, app).await } => served,
        () = tests_gone() => Ok(()),
    }
}

/// Waits until standard input ends: the tests hold its other end, so when they go, however they go,
/// so does the peer.
async fn tests_gone() {
    let mut input = tokio::io::stdin();
    let mut buffer = [0; 64];
    while input.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

/// Tells the tests what the server saw.
fn report(event: &Value) {
    println!("{event}");
}
