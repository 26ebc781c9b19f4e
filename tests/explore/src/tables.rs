//! Which states of each part were reached, and by which transitions.

use mcp_sansio::{Part, PartKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The transitions that a search has taken.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    taken: BTreeMap<Transition, u64>,
}

/// One part goes from one state to another. `None`: it is not there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Transition {
    /// What it is.
    pub what: &'static str,
    /// What it is for, in the state that it leaves if there is one.
    pub role: &'static str,
    /// The state that it leaves.
    pub from: Option<&'static str>,
    /// The state that it comes into.
    pub to: Option<&'static str>,
}

impl Tables {
    /// Enters what one step has done to each part.
    pub fn enter(&mut self, before: &[Part], after: &[Part]) {
        let of = |parts: &[Part]| -> BTreeMap<_, _> {
            let keyed = parts
                .iter()
                .map(|part| ((part.what, part.id, timer(part)), *part));
            keyed.collect()
        };
        let (before, after) = (of(before), of(after));
        for (key, from) in &before {
            let to = after.get(key).map(|to| to.state);
            self.count(from.what, from.role, Some(from.state), to);
        }
        for (key, to) in &after {
            match before.get(key) {
                None => self.count(to.what, to.role, None, Some(to.state)),
                Some(from) if from.role != to.role => {
                    self.count(to.what, to.role, Some(from.state), Some(to.state));
                }
                Some(_) => {}
            }
        }
    }

    fn count(
        &mut self,
        what: &'static str,
        role: &'static str,
        from: Option<&'static str>,
        to: Option<&'static str>,
    ) {
        if from != to || from.is_none() {
            let transition = Transition {
                what,
                role,
                from,
                to,
            };
            *self.taken.entry(transition).or_default() += 1;
        }
    }

    /// Takes in what another part of the search has seen.
    pub fn merge(&mut self, other: Self) {
        for (transition, count) in other.taken {
            *self.taken.entry(transition).or_default() += count;
        }
    }

    /// The states that no part was in, in lines.
    pub fn never_reached(&self, kinds: &[PartKind]) -> Vec<String> {
        let reached: BTreeSet<_> = self
            .taken
            .keys()
            .flat_map(|taken| {
                let states = [taken.from, taken.to].into_iter().flatten();
                states.map(|state| (taken.what, taken.role, state))
            })
            .collect();
        let mut lines = Vec::new();
        for kind in kinds {
            for role in &kind.roles {
                let missing: Vec<_> = kind
                    .states
                    .iter()
                    .filter(|state| !reached.contains(&(kind.what, *role, **state)))
                    .copied()
                    .collect();
                if !missing.is_empty() {
                    lines.push(format!(
                        "{}: {}",
                        title(kind.what, role),
                        missing.join(", ")
                    ));
                }
            }
        }
        lines
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut part = None;
        for (transition, count) in &self.taken {
            let Transition {
                what,
                role,
                from,
                to,
            } = transition;
            if part.replace((what, role)) != Some((what, role)) {
                writeln!(f, "  {}", title(what, role))?;
            }
            let (from, to) = (from.unwrap_or("·"), to.unwrap_or("·"));
            writeln!(f, "    {from:>16} → {to:<16} {count:>10}")?;
        }
        Ok(())
    }
}

/// Timers have no handle of their own: their names tell them apart.
fn timer(part: &Part) -> &'static str {
    if part.what == "timer" { part.role } else { "" }
}

fn title(what: &str, role: &str) -> String {
    if role.is_empty() {
        what.to_owned()
    } else {
        format!("{what} ({role})")
    }
}
