//! What a call must come to, and whether it did.

use mcp_sansio_tokio::{Execution, FailureKind, Outcome};
use serde_json::Value;

/// What a call or a subscription must come to.
#[derive(Clone, Copy, Debug)]
pub(in crate::demo) enum Expected {
    /// The server's error, whatever it says.
    Error,
    /// A failure that says this.
    Failure(FailureKind, Execution),
    /// The call's time ran out, or what could have brought its answer would have come after that.
    OutOfTime,
    /// The answer to this very call and no other: the tools say what they are told.
    Result,
    /// The server's own, graceful end of a subscription.
    ServersEnd,
}

impl Expected {
    pub(super) fn is_met(self, outcome: &Outcome, place: usize) -> bool {
        match (self, outcome) {
            (Self::Error, Outcome::Error(_)) | (Self::ServersEnd, Outcome::Result(_)) => true,
            (Self::Failure(kind, execution), Outcome::Failed(failure)) => {
                failure.kind == kind && failure.execution == execution
            }
            (Self::OutOfTime, Outcome::Failed(failure)) => {
                let kinds = [FailureKind::ConnectionLost, FailureKind::TimedOut];
                kinds.contains(&failure.kind) && failure.execution == Execution::Unknown
            }
            (Self::Result, Outcome::Result(text)) => {
                let said = serde_json::from_slice::<Value>(text).unwrap_or_default();
                said["content"][0]["text"] == words(place)
            }
            _ => false,
        }
    }
}

/// What the call at this place of the report tells its tool.
pub(super) fn words(place: usize) -> String {
    format!("call {}", place + 1)
}

pub(super) fn sentence(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Error(error) => error.to_string(),
        Outcome::Failed(failure) => failure.to_string(),
        Outcome::Result(text) => String::from_utf8_lossy(text).into_owned(),
    }
}
