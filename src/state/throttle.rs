//! Decides when the state of a stream is written.
//!
//! A STATE message holds the positions of all organisations. With one organisation it follows every
//! page. With a thousand, states after every page would take more bytes than the records.

use std::time::{Duration, Instant};

/// With several organisations, the states of a stream take at most this part of its records' bytes,
/// or one state is written per [`INTERVAL`], whichever is more.
const RECORD_BYTES_PER_STATE_BYTE: u64 = 10;

/// The interval after which a state is written in any case.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

/// What was written of one stream.
#[derive(Debug)]
pub(crate) struct StateThrottle {
    /// Whether a state follows every page.
    is_off: bool,
    record_bytes: u64,
    state_bytes: u64,
    /// The size and the time of the last state.
    last: Option<(u64, Instant)>,
}

impl StateThrottle {
    /// Creates the throttle of a stream that is read in this number of organisations.
    pub(crate) fn new(organisations: usize) -> StateThrottle {
        StateThrottle {
            is_off: organisations <= 1,
            record_bytes: 0,
            state_bytes: 0,
            last: None,
        }
    }

    /// Counts the bytes of records.
    pub(crate) fn count_records(&mut self, bytes: usize) {
        self.record_bytes += bytes as u64;
    }

    /// Whether a state may be written at `now`.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let Some((size, written)) = self.last.filter(|_| !self.is_off) else {
            return true;
        };
        let bytes = (self.state_bytes + size) * RECORD_BYTES_PER_STATE_BYTE;
        bytes <= self.record_bytes || now.saturating_duration_since(written) >= INTERVAL
    }

    /// Counts a state of this size that is written at `now`.
    pub(crate) fn count_state(&mut self, size: impl FnOnce() -> usize, now: Instant) {
        if !self.is_off {
            let size = size() as u64;
            self.state_bytes += size;
            self.last = Some((size, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many states of `size` bytes follow `pages` pages of 100 bytes, one page each
    /// `pause`.
    fn states(organisations: usize, pages: u32, size: usize, pause: Duration) -> u32 {
        let mut throttle = StateThrottle::new(organisations);
        let (mut now, mut written) = (Instant::now(), 0);
        for _ in 0..pages {
            now += pause;
            throttle.count_records(100);
            if throttle.is_due(now) {
                throttle.count_state(|| size, now);
                written += 1;
            }
        }
        written
    }

    #[test]
    fn states_take_a_tenth_of_the_records_or_one_each_ten_seconds() {
        for (organisations, pages, size, pause, expected) in [
            // One organisation: a state after every page.
            (1, 50, 10_000, 1, 50),
            // 5,000 bytes of records have room for 50 states of 10 bytes, or 5 of 100 bytes.
            (2, 50, 10, 1, 50),
            (2, 50, 100, 1, 5),
            // A large state: the first one, and then one each ten seconds.
            (2, 50, 100_000, 1_000, 5),
            (2, 50, 100_000, 10_000, 50),
        ] {
            let pause = Duration::from_millis(pause);
            assert_eq!(
                states(organisations, pages, size, pause),
                expected,
                "{organisations} organisations, {size} bytes, {pause:?}"
            );
        }
    }
}
