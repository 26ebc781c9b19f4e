//! What came of it: a line as each scenario ends, and one table in the end.

use std::cell::Cell as Slot;
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;

use crate::judge::Verdict;
use crate::options::Options;
use crate::plan::{Cell, Standing};
use crate::play::Played;

/// Tells of each scenario as it ends.
pub(crate) struct Report {
    total: usize,
    told: Slot<usize>,
}

impl Report {
    pub(crate) const fn new(total: usize) -> Self {
        let told = Slot::new(0);
        Self { total, told }
    }

    pub(crate) fn tell(&self, cell: &Cell, verdict: &Verdict) {
        self.told.set(self.told.get() + 1);
        // If nobody reads it, the exit code still tells.
        let _ = writeln!(
            std::io::stdout(),
            "[{:3}/{}] {}: {}",
            self.told.get(),
            self.total,
            path(cell),
            word(cell, verdict)
        );
    }
}

/// Prints the table, and says whether all is well.
pub(crate) fn print(played: &[Played], options: &Options) -> Result<ExitCode> {
    let mut text = table(played)?;
    if options.is_partial() {
        text.push_str("\nonly a part was played\n");
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{text}")?;
    let failed = played
        .iter()
        .any(|one| matches!(one.verdict, Verdict::Failed(_)));
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn table(played: &[Played]) -> Result<String, fmt::Error> {
    let mut text = String::new();
    required(&mut text, played)?;
    unscored(&mut text, played)?;
    for one in played {
        if let Verdict::Failed(faults) = &one.verdict {
            writeln!(text, "\n{} failed:", path(&one.cell))?;
            for fault in faults {
                writeln!(text, "  - {fault}")?;
            }
        }
    }
    Ok(text)
}

/// One line for each leg, revision and host.
fn required(text: &mut String, played: &[Played]) -> fmt::Result {
    writeln!(text, "{:8}{:12}{:8}required", "leg", "revision", "host")?;
    let is_required = |one: &&Played| {
        let standing = &one.cell.scenario.standing;
        matches!(standing, Standing::Required | Standing::KnownFailure(_))
    };
    let required: Vec<_> = played.iter().filter(is_required).collect();
    for lane in lanes(required.iter().map(|one| &one.cell)) {
        let of_lane = || required.iter().filter(|one| Lane::of(&one.cell) == lane);
        let count = |verdict: &Verdict| of_lane().filter(|one| one.verdict == *verdict).count();
        let (passed, known) = (count(&Verdict::Passed), count(&Verdict::KnownFailure));
        let Lane {
            leg,
            revision,
            host,
        } = lane;
        write!(
            text,
            "{leg:8}{revision:12}{host:8}{passed}/{}",
            of_lane().count()
        )?;
        if known > 0 {
            write!(text, ", {known} known to fail")?;
        }
        writeln!(text)?;
    }
    Ok(())
}

/// One line for each scenario without a score.
fn unscored(text: &mut String, played: &[Played]) -> fmt::Result {
    let is_unscored = |one: &&Played| {
        let standing = &one.cell.scenario.standing;
        !matches!(standing, Standing::Required | Standing::KnownFailure(_))
    };
    let mut unscored: Vec<_> = played.iter().filter(is_unscored).collect();
    if unscored.is_empty() {
        return Ok(());
    }
    // What we hold ourselves to comes first.
    unscored.sort_by_key(|one| matches!(one.cell.scenario.standing, Standing::Reported(_)));
    writeln!(
        text,
        "\n{:8}{:12}{:8}{:38}verdict",
        "leg", "revision", "host", "not scored by the suite"
    )?;
    for one in unscored {
        let Lane {
            leg,
            revision,
            host,
        } = Lane::of(&one.cell);
        let name = &one.cell.scenario.name;
        writeln!(
            text,
            "{leg:8}{revision:12}{host:8}{name:38}{}",
            word(&one.cell, &one.verdict)
        )?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
struct Lane {
    leg: &'static str,
    revision: &'static str,
    host: &'static str,
}

impl Lane {
    const fn of(cell: &Cell) -> Self {
        Self {
            leg: cell.scenario.leg.name(),
            revision: cell.scenario.revision,
            host: cell.host,
        }
    }
}

/// Each lane once, in the order of their first cells.
fn lanes<'a>(cells: impl Iterator<Item = &'a Cell>) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for lane in cells.map(Lane::of) {
        if !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    lanes
}

fn path(cell: &Cell) -> String {
    let Lane {
        leg,
        revision,
        host,
    } = Lane::of(cell);
    format!("{host}/{leg}/{revision}/{}", cell.scenario.name)
}

fn word(cell: &Cell, verdict: &Verdict) -> String {
    let standing = &cell.scenario.standing;
    match (verdict, standing) {
        (Verdict::Passed, _) => "passed".to_owned(),
        (Verdict::Skipped, _) => "skipped by the suite".to_owned(),
        (Verdict::KnownFailure, _) => "fails, as is known".to_owned(),
        (Verdict::Unheld, Standing::Reported(reason)) => format!("fails, and may ({reason})"),
        (Verdict::Unheld, _) => "fails, and may".to_owned(),
        (Verdict::Failed(_), _) => "FAILED".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Leg, Scenario};

    fn played(leg: Leg, name: &str, standing: Standing, verdict: Verdict) -> Played {
        let cell = Cell {
            host: "rust",
            scenario: Scenario {
                leg,
                revision: "2025-11-25",
                name: name.to_owned(),
                standing,
            },
        };
        Played { cell, verdict }
    }

    #[test]
    fn the_table_has_everything() {
        let reported = Standing::Reported("extension".to_owned());
        let known = Standing::KnownFailure("not implemented".to_owned());
        let faults = vec![
            "failure of x: no".to_owned(),
            "warning of y: late".to_owned(),
        ];
        let played = [
            played(Leg::Server, "ping", Standing::Required, Verdict::Passed),
            played(
                Leg::Server,
                "tools",
                Standing::Required,
                Verdict::Failed(faults),
            ),
            played(Leg::Client, "auth/a", known, Verdict::KnownFailure),
            played(Leg::Client, "auth/b", reported, Verdict::Unheld),
            played(Leg::Server, "tasks", Standing::Mute, Verdict::Skipped),
        ];
        let expected = "\
leg     revision    host    required
server  2025-11-25  rust    1/2
client  2025-11-25  rust    0/1, 1 known to fail

leg     revision    host    not scored by the suite               verdict
server  2025-11-25  rust    tasks                                 skipped by the suite
client  2025-11-25  rust    auth/b                                fails, and may (extension)

rust/server/2025-11-25/tools failed:
  - failure of x: no
  - warning of y: late
";
        assert_eq!(table(&played).expect("it can be written"), expected);
    }
}
