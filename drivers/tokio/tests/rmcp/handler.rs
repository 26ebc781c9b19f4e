//! The server's side: an rmcp service with something of everything.

#![expect(
    deprecated,
    reason = "the newest revision deprecates sampling, and serves it still"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::request::Parts;
use rmcp::handler::server::tool::InputResponses;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, CreateMessageRequest,
    CreateMessageRequestParams, ElicitRequest, ElicitRequestParams, InputRequest, InputRequests,
    InputRequiredResult, ListResourcesResult, PaginatedRequestParams, ProgressNotificationParam,
    PromptMessage, ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse,
    ReadResourceResult, Resource, ResourceContents, Role, SamplingMessage, ServerCapabilities,
    ServerConfig, SubscriptionFilter,
};
use rmcp::schemars::{self, JsonSchema};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, prompt, prompt_handler, prompt_router, tool,
    tool_handler, tool_router,
};
use serde::Deserialize;
use serde_json::{Value, json};

const RESOURCE: &str = "test://greeting";

/// What the handlers of a server saw.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<&'static str>>>);

impl Seen {
    pub(crate) fn has(&self, what: &str) -> bool {
        self.0.lock().unwrap().contains(&what)
    }

    fn add(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }
}

#[derive(Clone)]
pub(crate) struct Handler {
    seen: Seen,
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Greet {
    name: String,
}

#[tool_router]
impl Handler {
    #[tool]
    async fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }

    /// Three steps.
    #[tool]
    async fn steps(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        let token = context.meta.get_progress_token();
        let token = token.ok_or_else(|| ErrorData::invalid_params("nobody asks", None))?;
        for step in 1..=3_u8 {
            let progress = ProgressNotificationParam::new(token.clone(), f64::from(step));
            let told = context.peer.notify_progress(progress).await;
            told.map_err(internal)?;
        }
        Ok("done".to_owned())
    }

    /// Asks for a message and for a form, in the way of the era.
    #[tool]
    async fn ask(
        &self,
        InputResponses(responses): InputResponses,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let said = if context.protocol_version() == Some(ProtocolVersion::V_2026_07_28) {
            let Some(responses) = responses else {
                let mut requests = InputRequests::new();
                let message = CreateMessageRequest::new(question());
                requests.insert("message".to_owned(), InputRequest::CreateMessage(message));
                let form = InputRequest::Elicitation(ElicitRequest::new(form()));
                requests.insert("form".to_owned(), form);
                return Ok(InputRequiredResult::new(Some(requests), None).into());
            };
            json!([responses["message"], responses["form"]])
        } else {
            let message = context.peer.create_message(question());
            let message = message.await.map_err(internal)?;
            let form = context.peer.create_elicitation(form()).await;
            json!([message, form.map_err(internal)?])
        };
        let said =
            ["/0/content/text", "/1/content/answer"].map(|place| said.pointer(place).cloned());
        Ok(text(&json!(said)))
    }

    /// Waits until it is cancelled.
    #[tool]
    async fn wait(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        self.seen.add("waiting");
        context.ct.cancelled().await;
        self.seen.add("cancelled");
        Err(internal("cancelled"))
    }

    /// Says that the list of tools has changed.
    #[tool]
    async fn change(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        let told = context.peer.notify_tool_list_changed().await;
        told.map_err(internal)?;
        Ok("told".to_owned())
    }

    /// A header of the HTTP request.
    #[tool]
    async fn header(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        let parts: Option<&Parts> = context.extensions.get();
        let header = parts.and_then(|parts| parts.headers.get("x-test")?.to_str().ok());
        Ok(header.unwrap_or("none").to_owned())
    }

    #[tool]
    async fn panic(&self) -> String {
        panic!("as the test wants it");
    }

    /// A moment's work.
    #[tool]
    async fn moment(&self) -> String {
        tokio::time::sleep(Duration::from_millis(20)).await;
        "over".to_owned()
    }
}

#[prompt_router]
impl Handler {
    #[prompt]
    async fn greet(&self, Parameters(Greet { name }): Parameters<Greet>) -> Vec<PromptMessage> {
        let text = format!("Greet {name}.");
        vec![PromptMessage::new_text(Role::User, text)]
    }
}

#[tool_handler]
#[prompt_handler]
impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_prompts()
            .enable_resources()
            .enable_tools()
            .enable_tool_list_changed();
        ServerConfig::new(capabilities.build())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resource = Resource::new(RESOURCE, "greeting");
        Ok(ListResourcesResult::with_all_items(vec![resource]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let contents = ResourceContents::text("good day", request.uri);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    /// Tells of a change, and waits.
    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let told = context.sink().notify_tool_list_changed().await;
        told.map_err(internal)?;
        context.cancelled().await;
        self.seen.add("unsubscribed");
        Ok(())
    }
}

impl Handler {
    pub(crate) fn new(seen: Seen) -> Self {
        Self { seen }
    }
}

fn question() -> CreateMessageRequestParams {
    CreateMessageRequestParams::new(vec![SamplingMessage::user_text("What is it?")], 16)
}

fn form() -> ElicitRequestParams {
    let form = json!({
        "mode": "form",
        "message": "What is it?",
        "requestedSchema": {"type": "object", "properties": {"answer": {"type": "string"}}},
    });
    serde_json::from_value(form).unwrap()
}

fn text(value: &Value) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(value.to_string())]).into()
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn internal(error: impl ToString) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}
