//! The client's side: what it hears, and what it answers.

#![expect(
    deprecated,
    reason = "the newest revision deprecates sampling, and serves it still"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rmcp::model::{
    ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult,
    ElicitRequestParams, ElicitResult, ElicitationAction, Implementation,
    ProgressNotificationParam, ProgressToken, ProtocolVersion, SamplingMessage,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{ClientHandler, ErrorData, RoleClient};
use serde_json::json;

#[derive(Default)]
pub(crate) struct Listener {
    steps: Mutex<Vec<(ProgressToken, f64)>>,
    changes: AtomicUsize,
}

impl Listener {
    /// The progress of one call.
    pub(crate) fn steps(&self, token: &ProgressToken) -> Vec<f64> {
        let steps = self.steps.lock().unwrap();
        let of_call = steps.iter().filter(|(of, _)| of == token);
        of_call.map(|(_, step)| *step).collect()
    }

    /// How often the list of tools has changed.
    pub(crate) fn changes(&self) -> usize {
        self.changes.load(Ordering::SeqCst)
    }
}

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        let capabilities = ClientCapabilities::builder()
            .enable_sampling()
            .enable_elicitation();
        ClientConfig::new(capabilities.build(), Implementation::from_build_env())
            .with_protocol_version(ProtocolVersion::V_2025_11_25)
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
        Ok(accepted.with_content(json!({"answer": "twenty-one"})))
    }

    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let step = (params.progress_token, params.progress);
        self.steps.lock().unwrap().push(step);
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}
