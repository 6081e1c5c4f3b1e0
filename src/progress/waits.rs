//! Records the waits of a sync, in bounded memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::xero::listener::WaitReason;
use crate::xero::rate_limit::headers::Limit;

/// Maximum number of waits that are kept. The shortest one makes room for the next.
const MAX_WAITS: usize = 300;
/// Maximum number of different faults. Later ones count as [`OTHER_FAULTS`].
const MAX_FAULTS: usize = 30;
const OTHER_FAULTS: &str = "other faults";

/// Waits that are no further apart are one wait. A few calls may be sent between them.
const SHORT_GAP: Duration = Duration::from_secs(2);

/// Why a request waited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// For the calls a minute of the organisation.
    Minute,
    /// For the calls a minute of the app.
    AppMinute,
    /// For the calls at once of the organisation.
    Concurrent,
    /// For the calls a day of the organisation.
    Day,
    /// For the next attempt after this fault.
    Fault(Arc<str>),
}

impl Reason {
    /// Names what is waited for.
    pub(crate) fn text(&self) -> &str {
        match self {
            Reason::Minute => "the minute's limit",
            Reason::AppMinute => "the app's minute limit",
            Reason::Concurrent => "the limit of calls at once",
            Reason::Day => "the day's limit",
            Reason::Fault(fault) => fault,
        }
    }

    /// Whether the wait follows a fault. Other waits are for limits.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self, Reason::Fault(_))
    }
}

/// The waits of all requests of one organisation for one reason, as long as they overlap.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    /// The index of the organisation. `None` if all organisations wait.
    pub(crate) organisation: Option<usize>,
    pub(crate) reason: Reason,
    /// When it began and ends, in time since the start of the sync.
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    /// The number of requests that waited.
    pub(crate) requests: u64,
}

impl Wait {
    /// Returns how long it lasted by `now`.
    pub(crate) fn length(&self, now: Duration) -> Duration {
        self.until.min(now).saturating_sub(self.from)
    }
}

/// The sum of the waits for one reason.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    /// The number of requests that waited.
    pub(crate) requests: u64,
    /// The number of waits. Overlapping and close waits of an organisation are one.
    pub(crate) waits: u64,
    /// The sum of their lengths.
    pub(crate) time: Duration,
}

/// The waits of a sync.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waits {
    /// The longest waits, by their beginning.
    pub(crate) longest: Vec<Wait>,
    pub(crate) sums: BTreeMap<Reason, Sum>,
}

impl Waits {
    /// Records that a request waits from `now` on. `organisation` is the index of its organisation.
    pub(crate) fn start(
        &mut self,
        organisation: Option<usize>,
        reason: WaitReason<'_>,
        now: Duration,
        wait: Duration,
    ) -> Wait {
        let reason = self.reason(reason);
        let organisation = organisation.filter(|_| reason != Reason::AppMinute);
        let until = now + wait;
        let sum = self.sums.entry(reason.clone()).or_default();
        sum.requests += 1;
        let is_same = |it: &&mut Wait| it.organisation == organisation && it.reason == reason;
        let mut known = self.longest.iter_mut().rev().filter(is_same);
        if let Some(same) = known.find(|it| it.until + SHORT_GAP >= now) {
            sum.time += until.saturating_sub(same.until);
            same.until = same.until.max(until);
            same.requests += 1;
            return same.clone();
        }
        sum.waits += 1;
        sum.time += wait;
        let new = Wait {
            organisation,
            reason,
            from: now,
            until,
            requests: 1,
        };
        self.longest.push(new.clone());
        if self.longest.len() > MAX_WAITS {
            let waits = self.longest.iter().enumerate();
            let shortest = waits.min_by_key(|(_, it)| it.until - it.from);
            if let Some((at, _)) = shortest {
                self.longest.remove(at);
            }
        }
        new
    }

    fn reason(&self, reason: WaitReason<'_>) -> Reason {
        match reason {
            WaitReason::Limit(Limit::Minute) => Reason::Minute,
            WaitReason::Limit(Limit::AppMinute) => Reason::AppMinute,
            WaitReason::Limit(Limit::Concurrent) => Reason::Concurrent,
            WaitReason::Limit(Limit::Day) => Reason::Day,
            WaitReason::Fault(fault) => {
                let known = self.sums.keys().filter(|it| it.is_fault());
                let reason = Reason::Fault(fault.into());
                match self.sums.contains_key(&reason) || known.count() < MAX_FAULTS {
                    true => reason,
                    false => Reason::Fault(OTHER_FAULTS.into()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn overlapping_waits_of_an_organisation_for_one_reason_are_one() {
        let mut waits = Waits::default();
        for (organisation, limit, from, wait) in [
            (0, Limit::Minute, 0, 30),
            (0, Limit::Minute, 1, 30),
            (1, Limit::Minute, 1, 30),
            (0, Limit::Concurrent, 2, 1),
            (0, Limit::Minute, 60, 5),
            (0, Limit::AppMinute, 70, 5),
            (1, Limit::AppMinute, 71, 5),
        ] {
            let reason = WaitReason::Limit(limit);
            waits.start(Some(organisation), reason, from * SECOND, wait * SECOND);
        }
        let found: Vec<_> = waits
            .longest
            .iter()
            .map(|it| {
                (
                    it.organisation,
                    it.from.as_secs(),
                    it.until.as_secs(),
                    it.requests,
                )
            })
            .collect();
        let expected = [
            (Some(0), 0, 31, 2),
            (Some(1), 1, 31, 1),
            (Some(0), 2, 3, 1),
            (Some(0), 60, 65, 1),
            (None, 70, 76, 2),
        ];
        assert_eq!(found, expected);
        let minute = waits.sums[&Reason::Minute];
        assert_eq!((minute.requests, minute.waits), (4, 3));
        assert_eq!(minute.time, 66 * SECOND);
    }

    #[test]
    fn the_longest_waits_are_kept_and_all_are_summed() {
        let mut waits = Waits::default();
        for number in 0..2_000 {
            let fault = format!("fault {number}");
            let wait = Duration::from_millis(u64::from(number) + 1);
            waits.start(
                Some(0),
                WaitReason::Fault(&fault),
                number * 10 * SECOND,
                wait,
            );
        }
        assert_eq!(waits.longest.len(), MAX_WAITS);
        assert!(
            waits
                .longest
                .iter()
                .all(|it| it.until - it.from > 1_700 * SECOND / 1_000)
        );
        assert_eq!(waits.sums.len(), MAX_FAULTS + 1);
        assert_eq!(
            waits.sums.values().map(|it| it.requests).sum::<u64>(),
            2_000
        );
    }
}
