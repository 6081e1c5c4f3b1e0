//! Calls about one document or contact among many: whether one that fails is its own affair.

use crate::xero::fault::{Fault, RequestError};

/// So many in a row that cannot be asked are no longer theirs but Xero's fault.
pub(crate) const MOST_MISSES: u32 = 10;

/// When one is asked again that could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It is gone: no other call will change that.
    OnceChanged,
    /// Time may mend it.
    NextSync,
    /// Nothing can be asked for the time being.
    Stop,
}

/// Whether a call that went wrong is about the one, or about more.
pub(crate) fn judge(trouble: &RequestError) -> Again {
    let RequestError::Fault(fault) = trouble else {
        return Again::Stop;
    };
    match fault {
        Fault::Refused { status: 404, .. } => Again::OnceChanged,
        // A 403 was seen to pass by itself, and rights are given back.
        Fault::Forbidden(_)
        | Fault::Refused { .. }
        | Fault::Unavailable(_)
        | Fault::NoPage(_)
        | Fault::Unreachable(_)
        | Fault::HighVolume
        | Fault::Oversized(_) => Again::NextSync,
        _ => Again::Stop,
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
            (refused(404), Again::OnceChanged),
            (refused(400), Again::NextSync),
            (Fault::Forbidden(String::new()), Again::NextSync),
            (Fault::Oversized(String::new()), Again::NextSync),
            (Fault::Unavailable(String::new()), Again::NextSync),
            (Fault::NoPage(String::new()), Again::NextSync),
            (Fault::Unreachable(String::new()), Again::NextSync),
            (Fault::DayLimit(Duration::ZERO), Again::Stop),
            (Fault::Reserved(3), Again::Stop),
            (Fault::NotPermitted, Again::Stop),
            (Fault::TokenRefused, Again::Stop),
            (Fault::OrganisationOffline, Again::Stop),
        ] {
            let trouble = RequestError::Fault(fault);
            assert_eq!(judge(&trouble), expected, "{trouble:?}");
        }
    }
}
