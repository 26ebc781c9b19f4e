//! The search: breadth first, so that what is found is found by a shortest way.
//!
//! One layer of states is kept whole, the others as links to where they came from. The last layer is only
//! looked at. Threads share a layer out in batches, and what they bring is taken in in its order: the result
//! does not depend on how many there are.

use crate::model::{Expectation, Identity, Model};
use crate::tables::Tables;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// States that are shared out at once.
const BATCH: usize = 2_048;

/// How far a search goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Steps from the start.
    pub depth: u32,
    /// Threads that share the work.
    pub threads: usize,
    /// Bytes that the process may come to hold.
    pub memory: usize,
}

/// What a search has seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Distinct states of the machine, by their fingerprints.
    pub states: BTreeSet<u64>,
    /// Distinct states of the machine together with the books and with what the world can still do.
    pub situations: usize,
    /// Steps taken, to known states too.
    pub steps: u64,
    /// Steps from the start to the farthest state.
    pub depth: u32,
    /// Nothing is left to do anywhere: the bound on the depth was not met.
    pub is_exhausted: bool,
    /// The most bytes that the process was seen to hold.
    pub memory: usize,
    /// The transitions of each part.
    pub tables: Tables,
    /// Properties that were to be met somewhere, and were met nowhere.
    pub never_met: Vec<&'static str>,
}

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Something must hold, and does not.
    #[error("{what}\nThe shortest way there, as a vector:\n{}", record.join("\n"))]
    CounterExample {
        /// What does not hold.
        what: String,
        /// The way there, a line a step.
        record: Vec<String>,
    },
    /// The process grew too large.
    #[error("the search holds {held} bytes at depth {depth}, where {most} are allowed")]
    Memory {
        /// What it holds.
        held: usize,
        /// How far it got.
        depth: u32,
        /// What it may hold.
        most: usize,
    },
}

/// Searches all that can happen within the bounds.
///
/// # Errors
/// The first way on which something does not hold, or that the process grew too large.
pub fn search<M: Model>(model: &M, bounds: Bounds) -> Result<Seen, Failed> {
    let start = model.start(false).map_err(|what| Failed::CounterExample {
        what,
        record: Vec::new(),
    })?;
    let mut search = Search::new(model, bounds, &start);
    let mut layer = vec![(ROOT, start)];
    while !layer.is_empty() && search.seen.depth < bounds.depth {
        layer = search.next_layer(&layer)?;
    }
    Ok(search.finish())
}

/// The link of the start.
const ROOT: usize = 0;

struct Search<'a, M: Model> {
    model: &'a M,
    bounds: Bounds,
    situations: BTreeSet<u64>,
    /// Where each kept state came from, and by which of the actions that there were.
    links: Vec<(usize, usize)>,
    /// Properties that must still be met.
    unmet: BTreeSet<usize>,
    seen: Seen,
}

/// What one state leads to.
struct Expansion<S> {
    children: Vec<Child<S>>,
    /// The action, and what does not hold after it.
    broken: Option<(usize, String)>,
}

struct Child<S> {
    action: usize,
    identity: Identity,
    /// Unless it is known, or nothing follows from it.
    state: Option<S>,
}

/// What a thread brings.
struct Share<S> {
    expansions: Vec<Expansion<S>>,
    tables: Tables,
    met: BTreeSet<usize>,
}

impl<'a, M: Model> Search<'a, M> {
    fn new(model: &'a M, bounds: Bounds, start: &M::State) -> Self {
        let identity = model.identity(start);
        let mut tables = Tables::default();
        tables.enter(&[], &model.parts(start));
        let properties = model.properties().iter().enumerate();
        let sometimes = properties.filter(|(_, it)| it.expectation == Expectation::Sometimes);
        Self {
            model,
            bounds,
            situations: BTreeSet::from([identity.whole]),
            links: vec![(ROOT, 0)],
            unmet: sometimes.map(|(n, _)| n).collect(),
            seen: Seen {
                states: BTreeSet::from([identity.machine]),
                situations: 1,
                steps: 0,
                depth: 0,
                is_exhausted: false,
                memory: 0,
                tables,
                never_met: Vec::new(),
            },
        }
    }

    fn next_layer(
        &mut self,
        layer: &[(usize, M::State)],
    ) -> Result<Vec<(usize, M::State)>, Failed> {
        let is_last = self.seen.depth + 1 == self.bounds.depth;
        let mut next = Vec::new();
        let mut has_found = false;
        for batch in layer.chunks(BATCH) {
            let share = batch.len().div_ceil(self.bounds.threads.max(1));
            let this = &*self;
            let shares: Vec<Share<M::State>> = thread::scope(|scope| {
                let threads: Vec<_> = batch
                    .chunks(share)
                    .map(|part| scope.spawn(move || this.expand_all(part, is_last)))
                    .collect();
                let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
                // What panics in a step is caught there; here it is the search itself.
                joined
                    .map(|share| share.unwrap_or_else(|cause| std::panic::resume_unwind(cause)))
                    .collect()
            });
            let mut expanded = batch.iter();
            for share in shares {
                self.seen.tables.merge(share.tables);
                self.unmet.retain(|property| !share.met.contains(property));
                for (expansion, &(link, _)) in share.expansions.into_iter().zip(&mut expanded) {
                    has_found |= self.take_in(link, expansion, &mut next)?;
                }
            }
            self.weigh()?;
        }
        self.seen.depth += u32::from(has_found);
        self.seen.is_exhausted = !has_found;
        Ok(next)
    }

    fn expand_all(&self, part: &[(usize, M::State)], is_last: bool) -> Share<M::State> {
        let mut tables = Tables::default();
        let mut met = BTreeSet::new();
        let expansions = part
            .iter()
            .map(|(_, state)| self.expand(state, is_last, &mut tables, &mut met))
            .collect();
        Share {
            expansions,
            tables,
            met,
        }
    }

    fn expand(
        &self,
        state: &M::State,
        is_last: bool,
        tables: &mut Tables,
        met: &mut BTreeSet<usize>,
    ) -> Expansion<M::State> {
        let before = self.model.parts(state);
        let mut children = Vec::new();
        for (n, action) in self.model.actions(state).iter().enumerate() {
            let mut next = state.clone();
            if let Err(what) = self.step(&mut next, action, met) {
                return Expansion {
                    children,
                    broken: Some((n, what)),
                };
            }
            tables.enter(&before, &self.model.parts(&next));
            let identity = self.model.identity(&next);
            let is_kept = !is_last && !self.situations.contains(&identity.whole);
            children.push(Child {
                action: n,
                identity,
                state: is_kept.then_some(next),
            });
        }
        Expansion {
            children,
            broken: None,
        }
    }

    fn step(
        &self,
        state: &mut M::State,
        action: &M::Action,
        met: &mut BTreeSet<usize>,
    ) -> Result<(), String> {
        let taken = catch_unwind(AssertUnwindSafe(|| self.model.take(state, action)));
        let outputs = taken.unwrap_or_else(|_| Err("P1 is broken: it panicked".to_owned()))?;
        for (n, property) in self.model.properties().iter().enumerate() {
            let is_asked = property.expectation == Expectation::Always
                || (self.unmet.contains(&n) && !met.contains(&n));
            if !is_asked {
                continue;
            }
            match (property.expectation, (property.holds)(state, &outputs)) {
                (Expectation::Always, false) => {
                    return Err(format!("this does not hold: {}", property.name));
                }
                (Expectation::Sometimes, true) => {
                    met.insert(n);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives whether any of it is new.
    fn take_in(
        &mut self,
        link: usize,
        expansion: Expansion<M::State>,
        next: &mut Vec<(usize, M::State)>,
    ) -> Result<bool, Failed> {
        let mut has_found = false;
        for child in expansion.children {
            self.seen.steps += 1;
            self.seen.states.insert(child.identity.machine);
            if !self.situations.insert(child.identity.whole) {
                continue;
            }
            has_found = true;
            if let Some(state) = child.state {
                next.push((self.links.len(), state));
                self.links.push((link, child.action));
            }
        }
        match expansion.broken {
            Some((action, what)) => Err(self.counter_example(link, action, what)),
            None => Ok(has_found),
        }
    }

    /// Goes the way again, recorded.
    fn counter_example(&self, mut link: usize, action: usize, what: String) -> Failed {
        let mut way = vec![action];
        while link != ROOT {
            let (from, action) = self.links[link];
            way.push(action);
            link = from;
        }
        let mut record = Vec::new();
        if let Ok(mut state) = self.model.start(true) {
            for n in way.into_iter().rev() {
                let action = self.model.actions(&state).into_iter().nth(n);
                let taken = catch_unwind(AssertUnwindSafe(|| {
                    action.map(|action| self.model.take(&mut state, &action))
                }));
                if !matches!(taken, Ok(Some(Ok(_)))) {
                    break;
                }
            }
            record = self.model.record(&mut state);
        }
        Failed::CounterExample { what, record }
    }

    fn weigh(&mut self) -> Result<(), Failed> {
        let held = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem);
        self.seen.memory = self.seen.memory.max(held);
        if held > self.bounds.memory {
            return Err(Failed::Memory {
                held,
                depth: self.seen.depth,
                most: self.bounds.memory,
            });
        }
        Ok(())
    }

    fn finish(mut self) -> Seen {
        let properties = self.model.properties();
        let unmet = self.unmet.iter().map(|&n| properties[n].name);
        self.seen.never_met = unmet.collect();
        self.seen.situations = self.situations.len();
        self.seen
    }
}
