//! Settings, given as keyword arguments: read by their names, and an unknown name is an error that says
//! which there are.

mod client;
mod server;
mod value;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

pub(crate) use client::client;
pub(crate) use server::server;

use value::Setting;

/// Settings that are being read.
struct Reader<'py> {
    /// What they stand in: `limits`, or nothing.
    place: &'static str,
    /// Those that nobody asked for yet.
    left: Option<Bound<'py, PyDict>>,
    /// All names that were asked for.
    known: Vec<&'static str>,
}

impl<'py> Reader<'py> {
    fn new(place: &'static str, settings: Option<&Bound<'py, PyDict>>) -> PyResult<Self> {
        Ok(Self {
            place,
            left: settings.map(PyDictMethods::copy).transpose()?,
            known: Vec::new(),
        })
    }

    fn take(&mut self, name: &'static str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.known.push(name);
        let Some(left) = &self.left else {
            return Ok(None);
        };
        let value = left.get_item(name)?;
        if value.is_some() {
            left.del_item(name)?;
        }
        Ok(value)
    }

    /// Reads a setting, if it is there.
    fn read<T: Setting>(&mut self, name: &'static str, target: &mut T) -> PyResult<()> {
        if let Some(value) = self.take(name)? {
            let name = if self.place.is_empty() {
                name.to_owned()
            } else {
                format!("{}.{name}", self.place)
            };
            *target = T::read(&name, value.as_borrowed())?;
        }
        Ok(())
    }

    /// Reads a group of settings: a mapping of its own.
    fn group(&mut self, name: &'static str) -> PyResult<Self> {
        let Some(value) = self.take(name)? else {
            return Self::new(name, None);
        };
        let group = PyDict::new(value.py());
        let mapping = value
            .cast::<PyMapping>()
            .map_err(|_| crate::arg::wrong(name, "a mapping of settings", value.as_borrowed()))?;
        group.update(mapping)?;
        Self::new(name, Some(&group))
    }

    /// Sees to it that nothing was given that nobody knows.
    fn finish(self) -> PyResult<()> {
        let Some((name, _)) = self.left.and_then(|left| left.iter().next()) else {
            return Ok(());
        };
        let what = if self.place.is_empty() {
            "setting"
        } else {
            self.place
        };
        Err(PyTypeError::new_err(format!(
            "unknown {what}: {}; there are {}",
            name.repr()?,
            self.known.join(", ")
        )))
    }
}
