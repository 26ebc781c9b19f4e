//! What a driver needs of a runtime.

use std::future::Future;

use mcp_sansio::Instant;

/// A runtime: tasks, a clock, entropy.
pub trait Runtime: Sized + Send + Sync + 'static {
    /// The runtime that the caller runs on.
    ///
    /// # Errors
    /// A sentence for people, if there is none.
    fn current() -> Result<Self, String>;

    /// Runs a task to its end, beside the caller. It may be called from any thread, and does not poll
    /// the task itself. A task that panics must be dropped.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);

    /// A reading of a monotonic clock.
    fn now(&self) -> Instant;

    /// Completes when [`now`](Self::now) has reached `deadline`. Called from a spawned task only.
    fn sleep_until(&self, deadline: Instant) -> impl Future<Output = ()> + Send;

    /// 32 bytes from the operating system's entropy, new at each call.
    ///
    /// # Errors
    /// A sentence for people, if the system gives none.
    fn seed() -> Result<[u8; 32], String> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| format!("the operating system gives no entropy: {error}"))?;
        Ok(seed)
    }
}
