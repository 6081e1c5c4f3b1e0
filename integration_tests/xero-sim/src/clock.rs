//! The world's time: the real one, plus whatever a test has skipped.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::Utc;

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

/// One second in the world's unit of time.
pub(crate) const SECOND: Millis = 1_000;
/// One minute in the world's unit of time.
pub(crate) const MINUTE: Millis = 60 * SECOND;
/// One day in the world's unit of time.
pub(crate) const DAY: Millis = 24 * 60 * MINUTE;

/// Real UTC, or a fixed moment, plus an offset that only grows. Clones are the same clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Time>);

#[derive(Debug)]
struct Time {
    /// [`RUNNING`] unless the clock stands.
    fixed: AtomicI64,
    skipped: AtomicI64,
}

/// No moment at which a clock stands.
const RUNNING: Millis = Millis::MIN;

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(Time {
            fixed: AtomicI64::new(RUNNING),
            skipped: AtomicI64::new(0),
        }))
    }
}

impl Clock {
    /// Milliseconds since the Unix epoch, in the world.
    pub(crate) fn now(&self) -> Millis {
        let base = match self.0.fixed.load(Ordering::Relaxed) {
            RUNNING => Utc::now().timestamp_millis(),
            fixed => fixed,
        };
        base + self.0.skipped.load(Ordering::Relaxed)
    }

    /// Stops at a moment; from then on only [`Clock::advance`] moves it.
    pub(crate) fn fix(&self, at: Millis) {
        self.0.fixed.store(at, Ordering::Relaxed);
    }

    /// Skips time, so that tokens expire and rate limits reset without waiting.
    pub(crate) fn advance(&self, by: Duration) {
        self.0.skipped.fetch_add(millis(by), Ordering::Relaxed);
    }
}

/// A duration in the world's unit; one too long for it counts as for ever.
pub(crate) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipping_an_hour_moves_the_clock_by_an_hour() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::from_secs(3_600));
        let moved = clock.now() - before;
        assert!((3_600_000..3_610_000).contains(&moved), "moved {moved} ms");
    }
}
