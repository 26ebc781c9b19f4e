//! Subscriptions: a loss is told and made good, and the end is told apart from it.

use mcp_sansio_tokio::server::Service;

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::opponent::Ours;
use crate::demo::play::Server;
use crate::demo::stage::{Expected, Heard};
use crate::misbehave::incidents;
use crate::serve::host::Network;
use crate::serve::methods;

pub(super) const LOST: Play = Play {
    name: "listen-lost",
    reported: "modelcontextprotocol/inspector#1730",
    eras: Eras::Modern,
    sentence: "The stream of a subscription breaks off, and what the server said then is lost.",
    server: Misbehaves(&incidents::LISTEN_LOST),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let mut listening = stage.listen();
            for heard in [Heard::Opened, Heard::Gap, Heard::Opened, Heard::Change] {
                stage.hear(&mut listening, heard).await;
            }
            stage.end(listening, Expected::ServersEnd).await;
            stage.call("echo", Expected::Result).await;
            let listens = stage.asked("subscriptions/listen");
            stage.check(
                listens == 2,
                format!("{listens} streams were asked for, not 2"),
            );
        })
    },
};

pub(super) const ANSWERED: Play = Play {
    name: "listen-answered",
    reported: "modelcontextprotocol/inspector#2097",
    eras: Eras::Modern,
    sentence: "The server answers a subscription like any request, which means that it has ended it.",
    server: Misbehaves(&incidents::LISTEN_ANSWERED),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let listening = stage.listen();
            stage.end(listening, Expected::ServersEnd).await;
            stage.call("echo", Expected::Result).await;
            let listens = stage.asked("subscriptions/listen");
            stage.check(
                listens == 1,
                format!("{listens} streams were asked for, not one"),
            );
        })
    },
};

pub(super) const SHUT_DOWN: Play = Play {
    name: "shut-down-listening",
    reported: "modelcontextprotocol/python-sdk#2150",
    eras: Eras::Modern,
    sentence: "The server shuts down while a client listens for as long as the server lives.",
    server: Server::Ours(Ours {
        build: |_| {
            let mut identity = methods::identity();
            identity.capabilities = r#"{"tools":{"listChanged":true}}"#.into();
            Service::builder(identity).serve(methods::answer)
        },
        network: Network::GOOD,
    }),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            let mut listening = stage.listen();
            stage.hear(&mut listening, Heard::Opened).await;
            stage.call("echo", Expected::Result).await;
            let Some(handle) = stage.handle() else { return };
            handle.notify_all("notifications/tools/list_changed", None);
            stage.hear(&mut listening, Heard::Change).await;
            let down = tokio::time::timeout(AT_ONCE, handle.shut_down(AT_ONCE)).await;
            stage.check(down.is_ok(), "the shut-down waited for the subscription");
            stage.end(listening, Expected::ServersEnd).await;
        })
    },
};
