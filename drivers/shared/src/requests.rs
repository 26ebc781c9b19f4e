//! The server's requests: a task for each, which answers whatever becomes of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{AbortRegistration, Abortable};
use mcp_sansio::{Answer, ObligationId, RpcError};
use serde_json::Value;

use crate::engine::Engine;
use crate::http::Http;
use crate::runtime::Runtime;

/// A request of the server, for the handler given to [`Builder::on_request`](crate::Builder::on_request).
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct ServerRequest {
    /// Its JSON-RPC method, such as `sampling/createMessage`.
    pub method: String,
    /// Its `params`.
    pub params: Option<Value>,
}

pub(crate) type Handler = Arc<dyn Fn(ServerRequest) -> Handling + Send + Sync>;
pub(crate) type Handling = Pin<Box<dyn Future<Output = Result<Value, RpcError>> + Send>>;

/// A request of the server that has a handler and waits to be run.
pub(crate) struct Incoming {
    pub(crate) id: ObligationId,
    pub(crate) method: String,
    pub(crate) params: Option<Bytes>,
    pub(crate) withdrawn: AbortRegistration,
}

impl Incoming {
    /// Runs the handler. Its answer goes out also when the handler panics; when the request was withdrawn
    /// the handler is dropped, and the answer is ignored.
    pub(crate) async fn handle<H: Http, R: Runtime>(
        self,
        handler: Handler,
        engine: Arc<Engine<H, R>>,
    ) {
        let mut reply = Reply {
            engine,
            id: self.id,
            answer: Answer::Error(RpcError::new(-32603, "the handler of this request failed")),
        };
        let handling = async {
            let params = self.params.map(|text| serde_json::from_slice(&text));
            let params = params
                .transpose()
                .map_err(|error| RpcError::new(-32602, format!("params: {error}")))?;
            let method = self.method;
            handler(ServerRequest { method, params }).await
        };
        if let Ok(result) = Abortable::new(handling, self.withdrawn).await {
            reply.answer = match result {
                Ok(value) => Answer::Result(value.to_string().into()),
                Err(error) => Answer::Error(error),
            };
        }
    }
}

/// Answers when it is dropped.
struct Reply<H: Http, R: Runtime> {
    engine: Arc<Engine<H, R>>,
    id: ObligationId,
    answer: Answer,
}

impl<H: Http, R: Runtime> Drop for Reply<H, R> {
    fn drop(&mut self) {
        let answer = std::mem::replace(&mut self.answer, Answer::Result(Bytes::new()));
        self.engine.respond(self.id, answer);
    }
}
