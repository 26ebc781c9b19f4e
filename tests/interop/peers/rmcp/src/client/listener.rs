//! What the client hears, and what it answers.

#![expect(
    deprecated,
    reason = "the newest revision deprecates sampling, roots and logging, and serves them still"
)]

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult,
    ElicitRequestParams, ElicitResult, ElicitationAction, Implementation, ListRootsResult,
    LoggingMessageNotificationParam, ProgressNotificationParam, ProgressToken, ProtocolVersion,
    Root, SamplingMessage,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{ClientHandler, ErrorData, RoleClient};
use serde_json::{Value, json};

/// The handler of one client.
pub(crate) struct Listener {
    /// The revision that is asked for.
    version: ProtocolVersion,
    messages: Messages,
    progress: Mutex<Vec<(ProgressToken, Value)>>,
}

/// The data of the log messages; all clients of a play write into the same.
#[derive(Clone, Default)]
pub(crate) struct Messages(Arc<Mutex<Vec<Value>>>);

impl Messages {
    pub(crate) fn until_now(&self) -> Vec<Value> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Listener {
    pub(crate) fn new(version: ProtocolVersion, messages: Messages) -> Self {
        Self {
            version,
            messages,
            progress: Mutex::default(),
        }
    }

    /// The progress of one call, as pairs of done and total.
    pub(crate) fn steps(&self, token: &ProgressToken) -> Vec<Value> {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let of_call = progress.iter().filter(|(of, _)| of == token);
        of_call.map(|(_, step)| step.clone()).collect()
    }
}

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        let capabilities = ClientCapabilities::builder()
            .enable_sampling()
            .enable_elicitation()
            .enable_roots();
        ClientConfig::new(capabilities.build(), Implementation::from_build_env())
            .with_protocol_version(self.version.clone())
    }

    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let message = SamplingMessage::assistant_text("forty-two");
        Ok(CreateMessageResult::new(message, "none".to_owned()))
    }

    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let accepted = ElicitResult::new(ElicitationAction::Accept);
        Ok(accepted.with_content(json!({ "answer": "forty-two" })))
    }

    async fn list_roots(
        &self,
        _: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        Ok(ListRootsResult::new(vec![Root::new("file:///forty-two")]))
    }

    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let step = json!([params.progress, params.total]);
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((params.progress_token, step));
    }

    async fn on_logging_message(
        &self,
        params: LoggingMessageNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.messages
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(params.data);
    }
}
