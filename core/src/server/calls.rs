//! The application's own requests to clients: each settles exactly once.
//!
//! Source: 2025-11-25, client features (sampling, elicitation, roots); basic/lifecycle, "Capability
//! Negotiation".

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::event::{ServerEvent, To};
use super::outgoing::Route;
use super::route::Place;
use super::stream::{StreamId, Weight};
use super::{Server, Timer};
use crate::client::attach_token;
use crate::ids::{CallId, SessionId};
use crate::inspect::Weigh as _;
use crate::jsonrpc;
use crate::message::{Call, RpcError};
use crate::outcome::{Execution, Failure, FailureKind, Outcome};
use crate::story::{Millis, Teller};

/// A request of the application's that a client owes an answer to.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) session: SessionId,
    pub(super) method: Cow<'static, str>,
    /// Its JSON-RPC id.
    wire: u64,
    wants_progress: bool,
    /// The stream that it went out on; `None` while it waits for the client to open one.
    sent_on: Option<StreamId>,
    /// The message, while it waits.
    held: Option<Bytes>,
    pub(super) teller: Teller,
}

impl Pending {
    pub(super) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub(super) fn bytes(&self) -> usize {
        self.held.weight()
    }

    const fn execution(&self) -> Execution {
        if self.is_held() {
            Execution::NotSent
        } else {
            Execution::Unknown
        }
    }
}

#[cfg(feature = "explore")]
impl Pending {
    pub(super) const fn wire(&self) -> u64 {
        self.wire
    }

    pub(super) fn fingerprint(&self, canon: &mut crate::canon::Canon<'_>) {
        canon.id(self.session.0);
        canon.add(&(&*self.method, self.wants_progress, self.is_held()));
        canon.wire(Some(self.wire));
        canon.add(&self.sent_on.is_some());
        canon.id(self.sent_on.unwrap_or_default());
    }
}

impl Server {
    pub(super) fn ask(&mut self, id: CallId, to: To, call: Call) {
        if let Err((kind, reason)) = self.try_to_ask(id, to, call) {
            let mut teller = Teller::new(self.now);
            teller.note(self.now, reason);
            self.settle_with(id, kind, Execution::NotSent, teller);
        }
    }

    /// Whose client a request is for, and where it goes; the error says why nobody's.
    fn addressee(&mut self, to: To) -> Result<(Option<SessionId>, Route), (FailureKind, String)> {
        match to {
            To::All => {
                let reason = "a request goes to one client, not to all";
                Err((FailureKind::Misuse, reason.into()))
            }
            To::Session(session) => Ok((Some(session), self.route_of_session(session))),
            To::Request(obligation) => {
                if !self.take_up(obligation) {
                    let reason = "the request that it belongs to is answered or withdrawn";
                    return Err((FailureKind::Undeliverable, reason.into()));
                }
                let session = self
                    .obligations
                    .get(&obligation)
                    .and_then(|open| open.session);
                Ok((session, self.route_of_request(obligation)))
            }
        }
    }

    fn try_to_ask(&mut self, id: CallId, to: To, call: Call) -> Result<(), (FailureKind, String)> {
        let misuse = |reason: &str| (FailureKind::Misuse, reason.into());
        if call.method.is_empty() {
            return Err(misuse("the method is empty"));
        }
        if call
            .params
            .as_ref()
            .is_some_and(|params| !jsonrpc::is_object(params))
        {
            return Err(misuse("params are not the JSON text of an object"));
        }
        let undeliverable = |reason: &str| (FailureKind::Undeliverable, reason.into());
        let (session, route) = self.addressee(to)?;
        let Some(session) = session else {
            return Err(undeliverable(
                "without a session there is no client to ask: nothing could bring its answer. A modern request \
                 is answered with an input_required result instead",
            ));
        };
        if let To::Request(obligation) = to {
            self.restart_answer_clock(obligation);
        }
        if let Some(missing) = self.sessions.lacks_capability(session, &call.method) {
            return Err((
                FailureKind::Undeliverable,
                format!("the client has not declared the capability {missing:?}"),
            ));
        }
        let wire = self.next_wire;
        let message = request(wire, &call);
        let (sent_on, held) = match route {
            Route::Stream(stream) => (Some(stream), None),
            Route::Unopened(..) => {
                let held = self
                    .calls
                    .values()
                    .filter(|open| open.session == session && open.is_held())
                    .count();
                if held >= self.config.limits.held {
                    return Err((
                        FailureKind::Overloaded,
                        format!(
                            "{held} requests wait for the client to open its standalone stream"
                        ),
                    ));
                }
                (None, Some(message.clone()))
            }
            Route::Nowhere(why) => return Err(undeliverable(why)),
        };
        self.next_wire += 1;
        let mut teller = Teller::new(self.now);
        teller.note(
            self.now,
            if held.is_some() {
                "waiting for a stream of the client"
            } else {
                "sent"
            },
        );
        self.calls.insert(
            id,
            Pending {
                session,
                method: call.method,
                wire,
                wants_progress: call.options.progress,
                sent_on,
                held,
                teller,
            },
        );
        let until = self.after(call.options.max.unwrap_or(self.config.timing.call));
        self.timers.set(Timer::Call(id), until);
        self.sessions.began_work(session);
        if let Some(stream) = sent_on {
            self.send_event(stream, &message, Weight::Owed);
        }
        Ok(())
    }

    /// The client has opened its standalone stream: what waited for it goes out.
    pub(super) fn send_held(&mut self, session: SessionId, stream: StreamId) {
        let now = self.now;
        let held: alloc::vec::Vec<Bytes> = self
            .calls
            .values_mut()
            .filter(|open| open.session == session)
            .filter_map(|open| {
                let message = open.held.take()?;
                open.sent_on = Some(stream);
                open.teller.note(now, "sent");
                Some(message)
            })
            .collect();
        for message in held {
            self.send_event(stream, &message, Weight::Owed);
        }
    }

    pub(super) fn on_result(&mut self, place: Place, raw: &str, result: &str) {
        if let Some(id) = self.call_named(place, raw) {
            let result = Bytes::copy_from_slice(result.as_bytes());
            self.settle(id, |_| Outcome::Result(result));
        }
    }

    pub(super) fn on_error(&mut self, place: Place, raw: Option<&str>, error: RpcError) {
        if let Some(id) = raw.and_then(|raw| self.call_named(place, raw)) {
            self.settle(id, |_| Outcome::Error(error));
        }
    }

    /// The call that a response means: by its id, within its session. An id that nobody knows is a late
    /// answer, and settles nothing.
    fn call_named(&self, place: Place, raw: &str) -> Option<CallId> {
        let wire = crate::client::exact(raw)?;
        self.calls
            .iter()
            .find(|(_, open)| open.wire == wire && Some(open.session) == place.session)
            .map(|(&id, _)| id)
    }

    /// Progress of a call of the application's. `false`: it is not ours.
    pub(super) fn on_progress(&mut self, place: Place, params: Option<&str>) -> bool {
        let Some((params, token)) =
            params.and_then(|params| Some((params, jsonrpc::member(params, "progressToken")?)))
        else {
            return false;
        };
        let wire = token
            .strip_prefix("\"sio-")
            .and_then(|token| token.strip_suffix('"'))
            .and_then(crate::client::exact);
        let Some(wire) = wire else {
            return false;
        };
        let named = self
            .calls
            .iter()
            .find(|(_, open)| open.wire == wire && Some(open.session) == place.session)
            .map(|(&id, open)| (id, open.wants_progress));
        if let Some((call, true)) = named {
            let params = Bytes::copy_from_slice(params.as_bytes());
            self.event(ServerEvent::Progress { call, params });
        }
        true
    }

    pub(super) fn cancel_call(&mut self, id: CallId, reason: Option<&str>) {
        self.end_call(id, FailureKind::Cancelled, reason);
    }

    pub(super) fn call_is_late(&mut self, id: CallId) {
        if let Some(open) = self.calls.get_mut(&id) {
            let waited = self.now.saturating_since(open.teller.began());
            open.teller
                .note(self.now, format!("no answer for {}", Millis(waited)));
        }
        self.end_call(id, FailureKind::TimedOut, Some("the request timed out"));
    }

    /// Settles a call, then tells the client, if it has the request.
    fn end_call(&mut self, id: CallId, kind: FailureKind, reason: Option<&str>) {
        let Some(open) = self.calls.get(&id) else {
            return;
        };
        let (wire, session, sent_on) = (open.wire, open.session, open.sent_on);
        self.fail_call(id, kind);
        let Some(stream) = sent_on else {
            return;
        };
        let reason = reason.map_or_else(String::new, |reason| {
            format!(r#","reason":{}"#, jsonrpc::quote(reason))
        });
        let params = format!(r#"{{"requestId":{wire}{reason}}}"#);
        let message = jsonrpc::notification("notifications/cancelled", Some(&params));
        let is_open = self
            .streams
            .get(&stream)
            .is_some_and(|open| open.expected > 0 || open.is_standalone());
        let route = if is_open {
            Route::Stream(stream)
        } else {
            self.route_of_session(session)
        };
        if let Route::Stream(stream) = route {
            self.send_event(stream, &message, Weight::Passing);
        }
    }

    pub(super) fn fail_call(&mut self, id: CallId, kind: FailureKind) {
        self.settle(id, |open| {
            let execution = open.execution();
            failed(kind, execution, open.teller)
        });
    }

    fn settle(&mut self, id: CallId, outcome: impl FnOnce(Pending) -> Outcome) {
        let Some(open) = self.calls.remove(&id) else {
            return;
        };
        self.timers.clear(Timer::Call(id));
        let session = open.session;
        let outcome = outcome(open);
        self.event(ServerEvent::Settled { call: id, outcome });
        self.session_finished_work(session);
    }

    fn settle_with(
        &mut self,
        call: CallId,
        kind: FailureKind,
        execution: Execution,
        teller: Teller,
    ) {
        let outcome = failed(kind, execution, teller);
        self.event(ServerEvent::Settled { call, outcome });
    }
}

fn failed(kind: FailureKind, execution: Execution, teller: Teller) -> Outcome {
    Outcome::Failed(
        Failure {
            kind,
            execution,
            refusal: None,
            story: teller.finish(),
        }
        .into(),
    )
}

fn request(wire: u64, call: &Call) -> Bytes {
    let params = call
        .params
        .as_ref()
        .and_then(|params| core::str::from_utf8(params).ok());
    if call.options.progress {
        let has_meta = params.is_some_and(|params| jsonrpc::member(params, "_meta").is_some());
        let params = attach_token(params, has_meta, wire);
        jsonrpc::request(wire, &call.method, Some(&params))
    } else {
        jsonrpc::request(wire, &call.method, params)
    }
}
