//! Smol's tasks and clock.

use std::future::Future;
use std::time;

use mcp_sansio_driver::Runtime;
use mcp_sansio_driver::core::Instant;
use smol::Timer;

/// Smol's global executor and timers. They start with their first use, in threads of their own
/// (`SMOL_THREADS` says how many run tasks), so that a client can be made, called and awaited anywhere: in smol, in
/// async-std, in any other executor, or under [`smol::block_on`].
#[derive(Clone, Debug)]
pub struct Smol {
    origin: time::Instant,
}

impl Runtime for Smol {
    fn current() -> Result<Self, String> {
        let origin = time::Instant::now();
        Ok(Self { origin })
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        smol::spawn(task).detach();
    }

    fn now(&self) -> Instant {
        let elapsed = self.origin.elapsed();
        Instant::from_micros(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }

    async fn sleep_until(&self, deadline: Instant) {
        let after = time::Duration::from_micros(deadline.as_micros());
        match self.origin.checked_add(after) {
            Some(deadline) => Timer::at(deadline).await,
            None => std::future::pending().await,
        };
    }
}
