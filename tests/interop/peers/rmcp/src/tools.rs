//! The tools.

#![expect(
    deprecated,
    reason = "the newest revision deprecates logging, and serves it still"
)]

use std::time::Duration;

use axum::http::request::Parts;
use rmcp::handler::server::tool::{InputResponses, RequestState};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, LoggingLevel, LoggingMessageNotificationParam,
    ProgressNotificationParam, ProtocolVersion,
};
use rmcp::schemars::{self, JsonSchema};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, tool, tool_router};
use serde::Deserialize;
use serde_json::json;

use crate::asking::{self, Kind};
use crate::handler::Handler;
use crate::report;

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
    #[serde(default)]
    kind: Kind,
}

#[derive(Deserialize, JsonSchema)]
struct Notify {
    /// rmcp chooses the stream of a notification itself, so this changes nothing here; the tests'
    /// table says what is expected.
    #[serde(rename = "via")]
    _via: Via,
    text: String,
}

/// In the modern era its marked arguments come as headers too, and rmcp compares them.
#[derive(Deserialize, JsonSchema)]
struct Mirror {
    #[schemars(extend("x-mcp-header" = "Region"))]
    region: String,
    #[schemars(extend("x-mcp-header" = "Level"))]
    level: i64,
    plain: String,
}

#[tool_router(vis = "pub(crate)")]
impl Handler {
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
        Parameters(Ask { via, kind }): Parameters<Ask>,
        RequestState(state): RequestState,
        InputResponses(responses): InputResponses,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if is_modern(&context) {
            return asking::by_result(kind, state.as_deref(), &responses.unwrap_or_default());
        }
        let asking = asking::sample(context.peer);
        let text = match via {
            Via::Call => asking.await?,
            // rmcp puts a request on the stream of the call whose task makes it. A task of its own
            // belongs to no call.
            Via::Standalone => tokio::spawn(asking)
                .await
                .map_err(|error| ErrorData::internal_error(error.to_string(), None))??,
        };
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }

    #[tool]
    async fn mirror(
        &self,
        Parameters(Mirror {
            region,
            level,
            plain,
        }): Parameters<Mirror>,
    ) -> String {
        format!("{region} {level} {plain}")
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
        context: RequestContext<RoleServer>,
    ) -> Result<String, ErrorData> {
        // rmcp leaves it to the application not to send what the request did not ask for.
        let level = context.meta.log_level();
        let is_wanted = matches!(level, Some(LoggingLevel::Debug | LoggingLevel::Info));
        if is_modern(&context) && !is_wanted {
            return Ok("sent".to_owned());
        }
        let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(text));
        context
            .peer
            .notify_logging_message(message)
            .await
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok("sent".to_owned())
    }

    #[tool]
    async fn fail(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("failed on purpose")])
    }
}

impl Handler {
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

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version() == Some(ProtocolVersion::V_2026_07_28)
}
