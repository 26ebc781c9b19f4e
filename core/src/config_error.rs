//! The one error that a caller can meet.

use alloc::string::String;

/// Why a machine could not be set up: which setting, what is wrong with it, what to write instead.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);
