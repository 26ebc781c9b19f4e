//! A client's request, as the application sees it.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mcp_sansio::{CallOptions, ObligationId, RpcError, SessionId, To, Version, Withdrawal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::asking;
use super::duty::Duty;
use super::engine::Engine;
use super::said::{self, Client};
use super::session::Started;
use super::state::Attached;
use crate::call::PendingValue;
use crate::watch::Watch;

const INVALID_PARAMS: i64 = -32602;
pub(super) const INTERNAL_ERROR: i64 = -32603;

/// A request of a client. It is answered by what its handler returns, or by [`respond`](Self::respond) if it
/// came from [`Session::next`](super::Session::next); there, one that is dropped is answered with -32603.
pub struct Request {
    engine: Arc<Engine>,
    open: Arc<Open>,
    /// With who must answer it.
    duty: Option<Duty>,
}

/// What is known of a request that is owed an answer.
pub(super) struct Open {
    pub(super) id: ObligationId,
    pub(super) session: Option<Arc<Started>>,
    pub(super) version: Version,
    pub(super) method: Cow<'static, str>,
    pub(super) params: Option<Bytes>,
    pub(super) attached: Option<Attached>,
    pub(super) withdrawn: Watch<Withdrawal>,
}

impl Request {
    pub(super) fn new(engine: Arc<Engine>, open: Arc<Open>) -> Self {
        Self {
            duty: Some(Duty::new(Arc::clone(&engine), Arc::clone(&open))),
            engine,
            open,
        }
    }

    /// Takes over the duty to answer.
    pub(super) fn take_duty(&mut self) -> Option<Duty> {
        self.duty.take()
    }

    /// Its JSON-RPC method, such as `tools/call`.
    pub fn method(&self) -> &str {
        &self.open.method
    }

    /// Its `params`, read as `T`. Without any, `T` is read from null.
    ///
    /// # Errors
    /// An error -32602 that says what is wrong with them, for the handler to return.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, RpcError> {
        read(self.open.params.as_ref())
    }

    /// The JSON text of its `params`, as the client sent it.
    pub fn params_json(&self) -> Option<&Bytes> {
        self.open.params.as_ref()
    }

    /// The request's handle, as [`ServiceHandle::inspect`](super::ServiceHandle::inspect) names it.
    pub fn id(&self) -> ObligationId {
        self.open.id
    }

    /// The session that it belongs to; `None` without sessions.
    pub fn session(&self) -> Option<SessionId> {
        self.open.session()
    }

    /// The revision of the protocol that it is spoken in, whose [`era`](Version::era) says the rest.
    pub fn version(&self) -> Version {
        self.open.version
    }

    /// Who the client says that it is; `None` if it does not say. Nobody has checked it: it is for people
    /// and logs.
    pub fn client_info(&self) -> Option<Value> {
        Client::of(&self.open).info()
    }

    /// What the client can do; `None` if it does not say, which a client without a session in an earlier
    /// revision than 2026-07-28 never does.
    pub fn client_capabilities(&self) -> Option<Value> {
        Client::of(&self.open).capabilities()
    }

    /// What the HTTP side attached to the exchange that the request came on; the driver says what that is.
    pub fn attached<T: Any>(&self) -> Option<&T> {
        self.open.attached.as_ref()?.downcast_ref()
    }

    /// Sends a notification on the stream that answers this request. Nothing happens when the request is
    /// answered or withdrawn, or is answered as JSON only; and since 2026-07-28 with a log message of a level
    /// that the request does not ask for.
    pub fn notify(&self, method: impl Into<Cow<'static, str>>, params: Option<Value>) {
        asking::notify(
            &self.engine,
            To::Request(self.open.id),
            method.into(),
            params,
        );
    }

    /// Tells the client how far the request is, if it asked to know.
    pub fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        let Some(token) = said::progress_token(self.open.params.as_ref()) else {
            return;
        };
        let step = Step {
            token,
            progress,
            total,
            message,
        };
        // Numbers, text, and the client's own JSON: all of it can be written.
        if let Ok(params) = serde_json::to_vec(&step) {
            let method = "notifications/progress".into();
            asking::notify_text(
                &self.engine,
                To::Request(self.open.id),
                method,
                Some(params.into()),
            );
        }
    }

    /// Asks the client, on the stream that answers this request. `()` as `params` leaves them out. It starts
    /// at once; dropping it cancels it. This is for sessions: since 2026-07-28 nobody can be asked so, and it
    /// fails at once. [`input`](Self::input) is for both.
    pub fn ask(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
    ) -> PendingValue {
        self.ask_with(method, params, CallOptions::default())
    }

    /// [`ask`](Self::ask) with options: deadlines, progress.
    pub fn ask_with(
        &self,
        method: impl Into<Cow<'static, str>>,
        params: impl Serialize,
        options: CallOptions,
    ) -> PendingValue {
        let to = To::Request(self.open.id);
        asking::ask(&self.engine, to, method.into(), params, options)
    }

    /// Ends the connection, not the request: a client that can come back (2025-11-25) does so after `retry`, and
    /// finds what it has missed. Others stay connected.
    pub fn release_connection(&self, retry: Option<Duration>) {
        let to = To::Request(self.open.id);
        self.engine
            .step(|state, now| state.machine.release_connection(now, to, retry));
    }

    /// Completes when nobody waits for the answer any more, and says why. The handler may stop then; what it
    /// still answers is ignored.
    pub async fn cancelled(&self) -> Withdrawal {
        self.open.withdrawn.wait().await
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_cancelled(&self) -> bool {
        self.open.withdrawn.get().is_some()
    }

    /// Answers the request. The first answer counts.
    pub fn respond(mut self, result: Result<impl Serialize, RpcError>) {
        let duty = self.duty.take();
        // Its handler's return is an answer, too, and comes too late then.
        let duty = duty.unwrap_or_else(|| Duty::new(self.engine, self.open));
        duty.respond(result);
    }
}

impl Open {
    pub(super) fn session(&self) -> Option<SessionId> {
        self.session.as_ref().map(|started| started.id)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.open.id)
            .field("method", &self.open.method)
            .field("session", &self.open.session())
            .finish_non_exhaustive()
    }
}

/// JSON text as a value; no text is null.
pub(super) fn read<T: DeserializeOwned>(params: Option<&Bytes>) -> Result<T, RpcError> {
    serde_json::from_slice(params.map_or(b"null", |params| &params[..]))
        .map_err(|error| RpcError::new(INVALID_PARAMS, format!("params: {error}")))
}

#[derive(Serialize)]
struct Step<'a> {
    #[serde(rename = "progressToken")]
    token: &'a RawValue,
    progress: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}
