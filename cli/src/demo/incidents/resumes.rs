//! Resuming a broken stream is bounded twice: by a budget, and by the call's own deadline.

use std::time::Duration;

use mcp_sansio_tokio::CallOptions;
use mcp_sansio_tokio::Execution::Unknown;
use mcp_sansio_tokio::FailureKind::ConnectionLost;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::Expected;
use crate::misbehave::incidents;

pub(super) const NEVER_MOVES: Play = Play {
    name: "resume-never-moves",
    reported: "modelcontextprotocol/go-sdk#679",
    eras: Eras::Legacy,
    sentence: "Each resume of the call's stream ends at once without anything new.",
    server: Misbehaves(&incidents::RESUME_NEVER_MOVES),
    configure: |config| config.limits.reconnects = 3,
    within: Duration::from_secs(15),
    script: |stage| {
        Box::pin(async move {
            stage
                .call("echo", Expected::Failure(ConnectionLost, Unknown))
                .await;
            let resumed = stage.streams(true);
            stage.check(resumed == 3, format!("{resumed} resumes, not 3"));
        })
    },
};

pub(super) const RETRY_ZERO: Play = Play {
    name: "retry-zero",
    reported: "modelcontextprotocol/python-sdk#3257",
    eras: Eras::Legacy,
    sentence: "Each resume brings a new event id and asks to come again after 0 ms.",
    server: Misbehaves(&incidents::RETRY_ZERO),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            let mut options = CallOptions::default();
            options.max = Some(Duration::from_millis(1_500));
            let call = stage.start_with("echo", options);
            stage.settle(call, Expected::OutOfTime).await;
            // The floor alone allows 15; the delays double too.
            let resumed = stage.streams(true);
            stage.check(
                (1..=8).contains(&resumed),
                format!("{resumed} resumes, not 1 to 8"),
            );
        })
    },
};
