//! Both sides, each over our transport or over rmcp's own.

use std::sync::Arc;

use mcp_sansio_tokio::rmcp as ours;
use mcp_sansio_tokio::server::ServiceHandle;
use rmcp::model::{CallToolRequestParams, CallToolResult, ProtocolVersion};
use rmcp::service::{RunningService, ServiceError};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpClientTransport, StreamableHttpService};
use rmcp::{ClientLifecycleMode, ClientServiceExt as _, RoleClient};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::handler::{Handler, Seen};
use crate::listener::Listener;
use crate::patience::soon;

pub(crate) type Client = RunningService<RoleClient, Listener>;

/// Whose transport a side has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Side {
    Ours,
    Rmcps,
}

/// The transports of client and server. That of rmcp's on both sides is rmcp's own to test.
pub(crate) const PAIRS: [(Side, Side); 3] = [
    (Side::Ours, Side::Rmcps),
    (Side::Rmcps, Side::Ours),
    (Side::Ours, Side::Ours),
];

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

impl Era {
    pub(crate) fn lifecycle(self) -> ClientLifecycleMode {
        match self {
            Self::Legacy => ClientLifecycleMode::Initialize,
            Self::Modern => ClientLifecycleMode::Discover {
                preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            },
        }
    }
}

pub(crate) const ERAS: [Era; 2] = [Era::Legacy, Era::Modern];

/// A server on loopback.
pub(crate) struct Site {
    pub(crate) url: String,
    pub(crate) seen: Seen,
    sessions: Sessions,
}

enum Sessions {
    Ours(ServiceHandle),
    Rmcps(Arc<LocalSessionManager>),
}

impl Site {
    pub(crate) async fn start(side: Side) -> Self {
        match side {
            Side::Ours => Self::ours(|builder| builder).await,
            Side::Rmcps => Self::rmcps().await,
        }
    }

    /// Over our transport.
    pub(crate) async fn ours(
        set_up: impl FnOnce(ours::ServiceBuilder<Factory>) -> ours::ServiceBuilder<Factory>,
    ) -> Self {
        let seen = Seen::default();
        let handler = Handler::new(seen.clone());
        let factory: Factory = Box::new(move || Ok(handler.clone()));
        let service = set_up(ours::service(factory)).build().unwrap();
        let handle = service.handle();
        let router = axum::Router::new().route_service("/mcp", service);
        Self {
            url: mount(router).await,
            seen,
            sessions: Sessions::Ours(handle),
        }
    }

    async fn rmcps() -> Self {
        let seen = Seen::default();
        let handler = Handler::new(seen.clone());
        let sessions = Arc::new(LocalSessionManager::default());
        let service = StreamableHttpService::new(
            move || Ok(handler.clone()),
            Arc::clone(&sessions),
            StreamableHttpServerConfig::default(),
        );
        let router = axum::Router::new().route_service("/mcp", service);
        Self {
            url: mount(router).await,
            seen,
            sessions: Sessions::Rmcps(sessions),
        }
    }

    /// Of our transport.
    pub(crate) fn handle(&self) -> &ServiceHandle {
        match &self.sessions {
            Sessions::Ours(handle) => handle,
            Sessions::Rmcps(_) => panic!("rmcp's own server has no such handle"),
        }
    }

    /// Forgets all sessions, as a server does that is started anew. Says how many there were.
    pub(crate) async fn forget_sessions(&self) -> usize {
        match &self.sessions {
            Sessions::Ours(handle) => {
                let sessions = handle.sessions();
                for &session in &sessions {
                    handle.end_session(session, mcp_sansio_tokio::server::EndReason::Shutdown);
                }
                sessions.len()
            }
            Sessions::Rmcps(manager) => {
                let sessions = std::mem::take(&mut *manager.sessions.write().await);
                sessions.len()
            }
        }
    }
}

/// Makes a service for each session and request.
pub(crate) type Factory = Box<dyn Fn() -> std::io::Result<Handler> + Send + Sync>;

pub(crate) async fn mount(router: axum::Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/mcp")
}

pub(crate) async fn connect(side: Side, era: Era, url: &str) -> Client {
    connect_by(side, era.lifecycle(), url).await
}

pub(crate) async fn connect_by(side: Side, lifecycle: ClientLifecycleMode, url: &str) -> Client {
    let listener = Listener::default();
    let connected = match side {
        Side::Ours => {
            let transport = ours::transport(url).build().unwrap();
            soon(listener.serve_with_lifecycle(transport, lifecycle)).await
        }
        Side::Rmcps => {
            let transport = StreamableHttpClientTransport::from_uri(url);
            soon(listener.serve_with_lifecycle(transport, lifecycle)).await
        }
    };
    connected.unwrap()
}

/// A call of a tool.
pub(crate) fn tool(name: &'static str, arguments: &Value) -> CallToolRequestParams {
    let mut params = CallToolRequestParams::new(name);
    params.arguments = arguments.as_object().cloned();
    params
}

/// Calls a tool without arguments, and gives the text of its result.
pub(crate) async fn call(client: &Client, name: &'static str) -> Result<String, ServiceError> {
    let called = soon(client.call_tool(CallToolRequestParams::new(name))).await;
    called.map(|result| text(&result))
}

/// The text of a tool's result.
pub(crate) fn text(result: &CallToolResult) -> String {
    result.content[0].as_text().unwrap().text.clone()
}
