//! What the calls of one process cost: calls are counted by the day and bytes
//! are billed, so the last log line tells both.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use crate::http::Reply;

/// The cost so far, summed over calls that ran side by side; `Display` is the sentence for the log.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Cost>);

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    calls: u64,
    /// Of the bodies, unpacked.
    bytes: u64,
    waited: Duration,
    /// The lowest `X-DayLimit-Remaining`: that of the organisation with the fewest left.
    day_left: Option<u32>,
}

impl Tally {
    /// Counts a call, and its answer if one came.
    pub(crate) fn call(&self, reply: Option<&Reply>) {
        self.count(|cost| {
            cost.calls += 1;
            if let Some(reply) = reply {
                cost.bytes += reply.body.len() as u64;
                let left = [cost.day_left, reply.limits.day_left];
                cost.day_left = left.into_iter().flatten().min();
            }
        });
    }

    /// Counts a wait.
    pub(crate) fn wait(&self, wait: Duration) {
        self.count(|cost| cost.waited += wait);
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
        let megabytes = cost.bytes as f64 / 1e6;
        write!(out, "{} calls, {megabytes:.1} MB unpacked, ", cost.calls)?;
        write!(out, "{:.1} s of waits", cost.waited.as_secs_f64())?;
        match cost.day_left {
            Some(left) => write!(out, ", {left} calls left today"),
            None => Ok(()),
        }
    }
}
