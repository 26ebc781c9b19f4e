//! The Python package `mcp-sansio`: the machines as Python classes.
//!
//! Each method converts its arguments, takes the machine's lock, calls the core, and converts what comes.
//! There is no protocol in this crate.
#![expect(
    clippy::needless_pass_by_value,
    reason = "pyo3 hands arguments over by value"
)]
#![expect(
    clippy::doc_markdown,
    reason = "what Python shows is written as Python writes it"
)]

mod arg;
mod arguments;
mod client;
mod data_class;
mod event;
mod headers;
mod identity;
mod inspect;
mod known;
mod machine;
mod outcome;
mod request;
mod server;
mod settings;
mod story;
mod text;

use pyo3::exceptions::PyValueError;

pyo3::create_exception!(
    mcp_sansio,
    ConfigError,
    PyValueError,
    "A machine cannot be set up like this: which setting, what is wrong with it, what to write instead."
);

fn config_error(error: &mcp_sansio::ConfigError) -> pyo3::PyErr {
    ConfigError::new_err(error.to_string())
}

/// The compiled half of the package. Import the names from ``mcp_sansio``, ``mcp_sansio.client`` and
/// ``mcp_sansio.server``.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::ConfigError;
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::client::output::{
        Closed, ListenEnded, ListenGap, ListenOpened, Open, SessionChanged, Unauthorized,
    };
    #[pymodule_export]
    use crate::event::{Abort, Message, Notice, Progress, Settled, Withdrawn};
    #[pymodule_export]
    use crate::identity::Identity;
    #[pymodule_export]
    use crate::inspect::{Inspection, Lifeline, Owed};
    #[pymodule_export]
    use crate::known::Known;
    #[pymodule_export]
    use crate::outcome::{Failure, Refusal, RpcError};
    #[pymodule_export]
    use crate::server::Server;
    #[pymodule_export]
    use crate::server::output::{Chunk, End, Head, SessionEnded, SessionStarted, ShutDown};

    #[pymodule_export]
    use crate::story::{Line, Story};

    /// Classes that have one name in both roles.
    #[pymodule_init]
    fn by_role(module: &Bound<'_, PyModule>) -> PyResult<()> {
        use crate::{client, server};
        let py = module.py();
        module.add(
            "ClientNotification",
            py.get_type::<client::output::Notification>(),
        )?;
        module.add("ClientRequest", py.get_type::<client::output::Request>())?;
        module.add(
            "ServerNotification",
            py.get_type::<server::output::Notification>(),
        )?;
        module.add("ServerRequest", py.get_type::<server::output::Request>())
    }
}
