//! What the application says to clients of its own accord: notifications and requests.

use std::borrow::Cow;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use mcp_sansio::{Call, CallId, CallOptions, Notification, Outcome, To};
use serde::Serialize;
use serde_json::Value;

use super::engine::Engine;
use crate::call::{PendingCall, PendingValue, Port};
use crate::client::text;
use crate::error::CallError;
use crate::messages::{Channel, Messages, Room};
use crate::state::Slot;

pub(super) fn notify(
    engine: &Arc<Engine>,
    to: To,
    method: Cow<'static, str>,
    params: Option<Value>,
) {
    notify_text(
        engine,
        to,
        method,
        params.map(|params| params.to_string().into()),
    );
}

pub(super) fn notify_text(
    engine: &Arc<Engine>,
    to: To,
    method: Cow<'static, str>,
    params: Option<Bytes>,
) {
    let notification = Notification::new(method, params);
    engine.step(|state, now| state.machine.notify(now, to, notification));
}

pub(super) fn ask(
    engine: &Arc<Engine>,
    to: To,
    method: Cow<'static, str>,
    params: impl Serialize,
    options: CallOptions,
) -> PendingValue {
    match text(params) {
        Ok(params) => start(engine, to, Call::new(method, params).with(options)).value(),
        Err(error) => PendingValue::failed(CallError::Arguments(error)),
    }
}

/// Begins a call. Whoever waits for it is known before anything can come of it.
fn start(engine: &Arc<Engine>, to: To, call: Call) -> PendingCall {
    let progress = call.options.progress.then(Channel::lossy);
    let id = engine.step(|state, now| {
        let id = state.machine.call(now, to, call);
        state.calls.insert(id, Slot::Waiting(None));
        if let Some(channel) = &progress {
            state.progress.insert(id, Arc::clone(channel));
        }
        id
    });
    let asking = Arc::new(Asking(Arc::clone(engine)));
    let progress = progress.map(|channel| Messages::new(channel, asking.clone()));
    PendingCall::new(id, asking, progress)
}

/// The engine, as a pending call and a reader of messages see it.
pub(super) struct Asking(pub(super) Arc<Engine>);

impl Port for Asking {
    fn poll_call(&self, call: CallId, cx: &Context<'_>) -> Poll<Outcome> {
        let mut state = self.0.lock();
        match state.calls.remove(&call) {
            Some(Slot::Settled(outcome)) => Poll::Ready(outcome),
            Some(Slot::Waiting(before)) => {
                let waker = Some(cx.waker().clone());
                state.calls.insert(call, Slot::Waiting(waker));
                drop(state);
                drop(before);
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }

    fn abandon(&self, call: CallId) {
        let slot = self.0.step(|state, now| {
            state.machine.cancel(now, call, None);
            state.calls.remove(&call)
        });
        drop(slot);
    }
}

/// What a server's host reads is bounded by dropping the oldest: taking it makes no room for others.
impl Room for Asking {
    fn regain(self: Arc<Self>, _: usize) {}
}
