//! The world's time: the real one, plus whatever a test has skipped.

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

/// Real UTC, or a fixed moment, plus an offset that only grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    fixed: Option<Millis>,
    skipped: Millis,
}

impl Clock {
    /// Milliseconds since the Unix epoch, in the world.
    pub(crate) fn now(&self) -> Millis {
        let base = self.fixed.unwrap_or_else(|| Utc::now().timestamp_millis());
        base + self.skipped
    }

    /// Stops at a moment; from then on only [`Clock::advance`] moves it.
    pub(crate) fn fix(&mut self, at: Millis) {
        self.fixed = Some(at);
    }

    /// Skips time, so that tokens expire and rate limits reset without waiting.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.skipped += millis(by);
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
        let mut clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::from_secs(3_600));
        let moved = clock.now() - before;
        assert!((3_600_000..3_610_000).contains(&moved), "moved {moved} ms");
    }
}
