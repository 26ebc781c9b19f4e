//! A look inside a machine.

use mcp_sansio as core;
use mcp_sansio::{CallId, ExchangeId, Instant, ObligationId};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::data_class::data_class;
use crate::story::Story;

data_class! {
    /// Everything that a machine holds at one moment: who is owed what, and what can still bring it.
    "mcp_sansio" Inspection as "Inspection" {
        /// The calls not yet settled: a list of Owed.
        calls: Py<PyList>,
        /// The peer's requests not yet answered: a list of Owed.
        obligations: Py<PyList>,
        /// The open exchanges, each with when it is ended at the latest, where that is bounded by itself.
        exchanges: Vec<(u64, Option<f64>)>,
        /// Payload bytes held: partial bodies and events, parked requests, messages not yet drained.
        bytes: usize,
    }
}

data_class! {
    /// One request that is owed an answer.
    "mcp_sansio" Owed as "Owed" {
        /// Its handle.
        id: u64,
        /// Its JSON-RPC method.
        method: Py<PyString>,
        /// When it is settled at the latest, in seconds of the driver's clock.
        deadline: Option<f64>,
        /// What can still bring its answer: a list of Lifeline.
        lifelines: Py<PyList>,
        /// What was seen for it so far.
        story: Py<Story>,
    }
}

data_class! {
    /// Something that can still bring an answer.
    "mcp_sansio" Lifeline as "Lifeline" {
        /// What it is.
        ///
        /// ``application``, ``authorization``, ``exchange``, ``handshake``, ``question``, ``queue``, ``resume``, ``retry``
        /// or ``standalone``.
        kind: &'static str,
        /// The exchange, or the question, that it is.
        id: Option<u64>,
        /// When it goes on, in seconds of the driver's clock: of ``resume`` and ``retry``.
        at: Option<f64>,
    }
}

impl Inspection {
    pub(crate) fn of(py: Python<'_>, inspection: &core::Inspection) -> PyResult<Self> {
        Ok(Self {
            calls: all(py, &inspection.calls, CallId::as_u64)?,
            obligations: all(py, &inspection.obligations, ObligationId::as_u64)?,
            exchanges: inspection
                .exchanges
                .iter()
                .map(|&(id, end)| (id.as_u64(), end.map(Instant::as_secs_f64)))
                .collect(),
            bytes: inspection.bytes,
        })
    }
}

fn all<Id: Copy>(
    py: Python<'_>,
    owed: &[core::Owed<Id>],
    number: impl Fn(Id) -> u64,
) -> PyResult<Py<PyList>> {
    let list = PyList::empty(py);
    for one in owed {
        let lifelines: Vec<_> = one
            .lifelines
            .iter()
            .map(|&line| Lifeline::of(line))
            .collect();
        list.append(Py::new(
            py,
            Owed {
                id: number(one.id),
                method: PyString::new(py, &one.method).unbind(),
                deadline: one.deadline.map(Instant::as_secs_f64),
                lifelines: PyList::new(py, lifelines)?.unbind(),
                story: Py::new(py, Story(one.story.clone()))?,
            },
        )?)?;
    }
    Ok(list.unbind())
}

impl Lifeline {
    fn of(lifeline: core::Lifeline) -> Self {
        let (id, at) = match lifeline {
            core::Lifeline::Exchange(exchange) => (Some(ExchangeId::as_u64(exchange)), None),
            core::Lifeline::Question(question) => (Some(question.as_u64()), None),
            core::Lifeline::Resume(at) | core::Lifeline::Retry(at) => {
                (None, Some(at.as_secs_f64()))
            }
            _ => (None, None),
        };
        Self {
            kind: lifeline.as_str(),
            id,
            at,
        }
    }
}
