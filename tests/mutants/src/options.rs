//! What the command line says.

use clap::Parser;
use std::path::PathBuf;

/// Breaks the core in many small ways, one at a time, and tells which of them no check sees.
#[derive(Debug, Parser)]
#[command(name = "mcp-sansio-mutants")]
pub struct Options {
    /// Only the sources whose paths end so, as `client/ledger.rs`
    pub files: Vec<String>,
    /// Only those that survived the last run and were not explained then
    #[arg(long)]
    pub again: bool,
    /// List the mutants, and run none
    #[arg(long)]
    pub list: bool,
    /// Mutants that are run at the same time
    #[arg(long, default_value_t = 1)]
    pub jobs: usize,
    /// Where to build, and to write the report
    #[arg(long, default_value = "target/mutants")]
    pub out: PathBuf,
}
