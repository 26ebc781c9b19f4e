//! What a modern server answers to a call, and what follows from it.
//!
//! Source: 2026-07-28, basic, "`ResultType`" and "Error Codes"; basic/transports/streamable-http,
//! "Protocol Version Header".

use alloc::borrow::Cow;
use alloc::format;
use bytes::Bytes;

use crate::client::answer::{error_in, is_own, kind_of_refusal};
use crate::client::era::{is_modern_error, supported_in};
use crate::client::exchange::Exchange;
use crate::client::head::execution_after;
use crate::client::ledger::{Cause, Stage};
use crate::client::{Client, Timer};
use crate::ids::CallId;
use crate::jsonrpc;
use crate::jsonrpc::code::{HEADER_MISMATCH, UNSUPPORTED_PROTOCOL_VERSION};
use crate::message::{Handshake, RpcError};
use crate::notice::NoticeKind;
use crate::outcome::{Execution, FailureKind, Outcome, Refusal};
use crate::story::Seen;
use crate::version::Era;

impl Client {
    pub(in crate::client) fn modern_answer(&mut self, call: CallId, epoch: u32, outcome: Outcome) {
        if matches!(self.config.handshake, Handshake::Host) {
            self.learn_tools_of_host(call, &outcome);
            return self.answer(call, outcome); // The host knows what it asked for.
        }
        // An error of the protocol itself does not show that what we assume of the server holds.
        if !matches!(&outcome, Outcome::Error(error) if is_modern_error(error)) {
            self.session.worked(epoch);
        }
        match outcome {
            Outcome::Result(result) => self.modern_result(call, result),
            Outcome::Error(error) => self.modern_error(call, error),
            failed @ Outcome::Failed(_) => self.answer(call, failed),
        }
    }

    fn modern_result(&mut self, call: CallId, result: Bytes) {
        let Ok(text) = core::str::from_utf8(&result) else {
            return;
        };
        // A type that is no string is none that we know: its text says what it is.
        let result_type = jsonrpc::member(text, "resultType")
            .map(|raw| jsonrpc::string(raw).unwrap_or(Cow::Borrowed(raw)));
        match result_type.as_deref() {
            // Servers of earlier revisions leave it out.
            None | Some("complete") => {
                let kept = if self.lists_tools(call) {
                    self.learn_tools(text)
                } else {
                    None
                };
                self.answer(call, Outcome::Result(kept.map_or(result, Bytes::from)));
            }
            Some("input_required") => self.begin_round(call, text),
            Some(other) if self.config.result_types.iter().any(|known| known == other) => {
                self.answer(call, Outcome::Result(result));
            }
            Some(other) => {
                let reason = format!("resultType {other:?} is not one that we know");
                self.fail_because(call, FailureKind::BadAnswer, reason);
            }
        }
    }

    fn modern_error(&mut self, call: CallId, error: RpcError) {
        match error.code {
            HEADER_MISMATCH => self.refresh_tools(call, error),
            UNSUPPORTED_PROTOCOL_VERSION => self.met_other_version(call, error),
            _ => self.answer(call, Outcome::Error(error)),
        }
    }

    /// The server speaks another revision than this request's: it goes again in one that both speak.
    fn met_other_version(&mut self, call: CallId, error: RpcError) {
        let best = self.best_common(&supported_in(&error));
        let goes_again = match best {
            Some(version) if version.era() == Era::Modern => {
                let Some(entry) = self.ledger.get_mut(call) else {
                    return;
                };
                let allowed = entry.tries.allow(Cause::OtherVersion);
                if allowed {
                    entry.tries.note(Cause::OtherVersion);
                    entry.execution = entry.execution.max(Execution::Refused);
                    self.session.version = Some(version);
                    self.enqueue(call);
                }
                allowed
            }
            Some(version) => self.negotiate_again(call, Some(version.era())),
            None => false,
        };
        if !goes_again {
            self.answer(call, Outcome::Error(error));
        }
    }

    /// An HTTP error to a modern call. A JSON-RPC error in it is the answer to this very call, whatever the
    /// status: a 404 says that there is no such method, and nothing of any other call.
    pub(in crate::client) fn modern_refused(
        &mut self,
        exchange: &Exchange,
        call: CallId,
        refusal: Refusal,
        body: &[u8],
    ) {
        let own = self.ledger.get(call).and_then(|entry| entry.wire);
        let error = error_in(body);
        let is_known = error.as_ref().is_some_and(|(id, error)| {
            let echoes = id
                .as_deref()
                .zip(own)
                .is_some_and(|(id, own)| is_own(id, own.id));
            echoes || is_modern_error(error)
        });
        let was_guess = self.session.was_guess(exchange.epoch);
        let kind = kind_of_refusal(&refusal);
        // A host that speaks for itself finds out itself.
        let may_be_legacy = was_guess && !self.host_speaks() && says_otherwise(&refusal);
        if may_be_legacy && !is_known && self.negotiate_again(call, None) {
            return;
        }
        match error {
            Some((_, error)) if kind == FailureKind::HttpStatus => {
                self.modern_answer(call, exchange.epoch, Outcome::Error(error));
            }
            _ => self.fail_refused(call, kind, execution_after(refusal.status), refusal),
        }
    }

    /// A legacy request met an error that only a modern server gives: the server has changed. The call goes
    /// again once that is settled. `false`: the error is its answer.
    pub(in crate::client) fn met_modern_server(&mut self, call: CallId, error: &RpcError) -> bool {
        is_modern_error(error)
            && self.speaks_modern()
            && self.config.reinitialize
            && self.negotiate_again(call, None)
    }

    /// A connection was lost before the answer came. A call that may run twice goes again, as a new
    /// request.
    pub(in crate::client) fn answer_lost(&mut self, call: CallId) {
        let delay = self.rng.jitter(*self.config.timing.backoff.start());
        let at = self.after(delay);
        let is_in_time = self.deadline_of(call).is_none_or(|deadline| at < deadline);
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        entry.execution = Execution::Unknown;
        let goes_again = entry.era == Era::Modern
            && entry.safe
            && entry.named_version.is_none()
            && entry.tries.allow(Cause::ConnectionLost);
        if !goes_again || !is_in_time {
            return self.fail(call, FailureKind::ConnectionLost);
        }
        entry.tries.note(Cause::ConnectionLost);
        entry.stage = Stage::Retrying(at);
        self.timers.set(Timer::Again(call), at);
        self.saw(call, None, Seen::Waiting { delay });
    }

    fn lists_tools(&self, call: CallId) -> bool {
        self.ledger
            .get(call)
            .is_some_and(|entry| entry.method == "tools/list")
    }

    /// A host that speaks for itself gets every list as it came, and its calls get the headers that the
    /// lists ask for.
    fn learn_tools_of_host(&mut self, call: CallId, outcome: &Outcome) {
        if let Outcome::Result(result) = outcome
            && self.lists_tools(call)
            && let Ok(text) = core::str::from_utf8(result)
            && let Some(list) = crate::mirror::read_list(text)
        {
            self.mirrors.learn(list.tools);
        }
    }

    /// Takes in what a list of tools says of headers. Gives the list without the tools that nobody can
    /// call, if there are any.
    fn learn_tools(&mut self, result: &str) -> Option<alloc::string::String> {
        let list = crate::mirror::read_list(result)?;
        self.mirrors.learn(list.tools);
        for tool in list.excluded {
            let name = tool.name.as_deref().unwrap_or("without a name");
            let detail = format!("tool {name} was left out: {}", tool.reason);
            self.notice(NoticeKind::ToolExcluded, None, detail);
        }
        list.kept
    }
}

/// Whether a refusal may come of a wrong assumption about the server: not if it wants credentials, and not if
/// the request may have run.
pub(in crate::client) fn says_otherwise(refusal: &Refusal) -> bool {
    execution_after(refusal.status) == Execution::Refused
        && kind_of_refusal(refusal) == FailureKind::HttpStatus
}
