//! Playing: the hosts' lanes, some at once; in a lane one scenario after the other.

use std::cmp::Reverse;

use anyhow::{Context as _, Result};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};

use crate::hosts::Host;
use crate::judge::{Finding, Verdict, judge};
use crate::plan::{Cell, Leg};
use crate::report::Report;
use crate::server::Server;
use crate::tool::Tool;

/// How many lanes are played at once, so that a small machine is busy and not overwhelmed.
const AT_ONCE: usize = 4;

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
    let mut lanes = Vec::new();
    for host in hosts {
        let of_host = cells.iter().filter(|cell| cell.host == host.name);
        lanes.extend(lanes_of(of_host.cloned()).map(|lane| (host, lane)));
    }
    // The longest first, or one of them is left alone in the end; and in the end all as they were.
    let mut lanes: Vec<_> = lanes.into_iter().enumerate().collect();
    lanes.sort_by_key(|(_, (_, lane))| Reverse(lane.len()));
    let playing = lanes.into_iter().map(async |(index, (host, lane))| {
        let played = play(host, tool, lane, report).await?;
        Ok::<_, anyhow::Error>((index, played))
    });
    let mut played: Vec<_> = iter(playing)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    played.sort_by_key(|(index, _)| *index);
    Ok(played.into_iter().flat_map(|(_, played)| played).collect())
}

/// What is played one after the other: a leg at a revision, so that no scenario of a server meets what another does.
fn lanes_of(cells: impl Iterator<Item = Cell>) -> impl Iterator<Item = Vec<Cell>> {
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
    lanes.into_iter()
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
