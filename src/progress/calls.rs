//! Counts calls over time in a bounded number of intervals.

use std::time::Duration;

/// Maximum number of intervals. When they are full, neighbours are merged.
const MAX_INTERVALS: usize = 300;

/// Seconds in a minute, the unit of Xero's limit.
const MINUTE: u32 = 60;

/// The length of an interval. It grows with the sync and is the same for all organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval(u32);

impl Default for Interval {
    fn default() -> Interval {
        Interval(1)
    }
}

impl Interval {
    /// Returns the length in seconds.
    pub(crate) fn seconds(self) -> u32 {
        self.0
    }

    fn index(self, at: Duration) -> usize {
        usize::try_from(at.as_secs() / u64::from(self.0)).unwrap_or(usize::MAX)
    }

    /// Returns the factor by which the interval must grow to hold `at`. A length below a minute always
    /// divides the minute.
    pub(crate) fn growth(self, at: Duration) -> Option<u32> {
        (self.index(at) >= MAX_INTERVALS).then_some(match self.0 {
            4 => 3,
            12 => 5,
            _ => 2,
        })
    }

    /// Returns the interval that is `factor` times as long.
    pub(crate) fn grown(self, factor: u32) -> Interval {
        Interval(self.0.saturating_mul(factor))
    }
}

/// The number of calls in each interval since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallCounts(Vec<u32>);

impl CallCounts {
    /// Counts a call that was sent at `at`.
    pub(crate) fn count(&mut self, interval: Interval, at: Duration) {
        let index = interval.index(at).min(MAX_INTERVALS - 1);
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        self.0[index] += 1;
    }

    /// Merges neighbours after the interval grew by `factor`.
    pub(crate) fn grow(&mut self, factor: u32) {
        let merged = self.0.chunks(factor as usize);
        self.0 = merged.map(|it| it.iter().sum()).collect();
    }

    /// Returns the number of calls in the minute that ends with each interval, up to `end`. The mean
    /// number of calls a minute if the interval is longer than a minute.
    pub(crate) fn by_minute(&self, interval: Interval, end: Duration) -> Vec<f64> {
        let length = interval.seconds();
        let count = interval.index(end).min(MAX_INTERVALS - 1) + 1;
        let at = |index: usize| self.0.get(index).copied().unwrap_or_default();
        (0..count)
            .map(|index| match length >= MINUTE {
                true => f64::from(at(index)) * f64::from(MINUTE) / f64::from(length),
                false => {
                    let window = (MINUTE / length) as usize;
                    let first = (index + 1).saturating_sub(window);
                    f64::from((first..=index).map(at).sum::<u32>())
                }
            })
            .collect()
    }
}

/// The calls that Xero had counted in its current minute, at most 60. `None` in an interval without a
/// call.
#[derive(Clone, Debug, Default)]
pub(crate) struct MinuteUse(Vec<Option<u8>>);

impl MinuteUse {
    /// Records that a call was sent at `at` and that Xero had then counted `used` calls.
    pub(crate) fn record(&mut self, interval: Interval, at: Duration, used: usize) {
        let index = interval.index(at).min(MAX_INTERVALS - 1);
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        let used = u8::try_from(used).unwrap_or(u8::MAX);
        self.0[index] = self.0[index].max(Some(used));
    }

    /// Merges neighbours after the interval grew by `factor`.
    pub(crate) fn grow(&mut self, factor: u32) {
        let merged = self.0.chunks(factor as usize);
        self.0 = merged
            .map(|it| it.iter().copied().max().flatten())
            .collect();
    }

    /// Returns the highest number in each interval, up to `end`. A number holds for a minute after the
    /// last call, because the minute of Xero has ended then.
    pub(crate) fn values(&self, interval: Interval, end: Duration) -> Vec<f64> {
        let count = interval.index(end).min(MAX_INTERVALS - 1) + 1;
        let mut last = (0, 0_u8);
        let value = |index: usize| {
            if let Some(used) = self.0.get(index).copied().flatten() {
                last = (index, used);
            }
            let age = (index - last.0) as u64 * u64::from(interval.seconds());
            match age < u64::from(MINUTE) {
                true => f64::from(last.1),
                false => 0.0,
            }
        };
        (0..count).map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_intervals_is_bounded_and_no_call_is_lost() {
        let (mut interval, mut counts) = (Interval::default(), CallCounts::default());
        for seconds in 0..100_000 {
            let at = Duration::from_secs(seconds);
            while let Some(factor) = interval.growth(at) {
                interval = interval.grown(factor);
                counts.grow(factor);
            }
            counts.count(interval, at);
            assert!(counts.0.len() <= MAX_INTERVALS);
            assert!(interval.seconds() > 60 || 60 % interval.seconds() == 0);
        }
        assert_eq!(counts.0.iter().sum::<u32>(), 100_000);
        // A call a second is 60 a minute.
        let by_minute = counts.by_minute(interval, Duration::from_secs(99_000));
        assert!(
            by_minute[..by_minute.len() - 2]
                .iter()
                .all(|it| *it == 60.0)
        );
    }

    #[test]
    fn the_use_of_a_minute_holds_until_the_next_call_or_for_a_minute() {
        let (interval, mut used) = (Interval::default(), MinuteUse::default());
        for (second, calls) in [(0, 5), (1, 60), (1, 59), (30, 2)] {
            used.record(interval, Duration::from_secs(second), calls);
        }
        let values = used.values(interval, Duration::from_secs(100));
        for (second, calls) in [
            (0, 5.0),
            (1, 60.0),
            (29, 60.0),
            (30, 2.0),
            (89, 2.0),
            (90, 0.0),
        ] {
            assert_eq!(values[second], calls, "{second}");
        }
        used.grow(2);
        let values = used.values(interval.grown(2), Duration::from_secs(100));
        assert_eq!((values[0], values[15], values.len()), (60.0, 2.0, 51));
    }

    #[test]
    fn a_minute_is_the_sum_of_the_intervals_up_to_its_end() {
        let (interval, mut counts) = (Interval::default(), CallCounts::default());
        for seconds in [0, 0, 1, 61] {
            counts.count(interval, Duration::from_secs(seconds));
        }
        let by_minute = counts.by_minute(interval, Duration::from_secs(62));
        for (second, calls) in [(0, 2.0), (1, 3.0), (59, 3.0), (60, 1.0), (61, 1.0)] {
            assert_eq!(by_minute[second], calls, "{second}");
        }
        assert_eq!(by_minute.len(), 63);
    }
}
