//! The server of a play, running.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use mcp_sansio_tokio::server::{Service, ServiceHandle, SetupError};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::play::{Play, Server};
use crate::eras::Eras;
use crate::log::Log;
use crate::misbehave::server;
use crate::serve::host::{self, Network};

/// Well above what a server is given to end.
const ENDING: Duration = Duration::from_secs(10);

/// A play's own server, which is ours.
pub(super) struct Ours {
    /// Makes it, with the host that the play is about.
    pub(super) build: fn(Cue) -> Result<Service, SetupError>,
    /// What lies between it and its clients.
    pub(super) network: Network,
}

/// By which a script tells the server's host to go on.
pub(super) type Cue = Arc<Notify>;

/// The server of a play, running.
pub(super) enum Opponent {
    Misbehaves(server::Running),
    Ours { running: host::Running, cue: Cue },
}

impl Opponent {
    pub(super) async fn start(play: &Play) -> Result<Self, Box<dyn Error + Send + Sync>> {
        match &play.server {
            Server::Misbehaves(incident) => {
                let era = match incident.eras {
                    Eras::Both => play.eras,
                    only => only,
                };
                let running = server::start(incident, era, 0).await?;
                Ok(Self::Misbehaves(running))
            }
            Server::Ours(ours) => {
                let cue = Cue::default();
                let service = (ours.build)(Arc::clone(&cue))?;
                let running = host::start(service, 0, ours.network).await?;
                Ok(Self::Ours { running, cue })
            }
        }
    }

    pub(super) fn url(&self) -> &str {
        match self {
            Self::Misbehaves(running) => running.url(),
            Self::Ours { running, .. } => running.url(),
        }
    }

    pub(super) const fn log(&self) -> &Log {
        match self {
            Self::Misbehaves(running) => running.log(),
            Self::Ours { running, .. } => running.log(),
        }
    }

    /// The hold on our own server; `None` where another is played.
    pub(super) const fn handle(&self) -> Option<&ServiceHandle> {
        match self {
            Self::Misbehaves(_) => None,
            Self::Ours { running, .. } => Some(running.handle()),
        }
    }

    /// Tells the host to go on.
    pub(super) fn cue(&self) {
        if let Self::Ours { cue, .. } = self {
            cue.notify_one();
        }
    }

    /// Ends the server, and gives the promises that did not hold: ours owes nobody anything then.
    pub(super) async fn end(self) -> Vec<String> {
        let Self::Ours { running, .. } = self else {
            return Vec::new();
        };
        let handle = running.handle().clone();
        if timeout(ENDING, running.drain(Duration::ZERO))
            .await
            .is_err()
        {
            return vec!["the server did not end".into()];
        }
        let held = handle.inspect();
        let mut broken = Vec::new();
        for (what, left) in [
            ("requests of clients", held.obligations.len()),
            ("requests of its own", held.calls.len()),
            ("exchanges", held.exchanges.len()),
            ("bytes", held.bytes),
        ] {
            if left > 0 {
                broken.push(format!("the server holds {left} {what} after its end"));
            }
        }
        broken
    }
}
