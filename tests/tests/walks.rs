//! Seeded random walks of both machines. `WALKS` and `FIRST` in the environment say how many, and from
//! which seed on.

use mcp_sansio_tests::server;
use mcp_sansio_tests::walk::{Stumbled, walk};
use std::env;
use std::fmt::Write as _;

const STEPS: usize = 80;
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
    // Walks that never get anywhere would find nothing.
    let opened = walks(2_000, walk);
    assert!(opened > 2_000, "only {opened} exchanges were opened");
}

#[test]
fn random_walks_of_the_server_break_no_promise() {
    let requests = walks(1_000, server::walk::walk);
    assert!(
        requests > 2_000,
        "the application got {requests} requests only"
    );
}

/// Gives the sum of what the walks give.
fn walks(count: u64, walk: impl Fn(u64, usize) -> Result<usize, Stumbled>) -> usize {
    let first = number("FIRST", 0);
    let mut sum = 0;
    let mut told = String::new();
    let mut stumbled = Vec::new();
    for seed in first..first + number("WALKS", count) {
        match walk(seed, STEPS) {
            Ok(count) => sum += count,
            Err(error) => stumbled.push(error),
        }
    }
    for error in stumbled.iter().take(MOST_TOLD) {
        // Writing to a string cannot fail.
        let _ = writeln!(told, "seed {}: {}", error.seed, error.what);
    }
    if let Some(error) = stumbled.first() {
        panic!("{} walks stumbled:\n{told}\n{error}", stumbled.len());
    }
    sum
}
