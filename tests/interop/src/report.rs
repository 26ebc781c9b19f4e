//! What came of it: a line as each scenario ends, and at the end one table, and what failed and why.

use std::fmt::Write as _;
use std::fmt::{self, Display};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use mcp_sansio_tokio::Era;

use crate::suite::{Asked, Column};

/// How many columns stand side by side.
const ABREAST: usize = 9;
/// How wide the first column is, and the others.
const FIRST: usize = 20;
const CELL: usize = 10;
/// How many characters of a failure's reason are repeated at the end. All of it stands where the scenario ended.
const REASON: usize = 2_000;

pub(crate) enum Verdict {
    Passed,
    /// The peer or the mode cannot do what the scenario needs, for this reason.
    NotSupported(&'static str),
    Failed(anyhow::Error),
}

/// A direction (whose client against whose server) in one era.
pub(crate) struct Section {
    pub(crate) direction: &'static str,
    pub(crate) era: Era,
    pub(crate) columns: Vec<Column>,
    pub(crate) scenarios: Vec<&'static str>,
}

/// One scenario in one way.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    direction: &'static str,
    peer: &'static str,
    mode: &'static str,
    asked: Asked,
    scenario: &'static str,
}

impl Cell {
    pub(crate) const fn new(
        direction: &'static str,
        column: Column,
        scenario: &'static str,
    ) -> Self {
        Self {
            direction,
            peer: column.peer,
            mode: column.mode,
            asked: column.asked,
            scenario,
        }
    }
}

impl Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            direction,
            peer,
            mode,
            asked,
            scenario,
        } = self;
        write!(f, "{direction}/{peer}/{mode}/{asked}/{scenario}")
    }
}

/// The verdicts until now.
pub(crate) struct Report {
    sections: Vec<Section>,
    rows: Mutex<Vec<Row>>,
}

struct Row {
    cell: Cell,
    verdict: Verdict,
}

impl Report {
    pub(crate) fn new(sections: Vec<Section>) -> Self {
        Self {
            sections,
            rows: Mutex::default(),
        }
    }

    pub(crate) fn add(&self, cell: Cell, verdict: Verdict, took: Duration) {
        let word = match &verdict {
            Verdict::Passed => format!("passed in {:.1} s", took.as_secs_f64()),
            Verdict::NotSupported(_) => "not supported".to_owned(),
            Verdict::Failed(error) => format!("FAILED: {error:#}"),
        };
        // Nothing is to be done about a standard output that is gone.
        let _ = writeln!(std::io::stdout(), "{cell}: {word}");
        self.rows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Row { cell, verdict });
    }

    /// Prints the table, and below it, where whoever sees only the end of the output finds them, the failures.
    /// The exit code says whether anything failed, or nothing was played.
    pub(crate) fn finish(self) -> Result<ExitCode> {
        let rows = self
            .rows
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let table = table(&self.sections, &rows)?;
        let failures = failures(&rows)?;
        write!(std::io::stdout(), "\n{table}{failures}")?;
        let passed = rows
            .iter()
            .any(|row| matches!(row.verdict, Verdict::Passed));
        Ok(if !failures.is_empty() || !passed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// Scenarios down, peers, modes and eras across, the reasons below.
fn table(sections: &[Section], rows: &[Row]) -> Result<String, fmt::Error> {
    let mut reasons = Vec::new();
    let mut text = String::new();
    for section in sections {
        let is_played = |column: &&Column| {
            let mut cells = section.cells(column);
            cells.any(|cell| rows.iter().any(|row| row.cell == cell))
        };
        let columns: Vec<_> = section.columns.iter().filter(is_played).collect();
        for columns in columns.chunks(ABREAST) {
            block(&mut text, section, columns, rows, &mut reasons)?;
        }
    }
    for (number, reason) in reasons.iter().enumerate() {
        writeln!(text, "- [{}] not supported: {reason}", number + 1)?;
    }
    for section in sections {
        let cells = || {
            section
                .columns
                .iter()
                .flat_map(|column| section.cells(column))
        };
        let is_here = |row: &&Row| cells().any(|cell| cell == row.cell);
        let counts = count(rows.iter().filter(is_here));
        writeln!(text, "{}: {counts}", section.title())?;
    }
    writeln!(text, "in all: {}", count(rows.iter()))?;
    Ok(text)
}

/// Every row that failed, with its reason.
fn failures(rows: &[Row]) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for row in rows {
        if let Verdict::Failed(error) = &row.verdict {
            let reason = format!("{error:#}");
            let shown: String = reason.chars().take(REASON).collect();
            let rest = if shown.len() < reason.len() {
                " .."
            } else {
                ""
            };
            writeln!(text, "FAILED {}: {shown}{rest}", row.cell)?;
        }
    }
    Ok(text)
}

impl Section {
    fn title(&self) -> String {
        let era = match self.era {
            Era::Legacy => "legacy",
            Era::Modern => "modern",
        };
        format!("{}, {era}", self.direction)
    }

    fn cells(&self, column: &Column) -> impl Iterator<Item = Cell> {
        let of = |scenario: &&'static str| Cell::new(self.direction, *column, scenario);
        self.scenarios.iter().map(of)
    }
}

fn count<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let (mut passed, mut failed, mut not_supported) = (0, 0, 0);
    for row in rows {
        match row.verdict {
            Verdict::Passed => passed += 1,
            Verdict::Failed(_) => failed += 1,
            Verdict::NotSupported(_) => not_supported += 1,
        }
    }
    format!("{passed} passed, {failed} failed, {not_supported} not supported")
}

/// As many columns as fit side by side.
fn block(
    text: &mut String,
    section: &Section,
    columns: &[&Column],
    rows: &[Row],
    reasons: &mut Vec<&'static str>,
) -> fmt::Result {
    let head: [fn(&Column) -> &'static str; 4] = [
        |column| column.peer,
        |column| column.version,
        |column| column.mode,
        |column| column.asked.name(),
    ];
    let title = section.title();
    let firsts = [title.as_str(), "", "mode", "the client asks for"];
    for (first, of) in firsts.into_iter().zip(head) {
        write!(text, "{first:FIRST$}")?;
        for column in columns {
            write!(text, " {:CELL$}", of(column))?;
        }
        text.push('\n');
    }
    for scenario in &section.scenarios {
        let verdicts: Vec<_> = columns
            .iter()
            .map(|column| Cell::new(section.direction, **column, scenario))
            .map(|cell| rows.iter().find(|row| row.cell == cell))
            .collect();
        if verdicts.iter().all(Option::is_none) {
            continue;
        }
        write!(text, "{scenario:FIRST$}")?;
        for row in verdicts {
            let word = match row.map(|row| &row.verdict) {
                None => String::new(),
                Some(Verdict::Passed) => "passed".to_owned(),
                Some(Verdict::Failed(_)) => "FAILED".to_owned(),
                Some(Verdict::NotSupported(reason)) => {
                    let known = reasons.iter().position(|known| known == reason);
                    let number = known.unwrap_or_else(|| {
                        reasons.push(reason);
                        reasons.len() - 1
                    });
                    format!("- [{}]", number + 1)
                }
            };
            write!(text, " {word:CELL$}")?;
        }
        text.push('\n');
    }
    text.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn failures_are_named_with_their_reasons() -> fmt::Result {
        let column = Column {
            peer: "peer",
            version: "1",
            mode: "sse",
            asked: Asked::Modern,
            spoken: Era::Modern,
        };
        let row = |scenario, verdict| Row {
            cell: Cell::new("our-client", column, scenario),
            verdict,
        };
        let rows = [
            row("read", Verdict::Passed),
            row(
                "calls",
                Verdict::Failed(anyhow!("no answer").context("calling")),
            ),
            row("log", Verdict::NotSupported("it cannot")),
            row("cut", Verdict::Failed(anyhow!("\u{e9}".repeat(REASON + 1)))),
        ];
        let told = failures(&rows)?;
        let mut lines = told.lines();
        let calls = "FAILED our-client/peer/sse/modern/calls: calling: no answer";
        assert_eq!(lines.next(), Some(calls));
        let long = lines.next().unwrap_or_default();
        assert!(long.starts_with("FAILED our-client/peer/sse/modern/cut: \u{e9}"));
        assert!(long.ends_with("\u{e9} .."));
        assert_eq!(lines.next(), None);
        assert_eq!(failures(&rows[..1])?, "");
        Ok(())
    }
}
