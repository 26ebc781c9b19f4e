//! What a client tells its driver and its application.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::data_class::data_class;
use crate::outcome::{Failure, Refusal};

data_class! {
    /// Perform an HTTP request, and feed what comes of it.
    "mcp_sansio.client" Open as "Open" {
        /// The exchange, named in every input about it.
        exchange: u64,
        /// ``POST``, ``GET`` or ``DELETE``.
        method: &'static str,
        /// Where to; None is the configured URL.
        url: Option<Py<PyString>>,
        /// The headers, pairs of bytes, names in lower case.
        headers: Py<PyList>,
        /// The body; empty for GET and DELETE.
        body: Py<PyBytes>,
    }
}

data_class! {
    /// The client is closed; nothing follows.
    "mcp_sansio.client" Closed as "Closed" {}
}

data_class! {
    /// A notification of the server.
    "mcp_sansio.client" Notification as "Notification" {
        /// Its JSON-RPC method.
        method: Py<PyString>,
        /// The JSON text of its params.
        params: Option<Py<PyString>>,
        /// The call on whose response it came.
        call: Option<u64>,
        /// The subscription on whose stream it came. None as ``call``: it came on the standalone stream.
        listen: Option<u64>,
    }
}

data_class! {
    /// A request of the server; answer it with ``respond``.
    "mcp_sansio.client" Request as "Request" {
        /// The handle to answer by.
        id: u64,
        /// Its JSON-RPC method.
        method: Py<PyString>,
        /// The JSON text of its params.
        params: Option<Py<PyString>>,
        /// The call on whose response it came.
        call: Option<u64>,
        /// The subscription on whose stream it came. None as ``call``: it came on the standalone stream.
        listen: Option<u64>,
    }
}

data_class! {
    /// The session began, ended, or was made again.
    "mcp_sansio.client" SessionChanged as "SessionChanged" {
        /// Counts the sessions of this client, from 1.
        epoch: u32,
        /// ``connected``, ``lost`` or ``reinitialized``.
        ///
        /// After the last, what the server held for the old session is gone: subscriptions, log level, cursors.
        change: &'static str,
        /// How it was lost.
        failure: Option<Py<Failure>>,
    }
}

data_class! {
    /// The server refused our credentials, and what it refused waits: answer with ``authorize``.
    ///
    /// Only with the setting ``authorizer``.
    "mcp_sansio.client" Unauthorized as "Unauthorized" {
        /// What the server said: the raw ``www-authenticate`` challenges are among its headers.
        refusal: Py<Refusal>,
        /// The calls that wait now.
        calls: Vec<u64>,
        /// What the server asks for, in its own words: its ``WWW-Authenticate`` headers, unparsed.
        challenges: Py<PyTuple>,
    }
}

data_class! {
    /// The server listens to what we asked for, or to a part of it.
    "mcp_sansio.client" ListenOpened as "ListenOpened" {
        /// The subscription.
        listen: u64,
        /// The JSON text of the filter that the server agreed to.
        filter: Py<PyString>,
    }
}

data_class! {
    /// The subscription's stream was lost, and is being opened again.
    ///
    /// What the server said meanwhile is lost: list again what you watch, once it is open.
    "mcp_sansio.client" ListenGap as "ListenGap" {
        /// The subscription.
        listen: u64,
    }
}

data_class! {
    /// The subscription is over; nothing follows. Exactly one for each.
    "mcp_sansio.client" ListenEnded as "ListenEnded" {
        /// The subscription.
        listen: u64,
        /// The JSON text of the server's own graceful end, its RpcError, or a Failure.
        outcome: Py<PyAny>,
    }
}
