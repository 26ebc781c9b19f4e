//! Which vectors come to which switch, in any of their treatments. Until its switch is come to, a mutant is the
//! original; so a vector that never comes there cannot see it, and need not be run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::pool;

/// Vectors by the mutants whose switches they come to.
#[derive(Debug, Default)]
pub struct Reach {
    names: Vec<String>,
    by_mutant: BTreeMap<u32, Vec<usize>>,
}

impl Reach {
    /// Runs each vector by itself, unbroken, and has it write into `folder` where it came.
    ///
    /// # Errors
    ///
    /// The vectors cannot be listed, the program not be run.
    pub fn measure(program: &Path, vectors: &Path, folder: &Path, jobs: usize) -> Result<Self> {
        let mut names = Vec::new();
        for entry in fs::read_dir(vectors)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                let name = path.file_name().unwrap_or_default();
                names.push(name.to_string_lossy().into_owned());
            }
        }
        names.sort();
        fs::create_dir_all(folder)?;
        let mut by_mutant: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let run = |name: &String| one(program, name, &folder.join(name));
        pool::each(&names, jobs, run, |n, reached| {
            for mutant in reached {
                by_mutant.entry(mutant).or_default().push(n);
            }
            Ok(())
        })?;
        Ok(Self { names, by_mutant })
    }

    /// The files of the vectors that come to a mutant's switch.
    pub fn of(&self, mutant: u32) -> Vec<&str> {
        let vectors = self.by_mutant.get(&mutant).into_iter().flatten();
        vectors.map(|&n| self.names[n].as_str()).collect()
    }
}

/// The switches that one vector comes to.
fn one(program: &Path, name: &str, file: &Path) -> Result<Vec<u32>> {
    // What nobody wrote was not come to.
    fs::write(file, "")?;
    Command::new(program)
        .arg(name)
        .env("MUTANT", "0")
        .env("REACHED", file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let lines = fs::read_to_string(file)?;
    lines.lines().map(|line| Ok(line.parse()?)).collect()
}
