//! A session, or a request that belongs to none, as a transport of rmcp's.

use std::borrow::Cow;
use std::collections::HashMap;
use std::future::{Future, ready};

use ::http::request::Parts;
use ::rmcp::RoleServer;
use ::rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ErrorData, GetExtensions, GetMeta as _,
    JsonRpcMessage, ProgressToken, RequestId, ServerJsonRpcMessage, ServerNotification,
};
use ::rmcp::service::OriginatingRequestId;
use ::rmcp::transport::Transport;
use mcp_sansio_driver::core::{FailureKind, ObligationId, RelayMessage};
use mcp_sansio_driver::server::{Link, Message};

use super::TransportError;
use super::ids::{obligation, raw, request_id};

/// A link as a transport of rmcp's.
pub(super) struct ServerTransport {
    link: Link,
    /// The requests in flight that want to hear of their progress: rmcp does not say whose progress it tells.
    tokens: HashMap<ProgressToken, ObligationId>,
}

impl ServerTransport {
    pub(super) fn new(link: Link) -> Self {
        Self {
            link,
            tokens: HashMap::new(),
        }
    }

    /// A message as rmcp has it.
    fn read(&mut self, message: &Message) -> Option<ClientJsonRpcMessage> {
        let read: Result<ClientJsonRpcMessage, _> = serde_json::from_slice(&message.relayed.text);
        let parts = message.attached::<Parts>();
        match read {
            Ok(JsonRpcMessage::Request(mut request)) => {
                let token = request.request.get_meta().get_progress_token();
                self.tokens.extend(token.zip(message.relayed.obligation));
                attach(&mut request.request, parts);
                Some(JsonRpcMessage::Request(request))
            }
            Ok(JsonRpcMessage::Notification(mut notification)) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                {
                    self.forget(cancelled.params.request_id.as_ref());
                }
                attach(&mut notification.notification, parts);
                Some(JsonRpcMessage::Notification(notification))
            }
            Ok(read) => Some(read),
            Err(error) => self.cannot_read(&message.relayed, &error),
        }
    }

    /// Whoever waits for what cannot be read is told so.
    fn cannot_read(
        &self,
        message: &RelayMessage,
        error: &serde_json::Error,
    ) -> Option<ClientJsonRpcMessage> {
        if let Some(id) = message.answers.as_ref().and_then(request_id) {
            let sentence = format!("the client's answer is none that rmcp can read: {error}");
            let error = ErrorData::internal_error(sentence, None);
            return Some(JsonRpcMessage::error(error, Some(id)));
        }
        if let Some(id) = message.obligation {
            let sentence = format!("the server cannot read this request: {error}");
            let error = ErrorData::invalid_params(sentence, None);
            let answer = ServerJsonRpcMessage::error(error, Some(raw(id)));
            // Numbers and text can be written.
            if let Ok(text) = serde_json::to_vec(&answer) {
                self.link.send(&text, None);
            }
        } else {
            tracing::debug!("a message of the client is none that rmcp can read: {error}");
        }
        None
    }

    /// The client's request that a message of rmcp's belongs to.
    fn via(&self, message: &ServerJsonRpcMessage) -> Option<ObligationId> {
        match message {
            JsonRpcMessage::Request(request) => {
                let origin = request.request.extensions().get()?;
                let OriginatingRequestId(id) = origin;
                obligation(id)
            }
            JsonRpcMessage::Notification(notification) => match &notification.notification {
                ServerNotification::ProgressNotification(progress) => {
                    self.tokens.get(&progress.params.progress_token).copied()
                }
                _ => None,
            },
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => None,
        }
    }

    /// What is answered, or cancelled, makes no progress any more.
    fn forget(&mut self, id: Option<&RequestId>) {
        if let Some(done) = id.and_then(obligation) {
            self.tokens.retain(|_, request| *request != done);
        }
    }
}

impl Transport<RoleServer> for ServerTransport {
    type Error = TransportError;

    fn name() -> Cow<'static, str> {
        env!("CARGO_PKG_NAME").into()
    }

    /// A request of rmcp's that fails is answered with an error, which says how.
    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), TransportError>> + Send + 'static {
        let via = self.via(&message);
        self.forget(answered(&message));
        let sent = serde_json::to_vec(&message).map(|text| self.link.send(&text, via));
        ready(sent.map_err(TransportError::Unwritable))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let message = self.link.next().await?;
            // What rmcp has cancelled it does not ask for any more.
            let failure = message.relayed.failure.as_deref();
            if failure.is_some_and(|failure| failure.kind == FailureKind::Cancelled) {
                continue;
            }
            if let Some(message) = self.read(&message) {
                return Some(message);
            }
        }
    }

    /// The link ends when this is dropped.
    async fn close(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
}

/// The client's request that a message of rmcp's answers.
fn answered(message: &ServerJsonRpcMessage) -> Option<&RequestId> {
    match message {
        JsonRpcMessage::Response(response) => Some(&response.id),
        JsonRpcMessage::Error(error) => error.id.as_ref(),
        JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => None,
    }
}

/// Where rmcp's handlers look for the head of the HTTP request.
fn attach(message: &mut impl GetExtensions, parts: Option<&Parts>) {
    if let Some(parts) = parts {
        message.extensions_mut().insert(parts.clone());
    }
}
