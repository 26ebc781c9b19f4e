//! What is known of a server.

use mcp_sansio::{self as core, Version};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::{ConfigError, arg, text};

/// What a client has learned of its server, to go on with later (``Client(.., known=..)``).
///
/// ``next_id`` is the next JSON-RPC id, ``result`` the JSON text of the handshake's result, ``http_sse``
/// whether the server speaks the HTTP+SSE transport of 2024-11-05.
///
/// Raises ConfigError for a version that is none.
#[pyclass(frozen, eq, module = "mcp_sansio.client")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Known(pub(crate) core::Known);

#[pymethods]
impl Known {
    #[new]
    #[pyo3(signature = (version, session=None, next_id=None, result=None, http_sse=None),
           text_signature = "(version, session=None, next_id=1, result=None, http_sse=False)")]
    fn new(
        version: &Bound<'_, PyAny>,
        session: Option<&Bound<'_, PyAny>>,
        next_id: Option<&Bound<'_, PyAny>>,
        result: Option<&Bound<'_, PyAny>>,
        http_sse: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let version = revision("version", arg::string("version", version.as_borrowed())?)?;
        let mut known = core::Known::new(version, None);
        if let Some(session) = session {
            known.session = Some(arg::string("session", session.as_borrowed())?.to_owned());
        }
        if let Some(next_id) = next_id {
            known.next_id = arg::integer("next_id", next_id.as_borrowed())?
                .filter(|id| (1..1 << 53).contains(id))
                .ok_or_else(|| ConfigError::new_err("next_id: it must be from 1 to 2**53"))?;
        }
        if let Some(result) = result {
            known.result = Some(arg::payload("result", result.as_borrowed())?);
        }
        if let Some(http_sse) = http_sse {
            known.http_sse = arg::flag("http_sse", http_sse.as_borrowed())?;
        }
        Ok(Self(known))
    }

    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        ("version", "session")
    }

    /// The negotiated revision.
    #[getter]
    fn version(&self) -> &'static str {
        self.0.version.as_str()
    }

    /// The era of that revision: ``legacy``, with sessions, or ``modern``, without.
    #[getter]
    fn era(&self) -> &'static str {
        self.0.version.era().as_str()
    }

    /// The session id, if the server gave one. A secret.
    #[getter]
    fn session(&self) -> Option<&str> {
        self.0.session.as_deref()
    }

    /// The next JSON-RPC id, so that none is used twice within a session.
    #[getter]
    fn next_id(&self) -> u64 {
        self.0.next_id
    }

    /// The JSON text of the handshake's result.
    #[getter]
    fn result(&self, py: Python<'_>) -> Option<Py<PyString>> {
        text::optional(py, self.0.result.as_ref())
    }

    /// The server speaks the HTTP+SSE transport of 2024-11-05.
    #[getter]
    fn http_sse(&self) -> bool {
        self.0.http_sse
    }

    // The session id is a secret, and what is printed is logged.
    fn __repr__(&self) -> String {
        format!(
            "Known(version={:?}, session={}, next_id={})",
            self.version(),
            self.session().map_or("None", |_| "'..'"),
            self.next_id()
        )
    }
}

/// A revision by its name.
pub(crate) fn revision(name: &str, version: &str) -> PyResult<Version> {
    Version::from_name(version).ok_or_else(|| {
        let all: Vec<_> = Version::ALL.into_iter().map(Version::as_str).collect();
        ConfigError::new_err(format!(
            "{name}: {version:?} is no revision of the protocol; there are {}",
            all.join(", ")
        ))
    })
}
