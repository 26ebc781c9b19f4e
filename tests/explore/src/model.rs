//! What is searched: a machine, what can happen to it, and what must hold.

use mcp_sansio::{Part, PartKind};
use std::hash::{DefaultHasher, Hasher as _};

/// A machine in a small world.
pub trait Model: Sync {
    /// The machine, the books that are kept about it, and what the world can still do.
    type State: Clone + Send + Sync;
    /// Something that can happen.
    type Action;
    /// What the machine does.
    type Output;

    /// What it is called in reports.
    fn name(&self) -> &'static str;

    /// Where the search begins.
    ///
    /// # Errors
    /// A promise that does not even hold on the way there.
    fn start(&self, recording: bool) -> Result<Self::State, String>;

    /// All that can happen next, always in the same order.
    fn actions(&self, state: &Self::State) -> Vec<Self::Action>;

    /// Lets it happen, and gives what the machine does.
    ///
    /// # Errors
    /// The promise that does not hold.
    fn take(
        &self,
        state: &mut Self::State,
        action: &Self::Action,
    ) -> Result<Vec<Self::Output>, String>;

    /// What tells states apart.
    fn identity(&self, state: &Self::State) -> Identity;

    /// What must hold.
    fn properties(&self) -> &[Property<Self::State, Self::Output>];

    /// The parts of the machine.
    fn parts(&self, state: &Self::State) -> Vec<Part>;

    /// What the parts can be, and be in.
    fn part_kinds(&self) -> Vec<PartKind>;

    /// The record of what has happened: a vector. Only of a state that began with `recording`.
    fn record(&self, state: &mut Self::State) -> Vec<String>;
}

/// What tells states apart, as fingerprints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Of everything: states that are alike in it are searched once.
    pub whole: u64,
    /// Of the machine alone.
    pub machine: u64,
}

/// A property of a state, and of the outputs of the step that led there. That no promise is broken is checked anyway.
#[derive(Clone, Debug)]
pub struct Property<S, O> {
    /// When it holds.
    pub expectation: Expectation,
    /// A sentence.
    pub name: &'static str,
    /// Whether it holds.
    pub holds: fn(&S, &[O]) -> bool,
}

/// When a property is to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// In each state.
    Always,
    /// In one state at least: a search that never gets there has shown nothing about it.
    Sometimes,
}

impl<S, O> Property<S, O> {
    /// One that holds in each state.
    pub const fn always(name: &'static str, holds: fn(&S, &[O]) -> bool) -> Self {
        Self {
            expectation: Expectation::Always,
            name,
            holds,
        }
    }

    /// One that some state must show.
    pub const fn sometimes(name: &'static str, holds: fn(&S, &[O]) -> bool) -> Self {
        Self {
            expectation: Expectation::Sometimes,
            name,
            holds,
        }
    }
}

/// The fingerprint of what is fed to a hasher. It is the same in every run.
pub fn fingerprint(feed: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(&mut hasher);
    hasher.finish()
}
