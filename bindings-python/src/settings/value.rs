//! The kinds of values that settings have. A wrong type is a `TypeError`, a value that cannot be a
//! `ConfigError`; both name the setting.

use std::ops::RangeInclusive;
use std::time::Duration;

use mcp_sansio::{Allowed, Known, Recording, ResponseMode, Version};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::ConfigError;
use crate::arg::{self, Value};
use crate::known::{self, revision};

/// What a setting can be.
pub(super) trait Setting: Sized {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self>;
}

impl Setting for bool {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        arg::flag(name, value)
    }
}

macro_rules! integers {
    ($($kind:ty),*) => { $(
        impl Setting for $kind {
            fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
                arg::integer(name, value)?.ok_or_else(|| {
                    ConfigError::new_err(format!("{name}: it must be from 0 to {}", Self::MAX))
                })
            }
        }
    )* };
}
integers!(u16, u32, usize);

impl Setting for Duration {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        let seconds = arg::number(name, value)?;
        if seconds >= 0.0 {
            Ok(arg::duration(seconds))
        } else {
            Err(ConfigError::new_err(format!(
                "{name}: it must be a number of seconds, zero or more"
            )))
        }
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        if value.is_none() {
            Ok(None)
        } else {
            T::read(name, value).map(Some)
        }
    }
}

impl Setting for String {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        arg::string(name, value).map(str::to_owned)
    }
}

impl Setting for Vec<String> {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        // A str is an iterable of strs too, and never what was meant.
        if value.is_instance_of::<PyString>() {
            return Err(arg::wrong(name, "a list of str", value));
        }
        let items = value
            .try_iter()
            .map_err(|_| arg::wrong(name, "a list of str", value))?;
        items
            .map(|item| String::read(name, item?.as_borrowed()))
            .collect()
    }
}

impl Setting for Version {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        revision(name, arg::string(name, value)?)
    }
}

impl<T: Setting> Setting for RangeInclusive<T> {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        let pair = value
            .cast::<PyTuple>()
            .ok()
            .filter(|pair| pair.len() == 2)
            .ok_or_else(|| arg::wrong(name, "a pair (least, most), as a tuple,", value))?;
        Ok(T::read(name, pair.get_borrowed_item(0)?)?..=T::read(name, pair.get_borrowed_item(1)?)?)
    }
}

impl Setting for Known {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        value
            .cast::<known::Known>()
            .map(|known| known.get().0.clone())
            .map_err(|_| arg::wrong(name, "a Known", value))
    }
}

impl Setting for Recording {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        let words = [
            ("off", Self::Off),
            ("redacted", Self::Redacted),
            ("whole", Self::Whole),
        ];
        word(name, value, &words)
    }
}

impl Setting for ResponseMode {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        let words = [
            ("adaptive", Self::Adaptive),
            ("json", Self::Json),
            ("sse", Self::Sse),
        ];
        word(name, value, &words)
    }
}

impl Setting for Allowed {
    fn read(name: &str, value: Value<'_, '_>) -> PyResult<Self> {
        if value.is_instance_of::<PyString>() {
            word(
                name,
                value,
                &[("any", Self::Any), ("loopback", Self::Loopback)],
            )
        } else {
            Vec::read(name, value).map(Self::Only)
        }
    }
}

fn word<T: Clone>(name: &str, value: Value<'_, '_>, words: &[(&str, T)]) -> PyResult<T> {
    let given = arg::string(name, value)?;
    let meant = words.iter().find(|(word, _)| *word == given);
    meant.map(|(_, meaning)| meaning.clone()).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        ConfigError::new_err(format!("{name}: {given:?} is none of {}", words.join(", ")))
    })
}
