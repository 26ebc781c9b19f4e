//! A response that ends without the answer ends its call at once: nothing else can bring it.

use mcp_sansio_tokio::Execution::Unknown;
use mcp_sansio_tokio::FailureKind::ConnectionLost;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::stage::Expected;
use crate::misbehave::incidents;

pub(super) const STREAM_ENDS: Play = Play {
    name: "stream-ends",
    reported: "modelcontextprotocol/typescript-sdk#2739",
    eras: Eras::Legacy,
    sentence: "The call's event stream ends in order, without an answer and without an event id.",
    server: Misbehaves(&incidents::STREAM_ENDS),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(stage.call("echo", Expected::Failure(ConnectionLost, Unknown))),
};

pub(super) const RESET: Play = Play {
    name: "reset",
    reported: "modelcontextprotocol/python-sdk#1577",
    eras: Eras::Legacy,
    sentence: "The connection is reset after the head of the call's event stream.",
    server: Misbehaves(&incidents::RESET),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(stage.call("echo", Expected::Failure(ConnectionLost, Unknown))),
};
