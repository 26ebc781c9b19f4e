//! What the command line says.

use clap::Parser;
use std::path::PathBuf;

/// Searches all that a small world can do to the client and to the server.
#[derive(Debug, Parser)]
#[command(name = "mcp-sansio-explore")]
pub(crate) struct Options {
    /// Only the worlds whose names contain this text
    pub(crate) only: Option<String>,
    /// Steps from the start, instead of each world's own
    #[arg(long)]
    pub(crate) depth: Option<u32>,
    /// Threads that share the work
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
    /// GiB that the process may come to hold
    #[arg(long, default_value_t = 8)]
    pub(crate) memory: usize,
    /// Fail below so many distinct states of the machines, over all worlds together
    #[arg(long, default_value_t = 0)]
    pub(crate) at_least: usize,
    /// Write the transitions that were taken into this file
    #[arg(long)]
    pub(crate) tables: Option<PathBuf>,
}
