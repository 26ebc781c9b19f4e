//! The standalone stream: what it brings counts, and its own troubles are nobody else's.

use std::time::Duration;

use tokio::time::sleep;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::Expected;
use crate::misbehave::incidents;

pub(super) const ANSWER_ELSEWHERE: Play = Play {
    name: "answer-elsewhere",
    reported: "modelcontextprotocol/csharp-sdk#1381",
    eras: Eras::Legacy,
    sentence: "The answer comes on the standalone stream while the call's own resume hangs.",
    server: Misbehaves(&incidents::ANSWER_ELSEWHERE),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            let resumed = stage.streams(true);
            stage.check(resumed == 1, format!("{resumed} resumes, not one"));
        })
    },
};

pub(super) const NO_STANDALONE: Play = Play {
    name: "no-standalone-stream",
    reported: "modelcontextprotocol/python-sdk#1941",
    eras: Eras::Legacy,
    sentence: "The server offers no standalone stream, and says so with 405.",
    server: Misbehaves(&incidents::NONE),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            sleep(Duration::from_millis(500)).await;
            stage.call("echo", Expected::Result).await;
            let opened = stage.streams(false);
            stage.check(
                opened == 1,
                format!("it was asked for {opened} times, not once"),
            );
        })
    },
};

pub(super) const STANDALONE_ENDS: Play = Play {
    name: "standalone-ends",
    reported: "malloydata/malloyyo#133",
    eras: Eras::Legacy,
    sentence: "The standalone stream ends as soon as it is opened, again and again.",
    server: Misbehaves(&incidents::STANDALONE_ENDS),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            sleep(Duration::from_secs(1)).await;
            stage.call("echo", Expected::Result).await;
            // The first one, and the budget for bringing it back.
            let opened = stage.streams(false);
            stage.check(
                (2..=6).contains(&opened),
                format!("{opened} standalone streams were opened, not 2 to 6"),
            );
        })
    },
};
