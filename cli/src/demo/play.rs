//! One incident of the demo: which server, how the client is set, what the application does, and what
//! must come of it.

use std::pin::Pin;
use std::time::Duration;

use mcp_sansio_tokio::{ClientConfig, Version};

use super::driver::Driver;
use super::opponent::{Opponent, Ours};
use super::report::Report;
use super::stage::Stage;
use crate::eras::Eras;
use crate::misbehave::Incident;

/// One incident of the demo.
pub(super) struct Play {
    /// How people name it.
    pub(super) name: &'static str,
    /// Where the like of it was reported: `owner/repository#issue`.
    pub(super) reported: &'static str,
    /// The eras that have to do with it.
    pub(super) eras: Eras,
    /// What goes wrong, in one sentence.
    pub(super) sentence: &'static str,
    /// The server.
    pub(super) server: Server,
    /// Changes to the client's configuration; `demo_settings` come before them.
    pub(super) configure: fn(&mut ClientConfig),
    /// Each call must have settled this long after it was started.
    pub(super) within: Duration,
    /// What the application does, and what it finds.
    pub(super) script: Script,
}

/// The server of a play.
pub(super) enum Server {
    /// One that misbehaves: what is tried is our client.
    Misbehaves(&'static Incident),
    /// Ours, with a host or with clients that misbehave.
    Ours(Ours),
}

/// What the application does.
pub(super) type Script = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl Play {
    /// `reported` without the owner, as people name it.
    pub(super) fn reported_as(&self) -> &'static str {
        self.reported
            .split_once('/')
            .map_or(self.reported, |(_, issue)| issue)
    }

    /// Plays it, against a server and with a client of its own.
    pub(super) async fn run(&'static self, driver: Driver) -> Report {
        let opponent = match Opponent::start(self).await {
            Ok(opponent) => opponent,
            Err(error) => return Report::not_played(self, driver, format!("no server: {error}")),
        };
        match Stage::set(self, driver, opponent) {
            Ok(mut stage) => {
                (self.script)(&mut stage).await;
                stage.clear().await
            }
            Err(error) => Report::not_played(self, driver, format!("no client: {error:#}")),
        }
    }
}

/// Settings of every play: reconnects follow quickly, so that the demo does; what is not the point of an
/// incident has time enough on any machine.
pub(super) fn demo_settings(config: &mut ClientConfig) {
    config.timing.handshake = Duration::from_secs(20);
    config.timing.idle = Some(Duration::from_secs(20));
    config.timing.max = Duration::from_secs(25);
    config.timing.backoff = Duration::from_millis(50)..=Duration::from_secs(1);
    config.timing.close = Duration::from_millis(500);
}

/// For plays that keep those settings.
pub(super) const fn as_they_are(_: &mut ClientConfig) {}

/// For plays about sessions with a server that would rather not make one, as ours: it speaks both eras, and
/// a client that does so too finds that out.
pub(super) const fn with_sessions(config: &mut ClientConfig) {
    config.versions = Version::V2024_11_05..=Version::V2025_11_25;
}
