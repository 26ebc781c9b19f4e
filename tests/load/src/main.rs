//! The server under load: a soak after which it must owe nothing and hold nothing, and its figures beside
//! those of rmcp's server. `tests/load/run` builds what is needed and starts this.

mod compare;
mod http;
mod meter;
mod peer;
mod server;
mod session;
mod soak;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tally::Checks;

/// Files that a process may have open for this: two ends of a thousand streams, and some more.
const FILES: u64 = 8_192;

fn main() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    allow_files()?;
    match args[..] {
        // One thread: its figures are then those of the work, not of its distribution.
        ["server", mode @ ("adaptive" | "sse" | "stateless")] => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(server::run(mode))?;
            Ok(ExitCode::SUCCESS)
        }
        ["server", mode] => {
            tokio::runtime::Runtime::new()?.block_on(server::run(mode))?;
            Ok(ExitCode::SUCCESS)
        }
        ["soak", seconds] => {
            let length = Duration::from_secs(seconds.parse().context("the soak's seconds")?);
            let mut checks = Checks::default();
            tokio::runtime::Runtime::new()?.block_on(soak::run(length, &mut checks))?;
            Ok(if checks.sum() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        ["compare", rmcp, rounds] => {
            let rmcp = PathBuf::from(rmcp);
            let rounds = rounds.parse().context("the rounds of the figures")?;
            tokio::runtime::Runtime::new()?.block_on(compare::run(&rmcp, rounds))?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("tests/load/run starts this: soak SECONDS, compare RMCP ROUNDS, or server MODE"),
    }
}

/// Lifts the soft bound on open files to what is needed; the servers inherit it.
fn allow_files() -> Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = soft.max(FILES.min(hard));
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)?;
    Ok(())
}
