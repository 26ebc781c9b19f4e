//! Client and server disagree about what is spoken, and come to an agreement or to an end.

use mcp_sansio_tokio::core::Era;
use mcp_sansio_tokio::server::Service;
use mcp_sansio_tokio::{Known, Version};

use super::{AT_ONCE, Eras, Misbehaves, Play, as_they_are};
use crate::demo::opponent::Ours;
use crate::demo::play::Server;
use crate::demo::stage::Expected;
use crate::misbehave::incidents;
use crate::serve::host::Network;
use crate::serve::methods;

pub(super) const BECOMES_MODERN: Play = Play {
    name: "becomes-modern",
    reported: "apify/mcpc#374",
    eras: Eras::Both,
    sentence: "The server of a session is replaced by one that knows no sessions.",
    server: Misbehaves(&incidents::BECOMES_MODERN),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.connect().await;
            stage.check_era(Era::Legacy);
            stage.call("echo", Expected::Result).await;
            stage.call("echo", Expected::Result).await;
            stage.check_era(Era::Modern);
            let called = stage.called("echo");
            stage.check(
                called == 3,
                format!("echo was sent {called} times, not once and once again, and once"),
            );
        })
    },
};

pub(super) const STORED_SESSION: Play = Play {
    name: "stored-session",
    reported: "kentcdodds/kody#1713",
    eras: Eras::Both,
    sentence: "The client goes on with a session that it saved before the server knew none any more.",
    server: Server::Ours(Ours {
        build: |_| {
            Service::builder(methods::identity())
                .configure(|config| config.versions = Version::V2026_07_28..=Version::V2026_07_28)
                .serve(methods::answer)
        },
        network: Network::GOOD,
    }),
    configure: |config| {
        let session = Some("saved-before".to_owned());
        config.known = Some(Known::new(Version::V2025_11_25, session));
    },
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            stage.check_era(Era::Modern);
            let (asked, called) = (stage.asked("server/discover"), stage.called("echo"));
            stage.check(
                (asked, called) == (1, 2),
                format!("{asked} discovers and {called} calls, not 1 and 2"),
            );
        })
    },
};

pub(super) const STORED_REVISION: Play = Play {
    name: "stored-revision",
    reported: "apify/mcpc#375",
    eras: Eras::Both,
    sentence: "The client remembers a revision that the server, rolled back, does not know any more.",
    server: Misbehaves(&incidents::PROBE_NOT_FOUND),
    configure: |config| config.known = Some(Known::new(Version::V2026_07_28, None)),
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            stage.check_era(Era::Legacy);
            let (asked, called) = (stage.asked("initialize"), stage.called("echo"));
            stage.check(
                (asked, called) == (1, 2),
                format!("{asked} handshakes and {called} calls, not 1 and 2"),
            );
        })
    },
};

pub(super) const OWN_VERSION_REFUSED: Play = Play {
    name: "own-version-refused",
    reported: "modelcontextprotocol/go-sdk#989",
    eras: Eras::Modern,
    sentence: "The server refuses a version twice, and names that very version as the one to use.",
    server: Misbehaves(&incidents::OWN_VERSION_REFUSED),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Result).await;
            let discovers = stage.asked("server/discover");
            stage.check(discovers == 3, format!("{discovers} discovers, not 3"));
            let handshakes = stage.asked("initialize");
            stage.check(
                handshakes == 0,
                "it was taken for a server of the other era",
            );
        })
    },
};

pub(super) const HEADERS_REFUSED: Play = Play {
    name: "headers-refused",
    reported: "modelcontextprotocol/python-sdk#3483",
    eras: Eras::Modern,
    sentence: "The server says that the call's headers are wrong, whatever they are.",
    server: Misbehaves(&incidents::HEADERS_REFUSED),
    configure: as_they_are,
    within: AT_ONCE,
    script: |stage| {
        Box::pin(async move {
            stage.call("echo", Expected::Error).await;
            let (listed, called) = (stage.asked("tools/list"), stage.called("echo"));
            stage.check(
                (listed, called) == (1, 2),
                format!("{listed} looks at the list and {called} calls, not 1 and 2"),
            );
        })
    },
};
