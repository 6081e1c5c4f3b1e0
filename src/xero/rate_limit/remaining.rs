//! Tracks the numbers of remaining calls in Xero's headers.
//!
//! Responses overtake each other, so the last one to arrive may be older than the one before.

use std::time::Instant;

use crate::xero::rate_limit::budget::MINUTE;

/// The number of remaining calls in a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remaining {
    pub(crate) calls: usize,
    /// When the response arrived.
    received: Instant,
}

/// What the values of `X-MinLimit-Remaining` show since the number last rose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MinuteWindow {
    pub(crate) remaining: Remaining,
    /// When the first of these responses arrived. Xero's window began before it, and therefore
    /// ends within a minute of it.
    pub(crate) first: Instant,
    /// When a response last counted more calls than this process made. Other programs then share
    /// the minute.
    others_seen: Option<Instant>,
}

/// The circumstances of a response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseContext {
    pub(crate) sent: Instant,
    pub(crate) received: Instant,
    /// Number of calls of this process that were in flight at the same time, including this one.
    /// Xero may have counted each of them later than this call and answered it earlier.
    pub(crate) concurrent: usize,
    /// Number of calls of this process that the response may count.
    pub(crate) own: usize,
}

impl Remaining {
    /// Returns the number after a response with the value `calls`.
    ///
    /// A call that was in flight when the last response arrived may have been counted earlier. The
    /// lower number is then the later one, unless the difference exceeds the concurrent calls.
    pub(crate) fn after(
        known: Option<Remaining>,
        calls: usize,
        context: ResponseContext,
    ) -> Remaining {
        let is_older = |known: &Remaining| {
            context.sent < known.received && known.is_same_window(calls, context)
        };
        let calls = known
            .filter(is_older)
            .map_or(calls, |known| calls.min(known.calls));
        Remaining {
            calls,
            received: context.received,
        }
    }

    /// Returns whether a response with the value `calls` can belong to the same window.
    fn is_same_window(&self, calls: usize, context: ResponseContext) -> bool {
        calls <= self.calls + context.concurrent
    }

    /// Counts a call whose response had no header.
    pub(crate) fn count_call(&mut self) {
        self.calls = self.calls.saturating_sub(1);
    }
}

impl MinuteWindow {
    /// Returns the window after a response whose header has the value `calls`. A minute allows
    /// `calls_a_minute`.
    pub(crate) fn after(
        known: Option<MinuteWindow>,
        calls: usize,
        calls_a_minute: usize,
        context: ResponseContext,
    ) -> MinuteWindow {
        let same = known.filter(|window| window.remaining.is_same_window(calls, context));
        let used = calls_a_minute.saturating_sub(calls);
        MinuteWindow {
            remaining: Remaining::after(known.map(|window| window.remaining), calls, context),
            first: same.map_or(context.received, |window| window.first),
            others_seen: match used > context.own {
                true => Some(context.received),
                false => known.and_then(|window| window.others_seen),
            },
        }
    }

    /// Returns whether calls of other programs may count at `now`.
    pub(crate) fn is_shared(&self, now: Instant) -> bool {
        let counts = |seen| now.saturating_duration_since(seen) < MINUTE;
        self.others_seen.is_some_and(counts)
    }
}
