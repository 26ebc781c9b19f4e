//! When the server loses the session, every call of it is accounted for, and one handshake makes the
//! next.

use std::time::Duration;

use mcp_sansio_tokio::Execution::{Refused, Unknown};
use mcp_sansio_tokio::FailureKind::SessionLost;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::{Expected, Stage};
use crate::misbehave::incidents;

/// How long a call of a lost session may still be answered on its own stream.
const GRACE: Duration = Duration::from_millis(400);

pub(super) const ORPHANED_CALL: Play = Play {
    name: "orphaned-call",
    reported: "modelcontextprotocol/rust-sdk#912",
    eras: Eras::Legacy,
    sentence: "A 404 makes the client start a new session while another call waits on the old one.",
    server: Misbehaves(&incidents::SESSION_FORGOTTEN),
    configure: |config| config.timing.session_grace = GRACE,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let slow = stage.start("slow");
            stage.until_called("slow").await;
            stage.call("echo", Expected::Result).await;
            stage
                .settle(slow, Expected::Failure(SessionLost, Unknown))
                .await;
            check_one_new_session(stage);
            let called = stage.called("slow");
            stage.check(
                called == 1,
                format!("slow was sent {called} times, not once"),
            );
        })
    },
};

pub(super) const LATE_ANSWER: Play = Play {
    name: "late-answer",
    reported: "modelcontextprotocol/rust-sdk#912",
    eras: Eras::Legacy,
    sentence: "A new session is made after a 404, and another call's answer still comes on its old stream.",
    server: Misbehaves(&incidents::SESSION_FORGOTTEN_LATE_ANSWER),
    configure: |config| config.timing.session_grace = AT_ONCE,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let slow = stage.start("slow");
            stage.until_called("slow").await;
            stage.call("echo", Expected::Result).await;
            stage.settle(slow, Expected::Result).await;
            check_one_new_session(stage);
        })
    },
};

pub(super) const REINITIALIZE_OFF: Play = Play {
    name: "reinitialize-off",
    reported: "modelcontextprotocol/rust-sdk#743",
    eras: Eras::Legacy,
    sentence: "The session is lost, and the application has said that it wants to know.",
    server: Misbehaves(&incidents::SESSION_FORGOTTEN),
    configure: |config| {
        config.reinitialize = false;
        config.timing.session_grace = GRACE;
    },
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let slow = stage.start("slow");
            stage.until_called("slow").await;
            stage
                .call("echo", Expected::Failure(SessionLost, Refused))
                .await;
            stage
                .settle(slow, Expected::Failure(SessionLost, Unknown))
                .await;
            let handshakes = stage.asked("initialize");
            stage.check(handshakes == 1, format!("{handshakes} handshakes, not one"));
        })
    },
};

pub(super) const FIVE_CALLS_ONE_404: Play = Play {
    name: "five-calls-one-404",
    reported: "agentic-community/mcp-gateway-registry#960",
    eras: Eras::Legacy,
    sentence: "Five calls meet the 404 of a lost session at the same moment.",
    server: Misbehaves(&incidents::SESSION_FORGOTTEN_SLOW_404),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            let calls: Vec<_> = (0..5).map(|_| stage.start("echo")).collect();
            for call in calls {
                stage.settle(call, Expected::Result).await;
            }
            check_one_new_session(stage);
            let called = stage.called("echo");
            stage.check(
                called == 10,
                format!("echo was sent {called} times, not 5 times twice"),
            );
        })
    },
};

pub(super) const NEVER_FOUND: Play = Play {
    name: "session-never-found",
    reported: "langchain4j/langchain4j#6191",
    eras: Eras::Legacy,
    sentence: "The call meets a 404 in every new session as well.",
    server: Misbehaves(&incidents::SESSION_NEVER_FOUND),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage
                .call("echo", Expected::Failure(SessionLost, Refused))
                .await;
            let handshakes = stage.asked("initialize");
            stage.check(
                (2..=3).contains(&handshakes),
                format!("{handshakes} handshakes, not 2 or 3"),
            );
        })
    },
};

fn check_one_new_session(stage: &mut Stage) {
    let handshakes = stage.asked("initialize");
    stage.check(
        handshakes == 2,
        format!("{handshakes} handshakes, not the first and one more"),
    );
}
