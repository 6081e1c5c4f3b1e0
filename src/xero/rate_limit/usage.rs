//! Sums the cost of the requests of one process. Xero limits calls by the day and bills bytes, so
//! the last log line of a sync reports both.

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The cost so far, summed over concurrent requests. `Display` writes the sentence for the log.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<Cost>);

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    calls: u64,
    /// Bytes of the bodies, compressed as they were received and decompressed.
    received: u64,
    decompressed: u64,
    /// The time during which at least one request waited.
    waited: Duration,
    /// When the last wait ends.
    waiting_until: Option<Instant>,
    /// The lowest `X-DayLimit-Remaining` of any organisation.
    day_remaining: Option<u32>,
}

impl Usage {
    /// Returns the number of calls that were sent.
    pub(crate) fn calls(&self) -> u64 {
        let mut calls = 0;
        self.add(|cost| calls = cost.calls);
        calls
    }

    /// Counts a call that was sent, with or without a response.
    pub(crate) fn count_call(&self) {
        self.add(|cost| cost.calls += 1);
    }

    /// Counts the bytes of a response, and records the remaining calls of the day in its header.
    pub(crate) fn count_response(
        &self,
        received: u64,
        decompressed: u64,
        day_remaining: Option<u32>,
    ) {
        self.add(|cost| {
            cost.received += received;
            cost.decompressed += decompressed;
            let remaining = [cost.day_remaining, day_remaining];
            cost.day_remaining = remaining.into_iter().flatten().min();
        });
    }

    /// Counts a wait that begins at `now`. Waits at the same time count once.
    pub(crate) fn count_wait(&self, now: Instant, wait: Duration) {
        self.add(|cost| {
            let from = cost.waiting_until.map_or(now, |until| until.max(now));
            let until = from.max(now + wait);
            cost.waited += until - from;
            cost.waiting_until = Some(until);
        });
    }

    fn add(&self, add: impl FnOnce(&mut Cost)) {
        // Counters stay valid if another holder of the lock panicked.
        add(&mut self.0.lock().unwrap_or_else(|held| held.into_inner()));
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cost = Cost::default();
        self.add(|now| cost = *now);
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        write!(
            out,
            "{} calls, {:.1} MB ({:.1} MB unpacked), {:.1} s of waits",
            cost.calls,
            megabytes(cost.received),
            megabytes(cost.decompressed),
            cost.waited.as_secs_f64()
        )?;
        match cost.day_remaining {
            Some(left) => write!(out, ", {left} calls left today"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_side_by_side_count_once() {
        let (usage, start) = (Usage::default(), Instant::now());
        let second = |seconds| start + Duration::from_secs(seconds);
        for (from, wait) in [(0, 10), (1, 9), (2, 10), (20, 1)] {
            usage.count_wait(second(from), Duration::from_secs(wait));
        }
        assert_eq!(
            usage.to_string(),
            "0 calls, 0.0 MB (0.0 MB unpacked), 13.0 s of waits"
        );
    }
}
