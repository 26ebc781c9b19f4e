//! How a server of the load tests is read: it prints its URL, and answers each line on standard input with
//! one line of JSON. It ends when its input does: with the tests, however they end.
//!
//! The server on rmcp uses this same file, so that both are measured alike: the same allocator that
//! counts, the same clock of the process.

use std::alloc::System;
use std::io::{self, Write as _};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// The system's allocator, which counts.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Prints the URL, then a reading for each line that comes in; `owed` adds what the server knows of itself.
///
/// # Errors
/// When the tests cannot be reached.
pub(crate) async fn answer(url: &str, owed: impl Fn() -> Value) -> io::Result<()> {
    tell(&json!({"url": url}))?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await?.is_some() {
        tell(&reading(&owed()))?;
    }
    Ok(())
}

/// What the process holds and has used: live heap bytes, resident bytes, microseconds of all its CPUs.
fn reading(owed: &Value) -> Value {
    let heap = ALLOCATOR.stats();
    let heap = heap.bytes_allocated.saturating_sub(heap.bytes_deallocated);
    let rss = memory_stats::memory_stats().map(|stats| stats.physical_mem);
    let cpu = getrusage(UsageWho::RUSAGE_SELF)
        .map(|usage| usage.user_time().num_microseconds() + usage.system_time().num_microseconds());
    json!({"heap": heap, "rss": rss, "cpu_us": cpu.ok(), "owed": owed})
}

fn tell(what: &Value) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{what}")?;
    output.flush()
}
