//! Who we are.

use mcp_sansio as core;
use pyo3::exceptions::{PyRecursionError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use crate::{ConfigError, arg, text};

/// Who we are, as the handshake says it.
///
/// ``capabilities`` and ``meta`` are JSON objects: a mapping, or its JSON text. A mapping for ``info`` has
/// what is said beside name and version (``title``, ``websiteUrl``, ``icons``); JSON text stands for all of
/// it. ``instructions`` are a server's.
///
/// Raises ConfigError for a mapping that is no JSON, TypeError for a wrong type.
#[pyclass(frozen, eq, module = "mcp_sansio")]
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Identity(pub(crate) core::Identity);

#[pymethods]
impl Identity {
    #[new]
    #[pyo3(signature = (name, version, *, capabilities=None, info=None, instructions=None, meta=None))]
    fn new(
        name: &Bound<'_, PyAny>,
        version: &Bound<'_, PyAny>,
        capabilities: Option<&Bound<'_, PyAny>>,
        info: Option<&Bound<'_, PyAny>>,
        instructions: Option<&Bound<'_, PyAny>>,
        meta: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut identity = core::Identity::new(
            arg::string("name", name.as_borrowed())?,
            arg::string("version", version.as_borrowed())?,
        );
        if let Some(info) = info {
            identity.info = match info.cast::<PyMapping>() {
                Ok(more) => {
                    let whole = PyDict::new(info.py());
                    whole.set_item("name", name)?;
                    whole.set_item("version", version)?;
                    whole.update(more)?;
                    object("info", &whole)?
                }
                Err(_) => arg::payload("info", info.as_borrowed())?,
            };
        }
        if let Some(capabilities) = capabilities {
            identity.capabilities = object("capabilities", capabilities)?;
        }
        identity.meta = meta.map(|meta| object("meta", meta)).transpose()?;
        if let Some(instructions) = instructions {
            let instructions = arg::string("instructions", instructions.as_borrowed())?;
            identity.instructions = Some(instructions.to_owned());
        }
        Ok(Self(identity))
    }

    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        ("info", "capabilities")
    }

    /// The JSON text of ``clientInfo`` or ``serverInfo``.
    #[getter]
    fn info(&self, py: Python<'_>) -> Py<PyString> {
        text::string(py, &self.0.info)
    }

    /// The JSON text of ``capabilities``.
    #[getter]
    fn capabilities(&self, py: Python<'_>) -> Py<PyString> {
        text::string(py, &self.0.capabilities)
    }

    /// A server's instructions for the model.
    #[getter]
    fn instructions(&self) -> Option<&str> {
        self.0.instructions.as_deref()
    }

    /// The JSON text of the ``_meta`` that ``initialize`` carries.
    #[getter]
    fn meta(&self, py: Python<'_>) -> Option<Py<PyString>> {
        text::optional(py, self.0.meta.as_ref())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "Identity(info={}, capabilities={})",
            self.info(py).bind(py).repr()?,
            self.capabilities(py).bind(py).repr()?
        ))
    }
}

/// The JSON text of an object, given as that or as a mapping.
fn object(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bytes::Bytes> {
    let Ok(mapping) = value.cast::<PyMapping>() else {
        return arg::payload(name, value.as_borrowed());
    };
    let py = value.py();
    // json.dumps knows no mappings but dict.
    let plain = PyDict::new(py);
    plain.update(mapping)?;
    let options = PyDict::new(py);
    options.set_item(intern!(py, "ensure_ascii"), false)?;
    options.set_item(intern!(py, "allow_nan"), false)?;
    let json = py
        .import("json")?
        .call_method("dumps", (plain,), Some(&options))
        .map_err(|error| {
            // Circles, NaN, and what is nested too deep.
            if error.is_instance_of::<PyValueError>(py)
                || error.is_instance_of::<PyRecursionError>(py)
            {
                ConfigError::new_err(format!("{name}: {}", error.value(py)))
            } else {
                error
            }
        })?;
    arg::payload(name, json.as_borrowed())
}
