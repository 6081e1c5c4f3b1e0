//! What Xero told of the calls that are left. Its counts come with answers, and
//! answers overtake each other, so that the last one to come need not be the latest.

use std::time::Instant;

use crate::xero::rate_limit::budget::{CALLS_A_MINUTE, MINUTE};

/// A count of calls left, from a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    pub(crate) calls: usize,
    heard: Instant,
}

/// `X-MinLimit-Remaining` over the answers since it last rose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) left: Left,
    /// The first of these answers. The window that they speak of began before
    /// it and so ends within a minute of it.
    pub(crate) first: Instant,
    /// When last more calls were gone than this process made: others spend the same minute.
    others: Option<Instant>,
}

/// An answer's place among the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) sent: Instant,
    pub(crate) heard: Instant,
    /// Calls of this process that were under way together with it, itself among them.
    /// Each may have been counted after it and answered before it.
    pub(crate) beside: usize,
    /// Calls of this process that its counts may hold.
    pub(crate) own: usize,
}

impl Left {
    /// The count after an answer that says `calls`. A call that was under way when the
    /// last answer came may have been counted before that: the lower count is the later
    /// one, unless more calls came back than can have overtaken it.
    pub(crate) fn then(known: Option<Left>, calls: usize, place: Place) -> Left {
        let heard = place.heard;
        match known.filter(|left| place.sent < left.heard && left.may_become(calls, place)) {
            Some(left) => Left {
                calls: calls.min(left.calls),
                heard,
            },
            None => Left { calls, heard },
        }
    }

    /// Whether an answer may say `calls` of the same window.
    fn may_become(&self, calls: usize, place: Place) -> bool {
        calls <= self.calls + place.beside
    }

    /// One call fewer, for one whose answer said nothing.
    pub(crate) fn spend(&mut self) {
        self.calls = self.calls.saturating_sub(1);
    }
}

impl Told {
    /// What is told of the minute after an answer that says `calls`.
    pub(crate) fn then(known: Option<Told>, calls: usize, place: Place) -> Told {
        let same = known.filter(|told| told.left.may_become(calls, place));
        let gone = CALLS_A_MINUTE.saturating_sub(calls);
        Told {
            left: Left::then(known.map(|told| told.left), calls, place),
            first: same.map_or(place.heard, |told| told.first),
            others: match gone > place.own {
                true => Some(place.heard),
                false => known.and_then(|told| told.others),
            },
        }
    }

    /// Whether calls of others may count at `now`.
    pub(crate) fn others(&self, now: Instant) -> bool {
        let counts = |seen| now.saturating_duration_since(seen) < MINUTE;
        self.others.is_some_and(counts)
    }
}
