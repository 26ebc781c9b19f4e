//! The server's outputs on their way to Python.

use mcp_sansio::{Body, Relayed, ServerEvent, ServerOutput, SessionId};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use super::output::{
    Chunk, End, Head, Notification, Request, SessionEnded, SessionStarted, ShutDown,
};
use crate::event::{abort, message, notice, object, progress, settled, unheard_of, withdrawn};
use crate::{headers, text};

/// The outputs of a drain as Python has them.
pub(super) fn to_python(
    py: Python<'_>,
    outputs: Vec<Relayed<ServerOutput>>,
) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for output in outputs {
        list.append(self::output(py, output)?)?;
    }
    Ok(list)
}

fn output(py: Python<'_>, output: Relayed<ServerOutput>) -> PyResult<Py<PyAny>> {
    match output {
        Relayed::Message(relayed) => message(py, relayed),
        Relayed::Event(ServerOutput::Abort { exchange }) => abort(py, exchange),
        Relayed::Event(ServerOutput::Chunk { exchange, data }) => {
            let data = PyBytes::new(py, &data).unbind();
            object(
                py,
                Chunk {
                    exchange: exchange.as_u64(),
                    data,
                },
            )
        }
        Relayed::Event(ServerOutput::End { exchange }) => object(
            py,
            End {
                exchange: exchange.as_u64(),
            },
        ),
        Relayed::Event(ServerOutput::Event(event)) => self::event(py, event),
        Relayed::Event(ServerOutput::Head {
            exchange,
            status,
            headers,
            body,
        }) => object(
            py,
            Head {
                exchange: exchange.as_u64(),
                status,
                headers: headers::to_python(py, &headers)?,
                body: match body {
                    Body::Stream => None,
                    Body::Whole(whole) => Some(PyBytes::new(py, &whole).unbind()),
                },
            },
        ),
    }
}

fn event(py: Python<'_>, event: ServerEvent) -> PyResult<Py<PyAny>> {
    match event {
        ServerEvent::Notice(remark) => notice(py, &remark),
        ServerEvent::Notification {
            exchange,
            session,
            notification,
        } => object(
            py,
            Notification {
                exchange: exchange.as_u64(),
                session: session.map(SessionId::as_u64),
                method: PyString::new(py, &notification.method).unbind(),
                params: text::optional(py, notification.params.as_ref()),
            },
        ),
        ServerEvent::Progress { call, params } => progress(py, call, &params),
        ServerEvent::Request {
            id,
            exchange,
            session,
            version,
            method,
            params,
        } => object(
            py,
            Request {
                id: id.as_u64(),
                exchange: exchange.as_u64(),
                session: session.map(SessionId::as_u64),
                version: version.as_str(),
                method: PyString::new(py, &method).unbind(),
                params: text::optional(py, params.as_ref()),
            },
        ),
        ServerEvent::SessionEnded { session, reason } => {
            let reason = reason.as_str();
            object(
                py,
                SessionEnded {
                    session: session.as_u64(),
                    reason,
                },
            )
        }
        ServerEvent::SessionStarted {
            session,
            exchange,
            key,
            params,
        } => object(
            py,
            SessionStarted {
                session: session.as_u64(),
                exchange: exchange.as_u64(),
                key: PyString::new(py, &key).unbind(),
                params: text::string(py, &params),
            },
        ),
        ServerEvent::Settled { call, outcome } => settled(py, call, outcome),
        ServerEvent::ShutDown => object(py, ShutDown {}),
        ServerEvent::Withdrawn { id, why } => withdrawn(py, id, why),
        _ => unheard_of(py),
    }
}
