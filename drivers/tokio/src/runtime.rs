//! Tokio's tasks and clock.

use std::future::Future;
use std::time::Duration;

use mcp_sansio_driver::Runtime;
use mcp_sansio_driver::core::Instant;
use tokio::runtime::Handle;

/// The tokio runtime that a client was made on. Its clock is tokio's, so that tests can pause it.
#[derive(Clone, Debug)]
pub struct Tokio {
    handle: Handle,
    origin: tokio::time::Instant,
}

impl Runtime for Tokio {
    fn current() -> Result<Self, String> {
        let handle = Handle::try_current()
            .map_err(|error| format!("{error}; make the client within a tokio runtime"))?;
        let origin = tokio::time::Instant::now();
        Ok(Self { handle, origin })
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }

    fn now(&self) -> Instant {
        let elapsed = tokio::time::Instant::now().saturating_duration_since(self.origin);
        Instant::from_micros(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }

    async fn sleep_until(&self, deadline: Instant) {
        let after = Duration::from_micros(deadline.as_micros());
        match self.origin.checked_add(after) {
            Some(deadline) => tokio::time::sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }
}
