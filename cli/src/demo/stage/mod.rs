//! The verbs that the plays are written in: start a call, settle it, check what the server saw.

mod expected;
mod listening;

use std::time::{Duration, Instant};

use mcp_sansio_tokio::core::Era;
use mcp_sansio_tokio::server::ServiceHandle;
use mcp_sansio_tokio::{Call, CallError, CallOptions, Outcome};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::driver::{Client, Driver};
use super::opponent::Opponent;
use super::play::Play;
use super::player::Player;
use super::remarks::Remark;
use super::report::{CallReport, Report};
use crate::log::{Log, Saw};

pub(super) use expected::Expected;
pub(super) use listening::Heard;

use expected::{sentence, words};

/// Between two looks at what changes by itself.
const LOOK: Duration = Duration::from_millis(5);

/// A server and its client, and what was seen of them.
pub(super) struct Stage {
    play: &'static Play,
    driver: Driver,
    server: Opponent,
    /// The play's client, and those that share its session.
    players: Vec<Player>,
    calls: Vec<CallReport>,
    broken: Vec<String>,
    /// What the application heard of its subscriptions.
    remarks: Vec<Remark>,
}

/// A call that was started.
pub(super) struct Started {
    /// Its place in the report.
    place: usize,
    task: JoinHandle<(Option<Outcome>, Duration)>,
}

impl Stage {
    /// Sets up the play's client for the play's server; it connects with its first call.
    pub(super) fn set(
        play: &'static Play,
        driver: Driver,
        server: Opponent,
    ) -> Result<Self, CallError> {
        let player = Player::new(play, driver, server.url(), None)?;
        Ok(Self {
            play,
            driver,
            server,
            players: vec![player],
            calls: Vec::new(),
            broken: Vec::new(),
            remarks: Vec::new(),
        })
    }

    /// Another client of the same session, as of now; it has not heard of any later call.
    pub(super) fn join(&mut self) -> usize {
        let known = self.client().known();
        self.check(known.is_some(), "there is no session to join");
        match Player::new(self.play, self.driver, self.server.url(), known) {
            Ok(player) => self.players.push(player),
            Err(error) => self.broken.push(format!("no second client: {error}")),
        }
        self.players.len() - 1
    }

    /// Connects before the first call, for plays in which the handshake must not count.
    pub(super) async fn connect(&mut self) {
        if let Err(error) = self.client().list_tools().await {
            self.broken.push(format!("not connected: {error}"));
        }
    }

    /// Remembers as broken that the client takes its server for one of another era.
    pub(super) fn check_era(&mut self, era: Era) {
        let found = self.client().known().map(|known| known.version.era());
        let found_name = found.map_or("no", Era::as_str);
        self.check(
            found == Some(era),
            format!(
                "the server was taken for one of {found_name} era, not of the {} one",
                era.as_str()
            ),
        );
    }

    /// What the server saw.
    pub(super) const fn log(&self) -> &Log {
        self.server.log()
    }

    /// The play's client.
    pub(super) fn client(&self) -> &dyn Client {
        &*self.players[0].client
    }

    /// One of the clients, as [`join`](Self::join) numbers them.
    pub(super) fn client_of(&self, player: usize) -> &dyn Client {
        &*self.players[player].client
    }

    /// The hold on the server, in plays whose server is ours.
    pub(super) fn handle(&self) -> Option<ServiceHandle> {
        self.server.handle().cloned()
    }

    /// The server's URL.
    pub(super) fn url(&self) -> &str {
        self.server.url()
    }

    /// Tells the server's host to go on.
    pub(super) fn cue(&self) {
        self.server.cue();
    }

    /// Calls a tool and sees it settle.
    pub(super) async fn call(&mut self, tool: &str, expected: Expected) {
        let started = self.start(tool);
        self.settle(started, expected).await;
    }

    /// Starts a call of a tool.
    pub(super) fn start(&mut self, tool: &str) -> Started {
        self.start_with(tool, CallOptions::default())
    }

    pub(super) fn start_with(&mut self, tool: &str, options: CallOptions) -> Started {
        self.start_by(0, tool, options)
    }

    /// Starts a call by one of the clients.
    pub(super) fn start_by(&mut self, player: usize, tool: &str, options: CallOptions) -> Started {
        let place = self.calls.len();
        let params = json!({"name": tool, "arguments": {"text": words(place)}});
        let call = Call::new("tools/call", Some(params.to_string().into())).with(options);
        let began = Instant::now();
        let player = &mut self.players[player];
        player.calls += 1;
        let pending = player.client.start(call);
        // Longer than any call may take: a call that has not settled by now never will.
        let bound = self.play.within + Duration::from_secs(1);
        let task = tokio::spawn(async move {
            let outcome = timeout(bound, pending).await.ok();
            (outcome, began.elapsed())
        });
        self.calls.push(CallReport::of(tool, began));
        Started { place, task }
    }

    /// Sees a call settle.
    pub(super) async fn settle(&mut self, started: Started, expected: Expected) {
        let Started { place, task } = started;
        match task.await {
            Ok((outcome, elapsed)) => self.settled(place, outcome, elapsed, expected),
            Err(_) => self.broken.push("a call was polled to a panic".into()),
        }
    }

    fn settled(
        &mut self,
        place: usize,
        outcome: Option<Outcome>,
        elapsed: Duration,
        expected: Expected,
    ) {
        let within = self.play.within;
        let report = &mut self.calls[place];
        report.elapsed = elapsed;
        report.outcome = outcome;
        let name = &report.call;
        match &report.outcome {
            None => self.broken.push(format!("{name} never settled")),
            Some(_) if elapsed > within => self.broken.push(format!(
                "{name} took {} ms, and {} at most were right",
                elapsed.as_millis(),
                within.as_millis()
            )),
            Some(outcome) if !expected.is_met(outcome, place) => self.broken.push(format!(
                "{name} came to {}, not {expected:?}: {}",
                report.word(),
                sentence(outcome)
            )),
            Some(_) => {}
        }
    }

    /// Remembers a promise as broken unless it holds.
    pub(super) fn check(&mut self, holds: bool, otherwise: impl Into<String>) {
        if !holds {
            self.broken.push(otherwise.into());
        }
    }

    /// Remembers as broken that something has not come in time.
    pub(super) async fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            if began.elapsed() > self.play.within {
                return self.broken.push(format!("{what} never came"));
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until our server owes answers to so many requests.
    pub(super) async fn until_owed(&mut self, count: usize) {
        let what = format!("the moment when {count} requests are owed");
        self.until(&what, |stage| {
            let held = stage.server.handle().map(ServiceHandle::inspect);
            held.is_some_and(|held| held.obligations.len() == count)
        })
        .await;
    }

    /// Waits until the server has got a call of this tool.
    pub(super) async fn until_called(&mut self, tool: &str) {
        let within = self.play.within;
        let got = self
            .log()
            .within(within, 1, |asked| asked.tool.as_deref() == Some(tool))
            .await;
        self.check(got, format!("the call of {tool} never reached the server"));
    }

    /// How many requests with this JSON-RPC method the server got.
    pub(super) fn asked(&self, rpc: &str) -> usize {
        self.log().count(|asked| asked.rpc.as_deref() == Some(rpc))
    }

    /// How often the server said such a thing, in the words of the log.
    pub(super) fn said(&self, wanted: impl Fn(&str) -> bool) -> usize {
        let seen = self.log().all();
        seen.iter()
            .filter(|seen| matches!(&seen.what, Saw::Said(what) if wanted(what)))
            .count()
    }

    /// How many calls of this tool the server got.
    pub(super) fn called(&self, tool: &str) -> usize {
        self.log()
            .count(|asked| asked.tool.as_deref() == Some(tool))
    }

    /// How many GETs the server got: those that resume a stream, or those that open the standalone one.
    pub(super) fn streams(&self, resumes: bool) -> usize {
        self.log()
            .count(|asked| asked.http == "GET" && asked.cursor.is_some() == resumes)
    }

    /// Closes the play's client, and says how long that took.
    pub(super) async fn close(&mut self) -> Duration {
        self.close_of(0).await
    }

    /// Closes one of the clients, and says how long that took.
    pub(super) async fn close_of(&mut self, player: usize) -> Duration {
        let began = Instant::now();
        // Well above the half second that the plays' clients are given.
        let closed = timeout(Duration::from_secs(10), self.client_of(player).close()).await;
        self.check(closed.is_ok(), "close did not return");
        began.elapsed()
    }

    /// Ends the play, checks what holds for all of them, and reports.
    pub(super) async fn clear(mut self) -> Report {
        for player in 0..self.players.len() {
            let held = self.client_of(player).inspect().calls.len();
            self.check(held == 0, format!("{held} settled calls are still held"));
            self.close_of(player).await;
        }
        let Self {
            play,
            driver,
            server,
            players,
            calls,
            mut broken,
            mut remarks,
        } = self;
        for player in players {
            broken.extend(player.broken());
            remarks.extend(player.remarks().await);
        }
        let log = server.log().clone();
        broken.extend(server.end().await);
        Report {
            play,
            driver,
            calls,
            broken,
            observations: log.all(),
            remarks,
        }
    }
}
