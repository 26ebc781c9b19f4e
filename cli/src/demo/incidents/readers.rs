//! Our server, and clients that share a session, vanish, come back, or do not read: none of them costs
//! another its answer.

use std::future::pending;
use std::time::Duration;

use mcp_sansio_tokio::server::{Request, ResponseMode, Service};
use mcp_sansio_tokio::{CallOptions, RpcError, Version};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{AT_ONCE, Eras, Play, with_sessions};
use crate::demo::opponent::Ours;
use crate::demo::play::Server;
use crate::demo::stage::{Expected, Stage};
use crate::log::Saw;
use crate::serve::host::Network;
use crate::serve::methods;

/// How long a client may read nothing.
const STALL: Duration = Duration::from_millis(500);

/// The server of `mcp-sansio serve`, always with streams, and with reconnects as quick as the demo's.
const fn ours(network: Network) -> Server {
    Server::Ours(Ours {
        build: |_| {
            Service::builder(methods::identity())
                .configure(|config| {
                    config.mode = ResponseMode::Sse;
                    config.timing.retry = Duration::from_millis(50);
                    config.timing.stall = STALL;
                })
                .serve(answer)
        },
        network,
    })
}

/// Its tools, and one that never ends.
async fn answer(request: Request) -> Result<Value, RpcError> {
    if request.method() == "tools/call" && request.params::<Value>()?["name"] == "stuck" {
        return pending().await;
    }
    methods::answer(request).await
}

pub(super) const ONE_ID_TWICE: Play = Play {
    name: "one-id-twice",
    reported: "modelcontextprotocol/python-sdk#3060",
    eras: Eras::Legacy,
    sentence: "Two clients of one session give two calls in flight the same JSON-RPC id.",
    server: ours(Network::GOOD),
    configure: |config| {
        with_sessions(config);
        config.standalone = false;
    },
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            let id = stage.client().known().map_or(0, |known| known.next_id);
            let second = stage.join();
            let slow = stage.start("slow");
            stage.until_called("slow").await;
            let echo = stage.start_by(second, "echo", CallOptions::default());
            stage.settle(echo, Expected::Result).await;
            stage.settle(slow, Expected::Result).await;
            let told = format!("result for {id}");
            let answers = stage.said(|what| what.contains(&told));
            stage.check(
                answers == 2,
                format!("the id {id} was used {answers} times"),
            );
        })
    },
};

pub(super) const BREAKS_OFF: Play = Play {
    name: "breaks-off-mid-call",
    reported: "cloudflare/agents#1607",
    eras: Eras::Legacy,
    sentence: "The connection of a call breaks while it runs, and the client comes back for the rest.",
    server: ours(Network {
        breaks: |asked| (asked.tool.as_deref() == Some("slow")).then_some(2),
        ..Network::GOOD
    }),
    configure: with_sessions,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let mut options = CallOptions::default();
            options.progress = true;
            let slow = stage.start_with("slow", options);
            stage.settle(slow, Expected::Result).await;
            let resumed = stage.streams(true);
            stage.check(resumed == 1, format!("{resumed} resumes, not one"));
            let called = stage.called("slow");
            stage.check(
                called == 1,
                format!("slow was sent {called} times, not once"),
            );
        })
    },
};

pub(super) const SECOND_LISTENER: Play = Play {
    name: "second-listener",
    reported: "modelcontextprotocol/rust-sdk#682",
    eras: Eras::Legacy,
    sentence: "Another client of the session opens a standalone stream while there is one.",
    server: ours(Network::GOOD),
    configure: with_sessions,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            listening(stage, 1).await;
            let mut heard_first = stage.client().notifications();
            let second = stage.join();
            let mut heard_second = stage.client_of(second).notifications();
            let echo = stage.start_by(second, "echo", CallOptions::default());
            stage.settle(echo, Expected::Result).await;
            listening(stage, 2).await;
            stage
                .until("the end of the older stream", |stage| {
                    stage
                        .log()
                        .all()
                        .iter()
                        .any(|seen| matches!(seen.what, Saw::Ended))
                })
                .await;
            if let Some(handle) = stage.handle() {
                handle.notify_all("notifications/tools/list_changed", None);
            }
            let heard = timeout(AT_ONCE, heard_second.next()).await;
            stage.check(
                matches!(heard, Ok(Some(_))),
                "the newer listener heard nothing",
            );
            stage.call("echo", Expected::Result).await;
            stage.close().await;
            stage.check(
                heard_first.next().await.is_none(),
                "the older listener heard it too",
            );
        })
    },
};

/// Waits until the server has answered so many standalone streams.
async fn listening(stage: &mut Stage, count: usize) {
    stage
        .until("a standalone stream", |stage| {
            let seen = stage.log().all();
            let opened = seen.iter().filter(|one| {
                let listens = |what: &Saw| matches!(what, Saw::Asked(asked) if asked.listens());
                matches!(&one.what, Saw::Said(what) if what == "200, event stream")
                    && seen
                        .iter()
                        .any(|other| other.exchange == one.exchange && listens(&other.what))
            });
            opened.count() == count
        })
        .await;
}

pub(super) const STUCK: Play = Play {
    name: "stuck-reader",
    reported: "modelcontextprotocol/python-sdk#1764",
    eras: Eras::Legacy,
    sentence: "Another client of the session asks for 8 MiB, and does not read them.",
    server: ours(Network {
        stall: STALL,
        ..Network::GOOD
    }),
    configure: with_sessions,
    // So much to write may take a while; the other calls do not wait for it.
    within: Duration::from_secs(30),
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            let stuck = asks_and_does_not_read(stage).await;
            stage.check(stuck.is_ok(), "the stuck client could not ask");
            stage.until_called("big").await;
            let calls: Vec<_> = (0..5).map(|_| stage.start("echo")).collect();
            for call in calls {
                stage.settle(call, Expected::Result).await;
            }
            stage
                .until("the end of the stuck client", |stage| {
                    let ends = |what: &Saw| matches!(what, Saw::Broken | Saw::Left);
                    stage.log().all().iter().any(|seen| ends(&seen.what))
                })
                .await;
            stage.call("echo", Expected::Result).await;
        })
    },
};

/// Asks for more than any network holds, in the session of the play's client.
async fn asks_and_does_not_read(stage: &Stage) -> std::io::Result<TcpStream> {
    let address = stage.url().trim_start_matches("http://");
    let address = address.trim_end_matches("/mcp");
    let session = stage.client().known().and_then(|known| known.session);
    let body = json!({
        "jsonrpc": "2.0",
        "id": "stuck",
        "method": "tools/call",
        "params": {"name": "big", "arguments": {"bytes": 8 << 20}},
    })
    .to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\naccept: application/json, text/event-stream\r\n\
         content-type: application/json\r\nmcp-session-id: {}\r\nmcp-protocol-version: {}\r\n\
         content-length: {}\r\n\r\n{body}",
        session.unwrap_or_default(),
        Version::V2025_11_25,
        body.len(),
    );
    let socket = TcpSocket::new_v4()?;
    // The network must not hold more than it has to.
    socket.set_recv_buffer_size(16 << 10)?;
    let address = address.parse().map_err(std::io::Error::other)?;
    let mut stream = socket.connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

pub(super) const DELETED: Play = Play {
    name: "deleted-mid-call",
    reported: "modelcontextprotocol/typescript-sdk#2691",
    eras: Eras::Legacy,
    sentence: "Another client of the session deletes it while a call runs.",
    server: ours(Network::GOOD),
    configure: |config| {
        with_sessions(config);
        config.standalone = false;
    },
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            let second = stage.join();
            let echo = stage.start_by(second, "echo", CallOptions::default());
            stage.settle(echo, Expected::Result).await;
            let stuck = stage.start("stuck");
            stage.until_owed(1).await;
            stage.close_of(second).await;
            stage.settle(stuck, Expected::Error).await;
        })
    },
};
