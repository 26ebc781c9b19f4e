//! The arguments of the machines' methods, each with its name, so that an error can say which one is wrong.

use std::time::Duration;

use bytes::Bytes;
use mcp_sansio::{
    self as core, CallId, EndReason, ExchangeId, Instant, ListenId, ObligationId, SessionId,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::arg::{self, Value};
use crate::outcome::RpcError;

/// `Type(kind) is "name" by function`: an argument of that name.
macro_rules! arguments {
    ($($argument:ident $(<$life:lifetime>)? ($kind:ty) is $name:literal by $read:expr;)*) => { $(
        pub(crate) struct $argument $(<$life>)? (pub(crate) $kind);

        impl<'a, 'py> FromPyObject<'a, 'py> for $argument $(<$life>)? {
            type Error = PyErr;

            fn extract(value: Value<'a, 'py>) -> PyResult<Self> {
                $read($name, value).map(Self)
            }
        }
    )* };
}

arguments! {
    Call(CallId) is "call" by |name, value| arg::handle(name, value).map(CallId::from_u64);
    Data<'a>(&'a [u8]) is "data" by arg::octets;
    Detail<'a>(&'a str) is "detail" by arg::string;
    EventData<'a>(&'a str) is "data" by arg::string;
    EventId<'a>(&'a str) is "id" by arg::string;
    EventName<'a>(&'a str) is "event" by arg::string;
    Exchange(ExchangeId) is "exchange" by |name, value| arg::handle(name, value).map(ExchangeId::from_u64);
    Grace(Duration) is "grace" by arg::seconds;
    Granted(bool) is "granted" by arg::flag;
    Idle(Duration) is "idle" by arg::seconds;
    Listen(ListenId) is "listen" by |name, value| arg::handle(name, value).map(ListenId::from_u64);
    Max(Duration) is "max" by arg::seconds;
    Message<'a>(&'a [u8]) is "message" by arg::text;
    MessageId<'a>(&'a [u8]) is "id" by arg::text;
    Method<'a>(&'a str) is "method" by arg::string;
    Now(Instant) is "now" by arg::time;
    Params(Bytes) is "params" by arg::payload;
    Principal<'a>(&'a str) is "principal" by arg::string;
    ProgressWanted(bool) is "progress" by arg::flag;
    Question(ObligationId) is "id" by |name, value| arg::handle(name, value).map(ObligationId::from_u64);
    Reason<'a>(&'a str) is "reason" by arg::string;
    Relay(bool) is "relay" by arg::flag;
    Request(ObligationId) is "request" by |name, value| arg::handle(name, value).map(ObligationId::from_u64);
    Retry(Duration) is "retry" by arg::seconds;
    Room(bool) is "room" by arg::flag;
    Safe(bool) is "safe" by arg::flag;
    Sent(bool) is "sent" by arg::flag;
    Session(SessionId) is "session" by |name, value| arg::handle(name, value).map(SessionId::from_u64);
    Status(u16) is "status" by status;
    Tools<'a>(&'a [u8]) is "tools" by arg::text;
    Url<'a>(&'a str) is "url" by arg::string;
    Via(ObligationId) is "via" by |name, value| arg::handle(name, value).map(ObligationId::from_u64);
    WhyEnded(EndReason) is "reason" by end_reason;
    Answer(core::Answer) is "answer" by answer;
}

/// An HTTP status. A number that is none means as little as the largest.
fn status(name: &str, value: Value<'_, '_>) -> PyResult<u16> {
    arg::integer(name, value).map(|status| status.unwrap_or(u16::MAX))
}

/// A result, as JSON text, or an error object.
fn answer(name: &str, value: Value<'_, '_>) -> PyResult<core::Answer> {
    if let Ok(error) = value.cast::<RpcError>() {
        Ok(core::Answer::Error(error.get().0.clone()))
    } else {
        arg::payload(name, value).map(core::Answer::Result)
    }
}

fn end_reason(name: &str, value: Value<'_, '_>) -> PyResult<EndReason> {
    let word = arg::string(name, value)?;
    EndReason::from_name(word).ok_or_else(|| {
        let words: Vec<_> = EndReason::ALL.into_iter().map(EndReason::as_str).collect();
        PyTypeError::new_err(format!("{name}: {word:?} is none of {}", words.join(", ")))
    })
}
