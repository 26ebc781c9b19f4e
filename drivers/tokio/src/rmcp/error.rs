//! Why rmcp's message did not get through.

use std::error::Error;
use std::fmt;

use ::rmcp::transport::streamable_http_client::{AuthRequiredError, InsufficientScopeError};
use mcp_sansio_driver::core::{Failure, FailureKind};

/// Why a message of rmcp's did not get through. rmcp's callers find it in
/// `ServiceError::TransportSend` and `ClientInitializeError::TransportError`.
///
/// `{}` prints one sentence; `{:#}` prints below it the story of a [`Failed`](Self::Failed) call, a line
/// for each thing that was seen.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransportError {
    /// No answer came, and none can come any more.
    #[non_exhaustive]
    Failed {
        /// What happened, and whether the server may have run the call.
        failure: Box<Failure>,
        /// If the server wants credentials: rmcp's own error for that, by which it knows
        /// (`ClientInitializeError::auth_challenge`).
        wanted: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The message cannot be written as JSON. Nothing was sent.
    Unwritable(serde_json::Error),
}

impl TransportError {
    pub(super) fn failed(failure: Box<Failure>) -> Self {
        Self::Failed {
            wanted: wanted(&failure),
            failure,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { failure, .. } => failure.fmt(f),
            Self::Unwritable(error) => {
                write!(f, "the message cannot be written as JSON: {error}")
            }
        }
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed { wanted, .. } => wanted.as_deref().map(|error| error as _),
            Self::Unwritable(error) => error.source(),
        }
    }
}

/// What rmcp says of a server that wants (other) credentials.
fn wanted(failure: &Failure) -> Option<Box<dyn Error + Send + Sync>> {
    const FORBIDDEN: u16 = 403;
    if failure.kind != FailureKind::Unauthorized {
        return None;
    }
    let refusal = failure.refusal.as_ref()?;
    let challenge = refusal
        .headers
        .iter()
        .find(|header| header.name == "www-authenticate")?;
    let challenge = String::from_utf8_lossy(&challenge.value).into_owned();
    Some(if refusal.status == FORBIDDEN {
        let scope = scope(&challenge);
        Box::new(InsufficientScopeError::new(challenge, scope))
    } else {
        Box::new(AuthRequiredError::new(challenge))
    })
}

/// The scope that a challenge names, read as rmcp reads it.
fn scope(challenge: &str) -> Option<String> {
    let (_, after) = challenge.split_once("scope=")?;
    let scope = match after.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => after.split([',', ' ']).next(),
    };
    scope.filter(|scope| !scope.is_empty()).map(str::to_owned)
}
