//! The exchanges around the calls: a server that leaves them unanswered holds up nothing for long.

use std::time::Duration;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::Expected;
use crate::misbehave::incidents;

pub(super) const INITIALIZED_UNANSWERED: Play = Play {
    name: "initialized-unanswered",
    reported: "wevm/vocs#484",
    eras: Eras::Legacy,
    sentence: "The server never answers the POST of notifications/initialized.",
    server: Misbehaves(&incidents::INITIALIZED_UNANSWERED),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(stage.call("echo", Expected::Result)),
};

pub(super) const DELETE_UNANSWERED: Play = Play {
    name: "delete-unanswered",
    reported: "modelcontextprotocol/go-sdk#1183",
    eras: Eras::Legacy,
    sentence: "The server never answers the DELETE that ends the session.",
    server: Misbehaves(&incidents::DELETE_UNANSWERED),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            let took = stage.close().await;
            let deletes = stage.log().count(|asked| asked.http == "DELETE");
            stage.check(deletes == 1, format!("{deletes} DELETEs, not one"));
            stage.check(
                took < Duration::from_secs(5),
                format!("close took {} ms, and 500 ms were set", took.as_millis()),
            );
        })
    },
};
