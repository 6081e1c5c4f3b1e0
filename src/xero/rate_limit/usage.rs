//! What the calls of one process cost: calls are counted by the day and bytes
//! are billed, so the last log line tells both.

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::xero::transport::Reply;

/// The cost so far, summed over calls that ran side by side; `Display` is the sentence for the log.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Cost>);

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    calls: u64,
    /// Of the bodies as they came, packed, and of what was in them.
    received: u64,
    unpacked: u64,
    /// How long any call waited, and until when the waits last: several at once count once.
    waited: Duration,
    until: Option<Instant>,
    /// The lowest `X-DayLimit-Remaining`: that of the organisation with the fewest left.
    day_left: Option<u32>,
}

impl Tally {
    /// Counts a call, and its answer if one came.
    pub(crate) fn call(&self, reply: Option<&Reply>) {
        self.count(|cost| {
            cost.calls += 1;
            if let Some(reply) = reply {
                cost.received += reply.received;
                cost.unpacked += reply.unpacked;
                let left = [cost.day_left, reply.limits.day_left];
                cost.day_left = left.into_iter().flatten().min();
            }
        });
    }

    /// Counts a wait that begins at `now`.
    pub(crate) fn wait(&self, now: Instant, wait: Duration) {
        self.count(|cost| {
            let from = cost.until.map_or(now, |until| until.max(now));
            let until = from.max(now + wait);
            cost.waited += until - from;
            cost.until = Some(until);
        });
    }

    fn count(&self, add: impl FnOnce(&mut Cost)) {
        // Counters are good whatever happened to whoever held them.
        add(&mut self.0.lock().unwrap_or_else(|held| held.into_inner()));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cost = Cost::default();
        self.count(|now| cost = *now);
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let (received, unpacked) = (megabytes(cost.received), megabytes(cost.unpacked));
        write!(
            out,
            "{} calls, {received:.1} MB ({unpacked:.1} MB unpacked), ",
            cost.calls
        )?;
        write!(out, "{:.1} s of waits", cost.waited.as_secs_f64())?;
        match cost.day_left {
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
        let (tally, start) = (Tally::default(), Instant::now());
        let second = |seconds| start + Duration::from_secs(seconds);
        for (from, wait) in [(0, 10), (1, 9), (2, 10), (20, 1)] {
            tally.wait(second(from), Duration::from_secs(wait));
        }
        assert_eq!(
            tally.to_string(),
            "0 calls, 0.0 MB (0.0 MB unpacked), 13.0 s of waits"
        );
    }
}
