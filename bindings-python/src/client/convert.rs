//! The client's outputs on their way to Python.

use mcp_sansio::{
    self as core, CallId, ClientEvent, ClientOutput, ListenState, Relayed, SessionChange, Source,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use super::output::{
    Closed, ListenEnded, ListenGap, ListenOpened, Notification, Open, Request, SessionChanged,
    Unauthorized,
};
use crate::event::{abort, message, notice, object, progress, settled, unheard_of, withdrawn};
use crate::outcome::{self, Failure, Refusal};
use crate::{headers, text};

/// The outputs of a drain as Python has them.
pub(super) fn to_python(
    py: Python<'_>,
    outputs: Vec<Relayed<ClientOutput>>,
) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for output in outputs {
        list.append(self::output(py, output)?)?;
    }
    Ok(list)
}

fn output(py: Python<'_>, output: Relayed<ClientOutput>) -> PyResult<Py<PyAny>> {
    match output {
        Relayed::Message(relayed) => message(py, relayed),
        Relayed::Event(ClientOutput::Abort { exchange }) => abort(py, exchange),
        Relayed::Event(ClientOutput::Event(event)) => self::event(py, event),
        Relayed::Event(ClientOutput::Open {
            exchange,
            method,
            url,
            headers,
            body,
        }) => object(
            py,
            Open {
                exchange: exchange.as_u64(),
                method: method.as_str(),
                url: url.map(|url| PyString::new(py, &url).unbind()),
                headers: headers::to_python(py, &headers)?,
                body: PyBytes::new(py, &body).unbind(),
            },
        ),
    }
}

fn event(py: Python<'_>, event: ClientEvent) -> PyResult<Py<PyAny>> {
    match event {
        ClientEvent::Closed => object(py, Closed {}),
        ClientEvent::Listen { listen, state } => self::listen(py, listen.as_u64(), state),
        ClientEvent::Notice(remark) => notice(py, &remark),
        ClientEvent::Notification {
            source,
            notification,
        } => {
            let (call, listen) = stream(source);
            let method = PyString::new(py, &notification.method).unbind();
            let params = text::optional(py, notification.params.as_ref());
            object(
                py,
                Notification {
                    method,
                    params,
                    call,
                    listen,
                },
            )
        }
        ClientEvent::Progress { call, params } => progress(py, call, &params),
        ClientEvent::Request {
            id,
            source,
            method,
            params,
        } => {
            let (call, listen) = stream(source);
            let method = PyString::new(py, &method).unbind();
            let params = text::optional(py, params.as_ref());
            object(
                py,
                Request {
                    id: id.as_u64(),
                    method,
                    params,
                    call,
                    listen,
                },
            )
        }
        ClientEvent::SessionChanged { epoch, change } => session_changed(py, epoch, change),
        ClientEvent::Settled { call, outcome } => settled(py, call, outcome),
        ClientEvent::Unauthorized { refusal, calls } => unauthorized(py, &refusal, calls),
        ClientEvent::Withdrawn { id, why } => withdrawn(py, id, why),
        _ => unheard_of(py),
    }
}

fn listen(py: Python<'_>, listen: u64, state: ListenState) -> PyResult<Py<PyAny>> {
    match state {
        ListenState::Ended(outcome) => {
            let outcome = outcome::to_python(py, outcome)?;
            object(py, ListenEnded { listen, outcome })
        }
        ListenState::Gap => object(py, ListenGap { listen }),
        ListenState::Open { filter } => {
            let filter = text::string(py, &filter);
            object(py, ListenOpened { listen, filter })
        }
        _ => unheard_of(py),
    }
}

fn session_changed(py: Python<'_>, epoch: u32, change: SessionChange) -> PyResult<Py<PyAny>> {
    let (change, failure) = match change {
        SessionChange::Connected => ("connected", None),
        SessionChange::Lost(failure) => ("lost", Some(Py::new(py, Failure(failure))?)),
        SessionChange::Reinitialized => ("reinitialized", None),
        _ => return unheard_of(py),
    };
    object(
        py,
        SessionChanged {
            epoch,
            change,
            failure,
        },
    )
}

fn unauthorized(
    py: Python<'_>,
    refusal: &core::Refusal,
    calls: Vec<CallId>,
) -> PyResult<Py<PyAny>> {
    let challenges: Vec<_> = refusal
        .headers
        .iter()
        .filter(|header| header.name == "www-authenticate")
        .filter_map(|header| str::from_utf8(&header.value).ok())
        .collect();
    object(
        py,
        Unauthorized {
            refusal: Py::new(py, Refusal::of(py, refusal)?)?,
            calls: calls.into_iter().map(CallId::as_u64).collect(),
            challenges: PyTuple::new(py, challenges)?.unbind(),
        },
    )
}

/// The call or subscription on whose stream something came.
fn stream(source: Source) -> (Option<u64>, Option<u64>) {
    match source {
        Source::Call(call) => (Some(call.as_u64()), None),
        Source::Listen(listen) => (None, Some(core::ListenId::as_u64(listen))),
        _ => (None, None),
    }
}
