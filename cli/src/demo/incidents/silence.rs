//! Calls that are never answered end when their own clock says so, whatever else is going on.

use std::time::Duration;

use mcp_sansio_tokio::Execution::Unknown;
use mcp_sansio_tokio::{CallOptions, FailureKind::TimedOut};

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::{Expected, Stage};
use crate::misbehave::incidents;

const IDLE: Duration = Duration::from_millis(600);

pub(super) const SILENT_STREAM: Play = Play {
    name: "silent-stream",
    reported: "modelcontextprotocol/csharp-sdk#1592",
    eras: Eras::Legacy,
    sentence: "The server opens an event stream for the call and never writes to it.",
    server: Misbehaves(&incidents::SILENT_STREAM),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(times_out(stage)),
};

pub(super) const KEEP_ALIVES: Play = Play {
    name: "keep-alives-for-ever",
    reported: "modelcontextprotocol/python-sdk#3060",
    eras: Eras::Legacy,
    sentence: "Comments keep the call's stream alive, and no answer ever comes on it.",
    server: Misbehaves(&incidents::KEEP_ALIVES),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(times_out(stage)),
};

pub(super) const NO_HEAD: Play = Play {
    name: "no-head",
    reported: "anthropics/claude-code#26368",
    eras: Eras::Legacy,
    sentence: "The server takes the call and not one byte comes back, as on a half-open connection.",
    server: Misbehaves(&incidents::NO_HEAD),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(times_out(stage)),
};

pub(super) const CANCEL_UNANSWERED: Play = Play {
    name: "cancel-unanswered",
    reported: "modelcontextprotocol/go-sdk#1150",
    eras: Eras::Legacy,
    sentence: "The call times out, and the server does not answer the POST that cancels it either.",
    server: Misbehaves(&incidents::CANCEL_UNANSWERED),
    // Longer than the call may take: who waits for the cancel is found out.
    configure: |config| config.timing.cancel = AT_ONCE * 2,
    within: AT_ONCE,
    script: |stage| Box::pin(times_out(stage)),
};

async fn times_out(stage: &mut Stage) {
    stage.connect().await;
    let mut options = CallOptions::default();
    options.idle = Some(IDLE);
    let call = stage.start_with("echo", options);
    stage
        .settle(call, Expected::Failure(TimedOut, Unknown))
        .await;
    let told = stage
        .log()
        .within(AT_ONCE, 1, |asked| {
            asked.rpc.as_deref() == Some("notifications/cancelled")
        })
        .await;
    stage.check(told, "the server was not told that the call is over");
}
