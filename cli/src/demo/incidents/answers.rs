//! An answer that is none settles the call that it was given to, and touches no other.

use mcp_sansio_tokio::Execution::Unknown;
use mcp_sansio_tokio::FailureKind::{BadAnswer, HttpStatus, TooLarge};

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::Expected;
use crate::misbehave::incidents;

pub(super) const ACCEPTED: Play = Play {
    name: "accepted",
    reported: "mark3labs/mcp-go#334",
    eras: Eras::Legacy,
    sentence: "The server answers the call with 202, which promises nothing.",
    server: Misbehaves(&incidents::ACCEPTED),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(stage.call("echo", Expected::Failure(BadAnswer, Unknown))),
};

pub(super) const FOREIGN_ID: Play = Play {
    name: "foreign-id",
    reported: "modelcontextprotocol/python-sdk#1144",
    eras: Eras::Legacy,
    sentence: "The JSON answer to one call carries the id of another call that is still running.",
    server: Misbehaves(&incidents::FOREIGN_ID),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let slow = stage.start("slow");
            stage.until_called("slow").await;
            stage
                .call("echo", Expected::Failure(BadAnswer, Unknown))
                .await;
            stage.settle(slow, Expected::Result).await;
        })
    },
};

pub(super) const TRUNCATED_JSON: Play = Play {
    name: "truncated-json",
    reported: "modelcontextprotocol/python-sdk#1144",
    eras: Eras::Legacy,
    sentence: "The body of the answer is the first half of a JSON text.",
    server: Misbehaves(&incidents::TRUNCATED_JSON),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(stage.call("echo", Expected::Failure(BadAnswer, Unknown))),
};

pub(super) const NOT_JSON: Play = Play {
    name: "not-json",
    reported: "modelcontextprotocol/go-sdk#736",
    eras: Eras::Legacy,
    sentence: "The call is answered with 200 and a web page.",
    server: Misbehaves(&incidents::NOT_JSON),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(stage.call("echo", Expected::Failure(BadAnswer, Unknown))),
};

pub(super) const SERVER_ERROR: Play = Play {
    name: "server-error",
    reported: "modelcontextprotocol/python-sdk#1010",
    eras: Eras::Legacy,
    sentence: "One call is answered with 500, and the next one must not suffer from it.",
    server: Misbehaves(&incidents::SERVER_ERROR),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage
                .call("echo", Expected::Failure(HttpStatus, Unknown))
                .await;
            stage.call("echo", Expected::Result).await;
        })
    },
};

pub(super) const NULL_ID: Play = Play {
    name: "null-id",
    reported: "punkpeye/mcp-proxy#14",
    eras: Eras::Legacy,
    sentence: "The error for a call comes with the id null, so that it seems to belong to nobody.",
    server: Misbehaves(&incidents::NULL_ID),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            stage.call("echo", Expected::Error).await;
            stage.call("echo", Expected::Result).await;
            // A 400 without the call's id might mean the session.
            let pings = stage.asked("ping");
            stage.check(pings == 1, format!("{pings} pings, not one"));
        })
    },
};

pub(super) const TOO_LARGE: Play = Play {
    name: "too-large",
    reported: "modelcontextprotocol/python-sdk#3332",
    eras: Eras::Legacy,
    sentence: "The answer is larger than the client takes, and can be had again by resuming.",
    server: Misbehaves(&incidents::TOO_LARGE),
    configure: |config| config.limits.event = 64 << 10,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage
                .call("echo", Expected::Failure(TooLarge, Unknown))
                .await;
            stage.call("echo", Expected::Result).await;
            let resumed = stage.streams(true);
            stage.check(resumed == 0, "the stream of the large answer was resumed");
        })
    },
};

pub(super) const SAME_NUMBER: Play = Play {
    name: "same-number",
    reported: "modelcontextprotocol/csharp-sdk#475",
    eras: Eras::Legacy,
    sentence: "The server asks the client something under the id of the client's own call.",
    server: Misbehaves(&incidents::SAME_NUMBER),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            let answers = stage.log().count(|asked| asked.answers);
            stage.check(answers == 1, "the server's request was not answered once");
        })
    },
};
