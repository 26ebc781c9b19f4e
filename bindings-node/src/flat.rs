//! What a drain gives, as one flat array: for each output its tag, then its fields, in the order in which
//! `ts/machine/drain.ts` reads them.

use bytes::Bytes;
use mcp_sansio::{
    ExchangeId, Failure, Instant, Notice, ObligationId, Outcome, Refusal, RelayMessage, RpcError,
    SessionId,
};
use napi::bindgen_prelude::{Either3, Null};

use crate::machine::{milliseconds, number};
use crate::{describe, headers};

/// One field.
pub type Field = Either3<f64, String, Null>;

/// The array as it grows.
#[derive(Default)]
pub(crate) struct Flat(Vec<Field>);

impl Flat {
    /// The outputs, and last the machine's next deadline.
    pub(crate) fn finish(mut self, deadline: Option<Instant>) -> Vec<Field> {
        self.or_null(deadline, |flat, at| flat.real(milliseconds(at)));
        self.0
    }

    pub(crate) fn tag(&mut self, tag: &str) -> &mut Self {
        self.text(tag)
    }

    /// What a later core says and this crate does not know.
    pub(crate) fn unknown(&mut self) -> &mut Self {
        self.tag("unknown")
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.push(Either3::B(text.into()));
        self
    }

    /// JSON text.
    pub(crate) fn json(&mut self, text: &Bytes) -> &mut Self {
        self.text(String::from_utf8_lossy(text))
    }

    pub(crate) fn id(&mut self, handle: u64) -> &mut Self {
        self.real(number(handle))
    }

    pub(crate) fn real(&mut self, value: f64) -> &mut Self {
        self.0.push(Either3::A(value));
        self
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.0.push(Either3::C(Null));
        self
    }

    pub(crate) fn or_null<T>(
        &mut self,
        value: Option<T>,
        push: impl FnOnce(&mut Self, T) -> &mut Self,
    ) -> &mut Self {
        match value {
            Some(value) => push(self, value),
            None => self.null(),
        }
    }

    pub(crate) fn maybe_json(&mut self, text: Option<&Bytes>) -> &mut Self {
        self.or_null(text, Self::json)
    }

    pub(crate) fn maybe_id(&mut self, handle: Option<u64>) -> &mut Self {
        self.or_null(handle, Self::id)
    }

    /// Three fields, of which one is there: a result, an error, a failure.
    pub(crate) fn outcome(&mut self, outcome: &Outcome) -> &mut Self {
        match outcome {
            Outcome::Result(text) => self.json(text).null().null(),
            Outcome::Error(error) => self.null().error(error).null(),
            Outcome::Failed(failure) => self.null().null().failure(failure),
        }
    }

    pub(crate) fn failure(&mut self, failure: &Failure) -> &mut Self {
        self.text(describe::failure(failure).to_string())
    }

    pub(crate) fn refusal(&mut self, refusal: &Refusal) -> &mut Self {
        self.text(describe::refusal(refusal).to_string())
    }

    fn error(&mut self, error: &RpcError) -> &mut Self {
        self.text(describe::error(error).to_string())
    }

    pub(crate) fn notice(&mut self, notice: &Notice) -> &mut Self {
        self.tag("notice")
            .text(notice.kind.as_str())
            .maybe_id(notice.exchange.map(ExchangeId::as_u64))
            .maybe_id(notice.session.map(SessionId::as_u64))
            .text(&*notice.detail)
    }

    pub(crate) fn message(&mut self, message: &RelayMessage) -> &mut Self {
        self.tag("message")
            .json(&message.text)
            .maybe_json(message.answers.as_ref())
            .maybe_json(message.via.as_ref())
            .or_null(message.failure.as_deref(), Self::failure)
            .maybe_id(message.obligation.map(ObligationId::as_u64))
            .maybe_id(message.session.map(SessionId::as_u64))
            .maybe_id(message.exchange.map(ExchangeId::as_u64))
    }

    pub(crate) fn headers(&mut self, headers: &[mcp_sansio::Header]) -> &mut Self {
        self.text(headers::write(headers))
    }
}
