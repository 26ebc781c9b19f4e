//! The command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::report::Cell;

/// Where things are, and what to play.
pub(crate) struct Options {
    /// The folder in which `run` has installed the peers.
    pub(crate) peers: PathBuf,
    /// The program of the rmcp peer that serves. The one that calls stands beside it.
    pub(crate) rmcp: PathBuf,
    /// The project's own command line program.
    pub(crate) cli: PathBuf,
    /// Where the peers' standard error and the wire logs of the scenarios go.
    pub(crate) logs: PathBuf,
    /// Parts of `direction/peer/mode/era/scenario`; empty means all.
    filters: Vec<String>,
}

impl Options {
    pub(crate) fn from_args() -> Result<Self> {
        let (mut peers, mut rmcp, mut cli) = (None, None, None);
        let mut filters = Vec::new();
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let slot = match arg.as_str() {
                "--peers" => &mut peers,
                "--rmcp" => &mut rmcp,
                "--cli" => &mut cli,
                other if other.starts_with('-') => {
                    bail!("{other} is no option; start this program with tests/interop/run")
                }
                _ => {
                    filters.push(arg);
                    continue;
                }
            };
            let value = args.next().with_context(|| format!("{arg} wants a path"))?;
            *slot = Some(PathBuf::from(value));
        }
        let missing =
            |name: &str| format!("{name} is missing; start this program with tests/interop/run");
        let peers = peers.with_context(|| missing("--peers"))?;
        Ok(Self {
            logs: peers.join("logs"),
            peers,
            rmcp: rmcp.with_context(|| missing("--rmcp"))?,
            cli: cli.with_context(|| missing("--cli"))?,
            filters,
        })
    }

    pub(crate) fn chooses(&self, cell: &Cell) -> bool {
        let name = cell.to_string();
        self.filters.is_empty()
            || self
                .filters
                .iter()
                .any(|filter| name.contains(filter.as_str()))
    }

    /// Where what went over the wire is kept.
    pub(crate) fn wire_log(&self, cell: &Cell) -> PathBuf {
        let name = cell.to_string().replace('/', "-");
        self.logs.join(format!("{name}.wire"))
    }
}
