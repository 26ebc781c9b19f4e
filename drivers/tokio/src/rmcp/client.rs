//! The client, as rmcp sees it.

use std::borrow::Cow;
use std::future::Future;

use ::rmcp::RoleClient;
use ::rmcp::model::{
    ClientJsonRpcMessage, ErrorData, GetExtensions as _, JsonRpcMessage, ServerJsonRpcMessage,
};
use ::rmcp::service::InboundStreamOrigin;
use ::rmcp::transport::Transport;
use mcp_sansio_driver::Relay;
use mcp_sansio_driver::core::{CallOptions, Failure, FailureKind, ObligationId, RelayMessage};

use super::TransportError;
use super::ids::{raw, request_id};
use crate::{Client, Reqwest, Tokio};

/// This crate's client as a transport of rmcp's. From [`transport`](super::transport).
///
/// It works on when a call fails, and when a session is lost: it ends when rmcp closes it, or drops it.
pub struct ClientTransport(Relay<Reqwest, Tokio>);

impl ClientTransport {
    /// The client underneath: take a clone before rmcp takes the transport, to see who waits for what
    /// ([`Client::inspect`]), and to hear of its [events](Client::events).
    pub fn client(&self) -> &Client {
        self.0.client()
    }

    /// A message as rmcp has it.
    fn read(&self, message: &RelayMessage) -> Option<ServerJsonRpcMessage> {
        let read: Result<ServerJsonRpcMessage, _> = serde_json::from_slice(&message.text);
        match read {
            Ok(JsonRpcMessage::Request(mut request)) => {
                let origin = message.via.as_ref().and_then(request_id);
                let origin = origin.map_or(
                    InboundStreamOrigin::Unassociated,
                    InboundStreamOrigin::OutboundRequest,
                );
                request.request.extensions_mut().insert(origin);
                Some(JsonRpcMessage::Request(request))
            }
            Ok(read) => Some(read),
            Err(error) => self.cannot_read(message, &error),
        }
    }

    /// Whoever waits for what cannot be read is told so.
    fn cannot_read(
        &self,
        message: &RelayMessage,
        error: &serde_json::Error,
    ) -> Option<ServerJsonRpcMessage> {
        if let Some(id) = message.answers.as_ref().and_then(request_id) {
            let sentence = format!("the server's answer is none that rmcp can read: {error}");
            let error = ErrorData::internal_error(sentence, None);
            return Some(JsonRpcMessage::error(error, Some(id)));
        }
        if let Some(id) = message.obligation {
            self.refuse(id, error);
        } else {
            tracing::debug!("a message of the server is none that rmcp can read: {error}");
        }
        None
    }

    fn refuse(&self, id: ObligationId, error: &serde_json::Error) {
        let sentence = format!("the client cannot read this request: {error}");
        let error = ErrorData::invalid_params(sentence, None);
        let answer = ClientJsonRpcMessage::error(error, Some(raw(id)));
        // Numbers and text can be written.
        if let Ok(text) = serde_json::to_vec(&answer) {
            drop(self.0.send(&text, CallOptions::default()));
        }
    }
}

impl Transport<RoleClient> for ClientTransport {
    type Error = TransportError;

    fn name() -> Cow<'static, str> {
        env!("CARGO_PKG_NAME").into()
    }

    /// For a request the future is ready when it is answered, or has failed: rmcp takes the failure of a
    /// sending for one of the transport, and an error that it receives for one of the server.
    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), TransportError>> + Send + 'static {
        let sending = serde_json::to_vec(&message)
            .map(|text| self.0.send(&text, CallOptions::default()))
            .map_err(TransportError::Unwritable);
        async move {
            match sending?.await {
                Err(failure) if is_told_by_send(&failure) => Err(TransportError::failed(failure)),
                Ok(()) | Err(_) => Ok(()),
            }
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            let message = self.0.next().await?;
            if message.failure.as_deref().is_some_and(|failure| {
                failure.kind == FailureKind::Cancelled || is_told_by_send(failure)
            }) {
                continue;
            }
            if let Some(message) = self.read(&message) {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), TransportError> {
        self.client().close().await;
        Ok(())
    }
}

impl From<Relay<Reqwest, Tokio>> for ClientTransport {
    fn from(relay: Relay<Reqwest, Tokio>) -> Self {
        Self(relay)
    }
}

/// Whether rmcp is told of a failure as one of the transport. A refusal of the request itself is the server's
/// word: rmcp searches the server's era by it. What rmcp has cancelled it does not ask for any more.
fn is_told_by_send(failure: &Failure) -> bool {
    const REFUSALS: std::ops::Range<u16> = 400..500;
    const TOO_MANY_REQUESTS: u16 = 429;
    let is_refusal = |status| REFUSALS.contains(&status) && status != TOO_MANY_REQUESTS;
    match failure.kind {
        FailureKind::Cancelled => false,
        FailureKind::HttpStatus => {
            !matches!(&failure.refusal, Some(refusal) if is_refusal(refusal.status))
        }
        _ => true,
    }
}
