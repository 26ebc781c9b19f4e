//! What canonical fingerprints are made with: two machines that differ only in the numbers that they have
//! used up feed a hasher the same.

use alloc::collections::BTreeMap;
use core::hash::{Hash, Hasher};

/// A hasher, and the numbers under which live handles and wire ids go into it: their ranks.
pub(crate) struct Canon<'a> {
    hasher: &'a mut dyn Hasher,
    ids: BTreeMap<u64, u64>,
    wires: BTreeMap<u64, u64>,
}

impl<'a> Canon<'a> {
    /// `ids` are the live handles, `wires` the live JSON-RPC ids.
    pub(crate) fn new(
        hasher: &'a mut dyn Hasher,
        ids: impl Iterator<Item = u64>,
        wires: impl Iterator<Item = u64>,
    ) -> Self {
        Self {
            hasher,
            ids: ranked(ids),
            wires: ranked(wires),
        }
    }

    pub(crate) fn add(&mut self, value: &(impl Hash + ?Sized)) {
        value.hash(&mut &mut *self.hasher);
    }

    /// A handle; all that are not live are one.
    pub(crate) fn id(&mut self, id: u64) {
        let rank = self.ids.get(&id).copied();
        self.add(&rank);
    }

    /// A JSON-RPC id; likewise.
    pub(crate) fn wire(&mut self, wire: Option<u64>) {
        let rank = wire.and_then(|wire| self.wires.get(&wire).copied());
        self.add(&rank);
    }
}

fn ranked(ids: impl Iterator<Item = u64>) -> BTreeMap<u64, u64> {
    let mut ranked: BTreeMap<u64, u64> = ids.map(|id| (id, 0)).collect();
    let ranks = (0..).zip(ranked.values_mut());
    ranks.for_each(|(rank, slot)| *slot = rank);
    ranked
}
