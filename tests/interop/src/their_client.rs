//! The official clients against our server.

mod clients;
mod inspector;
mod scenarios;
mod server;
mod stage;

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use futures_util::future::join_all;

use crate::LONGEST;
use crate::options::Options;
use crate::process::Process;
use crate::report::{Cell, Report, Section, Verdict};
use clients::{CLIENTS, Client, MODES, Mode};
use scenarios::Scenario;
use stage::Stage;

/// The name of this direction.
const DIRECTION: &str = "their-client";

/// The part of the table that this makes.
pub(crate) fn section() -> Section {
    let columns = suites().map(|(client, mode)| [client.name, client.version, mode.name]);
    Section {
        direction: DIRECTION,
        columns: columns.collect(),
        scenarios: Scenario::ALL.map(Scenario::name).to_vec(),
    }
}

/// Plays everything that is chosen.
pub(crate) async fn play(options: &Options, report: &Report) {
    join_all(suites().map(|(client, mode)| play_suite(options, client, mode, report))).await;
}

fn suites() -> impl Iterator<Item = (&'static Client, &'static Mode)> {
    let of_client = |client: &'static Client| MODES.iter().map(move |mode| (client, mode));
    CLIENTS.iter().flat_map(of_client)
}

/// Plays all scenarios with one client in one mode, one after the other.
async fn play_suite(options: &Options, client: &Client, mode: &Mode, report: &Report) {
    let mut process = None;
    for scenario in Scenario::ALL {
        let cell = Cell {
            direction: DIRECTION,
            peer: client.name,
            mode: mode.name,
            scenario: scenario.name(),
        };
        if !options.chooses(&cell) {
            continue;
        }
        let started = Instant::now();
        let verdict = match client.reason_against(mode, scenario) {
            Some(reason) => Verdict::NotSupported(reason),
            None => match attempt(options, client, mode, &cell, scenario, &mut process).await {
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

/// Plays one scenario on a server of its own, starting the client if it does not run yet.
async fn attempt(
    options: &Options,
    client: &Client,
    mode: &Mode,
    cell: &Cell,
    scenario: Scenario,
    process: &mut Option<Process>,
) -> Result<()> {
    if let (None, Some(launch)) = (&process, client.launch(options, mode)) {
        let started = Process::start(launch).await;
        *process = Some(started.context("starting the client")?);
    }
    let mut stage = Stage::new(options, client, mode, process).await?;
    let playing = async {
        scenario.play(&mut stage).await?;
        stage.server.owes_nothing().await
    };
    let played = tokio::time::timeout(LONGEST, playing).await;
    let result = played.unwrap_or_else(|_| Err(anyhow!("it did not end within {LONGEST:?}")));
    stage.proxy.keep(&options.wire_log(cell), result)
}
