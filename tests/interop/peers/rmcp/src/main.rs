//! A server on rmcp, with what every peer offers.
//!
//! Usage: `mcp-sansio-interop-rmcp json|sse|legacy|modern [IDLE_MS]`. `json` and `sse` serve both eras at one
//! endpoint, `legacy` and `modern` know one era only. rmcp answers with JSON only where it keeps no sessions, so
//! `json` has none. A session ends when it was idle for `IDLE_MS`.
//!
//! It tells the tests what it sees as one JSON object a line on standard output, does what they say on its
//! standard input, and exits when that ends.

mod asking;
mod handler;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use handler::Handler;
use rmcp::model::{Implementation, ProtocolVersion};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::broadcast;

/// What the client is told to wait before it resumes.
const RETRY: Duration = Duration::from_millis(100);
/// How many orders may wait for a listen stream that is slow.
const ORDERS: usize = 16;

/// What the tests want to happen.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    /// A list has changed.
    Change(List),
    /// A resource has changed, the one of this URI.
    Update(String),
    /// All listen streams end.
    End,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum List {
    Tools,
    Prompts,
    Resources,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mode = args.next().unwrap_or_default();
    let idle = args.next().and_then(|text| text.parse().ok());
    let versions: &[ProtocolVersion] = match mode.as_str() {
        "legacy" => &[
            ProtocolVersion::V_2024_11_05,
            ProtocolVersion::V_2025_03_26,
            ProtocolVersion::V_2025_06_18,
            ProtocolVersion::V_2025_11_25,
        ],
        "modern" => &[ProtocolVersion::V_2026_07_28],
        _ => ProtocolVersion::KNOWN_VERSIONS,
    };

    let mut manager = LocalSessionManager::default();
    manager.session_config.sse_retry = Some(RETRY);
    if let Some(idle) = idle {
        manager.session_config.keep_alive = Some(Duration::from_millis(idle));
    }
    let manager = Arc::new(manager);
    let config = StreamableHttpServerConfig::default()
        .with_sse_retry(Some(RETRY))
        .with_legacy_session_mode(mode != "json")
        .with_json_response(mode == "json");
    let orders = broadcast::Sender::new(ORDERS);
    let handler = Handler::new(Arc::clone(&manager), orders.clone(), versions);
    let service = StreamableHttpService::new(move || Ok(handler.clone()), manager, config);

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
        read = read_orders(&orders) => read,
    }
}

/// Passes on what the tests say, until standard input ends: they hold its other end, so when they go, however
/// they go, so does the peer.
async fn read_orders(orders: &broadcast::Sender<Order>) -> std::io::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        // Nobody may be listening, and then there is nobody to tell.
        let _ = orders.send(serde_json::from_str(&line)?);
    }
    Ok(())
}

/// Tells the tests what the server saw.
#[expect(clippy::print_stdout, reason = "the tests read it")]
fn report(event: &Value) {
    println!("{event}");
}
