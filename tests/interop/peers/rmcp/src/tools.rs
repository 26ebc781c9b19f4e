//! The tools.

#![expect(
    deprecated,
    reason = "sampling and logging are deprecated by a revision later than those under test"
)]

use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResult, ContentBlock, CreateMessageRequestParams, LoggingLevel,
    LoggingMessageNotificationParam, ProgressNotificationParam, SamplingMessage,
    ServerCapabilities, ServerConfig,
};
use rmcp::schemars::{self, JsonSchema};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::{ErrorData, Peer, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use serde::Deserialize;
use serde_json::json;

use crate::report;

#[derive(Clone)]
pub struct Tools {
    sessions: Arc<LocalSessionManager>,
}

impl Tools {
    pub fn new(sessions: Arc<LocalSessionManager>) -> Self {
        Self { sessions }
    }
}

#[derive(Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Via {
    Call,
    Standalone,
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Slow {
    label: String,
    steps: u32,
    step_ms: u64,
}

#[derive(Deserialize, JsonSchema)]
struct Ask {
    via: Via,
}

#[derive(Deserialize, JsonSchema)]
struct Notify {
    /// rmcp chooses the stream of a notification itself, so this changes nothing here; the tests'
    /// table says what is expected.
    #[serde(rename = "via")]
    _via: Via,
    text: String,
}

#[tool_router]
impl Tools {
    #[tool]
    async fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }

    #[tool]
    async fn add(&self, Parameters(Add { a, b }): Parameters<Add>) -> String {
        (a + b).to_string()
    }

    #[tool]
    async fn slow(
        &self,
        Parameters(Slow {
            label,
            steps,
            step_ms,
        }): Parameters<Slow>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, ErrorData> {
        report(&json!({ "event": "started", "label": label }));
        for step in 1..=steps {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(step_ms)) => {}
                () = context.ct.cancelled() => {
                    report(&json!({ "event": "cancelled", "label": label }));
                    return Err(ErrorData::internal_error("cancelled", None));
                }
            }
            if let Some(token) = context.meta.get_progress_token() {
                let progress = ProgressNotificationParam::new(token, f64::from(step));
                let progress = progress.with_total(f64::from(steps));
                // Fails when nobody is left to read it, and then the result says no more.
                let _ = context.peer.notify_progress(progress).await;
            }
        }
        Ok(format!("{label} done"))
    }

    #[tool]
    async fn ask(
        &self,
        Parameters(Ask { via }): Parameters<Ask>,
        peer: Peer<RoleServer>,
    ) -> Result<String, ErrorData> {
        match via {
            Via::Call => sample(peer).await,
            // rmcp puts a request on the stream of the call whose task makes it. A task of its own
            // belongs to no call.
            Via::Standalone => tokio::spawn(sample(peer))
                .await
                .map_err(|error| ErrorData::internal_error(error.to_string(), None))?,
        }
    }

    /// `drop` is a word of the language's prelude, hence the other name.
    #[tool(name = "drop")]
    async fn drop_stream(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        self.close_streams(&context).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok("resumed".to_owned())
    }

    #[tool]
    async fn notify(
        &self,
        Parameters(Notify { text, .. }): Parameters<Notify>,
        peer: Peer<RoleServer>,
    ) -> Result<String, ErrorData> {
        let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(text));
        peer.notify_logging_message(message)
            .await
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok("sent".to_owned())
    }

    #[tool]
    async fn fail(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("failed on purpose")])
    }
}

impl Tools {
    /// Ends the streams of the calls of this session. A handler is not told which stream is its own,
    /// so all are ended; the test that asks for this makes one call at a time.
    async fn close_streams(&self, context: &RequestContext<RoleServer>) -> Result<(), ErrorData> {
        let session = context
            .extensions
            .get::<Parts>()
            .and_then(|parts| parts.headers.get("mcp-session-id")?.to_str().ok())
            .ok_or_else(|| ErrorData::internal_error("the request belongs to no session", None))?;
        let sessions = self.sessions.sessions.read().await;
        let handle = sessions
            .get(session)
            .ok_or_else(|| ErrorData::internal_error("the session is gone", None))?;
        // Streams are numbered from 0 in a session; an unknown number is an error without effect.
        for stream in 0..32 {
            let _ = handle.close_sse_stream(stream, None).await;
        }
        Ok(())
    }
}

async fn sample(peer: Peer<RoleServer>) -> Result<String, ErrorData> {
    let question = SamplingMessage::user_text("What is the answer?");
    let params = CreateMessageRequestParams::new(vec![question], 16);
    let result = peer
        .create_message(params)
        .await
        .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    let text = result
        .message
        .content
        .first()
        .and_then(|block| block.as_text());
    text.map(|text| text.text.clone())
        .ok_or_else(|| ErrorData::internal_error("the client answered with no text", None))
}

#[tool_handler]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_logging();
        ServerConfig::new(capabilities.build())
    }
}
