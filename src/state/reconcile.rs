//! When streams whose rows change without a stamp are read whole again.

use chrono::{DateTime, TimeDelta, Utc};

/// The user's wish, at the moment at which a sync began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reconcile {
    /// How old the last whole read may become.
    pub(crate) every: TimeDelta,
    pub(crate) now: DateTime<Utc>,
}

impl Reconcile {
    /// Whether a stream is to be read whole, which was last begun so at `last`.
    /// One of the future is a mistake and holds nothing up.
    pub(crate) fn is_due(&self, last: Option<DateTime<Utc>>) -> bool {
        last.is_none_or(|last| last > self.now || self.now - last >= self.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_read_is_due_when_the_last_one_is_too_old_or_unknown() {
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
