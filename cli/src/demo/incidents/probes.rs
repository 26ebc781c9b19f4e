//! Whatever a server of the legacy era makes of a question that it does not know: its sessions are found,
//! once and in time.

use std::time::Duration;

use mcp_sansio_tokio::core::Era;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::{Expected, Stage};
use crate::log::Saw;
use crate::misbehave::incidents;

pub(super) const UNANSWERED: Play = Play {
    name: "probe-unanswered",
    reported: "modelcontextprotocol/rust-sdk#1142",
    eras: Eras::Both,
    sentence: "The server never answers the question which era it is of.",
    server: Misbehaves(&incidents::PROBE_UNANSWERED),
    configure: |config| config.timing.probe = Duration::from_millis(300),
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            falls_back(stage).await;
            stage
                .until("the end of the open question", |stage| {
                    let left = |what: &Saw| matches!(what, Saw::Left);
                    stage.log().all().iter().any(|seen| left(&seen.what))
                })
                .await;
        })
    },
};

pub(super) const NOT_FOUND: Play = Play {
    name: "probe-not-found",
    reported: "modelcontextprotocol/csharp-sdk#1765",
    eras: Eras::Both,
    sentence: "The question which era the server is of gets the 404 of a lost session.",
    server: Misbehaves(&incidents::PROBE_NOT_FOUND),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(falls_back(stage)),
};

pub(super) const UNAVAILABLE: Play = Play {
    name: "probe-unavailable",
    reported: "modelcontextprotocol/go-sdk#1014",
    eras: Eras::Both,
    sentence: "The question which era the server is of gets a 503.",
    server: Misbehaves(&incidents::PROBE_UNAVAILABLE),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(falls_back(stage)),
};

pub(super) const WEB_PAGE: Play = Play {
    name: "probe-web-page",
    reported: "modelcontextprotocol/go-sdk#736",
    eras: Eras::Both,
    sentence: "The question which era the server is of gets 200 and a web page.",
    server: Misbehaves(&incidents::PROBE_WEB_PAGE),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(falls_back(stage)),
};

pub(super) const EMPTY_STREAM: Play = Play {
    name: "probe-empty-stream",
    reported: "aaif-goose/goose#11965",
    eras: Eras::Both,
    sentence: "The question which era the server is of gets an event stream that ends at once.",
    server: Misbehaves(&incidents::PROBE_EMPTY_STREAM),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(falls_back(stage)),
};

pub(super) const EMPTY_RESULT: Play = Play {
    name: "probe-empty-result",
    reported: "Significant-Gravitas/AutoGPT#14302",
    eras: Eras::Both,
    sentence: "The question which era the server is of gets a result that says nothing.",
    server: Misbehaves(&incidents::PROBE_EMPTY_RESULT),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(falls_back(stage)),
};

async fn falls_back(stage: &mut Stage) {
    stage.call("echo", Expected::Result).await;
    stage.check_era(Era::Legacy);
    for method in ["server/discover", "initialize"] {
        let asked = stage.asked(method);
        stage.check(asked == 1, format!("{method} came {asked} times, not once"));
    }
}
