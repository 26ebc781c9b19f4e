//! A server on rmcp with one tool, for figures beside ours. Usage: `mcp-sansio-load-rmcp json|sse`. rmcp answers
//! with JSON only where it keeps no sessions, so `json` is its stateless mode.

#[path = "../../src/meter.rs"]
mod meter;

use std::sync::Arc;

use axum::serve::ListenerExt as _;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ServerCapabilities, ServerConfig};
use rmcp::schemars::{self, JsonSchema};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, tool, tool_handler, tool_router};
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone)]
struct Tools;

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

#[tool_router]
impl Tools {
    #[tool]
    async fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }
}

#[tool_handler]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let stateless = std::env::args().nth(1).as_deref() == Some("json");
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(!stateless)
        .with_json_response(stateless);
    let manager = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(|| Ok(Tools), manager, config);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/mcp", listener.local_addr()?);
    let app = axum::Router::new().nest_service("/mcp", service);
    tokio::select! {
        // As ours: an answer does not wait for company.
        served = async { axum::serve(listener.tap_io(|stream| drop(stream.set_nodelay(true))), app).await } => served,
        answered = meter::answer(&url, || Value::Null) => answered,
    }
}
