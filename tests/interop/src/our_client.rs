//! Our client against the official servers.

mod peers;
mod scenarios;
mod stage;

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use futures_util::future::join_all;

use crate::LONGEST;
use crate::options::Options;
use crate::process::Process;
use crate::report::{Cell, Report, Section, Verdict};
use peers::{Mode, PEERS, Peer};
use scenarios::Scenario;
use stage::Stage;

/// The name of this direction.
const DIRECTION: &str = "our-client";

/// The part of the table that this makes.
pub(crate) fn section() -> Section {
    let columns = suites().map(|(peer, mode)| [peer.name, peer.version, mode.name]);
    Section {
        direction: DIRECTION,
        columns: columns.collect(),
        scenarios: Scenario::ALL.map(Scenario::name).to_vec(),
    }
}

/// Plays everything that is chosen.
pub(crate) async fn play(options: &Options, report: &Report) {
    join_all(suites().map(|(peer, mode)| play_suite(options, peer, mode, report))).await;
}

fn suites() -> impl Iterator<Item = (&'static Peer, &'static Mode)> {
    let of_peer = |peer: &'static Peer| peer.modes.iter().map(move |mode| (peer, mode));
    PEERS.iter().flat_map(of_peer)
}

/// Plays all scenarios against one peer in one mode, one after the other.
async fn play_suite(options: &Options, peer: &Peer, mode: &Mode, report: &Report) {
    let mut process = None;
    for scenario in Scenario::ALL {
        let cell = Cell {
            direction: DIRECTION,
            peer: peer.name,
            mode: mode.name,
            scenario: scenario.name(),
        };
        if !options.chooses(&cell) {
            continue;
        }
        let started = Instant::now();
        let verdict = match mode.reason_against(scenario) {
            Some(reason) => Verdict::NotSupported(reason),
            None => match attempt(options, peer, mode, &cell, scenario, &mut process).await {
                Ok(()) => Verdict::Passed,
                Err(error) => {
                    // What state it is in nobody knows; the next scenario gets a new one.
                    process = None;
                    Verdict::Failed(error)
                }
            },
        };
        report.add(cell, verdict, started.elapsed());
    }
}

/// Plays one scenario, starting the peer if it does not run yet.
async fn attempt(
    options: &Options,
    peer: &Peer,
    mode: &Mode,
    cell: &Cell,
    scenario: Scenario,
    process: &mut Option<Process>,
) -> Result<()> {
    if process.is_none() {
        let started = Process::start(peer.launch(options, mode, None)).await;
        *process = Some(started.context("starting the peer")?);
    }
    let process = process
        .as_mut()
        .ok_or_else(|| anyhow!("the peer does not run"))?;
    let mut stage = Stage::new(options, peer, mode, process).await?;
    let played = tokio::time::timeout(LONGEST, scenario.play(&mut stage)).await;
    let result = played.unwrap_or_else(|_| Err(anyhow!("it did not end within {LONGEST:?}")));
    stage.proxy.keep(&options.wire_log(cell), result)
}
