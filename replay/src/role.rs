//! The two machines, seen alike.

use mcp_sansio::{ConfigError, Inspection, Instant};
use serde_json::Value;
use std::fmt;

/// One of the two machines: how it is read from a record, and run.
pub trait Role: Sized {
    /// How the machine is set up.
    type Config: Clone + fmt::Debug;
    /// What can be done to it.
    type Op: Clone + fmt::Debug;
    /// The machine itself.
    type Machine;

    /// Reads `config` of the header.
    ///
    /// # Errors
    /// What is wrong with it.
    fn config(settings: Value) -> Result<Self::Config, String>;

    /// Reads `input` of a line.
    ///
    /// # Errors
    /// What is wrong with it.
    fn input(input: Value) -> Result<Self::Op, String>;

    /// A drain without an input, for machines whose host can lack room.
    fn drain() -> Option<Self::Op>;

    /// A fresh machine that records each step whole.
    ///
    /// # Errors
    /// The configuration's.
    fn start(config: Self::Config, seed: [u8; 32]) -> Result<Self::Machine, ConfigError>;

    /// Does it.
    fn apply(machine: &mut Self::Machine, now: Instant, op: &Self::Op);

    /// Takes an output, which is in the machine's record then; `false` if there is none.
    fn poll(machine: &mut Self::Machine, room: bool) -> bool;

    /// The machine's `poll_record`.
    fn poll_record(machine: &mut Self::Machine) -> Option<String>;

    /// The machine's `inspect`.
    fn inspect(machine: &Self::Machine) -> Inspection;
}
