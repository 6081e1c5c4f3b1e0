//! How long to go on trying: a sync that nobody watches may take its time, but not
//! so long that the platform takes it for dead.

use std::time::Duration;

use crate::xero::rate_limit::headers::LONGEST_MINUTE;

/// Airbyte's platform ends a source of which it sees neither a record nor a state for
/// three hours. This is well below, whatever the last attempt takes.
pub(crate) const LONGEST_STANDSTILL: Duration = Duration::from_secs(60 * 60);

/// How long to go on trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Somebody waits for the answer: a check.
    Brief,
    /// An unattended sync.
    Long,
}

impl Patience {
    /// Attempts at a call that fails.
    pub(crate) fn attempts(self) -> u32 {
        match self {
            Patience::Brief => 3,
            Patience::Long => 8,
        }
    }

    /// Attempts at what Xero forbids: it was seen to pass by itself although the
    /// organisation was connected all the time.
    pub(crate) fn attempts_at_forbidden(self) -> u32 {
        match self {
            Patience::Brief => 1,
            Patience::Long => 3,
        }
    }

    /// Attempts at an organisation that is offline.
    pub(crate) fn attempts_at_offline(self) -> u32 {
        match self {
            Patience::Brief => 1,
            Patience::Long => 3,
        }
    }

    /// Limits lift by themselves; more in a row mean that somebody else takes every call.
    pub(crate) fn limits(self) -> u32 {
        match self {
            Patience::Brief => 3,
            Patience::Long => 12,
        }
    }

    /// The longest wait for a limit: nobody waits a minute for a check.
    pub(crate) fn longest_wait(self) -> Duration {
        match self {
            Patience::Brief => Duration::from_secs(20),
            Patience::Long => LONGEST_MINUTE,
        }
    }

    /// How long one call may be tried.
    fn longest_call(self) -> Duration {
        match self {
            Patience::Brief => Duration::from_secs(60),
            Patience::Long => Duration::from_secs(30 * 60),
        }
    }

    /// How much longer to go on with a call that was tried for `spent`, in a process
    /// that has brought nothing for `idle`.
    pub(crate) fn left(self, spent: Duration, idle: Duration) -> Duration {
        let call = self.longest_call().saturating_sub(spent);
        call.min(LONGEST_STANDSTILL.saturating_sub(idle))
    }
}
