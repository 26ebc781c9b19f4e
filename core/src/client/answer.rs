//! What a whole body says: the answer to its own call, or why there is none.

use alloc::format;
use alloc::string::String;
use bytes::Bytes;

use super::exchange::Exchange;
use super::head::execution_after;
use super::ledger::{Cause, Stage};
use super::modern::says_otherwise;
use super::{Client, Timer};
use crate::http::{challenge, names};
use crate::ids::{CallId, ExchangeId};
use crate::jsonrpc::code::METHOD_NOT_FOUND;
use crate::jsonrpc::{self, Message, Scanned};
use crate::message::RpcError;
use crate::outcome::{FailureKind, Outcome, Refusal};
use crate::story::Seen;
use crate::version::Era;

impl Client {
    /// A whole JSON body: the answer to this exchange's own call, and to no other.
    pub(super) fn json_answer(
        &mut self,
        id: ExchangeId,
        exchange: &Exchange,
        call: CallId,
        body: &[u8],
    ) {
        let wire = self.ledger.get(call).and_then(|entry| entry.wire);
        let own = wire.map_or(0, |wire| wire.id);
        let reason = match parse(body) {
            Ok(Scanned::One(Message::Result { id, result })) if is_own(id, own) => {
                let result = Bytes::copy_from_slice(result.as_bytes());
                return self.answered(call, exchange.epoch, Outcome::Result(result));
            }
            Ok(Scanned::One(Message::Error { id, error }))
                if id.is_none_or(|id| is_own(id, own)) =>
            {
                return self.answered(call, exchange.epoch, Outcome::Error(error));
            }
            Ok(Scanned::One(Message::Result { id, .. } | Message::Error { id: Some(id), .. })) => {
                format!("the answer is for request {id}, not {own}")
            }
            Ok(Scanned::One(
                Message::Notification { method, .. } | Message::Request { method, .. },
            )) => {
                format!("the answer is no response but a message of its own, {method}")
            }
            Ok(Scanned::One(Message::Error { id: None, .. })) => {
                "the answer names no request".into()
            }
            Ok(Scanned::Batch(messages)) if self.session.has_batches() => {
                for message in messages {
                    match message {
                        Ok(message) => {
                            self.on_message(exchange.origin(id), message);
                        }
                        Err(reason) => self.ignore(id, format!("a message of a batch: {reason}")),
                    }
                }
                format!("the batch has no answer to request {own}")
            }
            Ok(Scanned::Batch(_)) => {
                "the answer is a batch, which this protocol version does not have".into()
            }
            Err(reason) => reason,
        };
        self.fail_because(call, FailureKind::BadAnswer, reason);
    }

    /// An HTTP error to a call's own POST.
    pub(super) fn refused(
        &mut self,
        exchange: &Exchange,
        call: CallId,
        refusal: Refusal,
        body: &[u8],
    ) {
        let status = refusal.status;
        let refusal = refusal.with_body(body);
        if exchange.era == Era::Modern {
            return self.modern_refused(exchange, call, refusal, body);
        }
        let own = self
            .ledger
            .get(call)
            .and_then(|entry| entry.wire)
            .map_or(0, |wire| wire.id);
        let error = error_in(body);
        let echoes = error
            .as_ref()
            .is_some_and(|(id, _)| id.as_ref().is_some_and(|id| is_own(id, own)));
        let in_session = exchange.carried_session() || self.session.is_http_sse();
        if status == 404 && in_session {
            let is_answer = echoes
                && error
                    .as_ref()
                    .is_some_and(|(_, error)| error.code == METHOD_NOT_FOUND);
            if !is_answer {
                return self.met_lost_session(call, exchange.epoch);
            }
        }
        let is_challenge = refusal
            .headers
            .iter()
            .any(|header| header.name == names::WWW_AUTHENTICATE);
        let is_suspect = status == 400 || (status == 401 && !is_challenge);
        if in_session && is_suspect && !echoes {
            self.suspect_session(exchange.epoch);
        }
        let kind = kind_of_refusal(&refusal);
        // Without a session nothing else would ever say that a saved revision does not hold any more.
        let is_wrong_guess = self.session.was_guess(exchange.epoch)
            && !in_session
            && !echoes
            && says_otherwise(&refusal);
        if is_wrong_guess && self.negotiate_again(call, None) {
            return;
        }
        // Who wants credentials says nothing of the protocol, whatever the body is.
        match error.filter(|_| kind == FailureKind::HttpStatus) {
            Some((_, error)) if self.met_modern_server(call, &error) => {}
            Some((_, error)) => {
                if echoes {
                    self.session.worked(exchange.epoch);
                }
                self.answer(call, Outcome::Error(error));
            }
            None => self.fail_refused(call, kind, execution_after(status), refusal),
        }
    }

    /// The peer answered: the session works.
    pub(super) fn answered(&mut self, call: CallId, epoch: u32, outcome: Outcome) {
        let era = self.ledger.get(call).map(|entry| entry.era);
        match (era, &outcome) {
            (Some(Era::Modern), _) => self.modern_answer(call, epoch, outcome),
            (_, Outcome::Error(error)) if self.met_modern_server(call, error) => {}
            _ => {
                self.session.worked(epoch);
                self.answer(call, outcome);
            }
        }
    }

    /// The request certainly did not leave: it is sent once more, a little later.
    pub(super) fn not_sent(&mut self, call: CallId) {
        let delay = self.rng.jitter(*self.config.timing.backoff.start());
        let at = self.after(delay);
        let Some(entry) = self.ledger.get_mut(call) else {
            return;
        };
        entry.stage = Stage::Retrying(at);
        self.timers.clear(Timer::Grace(call));
        let is_in_time = self.timers.at(Timer::Max(call)).is_none_or(|max| at < max);
        if !entry.tries.allow(Cause::NotSent) || !is_in_time {
            return self.fail(call, FailureKind::Unreachable);
        }
        entry.tries.note(Cause::NotSent);
        self.timers.set(Timer::Again(call), at);
        self.saw(call, None, Seen::Waiting { delay });
    }
}

fn parse(body: &[u8]) -> Result<Scanned<'_>, String> {
    let text = core::str::from_utf8(body).map_err(|_| String::from("the answer is not UTF-8"))?;
    jsonrpc::scan(text).map_err(|reason| format!("the answer is no JSON-RPC message: {reason}"))
}

/// The error object in the body of an HTTP error, whatever id it names.
pub(super) fn error_in(body: &[u8]) -> Option<(Option<String>, RpcError)> {
    match jsonrpc::scan(core::str::from_utf8(body).ok()?) {
        Ok(Scanned::One(Message::Error { id, error })) => Some((id.map(Into::into), error)),
        _ => None,
    }
}

/// Whether an id on a call's own exchange is the call's. The exchange has said whose answer this is, so
/// ids that went through a language of strings or floats are taken too: `"7"` and `7.0` for 7.
pub(super) fn is_own(raw: &str, own: u64) -> bool {
    let digits = raw
        .strip_prefix('"')
        .and_then(|raw| raw.strip_suffix('"'))
        .or_else(|| raw.strip_suffix(".0"))
        .unwrap_or(raw);
    exact(digits) == Some(own)
}

/// The number of an id as this machine writes it: digits, no sign, no leading zero.
pub(crate) fn exact(raw: &str) -> Option<u64> {
    let is_plain = raw.bytes().all(|b| b.is_ascii_digit()) && (raw == "0" || !raw.starts_with('0'));
    if is_plain { raw.parse().ok() } else { None }
}

/// What an HTTP error to a call comes down to.
pub(super) fn kind_of_refusal(refusal: &Refusal) -> FailureKind {
    match refusal.status {
        401 => FailureKind::Unauthorized,
        403 if wants_scope(refusal) => FailureKind::Unauthorized,
        _ => FailureKind::HttpStatus,
    }
}

/// 403 with a Bearer challenge `insufficient_scope` (RFC 6750 section 3.1).
fn wants_scope(refusal: &Refusal) -> bool {
    refusal.headers.iter().any(|header| {
        header.name == names::WWW_AUTHENTICATE
            && core::str::from_utf8(&header.value)
                .is_ok_and(|value| challenge::bearer_error(value) == Some("insufficient_scope"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_went_through_another_language_are_the_call_s_and_no_others() {
        for raw in ["7", r#""7""#, "7.0"] {
            assert!(is_own(raw, 7), "{raw}");
        }
        for raw in [
            "8", "07", r#""07""#, "+7", r#""+7""#, "-7", "7.00", "7.5", r#""""#, "null",
        ] {
            assert!(!is_own(raw, 7), "{raw}");
        }
        assert!(is_own("0", 0));
    }
}
