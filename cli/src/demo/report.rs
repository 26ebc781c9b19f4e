//! What came of an incident.

use std::time::{Duration, Instant};

use mcp_sansio_tokio::{Execution, Outcome};

use super::driver::Driver;
use super::play::Play;
use super::remarks::Remark;
use crate::log::Observation;

/// What came of an incident.
pub(super) struct Report {
    pub(super) play: &'static Play,
    /// Whose client it was.
    pub(super) driver: Driver,
    pub(super) calls: Vec<CallReport>,
    /// The promises that did not hold, a sentence each.
    pub(super) broken: Vec<String>,
    /// What the server saw.
    pub(super) observations: Vec<Observation>,
    /// What the application was told beside the outcomes.
    pub(super) remarks: Vec<Remark>,
}

/// What one call came to, or one subscription.
pub(super) struct CallReport {
    /// The tool; `listen` for a subscription.
    pub(super) call: String,
    pub(super) is_subscription: bool,
    pub(super) began: Instant,
    pub(super) elapsed: Duration,
    /// `None` if the call had not settled when it must have.
    pub(super) outcome: Option<Outcome>,
}

impl Report {
    /// The incident could not even begin.
    pub(super) fn not_played(play: &'static Play, driver: Driver, why: String) -> Self {
        Self {
            play,
            driver,
            calls: Vec::new(),
            broken: vec![why],
            observations: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Whether every call settled once, as it had to, in time, and the server saw what it had to.
    pub(super) fn holds(&self) -> bool {
        self.broken.is_empty()
    }
}

impl CallReport {
    /// A call of this tool that has just begun.
    pub(super) fn of(tool: &str, began: Instant) -> Self {
        Self {
            call: tool.to_owned(),
            is_subscription: false,
            began,
            elapsed: Duration::ZERO,
            outcome: None,
        }
    }

    /// A subscription that has just begun.
    pub(super) fn of_subscription(began: Instant) -> Self {
        Self {
            is_subscription: true,
            ..Self::of("listen", began)
        }
    }

    /// The outcome in a word.
    pub(super) fn word(&self) -> &'static str {
        match &self.outcome {
            None => "unsettled",
            Some(Outcome::Result(_)) => "result",
            Some(Outcome::Error(_)) => "error",
            Some(Outcome::Failed(failure)) => failure.kind.as_str(),
        }
    }

    /// Whether the server may have run the call; `None` where the outcome is its own answer.
    pub(super) fn execution(&self) -> Option<Execution> {
        match &self.outcome {
            Some(Outcome::Failed(failure)) => Some(failure.execution),
            _ => None,
        }
    }
}
