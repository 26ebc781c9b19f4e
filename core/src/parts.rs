//! The parts of a machine and the states that they are in, for an explorer that tells what it has reached.

use alloc::vec::Vec;

/// One thing that a machine deals with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Part {
    /// What it is: `call`, `exchange`, ..
    pub what: &'static str,
    /// What it is for; empty where all are for one thing.
    pub role: &'static str,
    /// Its handle; 0 where there is one of them.
    pub id: u64,
    /// The state that it is in.
    pub state: &'static str,
}

/// All parts of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartKind {
    /// What they are.
    pub what: &'static str,
    /// What they can be for.
    pub roles: Vec<&'static str>,
    /// The states that they can be in. Not every role can be in each.
    pub states: Vec<&'static str>,
}

impl PartKind {
    pub(crate) fn new(what: &'static str, roles: &[&'static str], states: &[&'static str]) -> Self {
        Self {
            what,
            roles: roles.into(),
            states: states.into(),
        }
    }
}
