//! What arguments can be: time, handles, text, bytes. What cannot be used is a `TypeError` that says which
//! argument it is, and why.

use std::time::Duration;

use bytes::Bytes;
use mcp_sansio::Instant;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyString};

/// A value on its way in.
pub(crate) type Value<'a, 'py> = Borrowed<'a, 'py, PyAny>;

/// The longest wait that Python's clocks and locks can count: a century. What is longer is cut to it.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A reading of the driver's clock, in seconds.
pub(crate) fn time(name: &str, value: Value<'_, '_>) -> PyResult<Instant> {
    number(name, value).map(Instant::from_secs_f64)
}

/// A wait, in seconds. What is below zero is zero.
pub(crate) fn seconds(name: &str, value: Value<'_, '_>) -> PyResult<Duration> {
    number(name, value).map(duration)
}

/// Seconds as a duration: zero for what is no time, a century for what is longer.
pub(crate) fn duration(seconds: f64) -> Duration {
    let positive = if seconds > 0.0 { seconds } else { 0.0 };
    Duration::try_from_secs_f64(positive).map_or(LONGEST, |wait| wait.min(LONGEST))
}

/// A number; what no float can hold is infinite.
pub(crate) fn number(name: &str, value: Value<'_, '_>) -> PyResult<f64> {
    value.extract().or_else(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(value.py()) {
            Ok(if value.lt(0)? {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            })
        } else {
            Err(wrong(name, "a number of seconds", value))
        }
    })
}

/// A handle. A number that cannot be one is 0, which no machine gives: an unknown handle.
pub(crate) fn handle(name: &str, value: Value<'_, '_>) -> PyResult<u64> {
    integer(name, value).map(|number| number.unwrap_or(0))
}

/// An integer; `None` where it does not fit.
pub(crate) fn integer<'a, 'py, T>(name: &str, value: Value<'a, 'py>) -> PyResult<Option<T>>
where
    T: FromPyObject<'a, 'py, Error = PyErr>,
{
    match value.extract() {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Ok(None),
        Err(_) => Err(wrong(name, "an int", value)),
    }
}

/// A truth value.
pub(crate) fn flag(name: &str, value: Value<'_, '_>) -> PyResult<bool> {
    match value.cast::<PyBool>() {
        Ok(flag) => Ok(flag.is_true()),
        Err(_) => Err(wrong(name, "a bool", value)),
    }
}

/// A text.
pub(crate) fn string<'a>(name: &str, value: Value<'a, '_>) -> PyResult<&'a str> {
    value.extract().map_err(|_| {
        if value.is_instance_of::<PyString>() {
            surrogate(name)
        } else {
            wrong(name, "a str", value)
        }
    })
}

/// Bytes.
pub(crate) fn octets<'a>(name: &str, value: Value<'a, '_>) -> PyResult<&'a [u8]> {
    value.extract().map_err(|_| wrong(name, "bytes", value))
}

/// JSON text, as it stands in Python's memory.
pub(crate) fn text<'a>(name: &str, value: Value<'a, '_>) -> PyResult<&'a [u8]> {
    if value.is_instance_of::<PyBytes>() {
        octets(name, value)
    } else if value.is_instance_of::<PyString>() {
        string(name, value).map(str::as_bytes)
    } else {
        Err(wrong(name, "JSON text, as str or bytes,", value))
    }
}

/// JSON text, copied once.
pub(crate) fn payload(name: &str, value: Value<'_, '_>) -> PyResult<Bytes> {
    text(name, value).map(Bytes::copy_from_slice)
}

/// The error for a value of a wrong type.
pub(crate) fn wrong(name: &str, wanted: &str, value: Value<'_, '_>) -> PyErr {
    let kind = if value.is_none() {
        "None".to_owned()
    } else {
        let name = value.get_type().name();
        name.map_or_else(
            |_| "?".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    };
    PyTypeError::new_err(format!("{name}: {wanted} is needed, not {kind}"))
}

/// The error for a text that UTF-8 cannot write.
pub(crate) fn surrogate(name: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "{name}: the text holds a lone surrogate, which is no character and cannot be sent; replace it first"
    ))
}
