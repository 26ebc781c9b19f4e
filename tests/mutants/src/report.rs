//! What is told of a run.

use std::fmt::{self, Display, Write as _};

use crate::accounts::{Accounts, Said};
use crate::modules;
use crate::schemata::Mutant;
use crate::steps::{STEPS, Verdict};

/// A run, ready to be told.
#[derive(Debug)]
pub struct Report<'a> {
    /// The mutants that were run.
    pub played: &'a [(Mutant, Verdict)],
    /// Those that do not compile, and why.
    pub left_out: &'a [(Mutant, String)],
    /// What was explained.
    pub accounts: &'a Accounts,
    /// Entries of the accounts that name no mutant.
    pub of_none: Vec<String>,
}

impl Report<'_> {
    /// What makes the run a failure: survivors of which nothing is said, and entries that are not true (any more).
    pub fn failures(&self) -> Vec<String> {
        let mut failures: Vec<_> = self
            .of_none
            .iter()
            .map(|entry| format!("accounted for, but there is no such mutant: {entry}"))
            .collect();
        for (mutant, verdict) in self.played {
            match (verdict, self.accounts.of(mutant)) {
                (Verdict::Survived, Said::Nothing) => failures.push(format!("survived: {mutant}")),
                (
                    Verdict::Killed(step) | Verdict::TimedOut(step),
                    Said::Equivalent(_) | Said::Unexplained,
                ) => {
                    failures.push(format!(
                        "accounted for, but seen by {:?}: {mutant}",
                        STEPS[*step].0
                    ));
                }
                _ => {}
            }
        }
        failures
    }

    /// The names of the survivors that nobody has explained.
    pub fn survivors(&self) -> Vec<String> {
        let unexplained =
            |mutant: &Mutant| !matches!(self.accounts.of(mutant), Said::Equivalent(_));
        let survived = self
            .played
            .iter()
            .filter(|(_, verdict)| *verdict == Verdict::Survived);
        survived
            .map(|(mutant, _)| mutant)
            .filter(|mutant| unexplained(mutant))
            .map(Mutant::name)
            .collect()
    }

    /// All that is known, by mutant.
    ///
    /// # Errors
    ///
    /// None: it writes to a string.
    pub fn in_full(&self) -> Result<String, fmt::Error> {
        let mut text = self.to_string();
        writeln!(text, "\nMutants")?;
        for (mutant, verdict) in self.played {
            match verdict {
                Verdict::Killed(step) => writeln!(text, "killed by {}: {mutant}", STEPS[*step].0)?,
                Verdict::TimedOut(step) => {
                    writeln!(text, "timed out in {}: {mutant}", STEPS[*step].0)?;
                }
                Verdict::Survived => match self.accounts.of(mutant) {
                    Said::Equivalent(reason) => {
                        writeln!(text, "equivalent: {mutant}\n    {reason}")?;
                    }
                    Said::Unexplained | Said::Nothing => writeln!(text, "survived: {mutant}")?,
                },
            }
        }
        for (mutant, reason) in self.left_out {
            writeln!(text, "does not compile: {mutant}\n    {reason}")?;
        }
        Ok(text)
    }

    fn count(&self, file: &str, which: impl Fn(&Mutant, Verdict) -> bool) -> usize {
        let ours = |mutant: &Mutant| file.is_empty() || mutant.file == file;
        self.played
            .iter()
            .filter(|(mutant, verdict)| ours(mutant) && which(mutant, *verdict))
            .count()
    }

    fn row(
        &self,
        f: &mut fmt::Formatter<'_>,
        concern: &str,
        name: &str,
        file: &str,
    ) -> fmt::Result {
        write!(
            f,
            "{concern:<12}{name:<32}{:>8}",
            self.count(file, |_, _| true)
        )?;
        for step in 0..STEPS.len() {
            write!(
                f,
                "{:>12}",
                self.count(file, |_, one| one == Verdict::Killed(step))
            )?;
        }
        let ours = |mutant: &Mutant| file.is_empty() || mutant.file == file;
        let is_equivalent =
            |mutant: &Mutant| matches!(self.accounts.of(mutant), Said::Equivalent(_));
        writeln!(
            f,
            "{:>12}{:>12}{:>12}{:>12}",
            self.count(file, |_, one| matches!(one, Verdict::TimedOut(_))),
            self.count(file, |mutant, one| one == Verdict::Survived
                && is_equivalent(mutant)),
            self.count(file, |mutant, one| one == Verdict::Survived
                && !is_equivalent(mutant)),
            self.left_out
                .iter()
                .filter(|(mutant, _)| ours(mutant))
                .count(),
        )
    }
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<12}{:<32}{:>8}", "concern", "module", "mutants")?;
        for (n, _) in STEPS.iter().enumerate() {
            write!(f, "{:>12}", format!("killed by {}", n + 1))?;
        }
        writeln!(
            f,
            "{:>12}{:>12}{:>12}{:>12}",
            "timed out", "equivalent", "survived", "no build"
        )?;
        for (concern, path) in modules::all() {
            if self.count(path, |_, _| true) > 0 {
                self.row(f, concern, path, path)?;
            }
        }
        self.row(f, "", "all", "")?;
        for (n, (name, _)) in STEPS.iter().enumerate() {
            writeln!(f, "{}: {name}", n + 1)?;
        }
        let unexplained = |mutant: &Mutant| self.accounts.of(mutant) == Said::Unexplained;
        for (mutant, _) in self.played.iter().filter(|(mutant, _)| unexplained(mutant)) {
            writeln!(f, "not explained yet: {mutant}")?;
        }
        Ok(())
    }
}

impl Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {} ({}): {}",
            self.file, self.line, self.function, self.number, self.change
        )
    }
}
