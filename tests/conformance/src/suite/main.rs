//! Plays the official conformance suite against our hosts, judges what it found, and prints one table.
//! `tests/conformance/run` installs the suite and starts this.
//!
//! The suite itself says which scenarios a revision requires. Each is played by a process of its own, so that one
//! that hangs ends alone, and so that no more clients run at once than a small machine can bear: the suite starts
//! all clients of a requirement set together, and times one of them to a fifth of a second. What a scenario found
//! is judged more strictly than the suite does: see [`judge`].

mod hosts;
mod judge;
mod known;
mod options;
mod plan;
mod play;
mod process;
mod report;
mod requirements;
mod server;
mod tool;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::known::Known;
use crate::options::Options;
use crate::report::Report;
use crate::tool::Tool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    run(&options).await.unwrap_or_else(|error| {
        // If nobody reads it, the exit code still tells.
        let _ = writeln!(std::io::stderr(), "{error:#}");
        ExitCode::FAILURE
    })
}

async fn run(options: &Options) -> Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    // Whichever ends first: what is dropped then kills its processes.
    tokio::select! {
        ended = play(options) => ended,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("told to end"),
    }
}

async fn play(options: &Options) -> Result<ExitCode> {
    let hosts = hosts::all(options)?;
    let tool = Tool::new(options)?;
    let mut scenarios = Vec::new();
    for revision in requirements::REVISIONS {
        let listed = tool.requirements(revision).await?;
        scenarios.extend(plan::of(
            revision,
            &requirements::parse(&listed, revision)?,
        )?);
    }
    Known::read()?.apply(&mut scenarios)?;

    let cells = plan::cells(&hosts, &scenarios, options)?;
    let report = Report::new(cells.len());
    let results = play::all(&hosts, &tool, cells, &report).await?;
    report::print(&results, options)
}
