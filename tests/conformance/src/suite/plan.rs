//! What is played, and what is expected of it.

use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::hosts::Host;
use crate::options::Options;
use crate::requirements::Requirements;

/// What the suite tests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub(crate) enum Leg {
    Server,
    Client,
}

impl Leg {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

/// A scenario at a revision.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) leg: Leg,
    pub(crate) revision: &'static str,
    pub(crate) name: String,
    pub(crate) standing: Standing,
}

/// What is expected of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// The suite requires it.
    Required,
    /// The suite requires it, and it is known to fail, for this reason.
    KnownFailure(String),
    /// The suite does not score it; we hold ourselves to it.
    Held,
    /// As `Held`, but the suite does not check anything in it.
    Mute,
    /// The suite does not score it, and neither do we. For the suite's reason.
    Reported(String),
}

/// A scenario, played on a host.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) host: &'static str,
    pub(crate) scenario: Scenario,
}

/// What we hold ourselves to though the suite does not score it: what was added after the requirements were frozen or
/// was not settled then, as far as it is a transport's job, and the tasks extension.
const HELD: [(Leg, &str, &[&str]); 4] = [
    (
        Leg::Server,
        "2025-11-25",
        &[
            "json-schema-2020-12",
            "server-session-lifecycle",
            "server-sse-polling",
        ],
    ),
    (
        Leg::Server,
        "2026-07-28",
        &[
            "http-custom-header-server-validation",
            "http-header-validation",
            "json-schema-2020-12",
            "tasks-capability-negotiation",
            "tasks-dispatch-and-envelope",
            "tasks-lifecycle",
            "tasks-mrtr-composition",
            "tasks-mrtr-input",
            "tasks-request-headers",
            "tasks-request-state-removal",
            "tasks-required-task-error",
            "tasks-status-notifications",
            "tasks-wire-fields",
        ],
    ),
    (
        Leg::Client,
        "2025-11-25",
        &["json-schema-2020-12-preservation"],
    ),
    (
        Leg::Client,
        "2026-07-28",
        &["json-schema-2020-12-preservation"],
    ),
];

/// Scenarios of which the suite only says that it skips all their checks.
const MUTE: [&str; 1] = ["tasks-status-notifications"];

/// The scenarios of a revision. What we hold ourselves to must be among them.
pub(crate) fn of(revision: &'static str, listed: &Requirements) -> Result<Vec<Scenario>> {
    let mut scenarios = Vec::new();
    let mut add = |leg, name: &str, standing| {
        let name = name.to_owned();
        scenarios.push(Scenario {
            leg,
            revision,
            name,
            standing,
        });
    };
    for (leg, name) in &listed.required {
        add(*leg, name, Standing::Required);
    }
    for (leg, name, reason) in &listed.unscored {
        let is_held = held(revision).any(|held| held == (*leg, name));
        let standing = match (is_held, MUTE.contains(&name.as_str())) {
            (false, _) => Standing::Reported(reason.clone()),
            (true, true) => Standing::Mute,
            (true, false) => Standing::Held,
        };
        add(*leg, name, standing);
    }
    for (leg, name) in held(revision) {
        ensure!(
            listed
                .unscored
                .iter()
                .any(|(of, listed, _)| *of == leg && listed == name),
            "at {revision} {name} is not among the scenarios any more that the suite plays on a {} without a score: \
             correct the list in {}",
            leg.name(),
            file!()
        );
    }
    Ok(scenarios)
}

/// What we hold ourselves to at a revision.
fn held(revision: &str) -> impl Iterator<Item = (Leg, &'static str)> {
    let of_revision = HELD.iter().filter(move |(_, of, _)| *of == revision);
    of_revision.flat_map(|(leg, _, names)| names.iter().map(|name| (*leg, *name)))
}

/// Each chosen scenario on each chosen host.
pub(crate) fn cells(
    hosts: &[Host],
    scenarios: &[Scenario],
    options: &Options,
) -> Result<Vec<Cell>> {
    let is_chosen = |host: &&Host| options.host.as_deref().is_none_or(|name| name == host.name);
    let mut cells = Vec::new();
    for host in hosts.iter().filter(is_chosen) {
        for scenario in scenarios {
            if options.chooses(scenario) {
                let scenario = scenario.clone();
                cells.push(Cell {
                    host: host.name,
                    scenario,
                });
            }
        }
    }
    // The order of the table. A revision comes with both of its legs.
    cells.sort_by_key(|cell| (cell.scenario.leg, cell.scenario.revision));
    ensure!(
        !cells.is_empty(),
        "no scenario is chosen by these options; tests/conformance/run without any plays all"
    );
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(held: bool) -> Requirements {
        let mut listed = Requirements::default();
        listed.required.push((Leg::Server, "ping".to_owned()));
        let extension = |leg, name: &str| (leg, name.to_owned(), "extension".to_owned());
        listed.unscored.push(extension(Leg::Client, "auth/dpop"));
        if held {
            let all = super::held("2026-07-28");
            listed
                .unscored
                .extend(all.map(|(leg, name)| extension(leg, name)));
        }
        listed
    }

    #[test]
    fn each_scenario_has_a_standing() {
        let scenarios = of("2026-07-28", &listed(true)).expect("all are listed");
        let standing = |name: &str| {
            let found = scenarios.iter().find(|scenario| scenario.name == name);
            &found.expect("it is listed").standing
        };
        assert_eq!(*standing("ping"), Standing::Required);
        let reason = "extension".to_owned();
        assert_eq!(*standing("auth/dpop"), Standing::Reported(reason));
        assert_eq!(*standing("tasks-lifecycle"), Standing::Held);
        assert_eq!(*standing("tasks-status-notifications"), Standing::Mute);
    }

    #[test]
    fn what_is_held_must_be_listed() {
        assert!(of("2026-07-28", &listed(false)).is_err());
    }
}
