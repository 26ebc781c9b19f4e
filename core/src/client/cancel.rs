//! Ending a call before its answer: it settles first, then the server is told, and nothing waits for that.

use alloc::format;
use alloc::vec::Vec;

use super::exchange::{Post, Purpose, Request};
use super::ledger::Kind;
use super::{Client, Timer};
use crate::http::{Header, Method};
use crate::ids::CallId;
use crate::jsonrpc;
use crate::outcome::{Execution, FailureKind};
use crate::version::Era;

impl Client {
    pub(super) fn cancel_call(&mut self, call: CallId, reason: Option<&str>) {
        self.end_call(call, FailureKind::Cancelled, reason);
    }

    /// Settles the call, and tells the server if it may be working on it.
    pub(super) fn end_call(&mut self, call: CallId, kind: FailureKind, reason: Option<&str>) {
        let wire_id = self.wire_id_to_cancel(call);
        let own_headers = self
            .ledger
            .get(call)
            .map(|entry| entry.options.headers.clone());
        self.fail(call, kind);
        if let Some(wire_id) = wire_id {
            self.post_cancelled(wire_id, reason, own_headers.unwrap_or_default());
        }
    }

    /// `notifications/cancelled` may only name a request that was sent in this session and is not
    /// answered; never `initialize` (utilities, cancellation), and not a request that made a task, which
    /// has `tasks/cancel`.
    fn wire_id_to_cancel(&self, call: CallId) -> Option<u64> {
        let entry = self.ledger.get(call)?;
        let wire = entry.wire?;
        let may_run = entry.execution() == Execution::Unknown;
        // A modern server is told by the end of the exchange.
        let is_legacy = entry.era == Era::Legacy;
        let is_cancellable = entry.kind == Kind::Request && !entry.task && may_run && is_legacy;
        (is_cancellable && self.session.is_current(wire.epoch)).then_some(wire.id)
    }

    /// The call's own headers go with it: a gateway may route by them.
    fn post_cancelled(&mut self, wire_id: u64, reason: Option<&str>, own_headers: Vec<Header>) {
        let params = match reason {
            Some(reason) => format!(
                r#"{{"requestId":{wire_id},"reason":{}}}"#,
                jsonrpc::quote(reason)
            ),
            None => format!(r#"{{"requestId":{wire_id}}}"#),
        };
        let mut headers = self.post_headers();
        headers.extend(own_headers);
        let request = Request {
            method: Method::Post,
            url: None,
            headers,
            body: jsonrpc::notification("notifications/cancelled", Some(&params)),
        };
        let exchange = self.open(Purpose::Post(Post::Cancel), request);
        let until = self.after(self.config.timing.cancel);
        self.timers.set(Timer::Exchange(exchange), until);
    }
}
