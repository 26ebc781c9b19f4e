//! Calls of the modern era, each of which stands alone: only its own exchange can answer it, and the end
//! of that exchange cancels it.

use std::future::pending;
use std::time::Duration;

use mcp_sansio_tokio::Execution::{Refused, Unknown};
use mcp_sansio_tokio::FailureKind::{BadAnswer, ConnectionLost, HttpStatus, TimedOut};
use mcp_sansio_tokio::server::Service;
use mcp_sansio_tokio::{CallOptions, RpcError};

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::opponent::Ours;
use crate::demo::play::Server;
use crate::demo::stage::{Expected, Stage};
use crate::log::Saw;
use crate::misbehave::incidents;
use crate::serve::host::Network;
use crate::serve::methods;

const IDLE: Duration = Duration::from_millis(600);

pub(super) const SILENT_STREAM: Play = Play {
    name: "silent-modern-stream",
    reported: "kentcdodds/kody#2159",
    eras: Eras::Modern,
    sentence: "The server says that it is of the modern era, and then answers a call with silence.",
    server: Misbehaves(&incidents::SILENT_STREAM),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            let call = stage.start_with("echo", idle());
            stage
                .settle(call, Expected::Failure(TimedOut, Unknown))
                .await;
            stage
                .until("the end of the call's exchange", |stage| {
                    let left = |what: &Saw| matches!(what, Saw::Left);
                    stage.log().all().iter().any(|seen| left(&seen.what))
                })
                .await;
            check_no_cancel(stage);
        })
    },
};

pub(super) const HALF_EVENT: Play = Play {
    name: "half-event",
    reported: "simonx1/ruby-mcp-client#196",
    eras: Eras::Modern,
    sentence: "The stream of a call breaks within an event; then that of one that may run twice.",
    server: Misbehaves(&incidents::HALF_EVENT),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage
                .call("echo", Expected::Failure(ConnectionLost, Unknown))
                .await;
            let mut options = CallOptions::default();
            options.safe = true;
            let safe = stage.start_with("echo", options);
            stage.settle(safe, Expected::Result).await;
            let called = stage.called("echo");
            stage.check(
                called == 3,
                format!("echo was sent {called} times, not once and then twice"),
            );
            let resumed = stage.streams(true);
            stage.check(resumed == 0, "a stream that cannot be resumed was");
        })
    },
};

pub(super) const FOREIGN_ID: Play = Play {
    name: "foreign-modern-id",
    reported: "indexnetwork/index#940",
    eras: Eras::Modern,
    sentence: "The JSON answer to one call carries the id of another, which is nobody's business here.",
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

pub(super) const BARE_404: Play = Play {
    name: "bare-404",
    reported: "anthropics/claude-code#94273",
    eras: Eras::Modern,
    sentence: "A call gets a 404 without a word, and there is no session that it could mean.",
    server: Misbehaves(&incidents::BARE_404),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage
                .call("echo", Expected::Failure(HttpStatus, Refused))
                .await;
            stage.call("echo", Expected::Result).await;
            let searches = stage.asked("server/discover") + stage.asked("initialize");
            stage.check(searches == 1, "the server's era was looked for again");
        })
    },
};

pub(super) const CLIENT_GONE: Play = Play {
    name: "client-gone",
    reported: "modelcontextprotocol/rust-sdk#857",
    eras: Eras::Modern,
    sentence: "The client gives a call up and drops its exchange, and that is all that it says.",
    server: Server::Ours(Ours {
        build: |_| {
            Service::builder(methods::identity()).serve(|_| pending::<Result<(), RpcError>>())
        },
        network: Network::GOOD,
    }),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let call = stage.start_with("stuck", idle());
            stage.until_owed(1).await;
            stage
                .settle(call, Expected::Failure(TimedOut, Unknown))
                .await;
            stage.until_owed(0).await;
            check_no_cancel(stage);
        })
    },
};

fn idle() -> CallOptions {
    let mut options = CallOptions::default();
    options.idle = Some(IDLE);
    options
}

/// In this era nothing is posted to cancel a call.
fn check_no_cancel(stage: &mut Stage) {
    let told = stage.asked("notifications/cancelled");
    stage.check(told == 0, "the call was cancelled by a POST");
}
