//! What both machines have: a clock in milliseconds, handles as numbers, and the question whether a step changed
//! anything.

use mcp_sansio::Instant;

/// A reading of the clock, in milliseconds.
pub(crate) fn time(milliseconds: f64) -> Instant {
    Instant::from_secs_f64(milliseconds / 1e3)
}

/// A time for JavaScript, in milliseconds: exact, for times are whole microseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds stay below 2^53 for 285 years"
)]
pub(crate) fn milliseconds(at: Instant) -> f64 {
    at.as_micros() as f64 / 1e3
}

/// A handle. What is none is one that no machine ever gives.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, and NaN becomes zero"
)]
pub(crate) fn handle(number: f64) -> u64 {
    if number.fract() == 0.0 {
        number as u64
    } else {
        0
    }
}

/// A handle for JavaScript: all are below 2^53.
#[expect(clippy::cast_precision_loss, reason = "handles are below 2^53")]
pub(crate) fn number(handle: u64) -> f64 {
    handle as f64
}

/// What a machine draws its random numbers from.
pub(crate) fn seed(bytes: &[u8]) -> Result<[u8; 32], String> {
    bytes
        .try_into()
        .map_err(|_| format!("seed: it has {} bytes, not 32", bytes.len()))
}

/// A machine that can be stepped.
pub trait Machine {
    /// When to feed the next timeout.
    fn deadline(&self) -> Option<Instant>;
}

/// A machine with its relay, if the host speaks JSON-RPC itself.
pub struct Held<M, R> {
    pub(crate) machine: M,
    pub(crate) relay: Option<R>,
    now: Instant,
}

impl<M: Machine, R> Held<M, R> {
    pub(crate) fn new(machine: M, relay: Option<R>) -> Self {
        Self {
            machine,
            relay,
            now: Instant::default(),
        }
    }

    /// Does something at a time.
    pub(crate) fn step<T>(&mut self, now: f64, act: impl FnOnce(&mut M, Instant) -> T) -> T {
        let now = time(now);
        self.now = self.now.max(now);
        act(&mut self.machine, now)
    }

    /// Does something at a time with machine and relay; `false`: there is no relay.
    pub(crate) fn relayed(&mut self, now: f64, act: impl FnOnce(&mut M, &mut R, Instant)) -> bool {
        let now = time(now);
        self.now = self.now.max(now);
        let relay = self.relay.as_mut();
        relay
            .map(|relay| act(&mut self.machine, relay, now))
            .is_some()
    }

    /// Feeds an input. `true`: there is something to drain, or another deadline than before.
    pub(crate) fn feed(&mut self, now: f64, input: impl FnOnce(&mut M, Instant)) -> bool {
        let before = self.machine.deadline();
        self.step(now, input);
        let after = self.machine.deadline();
        // Queued outputs are announced as a deadline that has come.
        after != before || after.is_some_and(|deadline| deadline <= self.now)
    }
}
