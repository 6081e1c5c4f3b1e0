//! The rule for streams that need one request per document, contact or published return: what a
//! failed request means for its item, and when failures end the stream.

use crate::failure::Failure;
use crate::xero::fault::{Fault, RequestError};

/// After this many consecutive failures the cause is Xero and not the items, so the stream stops.
pub(crate) const MAX_CONSECUTIVE_FAILURES: usize = 10;

/// What happens to an item whose request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Xero no longer has the item. It is requested again only once it changes.
    Skip,
    /// The next sync requests the item again.
    NextSync,
    /// No item can be requested at present. The stream stops.
    Abort,
}

/// What a 403 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    /// One item is forbidden. Xero also sends a temporary 403 for a single document. The next sync
    /// requests it again, so this sync attempts it once.
    PerItem,
    /// Every item is forbidden: the user's role may see a report for all contacts or for none. This
    /// ends the stream, so the request is attempted several times first.
    PerStream,
}

/// What happens to the item whose request ended with `error`.
pub(crate) fn disposition(error: &RequestError, rights: Rights) -> Disposition {
    let RequestError::Fault(fault) = error else {
        return Disposition::Abort;
    };
    match fault {
        Fault::Refused { status: 404, .. } => Disposition::Skip,
        Fault::Forbidden(_) if rights == Rights::PerStream => Disposition::Abort,
        Fault::Forbidden(_)
        | Fault::Refused { .. }
        | Fault::Unavailable(_)
        | Fault::NoPage(_)
        | Fault::Unreachable(_)
        | Fault::HighVolume
        | Fault::Oversized(_) => Disposition::NextSync,
        _ => Disposition::Abort,
    }
}

/// Why an item was not read: what happens to it, and the failure of the stream if this error ends it.
pub(crate) type ItemError = (Disposition, Failure);

/// The rows of an item, and why some or all of them are missing.
pub(crate) type ItemAnswer<R> = (Vec<R>, Option<ItemError>);

/// Why no further item is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// No item can be requested at present.
    Halted,
    /// Too many consecutive requests failed.
    TooMany,
    /// The state cannot record another failed item.
    NoRoom,
}

/// Counts the requests of a series that failed since the last one that succeeded.
#[derive(Debug, Default)]
pub(crate) struct ItemFailures {
    consecutive: usize,
    /// Why the series ends early, and the failure that caused it.
    stop: Option<(StopReason, Failure)>,
}

impl ItemFailures {
    /// Records that an item was read.
    pub(crate) fn reset(&mut self) {
        self.consecutive = 0;
    }

    /// Records that an item was not read. `remember` records it in the state, and returns false if
    /// the state is full. Returns why this item ends the series, if it does.
    pub(crate) fn add(
        &mut self,
        (disposition, failure): ItemError,
        remember: impl FnOnce() -> bool,
    ) -> Option<StopReason> {
        let reason = match disposition {
            Disposition::Abort => StopReason::Halted,
            Disposition::NextSync if !remember() => StopReason::NoRoom,
            Disposition::Skip | Disposition::NextSync => {
                self.consecutive += 1;
                if self.consecutive < MAX_CONSECUTIVE_FAILURES {
                    return None;
                }
                StopReason::TooMany
            }
        };
        self.stop.get_or_insert((reason, failure));
        Some(reason)
    }

    /// How many requests may be under way: no more than may still fail before the series ends.
    pub(crate) fn room(&self) -> usize {
        match self.stop {
            Some(_) => 0,
            None => MAX_CONSECUTIVE_FAILURES - self.consecutive,
        }
    }

    /// Ends a series. Returns why it ended early, if it did.
    pub(crate) fn end(&mut self) -> Option<(StopReason, Failure)> {
        std::mem::take(self).stop
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_fault_concerns_one_item_or_all_of_them() {
        let refused = |status| Fault::Refused {
            status,
            text: String::new(),
        };
        for (fault, expected) in [
            (refused(404), Disposition::Skip),
            (refused(400), Disposition::NextSync),
            (Fault::Forbidden(String::new()), Disposition::NextSync),
            (Fault::Oversized(String::new()), Disposition::NextSync),
            (Fault::Unavailable(String::new()), Disposition::NextSync),
            (Fault::NoPage(String::new()), Disposition::NextSync),
            (Fault::Unreachable(String::new()), Disposition::NextSync),
            (Fault::DayLimit(Duration::ZERO), Disposition::Abort),
            (Fault::Reserved(3), Disposition::Abort),
            (Fault::NotPermitted, Disposition::Abort),
            (Fault::TokenRefused, Disposition::Abort),
            (Fault::OrganisationOffline, Disposition::Abort),
        ] {
            let is_forbidden = matches!(fault, Fault::Forbidden(_));
            let error = RequestError::Fault(fault);
            assert_eq!(disposition(&error, Rights::PerItem), expected, "{error:?}");
            let of_all = if is_forbidden {
                Disposition::Abort
            } else {
                expected
            };
            assert_eq!(disposition(&error, Rights::PerStream), of_all, "{error:?}");
        }
    }
}
