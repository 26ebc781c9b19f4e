//! Waiting longer each time.

use core::time::Duration;

/// `start` doubled `times`, saturating.
pub(super) fn doubled(start: Duration, times: u32) -> Duration {
    start.saturating_mul(1_u32.checked_shl(times).unwrap_or(u32::MAX))
}
