//! The machine's randomness: a CSPRNG keyed by the seed that the driver drew from its system. The core
//! itself has no entropy, so equal seeds and inputs give equal outputs.

use alloc::format;
use alloc::string::String;
use core::time::Duration;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

#[derive(Clone, Debug)]
pub(crate) struct Rng(ChaCha12Rng);

impl Rng {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha12Rng::from_seed(seed))
    }

    /// 128 bits as 32 hexadecimal digits: a session id that nobody guesses.
    pub(crate) fn hex128(&mut self) -> String {
        format!("{:016x}{:016x}", self.0.next_u64(), self.0.next_u64())
    }

    /// A delay between half of `base` and `base`, evenly spread ("equal jitter"): clients that lost one
    /// server at one moment do not come back at one moment, and none comes back at once.
    pub(crate) fn jitter(&mut self, base: Duration) -> Duration {
        let half = base / 2;
        let span = u64::try_from(half.as_micros()).unwrap_or(u64::MAX);
        half + Duration::from_micros(self.0.next_u64().checked_rem(span).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_between_half_and_whole() {
        let mut rng = Rng::new([7; 32]);
        let base = Duration::from_secs(8);
        for _ in 0..1_000 {
            let delay = rng.jitter(base);
            assert!(delay >= base / 2 && delay < base, "{delay:?}");
        }
        assert_eq!(rng.jitter(Duration::ZERO), Duration::ZERO);
    }
}
