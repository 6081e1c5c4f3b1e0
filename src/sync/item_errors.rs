//! The rule for streams that need one request per document, contact or published return: what a
//! failed request means for its item, and when failures end the stream.

use crate::xero::fault::{Fault, RequestError};

/// After this many consecutive failures the cause is Xero and not the items, so the stream stops.
pub(crate) const MAX_CONSECUTIVE_FAILURES: u32 = 10;

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
    /// One item is forbidden. Xero also sends a temporary 403 for a single document.
    PerItem,
    /// Every item is forbidden: the user's role may see a report for all contacts or for none.
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

/// Counts the requests that failed since the last one that succeeded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ConsecutiveFailures(u32);

impl ConsecutiveFailures {
    /// Counts a failure. Returns whether it is the one that ends the stream.
    pub(crate) fn add(&mut self) -> bool {
        self.0 += 1;
        self.is_limit()
    }

    /// Starts again from zero.
    pub(crate) fn reset(&mut self) {
        self.0 = 0;
    }

    /// Whether [`MAX_CONSECUTIVE_FAILURES`] requests in a row failed.
    pub(crate) fn is_limit(self) -> bool {
        self.0 == MAX_CONSECUTIVE_FAILURES
    }

    /// How many requests may be under way: no more than may still fail in a row.
    pub(crate) fn room(self) -> usize {
        MAX_CONSECUTIVE_FAILURES.saturating_sub(self.0) as usize
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
