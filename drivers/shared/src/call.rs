//! Calls on their way.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use mcp_sansio::{CallId, Outcome};
use serde_json::Value;

use crate::error::CallError;
use crate::messages::Progress;

/// A call on its way: a future of its [`Outcome`]. Dropping it cancels the call. It keeps the client open.
#[must_use = "dropping a call cancels it"]
pub struct PendingCall {
    id: CallId,
    port: Arc<dyn Port>,
    progress: Option<Progress>,
    settled: bool,
}

impl PendingCall {
    pub(crate) fn new(id: CallId, port: Arc<dyn Port>, progress: Option<Progress>) -> Self {
        Self {
            id,
            port,
            progress,
            settled: false,
        }
    }

    /// The call's handle, as [`Client::inspect`](crate::Client::inspect) names it.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// The call's progress, if [`CallOptions::progress`](mcp_sansio::CallOptions::progress) was set. Take
    /// it before the call is first polled; after that, and at a second time, there is none.
    pub fn progress(&mut self) -> Option<Progress> {
        self.progress.take()
    }

    /// The same call as a future of the result's JSON value.
    pub fn value(self) -> PendingValue {
        PendingValue(Ok(self))
    }
}

impl Future for PendingCall {
    type Output = Outcome;

    /// # Panics
    /// Like most futures, when it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        assert!(!self.settled, "a PendingCall was polled after it was ready");
        // Nobody reads progress that was not taken by now, and it must not take room from others.
        self.progress = None;
        let outcome = self.port.poll_call(self.id, cx);
        self.settled = outcome.is_ready();
        outcome
    }
}

impl Drop for PendingCall {
    fn drop(&mut self) {
        if !self.settled {
            self.port.abandon(self.id);
        }
    }
}

/// A call on its way: a future of its result as a JSON value. Dropping it cancels the call.
#[must_use = "dropping a call cancels it"]
pub struct PendingValue(Result<PendingCall, Option<CallError>>);

impl PendingValue {
    /// A call that failed before it began.
    pub(crate) fn failed(error: CallError) -> Self {
        Self(Err(Some(error)))
    }

    /// The call's handle; `None` if its arguments could not be written.
    pub fn id(&self) -> Option<CallId> {
        self.0.as_ref().ok().map(PendingCall::id)
    }

    /// As [`PendingCall::progress`].
    pub fn progress(&mut self) -> Option<Progress> {
        self.0.as_mut().ok()?.progress()
    }
}

impl Future for PendingValue {
    type Output = Result<Value, CallError>;

    /// # Panics
    /// Like most futures, when it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Ok(call) => Pin::new(call).poll(cx).map(value),
            Err(error) => {
                let error = error.take();
                Poll::Ready(Err(
                    error.expect("a PendingValue was polled after it was ready")
                ))
            }
        }
    }
}

fn value(outcome: Outcome) -> Result<Value, CallError> {
    match outcome {
        Outcome::Result(text) => {
            serde_json::from_slice(&text).map_err(|error| CallError::BadResult(error.to_string()))
        }
        Outcome::Error(error) => Err(CallError::Peer(error)),
        Outcome::Failed(failure) => Err(CallError::Failed(failure)),
    }
}

/// What a pending call asks of its client.
pub(crate) trait Port: Send + Sync {
    fn poll_call(&self, call: CallId, cx: &Context<'_>) -> Poll<Outcome>;
    fn abandon(&self, call: CallId);
}
