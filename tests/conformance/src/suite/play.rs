//! Playing: hosts one after the other, of a host all lanes at once, in a lane one scenario after the other.

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;

use crate::hosts::Host;
use crate::judge::{Finding, Verdict, judge};
use crate::plan::{Cell, Leg};
use crate::report::Report;
use crate::server::Server;
use crate::tool::Tool;

/// A cell, and what came of it.
pub(crate) struct Played {
    pub(crate) cell: Cell,
    pub(crate) verdict: Verdict,
}

/// Plays all cells. An error is one of this program's, or of its surroundings, not of a host.
pub(crate) async fn all(
    hosts: &[Host],
    tool: &Tool,
    cells: Vec<Cell>,
    report: &Report,
) -> Result<Vec<Played>> {
    let mut played = Vec::new();
    for host in hosts {
        let of_host = cells.iter().filter(|cell| cell.host == host.name);
        let lanes = lanes(of_host.cloned());
        let lanes = lanes.into_iter().map(|lane| play(host, tool, lane, report));
        played.extend(try_join_all(lanes).await?.into_iter().flatten());
    }
    Ok(played)
}

/// What is played one after the other: a leg at a revision. Four in all, so that a small machine is busy and not
/// overwhelmed; and no scenario of a server meets what another does.
fn lanes(cells: impl Iterator<Item = Cell>) -> Vec<Vec<Cell>> {
    let lane = |cell: &Cell| (cell.scenario.leg, cell.scenario.revision);
    let mut lanes: Vec<Vec<Cell>> = Vec::new();
    for cell in cells {
        match lanes
            .iter_mut()
            .find(|cells| lane(&cells[0]) == lane(&cell))
        {
            Some(cells) => cells.push(cell),
            None => lanes.push(vec![cell]),
        }
    }
    lanes
}

async fn play(host: &Host, tool: &Tool, lane: Vec<Cell>, report: &Report) -> Result<Vec<Played>> {
    let scenario = &lane[0].scenario;
    let mut server = match scenario.leg {
        Leg::Client => None,
        Leg::Server => {
            let folder = tool.folder([host.name, "server", scenario.revision])?;
            Some(Server::start(host, &folder.join("server.log")).await?)
        }
    };
    let mut played = Vec::new();
    for cell in lane {
        let url = server.as_ref().map_or("", |server| &server.url);
        let found = tool.play(&cell, host, url).await;
        let mut found = found.with_context(|| format!("playing {}", cell.scenario.name))?;
        if let Some(server) = &mut server
            && let Err(error) = server.still_runs()
        {
            found = Finding::Lost(error.to_string());
        }
        let verdict = judge(&cell.scenario.standing, found);
        report.tell(&cell, &verdict);
        played.push(Played { cell, verdict });
    }
    Ok(played)
}
