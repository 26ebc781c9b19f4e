//! A caller on bare connections: it goes round its sessions, and does to each what comes next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use tokio::time::timeout;

use super::actions::{self, Action, Done};
use crate::http::Connection;
use crate::server::IDLE;
use crate::session::Session;
use crate::tally::Tally;

/// More than any action takes on any machine; what is not done by then hangs.
const BOUND: Duration = Duration::from_secs(60);
/// Actions of one caller at most.
const MOST: usize = 100_000;

/// A caller with its sessions.
pub(super) struct Caller {
    number: usize,
    pub(super) address: String,
    tally: Arc<Tally>,
    /// A connection that has served before; most calls are made on it.
    idle: Option<Connection>,
}

impl Caller {
    pub(super) const fn new(number: usize, address: String, tally: Arc<Tally>) -> Self {
        Self {
            number,
            address,
            tally,
            idle: None,
        }
    }

    /// Begins its sessions, acts in them until the time is up, and leaves: from every second with a
    /// DELETE, from the others without a word.
    pub(super) async fn run(mut self, sessions: usize, until: Instant) {
        let mut slots = Vec::new();
        for _ in 0..sessions {
            slots.push(self.begun().await);
        }
        for turn in 0..MOST {
            // Once round in any case, so that all sessions have been used.
            if turn >= sessions && Instant::now() >= until {
                break;
            }
            let slot = &mut slots[turn % sessions];
            if slot.is_none() {
                *slot = self.begun().await;
            }
            let Some((session, used)) = slot else {
                continue;
            };
            // Callers are out of step, so that everything happens at the same time.
            let action = Action::of(turn + 5 * self.number);
            let done = timeout(BOUND, actions::perform(action, &mut self, session)).await;
            let done = done.context("it hangs").and_then(|done| done);
            let done = match done {
                Ok(Done::SessionGone) if used.elapsed() < IDLE / 2 => Err(anyhow!(
                    "the session is not known, and was used a moment ago"
                )),
                Ok(Done::SessionGone) => {
                    *slot = None;
                    self.tally.add("session expired", Ok::<_, String>(()));
                    continue;
                }
                done => done,
            };
            *used = Instant::now();
            if self.counted(action.name(), done) != Some(Done::Well) {
                *slot = None;
            }
        }
        let sessions = slots.into_iter().flatten().map(|(session, _)| session);
        for session in sessions.step_by(2) {
            let left = async {
                let mut connection = Connection::open(&self.address).await?;
                session.delete(&mut connection).await?.end().await
            };
            let left = timeout(BOUND, left).await.context("it hangs");
            self.counted("delete at the end", left.and_then(|left| left).map(drop));
        }
    }

    /// A connection that is free: the one from before, if it still serves.
    pub(super) async fn connection(&mut self) -> Result<Connection> {
        if let Some(mut connection) = self.idle.take()
            && connection.is_ready().await
        {
            return Ok(connection);
        }
        Ok(Connection::open(&self.address).await?)
    }

    /// Keeps a connection for the next call.
    pub(super) fn keep(&mut self, connection: Connection) {
        self.idle = Some(connection);
    }

    /// A session, and when it was last used.
    async fn begun(&mut self) -> Option<(Session, Instant)> {
        let begun = timeout(BOUND, self.begin()).await.context("it hangs");
        let session = self.counted("initialize", begun.and_then(|begun| begun))?;
        Some((session, Instant::now()))
    }

    async fn begin(&mut self) -> Result<Session> {
        let mut connection = self.connection().await?;
        let session = Session::begin(&mut connection).await?;
        self.keep(connection);
        Ok(session)
    }

    fn counted<T>(&self, what: &'static str, result: Result<T>) -> Option<T> {
        match result {
            Ok(done) => {
                self.tally.add(what, Ok::<_, String>(()));
                Some(done)
            }
            Err(error) => {
                self.tally.add(what, Err(format!("{error:#}")));
                None
            }
        }
    }
}
