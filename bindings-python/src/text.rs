//! Payloads on their way to Python: each becomes a `str` or `bytes` once.

use bytes::Bytes;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// JSON text as a `str`.
pub(crate) fn string(py: Python<'_>, text: &Bytes) -> Py<PyString> {
    PyString::from_bytes(py, text)
        .unwrap_or_else(|_| PyString::new(py, &String::from_utf8_lossy(text)))
        .unbind()
}

/// JSON text as a `str`, where there is some.
pub(crate) fn optional(py: Python<'_>, text: Option<&Bytes>) -> Option<Py<PyString>> {
    text.map(|text| string(py, text))
}
