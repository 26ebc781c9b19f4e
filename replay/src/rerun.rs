//! Running a record through the machine again.

use crate::client::ClientRole;
use crate::record::{Entry, Record, Said, Side};
use crate::role::Role;
use crate::server::ServerRole;
use mcp_sansio::{Inspection, Instant, Lifeline, ObligationId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// More outputs than this after the last line are taken for a loop.
const MOST_LEFT: usize = 100_000;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// Whether the outputs are the same.
    pub verdict: Verdict,
    /// What each request that is owed an answer waited for, as far as the outputs are the same.
    pub waits: Vec<Wait>,
    /// What the machine recorded this time.
    pub record: Vec<String>,
}

/// Whether the machine does again what the record says that it did.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// It does.
    Same {
        /// The outputs compared.
        outputs: usize,
        /// Outputs of the last step that the record ends before.
        left: usize,
    },
    /// It does not.
    Differs(Difference),
    /// It was not run: the record leaves out what that needs.
    Redacted,
    /// It was not run up to its end: this version of the machine does not understand it.
    NotUnderstood {
        /// The line.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// The first output that is not the recorded one.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// The line of the record.
    pub line: usize,
    /// What it says.
    pub recorded: Value,
    /// What the machine says now; `None`: nothing.
    pub came: Option<Value>,
}

/// From now on a request waits for these.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wait {
    /// When.
    pub at: Instant,
    /// The line of the input that brought it.
    pub line: usize,
    /// The call or the peer's request, by its handle.
    pub id: u64,
    /// For what.
    pub lifelines: Vec<Lifeline>,
}

/// Feeds the record's inputs to a fresh machine, polls once for each of its outputs, and compares each
/// whole.
pub fn rerun(record: &Record) -> Rerun {
    let mut run = Run::default();
    let verdict = match (record.seed, record.side) {
        (None, _) => Verdict::Redacted,
        (Some(seed), Side::Client) => run.machine::<ClientRole>(record, seed),
        (Some(seed), Side::Server) => run.machine::<ServerRole>(record, seed),
    };
    Rerun {
        verdict,
        waits: run.waits,
        record: run.record,
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            recorded,
            came,
        } = self;
        match came {
            None => write!(
                f,
                "line {line}: recorded was {recorded}, and now nothing comes"
            ),
            Some(came) => {
                let place = first_difference(recorded, came).unwrap_or_default();
                let place = if place.is_empty() {
                    String::new()
                } else {
                    format!(" at {place}")
                };
                write!(
                    f,
                    "line {line}: recorded was {recorded}, and now{place} it is {came}"
                )
            }
        }
    }
}

#[derive(Default)]
struct Run {
    waits: Vec<Wait>,
    record: Vec<String>,
    owed: BTreeMap<u64, Vec<Lifeline>>,
}

impl Run {
    fn machine<R: Role>(&mut self, record: &Record, seed: [u8; 32]) -> Verdict {
        let not_understood = |line, why| Verdict::NotUnderstood { line, why };
        let mut machine = match R::config(record.config.clone())
            .and_then(|config| R::start(config, seed).map_err(|error| error.to_string()))
        {
            Ok(machine) => machine,
            Err(why) => return not_understood(1, why),
        };
        self.take::<R>(&mut machine);
        let mut last = None;
        let mut had_room = true;
        let mut outputs = 0;
        for Entry { line, said } in &record.entries {
            let differs = |recorded: &Value, came| {
                Verdict::Differs(Difference {
                    line: *line,
                    recorded: recorded.clone(),
                    came,
                })
            };
            match said {
                Said::Input { now, input } => {
                    if let Some((at, line)) = last {
                        self.look(at, line, &R::inspect(&machine));
                    }
                    last = Some((*now, *line));
                    let op = match R::input(input.clone()) {
                        Ok(op) => op,
                        Err(why) => return not_understood(*line, why),
                    };
                    R::apply(&mut machine, *now, &op);
                    let again = self
                        .take::<R>(&mut machine)
                        .and_then(|mut line| take(&mut line, "input"));
                    // The handle of what it made.
                    if let Some(again) = again
                        && again.get("id") != input.get("id")
                    {
                        return differs(input, Some(again));
                    }
                }
                Said::Output { output, room, .. } => {
                    had_room = *room;
                    if !R::poll(&mut machine, *room) {
                        return differs(output, None);
                    }
                    let came = self
                        .take::<R>(&mut machine)
                        .and_then(|mut line| take(&mut line, "output"));
                    if came.as_ref() != Some(output) {
                        return differs(output, came);
                    }
                    outputs += 1;
                }
                Said::Room(room) => {
                    had_room = *room;
                    if R::poll(&mut machine, *room) {
                        let came = self
                            .take::<R>(&mut machine)
                            .and_then(|mut line| take(&mut line, "output"));
                        return differs(&json!({"room": room}), came);
                    }
                    self.take::<R>(&mut machine);
                }
            }
        }
        if let Some((at, line)) = last {
            self.look(at, line, &R::inspect(&machine));
        }
        let left = (0..MOST_LEFT)
            .take_while(|_| R::poll(&mut machine, had_room))
            .count();
        Verdict::Same { outputs, left }
    }

    /// Takes what the machine recorded; gives the last line.
    fn take<R: Role>(&mut self, machine: &mut R::Machine) -> Option<Value> {
        let before = self.record.len();
        self.record
            .extend(std::iter::from_fn(|| R::poll_record(machine)));
        let last = self.record.get(before..)?.last()?;
        serde_json::from_str(last).ok()
    }

    /// Notes whose lifelines are others than before.
    fn look(&mut self, at: Instant, line: usize, inspection: &Inspection) {
        let calls = inspection
            .calls
            .iter()
            .map(|owed| (owed.id.as_u64(), &owed.lifelines));
        let obligations = inspection
            .obligations
            .iter()
            .map(|owed| (ObligationId::as_u64(owed.id), &owed.lifelines));
        let now: BTreeMap<_, _> = calls
            .chain(obligations)
            .map(|(id, lifelines)| (id, lifelines.clone()))
            .collect();
        for (id, lifelines) in &now {
            if self.owed.get(id) != Some(lifelines) {
                self.waits.push(Wait {
                    at,
                    line,
                    id: *id,
                    lifelines: lifelines.clone(),
                });
            }
        }
        self.owed = now;
    }
}

fn take(line: &mut Value, member: &str) -> Option<Value> {
    line.get_mut(member).map(Value::take)
}

/// Where two values differ first, as a path such as `failure.story[2]`.
fn first_difference(one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys());
            names
                .map(|name| (name, one.get(name), other.get(name)))
                .find_map(|(name, one, other)| within(&format!(".{name}"), one, other))
                .map(|path| path.trim_start_matches('.').to_owned())
        }
        (Value::Array(one), Value::Array(other)) => {
            let most = one.len().max(other.len());
            (0..most).find_map(|at| within(&format!("[{at}]"), one.get(at), other.get(at)))
        }
        _ => (one != other).then(String::new),
    }
}

fn within(step: &str, one: Option<&Value>, other: Option<&Value>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let rest = first_difference(one, other)?;
            let dot = if rest.is_empty() || rest.starts_with('[') {
                ""
            } else {
                "."
            };
            Some(format!("{step}{dot}{rest}"))
        }
        _ => Some(step.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        for (one, other, place) in [
            (json!(1), json!(2), Some("")),
            (json!({"a": 1}), json!({"a": 1}), None),
            (
                json!({"a": 1, "failure": {"story": ["x", "y"]}}),
                json!({"a": 1, "failure": {"story": ["x", "z"]}}),
                Some("failure.story[1]"),
            ),
            (json!({"a": [[1]]}), json!({"a": [[]]}), Some("a[0][0]")),
            (json!({}), json!({"b": {}}), Some("b")),
        ] {
            assert_eq!(first_difference(&one, &other).as_deref(), place);
        }
    }
}
