//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::plan::{Leg, Scenario};

/// Plays the conformance suite against our hosts. Start it with `tests/conformance/run`.
#[derive(Parser)]
pub(crate) struct Options {
    /// The program of the Node that the suite runs on.
    #[arg(long)]
    pub(crate) node: PathBuf,
    /// The folder in which the suite is installed.
    #[arg(long)]
    pub(crate) suite: PathBuf,
    /// The Python that has our package, and what the hosts need beside it.
    #[arg(long)]
    pub(crate) python: PathBuf,
    /// Only this host.
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// Only this leg: what is tested is a server, or a client.
    #[arg(long)]
    leg: Option<Leg>,
    /// Only this revision.
    #[arg(long)]
    revision: Option<String>,
    /// Only scenarios with this in their name.
    #[arg(long)]
    scenario: Option<String>,
}

impl Options {
    /// Whether only a part is played.
    pub(crate) const fn is_partial(&self) -> bool {
        self.host.is_some()
            || self.leg.is_some()
            || self.revision.is_some()
            || self.scenario.is_some()
    }

    pub(crate) fn chooses(&self, scenario: &Scenario) -> bool {
        let Self {
            leg,
            revision,
            scenario: part,
            ..
        } = self;
        leg.is_none_or(|leg| leg == scenario.leg)
            && revision
                .as_ref()
                .is_none_or(|name| name == scenario.revision)
            && part
                .as_ref()
                .is_none_or(|part| scenario.name.contains(part))
    }
}
