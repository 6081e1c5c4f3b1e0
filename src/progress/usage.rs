//! Sums the cost of the requests of one process. Xero limits calls by the day and bills bytes, so
//! the last log line of a sync reports both.

use std::fmt;
use std::time::Duration;

use crate::xero::listener::Call;

/// The cost so far, summed over concurrent requests. `Display` writes the sentence for the log.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) calls: u64,
    /// Bytes of the bodies as they were received.
    pub(crate) received: u64,
    /// Bytes of the bodies after decompression.
    decompressed: u64,
    /// The sum of the durations of all calls.
    answering: Duration,
    /// The time during which at least one request waited.
    pub(crate) waited: Duration,
    /// When the last wait ends, in time since the start.
    waiting_until: Duration,
    /// The lowest `X-DayLimit-Remaining` of any organisation.
    day_remaining: Option<u32>,
}

impl Usage {
    /// Counts a call that was sent, with or without a response.
    pub(crate) fn count_call(&mut self, call: &Call) {
        self.calls += 1;
        self.received += call.received;
        self.decompressed += call.decompressed;
        self.answering += call.took;
        let remaining = [self.day_remaining, call.day_remaining];
        self.day_remaining = remaining.into_iter().flatten().min();
    }

    /// Returns the mean time from sending a call to its complete response.
    pub(crate) fn mean_call(&self) -> Duration {
        let calls = u32::try_from(self.calls).unwrap_or(u32::MAX);
        self.answering.checked_div(calls).unwrap_or_default()
    }

    /// Counts a wait that begins at `now`, in time since the start. Waits at the same time count once.
    pub(crate) fn count_wait(&mut self, now: Duration, wait: Duration) {
        let from = self.waiting_until.max(now);
        let until = from.max(now + wait);
        self.waited += until - from;
        self.waiting_until = until;
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        write!(
            out,
            "{} calls, {:.1} MB ({:.1} MB unpacked), {:.1} s of waits",
            self.calls,
            megabytes(self.received),
            megabytes(self.decompressed),
            self.waited.as_secs_f64()
        )?;
        match self.day_remaining {
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
        let mut usage = Usage::default();
        for (from, wait) in [(0, 10), (1, 9), (2, 10), (20, 1)] {
            usage.count_wait(Duration::from_secs(from), Duration::from_secs(wait));
        }
        assert_eq!(
            usage.to_string(),
            "0 calls, 0.0 MB (0.0 MB unpacked), 13.0 s of waits"
        );
    }
}
