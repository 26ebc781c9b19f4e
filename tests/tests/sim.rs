//! Plays the plans of many seeds, and prints what happened in them.
//!
//! `SIM_SEEDS` and `SIM_FIRST` in the environment say how many, and from which seed on; with `SIM_FIRST` alone it is
//! that one. `SIM_LOG=1` prints the log of each.

mod abreast;

use abreast::abreast;
use mcp_sansio_tests::sim::{self, Found, Tally};
use std::env;
use std::fmt;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Seeds, unless the environment says how many.
const SEEDS: u64 = 200;
/// From so many on everything must have happened that can.
const MANY_SEEDS: u64 = 2_000;
/// Runs that break a promise and are told in full; of others the promise and the seed are told.
const MOST_TOLD: usize = 1;
/// Runs that break a promise, after which no more are played.
const MOST_FOUND: usize = 25;

/// What one thread has played.
#[derive(Default)]
struct Played {
    seeds: u32,
    tally: Tally,
}

#[expect(
    clippy::disallowed_methods,
    reason = "how fast it is is told; nothing depends on it"
)]
fn main() -> io::Result<ExitCode> {
    let replays = number("SIM_FIRST");
    let first = replays.unwrap_or(0);
    let usual = if replays.is_some() { 1 } else { SEEDS };
    let wanted = number("SIM_SEEDS").unwrap_or(usual);
    let prints_logs = number("SIM_LOG").is_some();
    let started = Instant::now();
    let found = Mutex::new(Vec::new());
    let shares = abreast(
        first..first.saturating_add(wanted),
        |played: &mut Played, seed| {
            played.seeds += 1;
            match sim::run(seed) {
                Ok(done) => {
                    if prints_logs {
                        print(format_args!("seed {seed}\n{}\n", done.log));
                    }
                    played.tally.join(&done.tally);
                    ControlFlow::Continue(())
                }
                Err(one) => {
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    tell(seed, &one, found.len() < MOST_TOLD);
                    found.push(seed);
                    if found.len() < MOST_FOUND {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                }
            }
        },
    );
    let (mut total, mut played) = (Tally::default(), 0);
    for share in shares {
        total.join(&share.tally);
        played += share.seeds;
    }
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable();
    let pace = f64::from(played) / started.elapsed().as_secs_f64();
    let missing = total.missing();
    let mut out = io::stdout().lock();
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

fn tell(seed: u64, found: &Found, in_full: bool) {
    if in_full {
        print(format_args!(
            "FAILED seed {seed}: {found}\nSIM_FIRST={seed} plays it again\n\n"
        ));
    } else {
        print(format_args!("FAILED seed {seed}: {}\n", found.broken));
    }
}

/// Prints at once, so that what threads say is not mixed up.
fn print(text: fmt::Arguments<'_>) {
    // The exit code tells, too, where nobody reads.
    let _ = io::stdout().lock().write_fmt(text);
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}
