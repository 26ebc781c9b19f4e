//! What was done, and what of it went wrong.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Failures of one kind that are told in full.
const TOLD: usize = 3;

/// What all callers of a run have done; they share it.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<&'static str, Line>>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) done: u64,
    pub(crate) failed: u64,
    /// The first failures.
    pub(crate) told: Vec<String>,
}

impl Tally {
    /// Counts something as done, or as failed.
    pub(crate) fn add(&self, what: &'static str, result: Result<(), impl Display>) {
        let mut lines = self.lines();
        let line = lines.entry(what).or_default();
        match result {
            Ok(()) => line.done += 1,
            Err(error) => {
                line.failed += 1;
                if line.told.len() < TOLD {
                    line.told.push(format!("{error:#}"));
                }
            }
        }
    }

    pub(crate) fn all(&self) -> BTreeMap<&'static str, Line> {
        self.lines().clone()
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<&'static str, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The checks of the whole run, which end in one line.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    passed: u32,
    failed: u32,
}

impl Checks {
    /// Prints a check, and counts it.
    pub(crate) fn check(&mut self, holds: bool, what: impl Display) {
        if holds {
            self.passed += 1;
            print(format!("  ok      {what}"));
        } else {
            self.failed += 1;
            print(format!("  FAILED  {what}"));
        }
    }

    /// Prints the sum, and says whether all is well.
    pub(crate) fn sum(&self) -> bool {
        print(format!("{} passed, {} failed", self.passed, self.failed));
        self.failed == 0 && self.passed > 0
    }
}

/// Prints a line.
pub(crate) fn print(line: impl Display) {
    use std::io::Write as _;
    // A reader that has left is no reason to fail.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
