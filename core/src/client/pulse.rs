//! Liveness of a stream that never ends by itself. Bytes and comments say that it is alive, and nothing
//! else; one that has shown keep-alives and then misses three of them is lost.

use core::time::Duration;

use crate::time::Instant;

/// A stream that has lived this long is trusted again: its budget is refilled.
pub(super) const TRUSTED_AFTER: Duration = Duration::from_secs(30);
/// Missing three keep-alives means nothing before this.
const SHORTEST_SILENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pulse {
    /// When bytes came last, and how long after those before.
    heard: Instant,
    interval: Duration,
    /// The longest time between keep-alives.
    keep_alive: Duration,
}

impl Pulse {
    pub(super) fn starting(now: Instant) -> Self {
        Self {
            heard: now,
            ..Self::default()
        }
    }

    /// Bytes came.
    pub(super) fn beat(&mut self, now: Instant) {
        self.interval = now.saturating_since(self.heard);
        self.heard = now;
    }

    /// They were a keep-alive, so more are to be expected.
    pub(super) fn kept_alive(&mut self) {
        self.keep_alive = self.keep_alive.max(self.interval);
    }

    /// How long it may be silent from now on; `None` while it has shown no keep-alives.
    pub(super) fn longest_silence(&self) -> Option<Duration> {
        (!self.keep_alive.is_zero())
            .then(|| self.keep_alive.saturating_mul(3).max(SHORTEST_SILENCE))
    }

    #[cfg(feature = "explore")]
    pub(super) fn facts(&self, now: Instant) -> (Duration, Duration) {
        (now.saturating_since(self.heard), self.keep_alive)
    }
}
