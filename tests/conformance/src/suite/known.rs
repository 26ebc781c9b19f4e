//! The failures that are known: required scenarios of authorization, which our clients do not implement.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::plan::{Leg, Scenario, Standing};

/// The list: what stands in it is in `known-failures.json`.
const LIST: &str = include_str!("../../known-failures.json");

/// By the name of the scenario.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Known(BTreeMap<String, Entry>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// At which revisions it fails.
    revisions: Vec<String>,
    /// What it needs that is not there.
    reason: String,
}

impl Known {
    pub(crate) fn read() -> Result<Self> {
        Self::parse(LIST).context("known-failures.json")
    }

    /// Marks the scenarios that are known to fail. Each entry must mean one that is required.
    pub(crate) fn apply(&self, scenarios: &mut [Scenario]) -> Result<()> {
        for (name, entry) in &self.0 {
            for revision in &entry.revisions {
                let is_meant = |scenario: &&mut Scenario| {
                    scenario.leg == Leg::Client
                        && scenario.name == *name
                        && scenario.revision == revision
                };
                let found = scenarios.iter_mut().find(is_meant);
                match found.map(|scenario| &mut scenario.standing) {
                    Some(standing @ Standing::Required) => {
                        *standing = Standing::KnownFailure(entry.reason.clone());
                    }
                    _ => bail!(
                        "known-failures.json has {name} at {revision} (once), but the suite requires no such scenario \
                         of a client: take it out"
                    ),
                }
            }
        }
        Ok(())
    }

    fn parse(text: &str) -> Result<Self> {
        let known: Self = serde_json::from_str(text)?;
        for (name, entry) in &known.0 {
            ensure!(
                name.starts_with("auth/"),
                "{name}: only scenarios of authorization, auth/.., may be known to fail"
            );
            ensure!(!entry.reason.is_empty(), "{name}: the reason is missing");
            ensure!(!entry.revisions.is_empty(), "{name}: no revision is named");
        }
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, revision: &str) -> Result<Known> {
        let entry = format!(r#"{{"{name}": {{"revisions": ["{revision}"], "reason": "none"}}}}"#);
        Known::parse(&entry)
    }

    fn scenario(leg: Leg, standing: Standing) -> Scenario {
        Scenario {
            leg,
            revision: "2025-11-25",
            name: "auth/basic".to_owned(),
            standing,
        }
    }

    fn applies(revision: &str, scenario: Scenario) -> Option<Standing> {
        let mut scenarios = [scenario];
        let known = known("auth/basic", revision).expect("it is an entry");
        let applied = known.apply(&mut scenarios);
        let [scenario] = scenarios;
        applied.ok().map(|()| scenario.standing)
    }

    #[test]
    fn the_list_can_be_read() {
        let known = Known::read().expect("it is a list");
        let count: usize = known.0.values().map(|entry| entry.revisions.len()).sum();
        assert!(count <= 39, "no more than the scenarios of authorization");
    }

    #[test]
    fn an_entry_marks_its_scenario() {
        let marked = applies("2025-11-25", scenario(Leg::Client, Standing::Required));
        assert_eq!(marked, Some(Standing::KnownFailure("none".to_owned())));
    }

    #[test]
    fn an_entry_for_nothing_is_refused() {
        let client = || scenario(Leg::Client, Standing::Required);
        assert_eq!(applies("2026-07-28", client()), None);
        let server = scenario(Leg::Server, Standing::Required);
        assert_eq!(applies("2025-11-25", server), None);
        let unscored = scenario(Leg::Client, Standing::Reported("extension".to_owned()));
        assert_eq!(applies("2025-11-25", unscored), None);
    }

    #[test]
    fn an_entry_twice_is_refused() {
        let text =
            r#"{"auth/basic": {"revisions": ["2025-11-25", "2025-11-25"], "reason": "none"}}"#;
        let known = Known::parse(text).expect("it is a list");
        let mut scenarios = [scenario(Leg::Client, Standing::Required)];
        assert!(known.apply(&mut scenarios).is_err());
    }

    #[test]
    fn only_authorization_may_be_known_to_fail() {
        assert!(known("auth/basic", "2025-11-25").is_ok());
        assert!(known("sse-retry", "2025-11-25").is_err());
    }

    #[test]
    fn an_entry_has_a_reason_and_revisions() {
        for entry in [
            r#"{"revisions": ["2025-11-25"], "reason": ""}"#,
            r#"{"revisions": ["2025-11-25"]}"#,
            r#"{"revisions": [], "reason": "none"}"#,
        ] {
            assert!(Known::parse(&format!(r#"{{"auth/basic": {entry}}}"#)).is_err());
        }
    }
}
