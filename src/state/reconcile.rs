//! Decides when a stream whose rows change without a stamp is read in full again.

use chrono::{DateTime, TimeDelta, Utc};

/// The configured interval, and the time at which the sync began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reconcile {
    /// Maximum age of the last full read.
    pub(crate) every: TimeDelta,
    pub(crate) now: DateTime<Utc>,
}

impl Reconcile {
    /// Whether a full read is due. `last` is the time when the last one began. A time in the future
    /// is an error, and the read is due.
    pub(crate) fn is_due(&self, last: Option<DateTime<Utc>>) -> bool {
        last.is_none_or(|last| last > self.now || self.now - last >= self.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_read_is_due_if_the_last_one_is_too_old_or_unknown() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let every = TimeDelta::days(7);
        let before = |seconds| Some(now - TimeDelta::seconds(seconds));
        for (last, due) in [
            (None, true),
            (before(0), false),
            (before(7 * 86_400 - 1), false),
            (before(7 * 86_400), true),
            (before(-1), true),
        ] {
            assert_eq!(Reconcile { every, now }.is_due(last), due, "{last:?}");
        }
    }
}
