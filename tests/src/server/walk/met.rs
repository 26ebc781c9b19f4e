//! What walks met, so that a test can tell that they get somewhere.

use crate::server::watch::Watch;
use std::ops::AddAssign;

/// What walks met. One that meets nothing shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Met {
    /// Requests that the application got.
    pub requests: usize,
    /// Those of the modern era among them.
    pub modern: usize,
    /// Modern POSTs that were refused.
    pub refused: usize,
    /// Subscriptions that were acknowledged.
    pub subscriptions: usize,
    /// Messages that came on them.
    pub changes: usize,
}

impl Met {
    pub(super) fn of(watch: &Watch) -> Self {
        let modern = watch.exchanges.values().filter_map(|seen| {
            let modern = seen.modern.as_ref()?;
            Some((seen, modern))
        });
        let mut met = Self {
            requests: watch.requests.len(),
            ..Self::default()
        };
        for (exchange, modern) in modern {
            met.modern += exchange.delivered.len();
            met.refused += usize::from(exchange.status.is_some_and(|status| status >= 400));
            met.subscriptions += usize::from(modern.listen.accepted.is_some());
            met.changes += modern.listen.heard - modern.listen.missed;
        }
        met
    }
}

impl AddAssign for Met {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.modern += other.modern;
        self.refused += other.refused;
        self.subscriptions += other.subscriptions;
        self.changes += other.changes;
    }
}
