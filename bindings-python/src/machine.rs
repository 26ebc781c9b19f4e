//! A machine behind a lock: the classes of Python are shared between threads, the machines are not.

use std::sync::Mutex;

use mcp_sansio::Instant;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt as _;

/// What both roles have.
pub(crate) trait Machine {
    /// When to feed the next `timeout`.
    fn deadline(&self) -> Option<Instant>;
}

/// A machine with its relay, if the host speaks JSON-RPC itself.
pub(crate) struct Held<M, R> {
    pub(crate) machine: M,
    pub(crate) relay: Option<R>,
    /// The latest reading of the clock that the machine was given.
    now: Instant,
}

/// The one owner of a machine. No Python code runs while the lock is held.
pub(crate) struct Owner<M, R>(Mutex<Held<M, R>>);

impl<M: Machine, R> Owner<M, R> {
    pub(crate) fn new(machine: M, relay: Option<R>) -> Self {
        Self(Mutex::new(Held {
            machine,
            relay,
            now: Instant::default(),
        }))
    }

    /// Does something under the lock.
    pub(crate) fn with<T>(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&mut Held<M, R>) -> T,
    ) -> PyResult<T> {
        match self.0.lock_py_attached(py) {
            Ok(mut held) => Ok(act(&mut held)),
            Err(_) => Err(PyRuntimeError::new_err(
                "an earlier call of this object panicked, so that its state cannot be trusted; make a new one, \
                 and report the panic: it is a defect",
            )),
        }
    }

    /// Does something at a time.
    pub(crate) fn step<T>(
        &self,
        py: Python<'_>,
        now: Instant,
        act: impl FnOnce(&mut M) -> T,
    ) -> PyResult<T> {
        self.with(py, |held| {
            held.now = held.now.max(now);
            act(&mut held.machine)
        })
    }

    /// Does something at a time with machine and relay.
    pub(crate) fn relayed<T>(
        &self,
        py: Python<'_>,
        method: &str,
        now: Instant,
        act: impl FnOnce(&mut M, &mut R) -> T,
    ) -> PyResult<T> {
        let done = self.with(py, |held| {
            held.now = held.now.max(now);
            held.relay
                .as_mut()
                .map(|relay| act(&mut held.machine, relay))
        })?;
        done.ok_or_else(|| {
            PyTypeError::new_err(format!(
                "{method} is for hosts that speak JSON-RPC themselves: make the object with relay=True"
            ))
        })
    }

    /// Feeds an input. `true`: there is something to drain, or another deadline than before.
    pub(crate) fn feed(
        &self,
        py: Python<'_>,
        now: Instant,
        input: impl FnOnce(&mut M),
    ) -> PyResult<bool> {
        self.with(py, |held| {
            let before = held.machine.deadline();
            held.now = held.now.max(now);
            input(&mut held.machine);
            let after = held.machine.deadline();
            // Queued outputs are announced as a deadline that has come.
            after != before || after.is_some_and(|deadline| deadline <= held.now)
        })
    }
}
