//! How long to wait before the next attempt.

use std::time::Duration;

/// Exponential back-off with full jitter: each wait is drawn evenly from zero to a bound that doubles up to a cap,
/// so that many collectors that failed together do not come back together.
#[derive(Clone, Debug)]
pub struct Backoff {
    floor: Duration,
    bound: Duration,
    cap: Duration,
    draws: blake3::OutputReader,
}

/// Even a lucky draw leaves the other side this much air.
const FLOOR: Duration = Duration::from_millis(50);

impl Backoff {
    /// Starts with waits of up to `first` and never waits longer than `cap`. Equal seeds give equal waits.
    pub fn new(first: Duration, cap: Duration, seed: &[u8]) -> Self {
        let draws = blake3::Hasher::new().update(seed).finalize_xof();
        Self { floor: FLOOR, bound: first.min(cap), cap, draws }
    }

    /// Always waits `span`.
    pub fn fixed(span: Duration) -> Self {
        Self { floor: span, ..Self::new(span, span, &[]) }
    }

    /// The next wait.
    pub fn next_wait(&mut self) -> Duration {
        let mut word = [0; 4];
        self.draws.fill(&mut word);
        let share = f64::from(u32::from_le_bytes(word)) / f64::from(u32::MAX);
        let wait = self.bound.mul_f64(share).max(self.floor).min(self.cap);
        self.bound = (self.bound * 2).min(self.cap);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_are_never_zero_and_never_above_the_cap(seed: u64, cap_ms in 50_u64..100_000, first_ms in 50_u64..100_000) {
            let cap = Duration::from_millis(cap_ms);
            let mut backoff = Backoff::new(Duration::from_millis(first_ms), cap, &seed.to_le_bytes());
            for _ in 0..40 {
                let wait = backoff.next_wait();
                prop_assert!(wait >= FLOOR && wait <= cap);
            }
        }
    }

    #[test]
    fn two_collectors_that_failed_together_come_back_apart() {
        let waits = |seed: &[u8]| {
            let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), seed);
            (0..5).map(|_| backoff.next_wait()).collect::<Vec<_>>()
        };
        assert_ne!(waits(b"one"), waits(b"two"));
        assert_eq!(waits(b"one"), waits(b"one"));
    }
}
