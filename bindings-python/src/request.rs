//! What an application hands over: calls with their options, notifications, its identity, the seed.

use mcp_sansio::{Call, CallOptions, Handshake, Notification, To};
use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::prelude::*;

use crate::arguments::{Idle, Max, Method, Params, ProgressWanted, Request, Safe, Session};
use crate::headers::Headers;
use crate::identity::Identity;
use crate::{ConfigError, arg};

/// The options of a call, as they are given.
#[derive(Default)]
pub(crate) struct Options<'py> {
    pub(crate) safe: Option<Safe>,
    pub(crate) progress: Option<ProgressWanted>,
    pub(crate) idle: Option<Idle>,
    pub(crate) max: Option<Max>,
    pub(crate) headers: Option<Headers<'py>>,
}

impl Options<'_> {
    pub(crate) fn read(self) -> PyResult<CallOptions> {
        let mut options = CallOptions::default();
        options.safe = self.safe.is_some_and(|safe| safe.0);
        options.progress = self.progress.is_some_and(|progress| progress.0);
        options.idle = self.idle.map(|idle| idle.0);
        options.max = self.max.map(|max| max.0);
        if let Some(headers) = self.headers {
            options.headers = headers.to_owned()?;
        }
        Ok(options)
    }
}

pub(crate) fn call(
    method: &Method<'_>,
    params: Option<Params>,
    options: Options<'_>,
) -> PyResult<Call> {
    let params = params.map(|params| params.0);
    Ok(Call::new(method.0.to_owned(), params).with(options.read()?))
}

pub(crate) fn notification(method: &Method<'_>, params: Option<Params>) -> Notification {
    Notification::new(method.0.to_owned(), params.map(|params| params.0))
}

/// Whom a message is for: one request's client, one session's, or all.
pub(crate) fn to(request: Option<Request>, session: Option<Session>) -> PyResult<To> {
    match (request, session) {
        (None, None) => Ok(To::All),
        (Some(request), None) => Ok(To::Request(request.0)),
        (None, Some(session)) => Ok(To::Session(session.0)),
        (Some(_), Some(_)) => Err(PyTypeError::new_err(
            "request and session: give one of them; a request belongs to its session already",
        )),
    }
}

/// Who speaks the handshake: the core in the name of an identity, or the host.
pub(crate) fn handshake(identity: Option<&Bound<'_, PyAny>>, relay: bool) -> PyResult<Handshake> {
    match identity {
        None => Ok(Handshake::Host),
        Some(_) if relay => Err(ConfigError::new_err(
            "identity: with relay=True the host speaks the handshake itself; leave it out",
        )),
        Some(identity) => identity
            .cast::<Identity>()
            .map(|identity| Handshake::Core(identity.get().0.clone()))
            .map_err(|_| arg::wrong("identity", "an Identity", identity.as_borrowed())),
    }
}

/// The machine's entropy: what is given, or the system's.
pub(crate) fn seed(seed: Option<&Bound<'_, PyAny>>) -> PyResult<[u8; 32]> {
    if let Some(seed) = seed {
        return arg::octets("seed", seed.as_borrowed())?
            .try_into()
            .map_err(|_| ConfigError::new_err("seed: it must be 32 bytes, never used twice"));
    }
    let mut drawn = [0; 32];
    getrandom::fill(&mut drawn).map_err(|error| {
        PyOSError::new_err(format!("the system gives no random numbers: {error}"))
    })?;
    Ok(drawn)
}
