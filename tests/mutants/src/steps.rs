//! What must see a mutant: the checks in the order in which they are run, the first that fails ends it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::reach::Reach;
use anyhow::{Context as _, Result, bail};
use wait_timeout::ChildExt as _;

/// A mutant has so many times as long as the unbroken core, and some seconds more, before it counts as hanging.
const PATIENCE: u32 = 20;
const AT_LEAST: Duration = Duration::from_secs(30);

/// A program of a step: its target, its arguments, its environment.
type Program = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

/// The steps: their names, and what is run in them.
pub const STEPS: [(&str, &[Program]); 4] = [
    ("as written", &[("vectors", &["--written", "--first"], &[])]),
    (
        "unit tests",
        &[
            ("mcp_sansio", &[], &[]),
            ("machines", &[], &[]),
            ("relay", &[], &[]),
        ],
    ),
    (
        "treatments",
        &[
            ("server_replay", &[], &[]),
            ("server_refusals", &[], &[]),
            ("vectors", &["--first"], &[]),
        ],
    ),
    (
        "walks and simulation",
        &[
            ("walks", &[], &[("WALKS", "300")]),
            ("sim", &[], &[("SIM_SEEDS", "1000")]),
        ],
    ),
];

/// What became of a mutant. Steps are counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// A check of this step failed.
    Killed(usize),
    /// A check of this step did not end.
    TimedOut(usize),
    /// No check saw it.
    Survived,
}

/// The steps with the programs that were built, and the time that each may take.
#[derive(Debug)]
pub struct Steps {
    programs: BTreeMap<String, PathBuf>,
    limits: [Duration; STEPS.len()],
    reach: Reach,
}

impl Steps {
    /// Runs all steps on the unbroken core, and takes the time.
    ///
    /// # Errors
    ///
    /// A step fails: then it would fail for every mutant.
    pub fn measure(programs: BTreeMap<String, PathBuf>, reach: Reach) -> Result<Self> {
        let mut steps = Self {
            programs,
            reach,
            limits: [Duration::from_secs(600); STEPS.len()],
        };
        for (step, (name, _)) in STEPS.iter().enumerate() {
            let started = Instant::now();
            if !matches!(steps.step(step, 0)?, Verdict::Survived) {
                bail!("{name:?} fails without a mutant: make ./test pass first");
            }
            steps.limits[step] = started.elapsed() * PATIENCE + AT_LEAST;
        }
        Ok(steps)
    }

    /// Runs a mutant until a check fails.
    ///
    /// # Errors
    ///
    /// A program cannot be run.
    pub fn play(&self, mutant: u32) -> Result<Verdict> {
        for step in 0..STEPS.len() {
            let verdict = self.step(step, mutant)?;
            if verdict != Verdict::Survived {
                return Ok(verdict);
            }
        }
        Ok(Verdict::Survived)
    }

    fn step(&self, step: usize, mutant: u32) -> Result<Verdict> {
        for (name, arguments, environment) in STEPS[step].1 {
            let vectors = match (*name, mutant) {
                ("vectors", 1..) => Some(self.reach.of(mutant)),
                _ => None,
            };
            if vectors.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let path = self.programs.get(*name);
            let path = path.with_context(|| format!("cargo built no {name:?}"))?;
            let mut child = Command::new(path)
                .args(*arguments)
                .args(vectors.unwrap_or_default())
                .envs(environment.iter().copied())
                .env("MUTANT", mutant.to_string())
                .env("RUST_BACKTRACE", "0")
                .current_dir(path.parent().unwrap_or_else(|| Path::new(".")))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            match child.wait_timeout(self.limits[step])? {
                Some(status) if status.success() => {}
                Some(_) => return Ok(Verdict::Killed(step)),
                None => {
                    child.kill()?;
                    child.wait()?;
                    return Ok(Verdict::TimedOut(step));
                }
            }
        }
        Ok(Verdict::Survived)
    }
}
