//! Our server, under a host that does not do its part: whoever asked is told so, at once or in bounded time.

use std::future::pending;
use std::panic::resume_unwind;
use std::time::Duration;

use mcp_sansio_tokio::FailureKind::Undeliverable;
use mcp_sansio_tokio::server::{EndReason, Request, ResponseMode, Service};
use mcp_sansio_tokio::{CallError, RpcError};
use serde_json::{Value, json};

use super::{AT_ONCE, Eras, Play, as_they_are, with_sessions};
use crate::demo::opponent::Ours;
use crate::demo::play::Server;
use crate::demo::stage::{Expected, Stage};
use crate::log::Saw;
use crate::serve::host::Network;
use crate::serve::methods;

pub(super) const NEVER_READS: Play = Play {
    name: "handler-never-reads",
    reported: "modelcontextprotocol/csharp-sdk#1592",
    eras: Eras::Legacy,
    sentence: "The application's session handler runs for ever and never reads a request.",
    server: Server::Ours(Ours {
        build: |_| {
            Service::builder(methods::identity())
                .configure(|config| config.timing.take = Duration::from_millis(400))
                .sessions(|_| pending())
        },
        network: Network::GOOD,
    }),
    configure: |config| config.standalone = false,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Error).await;
            // The client has its error; what the host is told comes by a channel of its own.
            stage
                .until("the notice to the host", |stage| {
                    let is_notice = |what: &Saw| matches!(what, Saw::Note(note) if note.contains("was not taken"));
                    stage.log().all().iter().any(|seen| is_notice(&seen.what))
                })
                .await;
            let streams = stage.said(|what| what == "200, event stream");
            stage.check(streams == 0, "there was an event stream, and silence on it");
            let counters = stage.handle().map(|handle| handle.counters());
            let not_taken = counters.map_or(0, |counters| counters.not_taken);
            stage.check(
                not_taken == 1,
                format!("{not_taken} requests were counted as not taken, not one"),
            );
        })
    },
};

pub(super) const RETURNS_EARLY: Play = Play {
    name: "handler-returns-early",
    reported: "modelcontextprotocol/csharp-sdk#1592",
    eras: Eras::Legacy,
    sentence: "The application's session handler returns while a request waits to be read.",
    server: Server::Ours(Ours {
        build: |cue| {
            Service::builder(methods::identity()).sessions(move |_| {
                let cue = cue.clone();
                async move { cue.notified().await }
            })
        },
        network: Network::GOOD,
    }),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(ends_with(stage, EndReason::HandlerReturned)),
};

pub(super) const PANICS: Play = Play {
    name: "handler-panics",
    reported: "modelcontextprotocol/csharp-sdk#1592",
    eras: Eras::Legacy,
    sentence: "The application's session handler panics while a request waits to be read.",
    server: Server::Ours(Ours {
        build: |cue| {
            Service::builder(methods::identity()).sessions(move |_| {
                let cue = cue.clone();
                async move {
                    cue.notified().await;
                    // As a panic does, but without its message: it would stand in the demo's own output.
                    resume_unwind(Box::new("the demo's handler panics"))
                }
            })
        },
        network: Network::GOOD,
    }),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| Box::pin(ends_with(stage, EndReason::HandlerFailed)),
};

/// A call waits to be read when the handler of its session ends, for this reason.
async fn ends_with(stage: &mut Stage, reason: EndReason) {
    let call = stage.start("echo");
    stage.until_owed(1).await;
    stage.cue();
    stage.settle(call, Expected::Error).await;
    let counters = stage.handle().map(|handle| handle.counters());
    let ended = counters.map_or(0, |counters| counters.sessions_ended(reason));
    stage.check(
        ended == 1,
        format!("{ended} sessions were counted as ended that way, not one"),
    );
}

pub(super) const NOWHERE_TO_ASK: Play = Play {
    name: "nowhere-to-ask",
    reported: "modelcontextprotocol/python-sdk#3195",
    eras: Eras::Legacy,
    sentence: "A tool asks its client while the answer is a JSON body, which carries no question.",
    server: Server::Ours(Ours {
        build: |_| {
            Service::builder(methods::identity())
                .configure(|config| config.mode = ResponseMode::Json)
                .serve(ask)
        },
        network: Network::GOOD,
    }),
    configure: with_sessions,
    within: AT_ONCE,
    script: |stage| Box::pin(stage.call("ask", Expected::Result)),
};

/// A tool that asks, and says what it is told if that is refused as it must be.
async fn ask(request: Request) -> Result<Value, RpcError> {
    match request
        .ask("elicitation/create", json!({"message": "Sure?"}))
        .await
    {
        Err(CallError::Failed(failure)) if failure.kind == Undeliverable => say(&request),
        other => Err(RpcError::new(
            -32000,
            format!("the question was not refused: {other:?}"),
        )),
    }
}

pub(super) const SHUT_DOWN: Play = Play {
    name: "shut-down-mid-call",
    reported: "modelcontextprotocol/rust-sdk#493",
    eras: Eras::Legacy,
    sentence: "The server shuts down while one call needs a moment and another would never end.",
    server: Server::Ours(Ours {
        build: |cue| {
            Service::builder(methods::identity()).serve(move |request| {
                let cue = cue.clone();
                async move {
                    let params: Value = request.params()?;
                    if params["name"] == "stuck" {
                        return pending().await;
                    }
                    cue.notified().await;
                    say(&request)
                }
            })
        },
        network: Network::GOOD,
    }),
    configure: with_sessions,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let moment = stage.start("moment");
            let stuck = stage.start("stuck");
            stage.until_owed(2).await;
            let Some(handle) = stage.handle() else { return };
            let shutting_down = tokio::spawn(async move {
                handle.shut_down(Duration::from_secs(1)).await;
            });
            stage.cue();
            stage.settle(moment, Expected::Result).await;
            stage.settle(stuck, Expected::Error).await;
            let down = tokio::time::timeout(AT_ONCE, shutting_down).await;
            stage.check(down.is_ok(), "the shut-down did not end");
        })
    },
};

/// What a tool of these plays answers: what it is told.
fn say(request: &Request) -> Result<Value, RpcError> {
    let params: Value = request.params()?;
    let text = &params["arguments"]["text"];
    Ok(json!({"content": [{"type": "text", "text": text}]}))
}
