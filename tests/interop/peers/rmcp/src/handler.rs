//! What rmcp asks of a server beside its tools: what it is, a resource, a prompt, and listen streams.

#![expect(
    deprecated,
    reason = "the newest revision deprecates logging, and serves it still"
)]

use std::borrow::Cow;
use std::sync::Arc;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    ListResourcesResult, PaginatedRequestParams, PromptMessage, ProtocolVersion,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource,
    ResourceContents, Role, ServerCapabilities, ServerConfig, SubscriptionFilter,
};
use rmcp::schemars::{self, JsonSchema};
use rmcp::service::{RequestContext, SubscriptionContext, SubscriptionSendError};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::{
    ErrorData, RoleServer, ServerHandler, prompt, prompt_handler, prompt_router, tool_handler,
};
use serde::Deserialize;
use tokio::sync::broadcast;

use crate::{List, Order};

const RESOURCE: &str = "test://greeting";

#[derive(Clone)]
pub(crate) struct Handler {
    pub(crate) sessions: Arc<LocalSessionManager>,
    orders: broadcast::Sender<Order>,
    versions: &'static [ProtocolVersion],
}

#[derive(Deserialize, JsonSchema)]
struct Greet {
    name: String,
}

#[prompt_router]
impl Handler {
    pub(crate) fn new(
        sessions: Arc<LocalSessionManager>,
        orders: broadcast::Sender<Order>,
        versions: &'static [ProtocolVersion],
    ) -> Self {
        Self {
            sessions,
            orders,
            versions,
        }
    }

    #[prompt]
    async fn greet(&self, Parameters(Greet { name }): Parameters<Greet>) -> Vec<PromptMessage> {
        vec![PromptMessage::new_text(
            Role::User,
            format!("Greet {name}."),
        )]
    }
}

#[tool_handler]
#[prompt_handler]
impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_logging()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_resources_subscribe()
            .enable_tools()
            .enable_tool_list_changed();
        ServerConfig::new(capabilities.build())
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.versions.into()
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resource = Resource::new(RESOURCE, "greeting").with_mime_type("text/plain");
        Ok(ListResourcesResult::with_all_items(vec![resource]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if request.uri != RESOURCE {
            let message = format!("no resource {}", request.uri);
            return Err(ErrorData::invalid_params(message, None));
        }
        let contents = ResourceContents::text("good day", RESOURCE);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    /// All that rmcp can tell of. It cuts this to what was asked for and what is declared above.
    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut orders = self.orders.subscribe();
        loop {
            let order = tokio::select! {
                order = orders.recv() => order,
                () = context.cancelled() => return Ok(()),
            };
            let sink = context.sink();
            let sent = match order {
                Ok(Order::Change(List::Tools)) => sink.notify_tool_list_changed().await,
                Ok(Order::Change(List::Prompts)) => sink.notify_prompt_list_changed().await,
                Ok(Order::Change(List::Resources)) => sink.notify_resource_list_changed().await,
                Ok(Order::Update(uri)) => sink.notify_resource_updated(uri).await,
                Ok(Order::End) | Err(_) => return Ok(()),
            };
            match sent {
                // This stream did not ask for it; others may have.
                Ok(()) | Err(SubscriptionSendError::NotificationNotAccepted(_)) => {}
                Err(error) => return Err(ErrorData::internal_error(error.to_string(), None)),
            }
        }
    }
}
