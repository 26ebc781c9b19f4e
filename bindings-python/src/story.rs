//! The story of a call: what was seen for it.

use mcp_sansio as core;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// What was seen for a call, in order: ``str()`` is one line for each thing.
#[pyclass(frozen, eq, module = "mcp_sansio")]
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Story(pub(crate) core::Story);

#[pymethods]
impl Story {
    /// The lines, oldest first; 32 at most.
    #[getter]
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let lines: Vec<_> = self
            .0
            .lines()
            .iter()
            .map(|line| Line(line.clone()))
            .collect();
        PyTuple::new(py, lines)
    }

    fn __str__(&self) -> String {
        let lines: Vec<_> = self.0.lines().iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    fn __repr__(&self) -> String {
        format!("<Story of {} lines>", self.0.lines().len())
    }
}

/// One thing that was seen for a call. ``str()`` has all of it.
#[pyclass(frozen, eq, module = "mcp_sansio")]
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Line(core::Line);

#[pymethods]
impl Line {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str) {
        ("at", "exchange", "text")
    }

    /// Seconds since the application handed the call over.
    #[getter]
    fn at(&self) -> f64 {
        self.0.at.as_secs_f64()
    }

    /// The exchange that it was seen on.
    #[getter]
    fn exchange(&self) -> Option<u64> {
        self.0.exchange.map(core::ExchangeId::as_u64)
    }

    /// What was seen, for people.
    #[getter]
    fn text(&self) -> String {
        self.0.seen.to_string()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Line {}>", self.0)
    }
}
