//! What came of it: a line as each scenario ends, and one table at the end.

use std::fmt::Write as _;
use std::fmt::{self, Display};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;

/// How many columns stand side by side.
const ABREAST: usize = 9;
/// How wide the first column is, and the others.
const FIRST: usize = 20;
const CELL: usize = 10;

pub(crate) enum Verdict {
    Passed,
    /// The peer or the mode cannot do what the scenario needs, for this reason.
    NotSupported(&'static str),
    Failed(anyhow::Error),
}

/// A direction: whose client against whose server.
pub(crate) struct Section {
    pub(crate) direction: &'static str,
    /// Peer, version and mode.
    pub(crate) columns: Vec<[&'static str; 3]>,
    pub(crate) scenarios: Vec<&'static str>,
}

/// One scenario against one peer in one mode.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    pub(crate) direction: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) scenario: &'static str,
}

impl Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            direction,
            peer,
            mode,
            scenario,
        } = self;
        write!(f, "{direction}/{peer}/{mode}/{scenario}")
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

    /// Prints the table. The exit code says whether anything failed, or nothing was played.
    pub(crate) fn finish(self) -> Result<ExitCode> {
        let rows = self
            .rows
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        writeln!(std::io::stdout(), "\n{}", table(&self.sections, &rows)?)?;
        let failed = rows
            .iter()
            .any(|row| matches!(row.verdict, Verdict::Failed(_)));
        let passed = rows
            .iter()
            .any(|row| matches!(row.verdict, Verdict::Passed));
        Ok(if failed || !passed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// Scenarios down, peers and modes across, the reasons below.
fn table(sections: &[Section], rows: &[Row]) -> Result<String, fmt::Error> {
    let mut reasons = Vec::new();
    let mut text = String::new();
    for section in sections {
        let played: Vec<_> = rows
            .iter()
            .filter(|row| row.cell.direction == section.direction)
            .collect();
        let is_played = |[peer, _, mode]: &&[&str; 3]| {
            let mut here = played.iter();
            here.any(|row| (row.cell.peer, row.cell.mode) == (*peer, *mode))
        };
        let columns: Vec<_> = section.columns.iter().filter(is_played).collect();
        for columns in columns.chunks(ABREAST) {
            block(&mut text, section, columns, &played, &mut reasons)?;
        }
    }
    for (number, reason) in reasons.iter().enumerate() {
        writeln!(text, "- [{}] not supported: {reason}", number + 1)?;
    }
    let count =
        |wanted: fn(&Verdict) -> bool| rows.iter().filter(|row| wanted(&row.verdict)).count();
    writeln!(
        text,
        "{} passed, {} failed, {} not supported",
        count(|verdict| matches!(verdict, Verdict::Passed)),
        count(|verdict| matches!(verdict, Verdict::Failed(_))),
        count(|verdict| matches!(verdict, Verdict::NotSupported(_))),
    )?;
    Ok(text)
}

/// As many columns as fit side by side.
fn block(
    text: &mut String,
    section: &Section,
    columns: &[&[&'static str; 3]],
    played: &[&Row],
    reasons: &mut Vec<&'static str>,
) -> fmt::Result {
    for (line, first) in [section.direction, "", ""].into_iter().enumerate() {
        write!(text, "{first:FIRST$}")?;
        for column in columns {
            write!(text, " {:CELL$}", column[line])?;
        }
        text.push('\n');
    }
    for scenario in &section.scenarios {
        if !played.iter().any(|row| row.cell.scenario == *scenario) {
            continue;
        }
        write!(text, "{scenario:FIRST$}")?;
        for &&[peer, _, mode] in columns {
            let cell = Cell {
                direction: section.direction,
                peer,
                mode,
                scenario,
            };
            let here = played.iter().find(|row| row.cell == cell);
            let word = match here.map(|row| &row.verdict) {
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
