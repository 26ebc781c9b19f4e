//! Our client and our server against the official SDKs, over real sockets.
//!
//! `tests/interop/run` installs the peers and starts this program; see there. It plays every scenario
//! against every peer in every mode, in both directions, and ends with one table. Where a peer or a mode
//! cannot do what a scenario needs, it is declared with the reason; nothing else is left out.

mod options;
mod our_client;
mod process;
mod proxy;
mod report;
mod said;
mod their_client;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::options::Options;
use crate::report::Report;

/// Far longer than any scenario takes. One that is cut off here has found a call that hangs.
const LONGEST: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::from_args()?;
    std::fs::create_dir_all(&options.logs).context("making the folder for logs")?;
    let report = Report::new(vec![our_client::section(), their_client::section()]);
    // One direction after the other: the processes of both at once are too many for a small machine.
    our_client::play(&options, &report).await;
    their_client::play(&options, &report).await;
    report.finish()
}
