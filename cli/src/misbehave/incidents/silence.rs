//! Calls that are accepted and never answered.

use std::time::Duration;

use tokio::time::sleep;

use crate::eras::Eras;
use crate::misbehave::Incident;

pub(crate) const SILENT_STREAM: Incident = Incident {
    name: "silent-stream",
    does: "Answers a tool call with the head of an event stream, and then nothing for ever.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            x.hold().await
        })
    },
};

pub(crate) const KEEP_ALIVES: Incident = Incident {
    name: "keep-alives-for-ever",
    does: "Answers a tool call with an event stream of comments, and never with a message.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.open_stream().await?;
            loop {
                x.keep_alive().await?;
                let pause = sleep(Duration::from_millis(100));
                if x.unless_left(pause).await.is_none() {
                    return Ok(());
                }
            }
        })
    },
};

pub(crate) const NO_HEAD: Incident = Incident {
    name: "no-head",
    does: "Reads a tool call and never writes a byte of a response.",
    eras: Eras::Both,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            x.hold().await
        })
    },
};

pub(crate) const CANCEL_UNANSWERED: Incident = Incident {
    name: "cancel-unanswered",
    does: "Leaves a tool call unanswered, and the POST that cancels it as well.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_some() {
                x.open_stream().await?;
                return x.hold().await;
            }
            if x.rpc() == "notifications/cancelled" {
                return x.hold().await;
            }
            server.behave(x).await
        })
    },
};
