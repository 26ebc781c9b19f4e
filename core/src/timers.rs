//! One table of deadlines. A key has at most one deadline; setting it again moves it.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::time::Instant;

#[derive(Clone, Debug)]
pub(crate) struct Timers<K> {
    by_key: BTreeMap<K, Instant>,
    by_time: BTreeSet<(Instant, K)>,
}

impl<K: Copy + Ord> Timers<K> {
    pub(crate) const fn new() -> Self {
        Self {
            by_key: BTreeMap::new(),
            by_time: BTreeSet::new(),
        }
    }

    pub(crate) fn set(&mut self, key: K, at: Instant) {
        if let Some(before) = self.by_key.insert(key, at) {
            self.by_time.remove(&(before, key));
        }
        self.by_time.insert((at, key));
    }

    pub(crate) fn clear(&mut self, key: K) -> Option<Instant> {
        let at = self.by_key.remove(&key)?;
        self.by_time.remove(&(at, key));
        Some(at)
    }

    pub(crate) fn at(&self, key: K) -> Option<Instant> {
        self.by_key.get(&key).copied()
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|&(at, _)| at)
    }

    /// Takes one timer that is due. Equal deadlines fire in the order of their keys.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<K> {
        let &(at, key) = self.by_time.first()?;
        if at > now {
            return None;
        }
        self.by_time.pop_first();
        self.by_key.remove(&key);
        Some(key)
    }

    /// All of them, soonest first.
    #[cfg(feature = "explore")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Instant, K)> {
        self.by_time.iter().copied()
    }

    pub(crate) fn remove_all(&mut self) {
        self.by_key.clear();
        self.by_time.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_again_moves_the_deadline() {
        let mut timers = Timers::new();
        timers.set('a', Instant::from_micros(5));
        timers.set('b', Instant::from_micros(7));
        timers.set('a', Instant::from_micros(9));
        assert_eq!(timers.next(), Some(Instant::from_micros(7)));
        assert_eq!(timers.pop_due(Instant::from_micros(9)), Some('b'));
        assert_eq!(timers.pop_due(Instant::from_micros(9)), Some('a'));
        assert_eq!(timers.pop_due(Instant::from_micros(9)), None);
    }

    #[test]
    fn a_cleared_timer_never_fires() {
        let mut timers = Timers::new();
        timers.set('a', Instant::from_micros(5));
        assert_eq!(timers.clear('a'), Some(Instant::from_micros(5)));
        assert_eq!(timers.clear('a'), None);
        assert_eq!(timers.pop_due(Instant::from_micros(9)), None);
    }
}
