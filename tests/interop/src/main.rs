//! Our client and our server against the official SDKs, over real sockets.
//!
//! `tests/interop/run` installs the peers and starts this program; see there. It plays every scenario
//! with every peer in every mode and era, in both directions, and ends with one table. Where a peer or a mode
//! cannot do what a scenario needs, it is declared with the reason; nothing else is left out.

mod options;
mod our_client;
mod process;
mod proxy;
mod report;
mod said;
mod suite;
mod their_client;

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::options::Options;
use crate::report::Report;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    // Everything refers to them, for as long as the program runs.
    let options: &_ = Box::leak(Box::new(Options::from_args()?));
    std::fs::create_dir_all(&options.logs).context("making the folder for logs")?;
    let ours = suite::sections::<our_client::Stage>();
    let theirs = suite::sections::<their_client::Stage>();
    let report = Report::new(ours.into_iter().chain(theirs).collect());
    // One direction after the other: the processes of both at once are too many for a small machine.
    suite::play::<our_client::Stage>(options, &report).await;
    suite::play::<their_client::Stage>(options, &report).await;
    report.finish()
}
