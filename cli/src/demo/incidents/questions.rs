//! Questions of a server: as many rounds as were agreed to, and never on a stream that cannot carry them.

use mcp_sansio_tokio::Execution::Unknown;
use mcp_sansio_tokio::FailureKind::TooManyRounds;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::Expected;
use crate::misbehave::incidents;

pub(super) const ASKS_FOR_EVER: Play = Play {
    name: "asks-for-ever",
    reported: "airlift/airlift#2079",
    eras: Eras::Modern,
    sentence: "Each round of a call is answered with the same question again.",
    server: Misbehaves(&incidents::ASKS_FOR_EVER),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage
                .call("echo", Expected::Failure(TooManyRounds, Unknown))
                .await;
            let called = stage.called("echo");
            stage.check(
                called == 11,
                format!("echo was sent {called} times, not once and for 10 rounds"),
            );
        })
    },
};

pub(super) const ASKS_ON_STREAM: Play = Play {
    name: "asks-on-stream",
    reported: "modelcontextprotocol/modelcontextprotocol#2322",
    eras: Eras::Modern,
    sentence: "A request of the server comes on the call's stream, where there must be none any more.",
    server: Misbehaves(&incidents::ASKS_ON_STREAM),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            let answers = stage.log().count(|asked| asked.answers);
            stage.check(answers == 0, "the server's request was answered");
        })
    },
};
