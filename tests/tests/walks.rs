//! Seeded random walks of both machines. `WALKS` and `FIRST` in the environment say how many, and from
//! which seed on.

use mcp_sansio_tests::dice::Dice;
use mcp_sansio_tests::server;
use mcp_sansio_tests::server::walk::Met;
use mcp_sansio_tests::walk::{self, Stumbled};
use std::env;
use std::fmt::Write as _;

/// Walks of the client, and of the server, unless the environment says how many.
const WALKS: u64 = 2_000;
const SERVER_WALKS: u64 = 1_000;
const STEPS: usize = 100;
/// Further walks that stumble are told by their seeds and sentences only.
const MOST_TOLD: usize = 20;

fn number(name: &str, default: u64) -> u64 {
    env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn random_walks_break_no_promise() {
    let mut met = walk::Met::default();
    let opened = walks(WALKS, |dice, steps| {
        let one = walk::walk(dice, steps)?;
        met += one;
        Ok(one.exchanges)
    });
    // Walks that never get anywhere would find nothing; of a few that may be so.
    let enough = number("WALKS", WALKS) < WALKS
        || opened > 2_000
            && met.modern > 2_000
            && met.rounds > 50
            && met.subscriptions > 100
            && met.http_sse > 50
            && met.authorizations > 500
            && met.searches > 200;
    assert!(enough, "walks met {met:?} only");
}

#[test]
fn random_walks_of_the_server_break_no_promise() {
    let mut met = Met::default();
    let requests = walks(SERVER_WALKS, |dice, steps| {
        let one = server::walk::walk(dice, steps)?;
        met += one;
        Ok(one.requests)
    });
    let enough = number("WALKS", SERVER_WALKS) < SERVER_WALKS
        || requests > 2_000
            && met.modern > 2_000
            && met.refused > 1_000
            && met.subscriptions > 500
            && met.changes > 150;
    assert!(enough, "walks met {met:?} only");
}

/// Gives the sum of what the walks give.
fn walks(count: u64, mut walk: impl FnMut(Dice, usize) -> Result<usize, Stumbled>) -> usize {
    let first = number("FIRST", 0);
    let mut sum = 0;
    let mut told = String::new();
    let mut stumbled = Vec::new();
    for seed in first..first + number("WALKS", count) {
        match walk(Dice::new(seed), STEPS) {
            Ok(count) => sum += count,
            Err(error) => stumbled.push((seed, error)),
        }
    }
    for (seed, error) in stumbled.iter().take(MOST_TOLD) {
        // Writing to a string cannot fail.
        let _ = writeln!(told, "seed {seed}: {}", error.what);
    }
    if let Some((seed, error)) = stumbled.first() {
        panic!(
            "{} walks stumbled:\n{told}\nseed {seed}: {error}",
            stumbled.len()
        );
    }
    sum
}
