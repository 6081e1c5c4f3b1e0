//! Calls about one document or contact among many: whether one that fails is its own affair.

use crate::xero::fault::{Fault, RequestError};

/// So many in a row that cannot be asked are no longer theirs but Xero's fault.
pub(crate) const MAX_CONSECUTIVE_FAILURES: u32 = 10;

/// When one is asked again that could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// It is gone: no other call will change that.
    Skip,
    /// Time may mend it.
    NextSync,
    /// Nothing can be asked for the time being.
    Abort,
}

/// Whether a call that went wrong is about the one, or about more.
pub(crate) fn judge(trouble: &RequestError) -> Disposition {
    let RequestError::Fault(fault) = trouble else {
        return Disposition::Abort;
    };
    match fault {
        Fault::Refused { status: 404, .. } => Disposition::Skip,
        // A 403 was seen to pass by itself, and rights are given back.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_fault_is_of_one_or_of_all() {
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
            let trouble = RequestError::Fault(fault);
            assert_eq!(judge(&trouble), expected, "{trouble:?}");
        }
    }
}
