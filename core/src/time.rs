//! The core's own clock reading. The core never reads a clock: every reading comes from the driver.

use core::time::Duration;

/// A point in time: microseconds since an origin that the driver chooses.
///
/// Microseconds, because such a number survives the trip through a float of seconds (Python) or
/// milliseconds (JavaScript) exactly for centuries of uptime; nanoseconds do not, and a deadline that
/// comes back a little early would make a driver spin.
///
/// ```
/// use mcp_sansio::Instant;
/// let now = Instant::from_secs_f64(1.5);
/// assert_eq!(now.as_micros(), 1_500_000);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(u64);

impl Instant {
    /// The instant `micros` microseconds after the driver's origin.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The instant `secs` seconds after the driver's origin. Negative numbers and NaN give the origin.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and sends NaN and negatives to 0: exactly what is documented"
    )]
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e6 + 0.5) as u64)
    }

    /// Microseconds since the driver's origin.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds since the driver's origin.
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact below 2^53 microseconds, which is 285 years"
    )]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The time from `earlier` to `self`; zero if `earlier` is later.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// `self` plus `delay`, rounded up to a microsecond so that a bound is never early.
    pub(crate) fn after(self, delay: Duration) -> Self {
        let micros = delay.as_nanos().div_ceil(1_000);
        Self(
            self.0
                .saturating_add(u64::try_from(micros).unwrap_or(u64::MAX)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_that_are_no_time_are_the_origin() {
        assert_eq!(Instant::from_secs_f64(-1.0), Instant::from_micros(0));
        assert_eq!(Instant::from_secs_f64(f64::NAN), Instant::from_micros(0));
    }

    #[test]
    fn a_deadline_survives_the_trip_through_a_float() {
        for micros in [0, 1, 999_999, 2_592_000_000_001, (1 << 50) + 1] {
            let instant = Instant::from_micros(micros);
            assert_eq!(Instant::from_secs_f64(instant.as_secs_f64()), instant);
        }
    }

    #[test]
    fn adding_rounds_up_and_saturates() {
        let now = Instant::from_micros(5);
        assert_eq!(now.after(Duration::from_nanos(1)), Instant::from_micros(6));
        assert_eq!(now.after(Duration::MAX), Instant::from_micros(u64::MAX));
    }
}
