//! Header lines: pairs of bytes, as ASGI and httpx have them.

use mcp_sansio::Header;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::arg::{self, Value};

/// The name of every argument that has header lines.
const NAME: &str = "headers";

/// Header lines that a caller handed over: pairs of name and value, each `bytes` or `str`.
pub(crate) struct Headers<'py>(Vec<Bound<'py, PyTuple>>);

impl<'py> FromPyObject<'_, 'py> for Headers<'py> {
    type Error = PyErr;

    fn extract(value: Value<'_, 'py>) -> PyResult<Self> {
        let pairs: PyResult<Vec<_>> = if let Ok(list) = value.cast_exact::<PyList>() {
            list.iter().map(pair).collect()
        } else {
            let lines = value
                .try_iter()
                .map_err(|_| arg::wrong(NAME, "an iterable of pairs (name, value)", value))?;
            lines.map(|line| pair(line?)).collect()
        };
        pairs.map(Self)
    }
}

impl Headers<'_> {
    /// The lines as the machine reads them, where Python has them. A name that is no UTF-8 is none that the
    /// protocol has.
    pub(crate) fn borrow(&self) -> PyResult<Vec<(&str, &[u8])>> {
        let mut lines = Vec::with_capacity(self.0.len());
        for pair in &self.0 {
            let name = octets(pair.get_borrowed_item(0)?)?;
            let value = octets(pair.get_borrowed_item(1)?)?;
            if let Ok(name) = str::from_utf8(name) {
                lines.push((name, value));
            }
        }
        Ok(lines)
    }

    /// The lines as the machine keeps them.
    pub(crate) fn to_owned(&self) -> PyResult<Vec<Header>> {
        let lines = self.borrow()?.into_iter();
        Ok(lines
            .map(|(name, value)| Header::new(name.to_owned(), value.to_vec()))
            .collect())
    }
}

fn pair(line: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyTuple>> {
    let pair = line.cast_into::<PyTuple>().or_else(|error| {
        let line = error.into_inner();
        match line.cast::<PyList>() {
            Ok(list) => Ok(list.to_tuple()),
            Err(_) => Err(arg::wrong(
                NAME,
                "a pair (name, value) in each place",
                line.as_borrowed(),
            )),
        }
    })?;
    match pair.len() {
        2 => Ok(pair),
        items => Err(PyTypeError::new_err(format!(
            "{NAME}: a line is a pair (name, value), not {items} items"
        ))),
    }
}

fn octets<'a>(part: Value<'a, '_>) -> PyResult<&'a [u8]> {
    if let Ok(octets) = part.extract() {
        Ok(octets)
    } else if part.is_instance_of::<PyString>() {
        arg::string(NAME, part).map(str::as_bytes)
    } else {
        Err(arg::wrong(NAME, "bytes or str in each pair", part))
    }
}

/// Header lines of the machine, as a list of pairs of bytes.
pub(crate) fn to_python(py: Python<'_>, headers: &[Header]) -> PyResult<Py<PyList>> {
    let lines = headers.iter().map(|header| {
        (
            PyBytes::new(py, header.name.as_bytes()),
            PyBytes::new(py, &header.value),
        )
    });
    PyList::new(py, lines).map(Bound::unbind)
}
