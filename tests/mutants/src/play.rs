//! Runs the mutants, and tells how far it is.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::resource::{Resource, setrlimit};

use crate::pool;
use crate::schemata::Mutant;
use crate::steps::{Steps, Verdict};

/// Address space that a mutant may take: one that queues without end must not take the machine along.
const MOST_BYTES: u64 = 4 << 30;
/// Between two lines that tell how far it is.
const PACE: Duration = Duration::from_secs(15);

/// Runs each of the mutants.
///
/// # Errors
///
/// A program cannot be run, or nothing written.
pub fn play(
    steps: &Steps,
    mutants: Vec<Mutant>,
    jobs: usize,
    out: &mut impl Write,
) -> Result<Vec<(Mutant, Verdict)>> {
    setrlimit(Resource::RLIMIT_AS, MOST_BYTES, MOST_BYTES)?;
    let started = Instant::now();
    let mut told = started;
    let mut verdicts = vec![Verdict::Survived; mutants.len()];
    let (mut done, mut survived) = (0, 0);
    let run = |mutant: &Mutant| steps.play(mutant.number);
    pool::each(&mutants, jobs, run, |n, verdict| {
        done += 1;
        verdicts[n] = verdict;
        if verdict == Verdict::Survived {
            survived += 1;
            writeln!(out, "survived: {}", mutants[n])?;
        }
        if told.elapsed() >= PACE || done == mutants.len() {
            told = Instant::now();
            let left =
                started.elapsed() * u32::try_from(mutants.len() - done)? / u32::try_from(done)?;
            let minutes = left.as_secs() / 60;
            writeln!(
                out,
                "{done} of {} mutants, {survived} survived, about {minutes} min left",
                mutants.len()
            )?;
        }
        Ok(())
    })?;
    Ok(mutants.into_iter().zip(verdicts).collect())
}
