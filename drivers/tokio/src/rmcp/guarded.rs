//! rmcp runs each handler as a task of its own, and does not notice when that panics: its client would wait.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;

use ::rmcp::model::{
    ClientNotification, ClientRequest, ErrorData, ProtocolVersion, ServerConfig, ServerResult,
};
use ::rmcp::service::{NotificationContext, RequestContext};
use ::rmcp::{RoleServer, Service};
use futures_util::FutureExt as _;

/// A service whose handlers answer when they panic.
pub(super) struct Guarded<S>(pub(super) S);

impl<S: Service<RoleServer>> Service<RoleServer> for Guarded<S> {
    async fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        // Called within the guard, too: it may panic before it gives a future.
        let handling = async { self.0.handle_request(request, context).await };
        let handled = AssertUnwindSafe(handling).catch_unwind().await;
        handled.unwrap_or_else(|_| {
            tracing::error!("the handler of a request panicked; its client got -32603");
            let sentence = "the server's handler of this request failed";
            Err(ErrorData::internal_error(sentence, None))
        })
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.0.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        self.0.get_info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.0.supported_protocol_versions()
    }
}
