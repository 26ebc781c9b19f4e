//! Why a call brought no result.

use std::error::Error;
use std::fmt;

use mcp_sansio::{Failure, RpcError};

/// Why a call brought no result.
///
/// `{}` prints one sentence; `{:#}` prints below it the story of a [`Failed`](Self::Failed) call, a line
/// for each thing that was seen.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The arguments cannot be written as JSON. Nothing was sent.
    Arguments(serde_json::Error),
    /// The peer's result has not the form that its method promises.
    BadResult(String),
    /// No answer came, and none can come any more.
    Failed(Box<Failure>),
    /// The peer answered with an error.
    Peer(RpcError),
    /// The client cannot be set up. Nothing was sent.
    Setup(String),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(error) => {
                write!(f, "the arguments cannot be written as JSON: {error}")
            }
            Self::BadResult(reason) => write!(f, "the result cannot be used: {reason}"),
            Self::Failed(failure) => failure.fmt(f),
            Self::Peer(error) => write!(f, "the peer answered with an error: {error}"),
            Self::Setup(reason) => write!(f, "the client cannot be set up: {reason}"),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Arguments(error) => error.source(),
            Self::BadResult(_) | Self::Failed(_) | Self::Peer(_) | Self::Setup(_) => None,
        }
    }
}
