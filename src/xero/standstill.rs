//! Measures for how long Xero has answered no request.

use std::time::{Duration, Instant};

/// The time since Xero last answered a request with a page or a refusal.
///
/// It begins with an attempt that fails. Time in which no request is in progress does not count: while
/// nobody reads stdout, nothing is requested.
#[derive(Debug, Default)]
pub(crate) struct Standstill {
    /// When the first attempt that failed since the last answer was sent.
    since: Option<Instant>,
    /// Number of requests in progress.
    requests: usize,
    /// When the last request ended. `None` while a request is in progress.
    quiet_since: Option<Instant>,
}

impl Standstill {
    /// A request begins, with all its attempts.
    pub(crate) fn began(&mut self, now: Instant) {
        let quiet = self.quiet_since.take();
        if let (Some(since), Some(quiet)) = (&mut self.since, quiet) {
            *since += now.saturating_duration_since(quiet);
        }
        self.requests += 1;
    }

    /// A request ends.
    pub(crate) fn ended(&mut self, now: Instant) {
        self.requests = self.requests.saturating_sub(1);
        if self.requests == 0 {
            self.quiet_since = Some(now);
        }
    }

    /// An attempt that was sent at this time has failed.
    pub(crate) fn failed(&mut self, sent: Instant) {
        self.since.get_or_insert(sent);
    }

    /// Xero has answered.
    pub(crate) fn answered(&mut self) {
        self.since = None;
    }

    /// Returns the length of the standstill so far.
    pub(crate) fn length(&self, now: Instant) -> Duration {
        let since = self.since.unwrap_or(now);
        now.saturating_duration_since(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standstill_is_the_time_of_failing_requests() {
        let start = Instant::now();
        let at = |minutes: u64| start + Duration::from_secs(60 * minutes);
        let minutes = |standstill: &Standstill, now| standstill.length(at(now)).as_secs() / 60;
        let mut standstill = Standstill::default();
        // A request that takes long has not failed.
        standstill.began(at(0));
        assert_eq!(minutes(&standstill, 70), 0);
        standstill.failed(at(60));
        standstill.failed(at(75));
        assert_eq!(minutes(&standstill, 80), 20);
        // Another request does not change it. After both, nothing is requested for two hours.
        standstill.began(at(81));
        standstill.ended(at(85));
        standstill.ended(at(90));
        standstill.began(at(210));
        assert_eq!(minutes(&standstill, 215), 35);
        standstill.failed(at(214));
        assert_eq!(minutes(&standstill, 220), 40);
        standstill.answered();
        assert_eq!(minutes(&standstill, 400), 0);
        standstill.failed(at(400));
        assert_eq!(minutes(&standstill, 401), 1);
    }
}
