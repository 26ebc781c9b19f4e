//! Plays the plans of many seeds, and prints what happened in them.
//!
//! `SIM_SEEDS` and `SIM_FIRST` in the environment say how many, and from which seed on; with `SIM_FIRST` alone it is
//! that one. `SIM_LOG=1` prints the log of each.

use mcp_sansio_tests::sim::{self, Found, Tally};
use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

/// Seeds, unless the environment says how many.
const SEEDS: u64 = 200;
/// From so many on everything must have happened that can.
const MANY_SEEDS: u64 = 2_000;
/// Runs that break a promise and are told in full; of others the promise and the seed are told.
const MOST_TOLD: usize = 1;
/// Runs that break a promise, after which no more are played.
const MOST_FOUND: usize = 25;

#[expect(
    clippy::disallowed_methods,
    reason = "how fast it is is told; nothing depends on it"
)]
fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let replays = number("SIM_FIRST");
    let first = replays.unwrap_or(0);
    let usual = if replays.is_some() { 1 } else { SEEDS };
    let wanted = number("SIM_SEEDS").unwrap_or(usual);
    let prints_logs = number("SIM_LOG").is_some();
    let started = Instant::now();
    let mut total = Tally::default();
    let (mut played, mut found) = (0_u32, Vec::new());
    for seed in first..first.saturating_add(wanted) {
        played += 1;
        match sim::run(seed) {
            Ok(done) => {
                if prints_logs {
                    writeln!(out, "seed {seed}\n{}", done.log)?;
                }
                total.join(&done.tally);
            }
            Err(one) => {
                tell(seed, &one, found.len() < MOST_TOLD, &mut out)?;
                found.push(seed);
            }
        }
        if found.len() >= MOST_FOUND {
            break;
        }
    }
    let pace = f64::from(played) / started.elapsed().as_secs_f64();
    let missing = total.missing();
    writeln!(out, "{total}")?;
    writeln!(
        out,
        "{played} seeds from {first} on, {pace:.0} a second; {} broke a promise {found:?}",
        found.len()
    )?;
    let is_empty = wanted >= MANY_SEEDS && found.is_empty() && !missing.is_empty();
    if is_empty {
        writeln!(
            out,
            "FAILED of all that should happen, these did not: {missing:?}"
        )?;
    }
    Ok(if found.is_empty() && !is_empty {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(seed: u64, found: &Found, in_full: bool, out: &mut impl Write) -> io::Result<()> {
    if in_full {
        writeln!(out, "FAILED seed {seed}: {found}")?;
        writeln!(out, "SIM_FIRST={seed} plays it again\n")
    } else {
        writeln!(out, "FAILED seed {seed}: {}", found.broken)
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}
