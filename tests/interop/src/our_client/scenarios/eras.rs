//! Which revision is spoken, and what becomes of a client that knew better.

use anyhow::{Context as _, Result, bail, ensure};
use mcp_sansio_tokio::{CallError, Client, Era, FailureKind, Version};

use crate::our_client::peers::Sessions;
use crate::our_client::stage::{Stage, echoes, finish, pinned, told};
use crate::suite::Asked;

/// The tools that every peer offers.
const TOOLS: [&str; 8] = [
    "add", "ask", "drop", "echo", "fail", "mirror", "notify", "slow",
];

/// The handshake, and the list of tools.
pub(super) async fn handshake(stage: &mut Stage) -> Result<()> {
    let client = stage.connect().await?;
    let known = client.known().context("connected, but nothing is known")?;
    let newest = match stage.mode.spoken {
        Era::Modern => Version::V2026_07_28,
        Era::Legacy => Version::V2025_11_25,
    };
    ensure!(known.version == newest, "{} was negotiated", known.version);
    ensure!(
        known.session.is_some() == (stage.mode.sessions == Sessions::Header),
        "the session id is {:?}",
        known.session
    );
    let tools = client.list_tools().await.map_err(told)?;
    let mut names: Vec<_> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    names.sort_unstable();
    ensure!(names == TOOLS, "the tools are {names:?}");
    finish(client).await?;

    // What went over the wire is of the era that was found, and of no other.
    let probes = stage.proxy.sent(r#""method":"server/discover""#);
    let initializes = stage.proxy.sent(r#""method":"initialize""#);
    let expected = match (stage.mode.asked, stage.mode.spoken) {
        (_, Era::Modern) => (1, false),
        (Asked::Auto, Era::Legacy) => (1, true),
        _ => (0, true),
    };
    ensure!(
        (probes, initializes > 0) == expected,
        "there were {probes} probes and {initializes} initializes"
    );
    Ok(())
}

/// The older revisions of the protocol.
pub(super) async fn revisions(stage: &mut Stage) -> Result<()> {
    for version in [
        Version::V2025_06_18,
        Version::V2025_03_26,
        Version::V2024_11_05,
    ] {
        let builder = stage.builder().configure(|config| {
            config.versions = Version::V2024_11_05..=version;
        });
        let client = builder.connect().await.map_err(told).context(version)?;
        let spoken = client.version();
        ensure!(
            spoken == Some(version),
            "{spoken:?} was negotiated instead of {version}"
        );
        echoes(&client, "old").await.context(version)?;
        finish(client).await?;
    }
    Ok(())
}

/// Clients that speak one era only: they connect to peers that speak it, and are told by others why not.
pub(super) async fn either(stage: &mut Stage) -> Result<()> {
    for era in [Era::Legacy, Era::Modern] {
        let connected = pinned(stage.builder_of_both(), era).connect().await;
        let is_spoken = stage.mode.is_dual || stage.mode.spoken == era;
        match connected {
            Ok(client) if is_spoken => {
                speaks(&client, era)?;
                echoes(&client, "hi").await?;
                finish(client).await?;
            }
            Err(CallError::Failed(failure)) if !is_spoken => ensure!(
                failure.kind == FailureKind::NoCommonVersion,
                "it failed otherwise: {failure:#}"
            ),
            // A client of the legacy era asks for nothing that it could find out by; the answer is the peer's.
            Err(CallError::Peer(error)) if !is_spoken && era == Era::Legacy => {
                ensure!(error.code == -32022, "the peer answered {error}");
            }
            Ok(client) => bail!("{:?} was negotiated", client.version()),
            Err(error) => return Err(told(error)),
        }
    }
    Ok(())
}

/// A session is known of a peer that speaks only the modern era by now.
pub(super) async fn upgrade(stage: &mut Stage) -> Result<()> {
    becomes(stage, "modern", Era::Modern).await
}

/// The modern era is known of a peer that speaks only the legacy one by now.
pub(super) async fn downgrade(stage: &mut Stage) -> Result<()> {
    becomes(stage, "legacy", Era::Legacy).await
}

/// The peer is started in a mode of one era, after a client has learned another.
async fn becomes(stage: &mut Stage, mode: &'static str, era: Era) -> Result<()> {
    let first = stage.connect().await?;
    echoes(&first, "before").await?;
    let known = first.known().context("nothing is known")?;
    finish(first).await?;
    stage.restart_as(mode, None).await?;
    let builder = stage.builder_of_both();
    let builder = builder.configure(|config| config.known = Some(known.clone()));
    let second = builder.connect().await.map_err(told)?;
    echoes(&second, "after").await?;
    speaks(&second, era)?;
    finish(second).await?;
    stage.restart().await
}

fn speaks(client: &Client, era: Era) -> Result<()> {
    let version = client.version();
    ensure!(
        version.map(Version::era) == Some(era),
        "{version:?} was negotiated"
    );
    Ok(())
}
