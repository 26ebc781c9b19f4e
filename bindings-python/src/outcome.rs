//! How calls end: errors of the peer, failures of the transport.

use mcp_sansio as core;
use mcp_sansio::Outcome;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use crate::data_class::data_class;
use crate::story::Story;
use crate::{arg, headers, text};

/// A JSON-RPC error object: the peer's answer, not a failure of the transport.
///
/// ``data`` is JSON text. Compared, hashed and printed by its fields; ``str()`` is a sentence.
#[pyclass(frozen, eq, hash, module = "mcp_sansio")]
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct RpcError(pub(crate) core::RpcError);

#[pymethods]
impl RpcError {
    #[new]
    #[pyo3(signature = (code, message, data=None))]
    fn new(
        code: &Bound<'_, PyAny>,
        message: &Bound<'_, PyAny>,
        data: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let code = code.as_borrowed();
        let number = arg::integer("code", code)?
            .ok_or_else(|| arg::wrong("code", "an int of at most 64 bits", code))?;
        let mut error = core::RpcError::new(number, arg::string("message", message.as_borrowed())?);
        error.data = data
            .map(|data| arg::payload("data", data.as_borrowed()))
            .transpose()?;
        Ok(Self(error))
    }

    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str) {
        ("code", "message", "data")
    }

    /// The JSON-RPC error code.
    #[getter]
    fn code(&self) -> i64 {
        self.0.code
    }

    /// The peer's sentence.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// The JSON text of ``data``, if there is any.
    #[getter]
    fn data(&self, py: Python<'_>) -> Option<Py<PyString>> {
        text::optional(py, self.0.data.as_ref())
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let message = PyString::new(py, self.message());
        let data = self.data(py).into_pyobject(py)?;
        Ok(format!(
            "RpcError(code={}, message={}, data={})",
            self.code(),
            message.repr()?,
            data.repr()?
        ))
    }
}

/// Why a call brought no answer. ``str()`` is a sentence, ``str(failure.story)`` what was seen on the way.
#[pyclass(frozen, eq, module = "mcp_sansio")]
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Failure(pub(crate) Box<core::Failure>);

#[pymethods]
impl Failure {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        ("kind", "execution", "story", "refusal")
    }

    /// What went wrong, a word.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind.as_str()
    }

    /// Whether the peer may have run the request.
    ///
    /// ``not_sent``: it cannot have left. ``refused``: the peer said that it did not run it. ``unknown``: it may have
    /// run.
    #[getter]
    fn execution(&self) -> &'static str {
        self.0.execution.as_str()
    }

    /// What was seen for the call.
    #[getter]
    fn story(&self) -> Story {
        Story(self.0.story.clone())
    }

    /// What the peer's HTTP refusal said, if that is what ended the call.
    #[getter]
    fn refusal(&self, py: Python<'_>) -> PyResult<Option<Refusal>> {
        self.0
            .refusal
            .as_ref()
            .map(|refusal| Refusal::of(py, refusal))
            .transpose()
    }

    /// The failure as a JSON-RPC error, for hosts that know nothing else.
    fn to_rpc_error(&self) -> RpcError {
        RpcError(self.0.to_rpc_error())
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!(
            "<Failure {}, {}: {}>",
            self.kind(),
            self.execution(),
            self.0
        )
    }
}

data_class! {
    /// What a peer's HTTP refusal said.
    "mcp_sansio" Refusal as "Refusal" {
        /// The HTTP status.
        status: u16,
        /// The headers that a host acts on: ``www-authenticate``, ``retry-after``, ``location``, ``content-type``.
        headers: Py<PyList>,
        /// The first 4 KiB of the body.
        body: Py<PyBytes>,
    }
}

impl Refusal {
    pub(crate) fn of(py: Python<'_>, refusal: &core::Refusal) -> PyResult<Self> {
        Ok(Self {
            status: refusal.status,
            headers: headers::to_python(py, &refusal.headers)?,
            body: PyBytes::new(py, &refusal.body).unbind(),
        })
    }
}

/// An outcome as Python has it: the JSON text of a result, the peer's error, or our failure.
pub(crate) fn to_python(py: Python<'_>, outcome: Outcome) -> PyResult<Py<PyAny>> {
    Ok(match outcome {
        Outcome::Error(error) => Py::new(py, RpcError(error))?.into_any(),
        Outcome::Failed(failure) => Py::new(py, Failure(failure))?.into_any(),
        Outcome::Result(result) => text::string(py, &result).into_any(),
    })
}
