//! What a server tells its driver and its application.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use crate::data_class::data_class;

data_class! {
    /// Begin the response. The rest of the request's body need not be read.
    "mcp_sansio.server" Head as "Head" {
        /// The exchange.
        exchange: u64,
        /// The HTTP status.
        status: u16,
        /// The headers, pairs of bytes, names in lower case.
        headers: Py<PyList>,
        /// The whole body: nothing follows. None: chunks follow, and an end.
        body: Option<Py<PyBytes>>,
    }
}

data_class! {
    /// Send bytes, and say ``written`` when they are taken. No other chunk comes before.
    "mcp_sansio.server" Chunk as "Chunk" {
        /// The exchange.
        exchange: u64,
        /// The bytes.
        data: Py<PyBytes>,
    }
}

data_class! {
    /// End the response.
    "mcp_sansio.server" End as "End" {
        /// The exchange.
        exchange: u64,
    }
}

data_class! {
    /// A notification of a client.
    "mcp_sansio.server" Notification as "Notification" {
        /// The exchange that it came on.
        exchange: u64,
        /// Its session, if it has one.
        session: Option<u64>,
        /// Its JSON-RPC method.
        method: Py<PyString>,
        /// The JSON text of its params.
        params: Option<Py<PyString>>,
    }
}

data_class! {
    /// A request of a client. Say ``take`` when the application begins with it, ``respond`` when it is done.
    "mcp_sansio.server" Request as "Request" {
        /// The handle to answer by.
        id: u64,
        /// The exchange that it came on.
        exchange: u64,
        /// Its session, if it has one.
        session: Option<u64>,
        /// The revision of the protocol that it is spoken in.
        version: &'static str,
        /// Its JSON-RPC method.
        method: Py<PyString>,
        /// The JSON text of its params.
        params: Option<Py<PyString>>,
    }
}

data_class! {
    /// A session began.
    "mcp_sansio.server" SessionStarted as "SessionStarted" {
        /// Its handle.
        session: u64,
        /// The exchange of its ``initialize``.
        exchange: u64,
        /// Its id on the wire, a secret of its client.
        key: Py<PyString>,
        /// The JSON text of the params of ``initialize``.
        params: Py<PyString>,
    }
}

data_class! {
    /// A session ended. What was owed in it is settled.
    "mcp_sansio.server" SessionEnded as "SessionEnded" {
        /// Its handle.
        session: u64,
        /// Why it ended.
        ///
        /// ``deleted``, ``evicted``, ``handler_failed``, ``handler_returned``, ``idle``, ``refused`` or ``shutdown``.
        reason: &'static str,
    }
}

data_class! {
    /// Everything is answered and ended; nothing follows.
    "mcp_sansio.server" ShutDown as "ShutDown" {}
}
