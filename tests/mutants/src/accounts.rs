//! What was explained: mutants that no check can see, because they make no difference, and those that nobody has
//! accounted for yet. `accounts.toml` has them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::schemata::Mutant;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Mutants that behave like the original, as far as the rules say anything.
    #[serde(default)]
    equivalent: Vec<Account>,
    /// Mutants that survive, and nobody knows yet why. They are told at each run.
    #[serde(default)]
    unexplained: Vec<Account>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    file: String,
    function: String,
    changes: Vec<String>,
    reason: String,
}

/// What the file says of a mutant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said<'a> {
    /// It makes no difference, for this reason.
    Equivalent(&'a str),
    /// It is known to survive.
    Unexplained,
    /// Nothing.
    Nothing,
}

impl Accounts {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or says something else.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} has a mistake", path.display()))
    }

    /// What is said of a mutant.
    pub fn of(&self, mutant: &Mutant) -> Said<'_> {
        let means = |account: &&Account| account.means(mutant);
        if let Some(account) = self.equivalent.iter().find(means) {
            Said::Equivalent(&account.reason)
        } else if self.unexplained.iter().any(|account| account.means(mutant)) {
            Said::Unexplained
        } else {
            Said::Nothing
        }
    }

    /// Entries that name none of these mutants.
    pub fn of_none(&self, mutants: &[Mutant]) -> Vec<String> {
        let accounts = self.equivalent.iter().chain(&self.unexplained);
        let named =
            accounts.flat_map(|account| account.changes.iter().map(move |one| (account, one)));
        named
            .filter(|(account, change)| {
                !mutants
                    .iter()
                    .any(|mutant| account.is_about(mutant) && mutant.change == **change)
            })
            .map(|(account, change)| format!("{}: {}: {change}", account.file, account.function))
            .collect()
    }
}

impl Account {
    fn is_about(&self, mutant: &Mutant) -> bool {
        self.file == mutant.file && self.function == mutant.function
    }

    fn means(&self, mutant: &Mutant) -> bool {
        self.is_about(mutant) && self.changes.contains(&mutant.change)
    }
}
