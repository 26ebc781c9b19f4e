//! What both roles tell: each call's outcome, progress, withdrawals, notices.

use mcp_sansio as core;
use mcp_sansio::{
    CallId, ExchangeId, NoticeKind, ObligationId, Outcome, RelayMessage, SessionId, Withdrawal,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::data_class::data_class;
use crate::outcome::{self, Failure};
use crate::text;

data_class! {
    /// Drop the exchange at once.
    ///
    /// To a client's driver: nothing that it brings is wanted. To a server's: cut the response off, so that the client
    /// sees that it is not complete.
    "mcp_sansio" Abort as "Abort" {
        /// The exchange.
        exchange: u64,
    }
}

data_class! {
    /// A call ended. Exactly one for each call.
    "mcp_sansio" Settled as "Settled" {
        /// The call.
        call: u64,
        /// The JSON text of the result, the peer's RpcError, or a Failure: no answer came.
        outcome: Py<PyAny>,
    }
}

data_class! {
    /// Progress of a call that asked for it.
    "mcp_sansio" Progress as "Progress" {
        /// The call.
        call: u64,
        /// The JSON text of the params of ``notifications/progress``.
        params: Py<PyString>,
    }
}

data_class! {
    /// A request of the peer needs no answer any more: stop working on it.
    "mcp_sansio" Withdrawn as "Withdrawn" {
        /// The request.
        id: u64,
        /// Why: ``cancelled``, ``gone``, ``not_taken``, ``session_ended`` or ``timed_out``.
        why: &'static str,
    }
}

data_class! {
    /// Something to log. Nothing waits for it.
    "mcp_sansio" Notice as "Notice" {
        /// ``dropped``, ``ignored``, ``not_taken``, ``standalone_unavailable``, ``tool_excluded`` or ``undelivered``.
        kind: &'static str,
        /// The exchange that it was seen on.
        exchange: Option<u64>,
        /// The session that it concerns; a server's only.
        session: Option<u64>,
        /// A sentence for people.
        detail: Py<PyString>,
    }
}

data_class! {
    /// A JSON-RPC message for a host that speaks JSON-RPC itself (``relay=True``).
    "mcp_sansio" Message as "Message" {
        /// The message, JSON text.
        text: Py<PyString>,
        /// The raw JSON of the host's own id, if this answers one of its requests.
        answers: Option<Py<PyString>>,
        /// The raw JSON of the host's own id on whose response stream it came.
        via: Option<Py<PyString>>,
        /// If it answers a request that failed: how. ``text`` says it too, as a JSON-RPC error.
        failure: Option<Py<Failure>>,
        /// If it is a request of the peer: its handle, which is also its JSON-RPC id in ``text``.
        obligation: Option<u64>,
        /// A server's only: the session that it belongs to, if it has one.
        session: Option<u64>,
        /// A server's only: the exchange that it came on.
        exchange: Option<u64>,
    }
}

pub(crate) fn abort(py: Python<'_>, exchange: ExchangeId) -> PyResult<Py<PyAny>> {
    object(
        py,
        Abort {
            exchange: exchange.as_u64(),
        },
    )
}

pub(crate) fn settled(py: Python<'_>, call: CallId, outcome: Outcome) -> PyResult<Py<PyAny>> {
    let outcome = outcome::to_python(py, outcome)?;
    object(
        py,
        Settled {
            call: call.as_u64(),
            outcome,
        },
    )
}

pub(crate) fn progress(py: Python<'_>, call: CallId, params: &bytes::Bytes) -> PyResult<Py<PyAny>> {
    let params = text::string(py, params);
    object(
        py,
        Progress {
            call: call.as_u64(),
            params,
        },
    )
}

pub(crate) fn withdrawn(py: Python<'_>, id: ObligationId, why: Withdrawal) -> PyResult<Py<PyAny>> {
    object(
        py,
        Withdrawn {
            id: id.as_u64(),
            why: why.as_str(),
        },
    )
}

pub(crate) fn notice(py: Python<'_>, notice: &core::Notice) -> PyResult<Py<PyAny>> {
    object(
        py,
        Notice {
            kind: notice.kind.as_str(),
            exchange: notice.exchange.map(ExchangeId::as_u64),
            session: notice.session.map(SessionId::as_u64),
            detail: PyString::new(py, &notice.detail).unbind(),
        },
    )
}

pub(crate) fn message(py: Python<'_>, message: RelayMessage) -> PyResult<Py<PyAny>> {
    object(
        py,
        Message {
            text: text::string(py, &message.text),
            answers: text::optional(py, message.answers.as_ref()),
            via: text::optional(py, message.via.as_ref()),
            failure: message
                .failure
                .map(|failure| Py::new(py, Failure(failure)))
                .transpose()?,
            obligation: message.obligation.map(ObligationId::as_u64),
            session: message.session.map(SessionId::as_u64),
            exchange: message.exchange.map(ExchangeId::as_u64),
        },
    )
}

/// An instance of a class, as any object.
pub(crate) fn object<T>(py: Python<'_>, value: T) -> PyResult<Py<PyAny>>
where
    T: pyo3::PyClass + Into<PyClassInitializer<T>>,
{
    Py::new(py, value).map(Py::into_any)
}

/// What an event becomes that this package has no class for: the core's events may grow.
pub(crate) fn unheard_of(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let detail = "an event came that this version of the package has no class for";
    object(
        py,
        Notice {
            kind: NoticeKind::Ignored.as_str(),
            exchange: None,
            session: None,
            detail: PyString::new(py, detail).unbind(),
        },
    )
}
