//! Searches for journals that became visible late.
//!
//! One response covers 100 journals, whatever is missing among them. A sync searches the newest part
//! of the list, and then the parts whose last search is longest ago, so that a few syncs search all
//! parts.

use std::collections::VecDeque;

use super::super::Span;
use super::super::gaps::{GapSearch, Gaps, ROUND};

/// How long the walk searches for a missing number, in milliseconds.
pub(super) const DAY: i64 = 24 * 60 * 60 * 1000;

/// Maximum number of calls per sync that search for missing numbers.
pub(super) const MAX_SEARCHES: usize = 5;

/// A sync makes more calls for numbers that nobody has searched for in this time, in milliseconds.
/// Daily syncs then search for all of them.
const HALF_A_DAY: i64 = DAY / 2;

/// Maximum number of calls per sync if such numbers exist.
pub(super) const MAX_DUE_SEARCHES: usize = 50;

/// What the searches of a sync leave undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unsearched {
    /// The number of calls that later syncs make for the other missing numbers.
    pub(crate) calls: usize,
    /// How many numbers were missing for a day, and are given up.
    pub(crate) expired: u64,
    /// The highest number that was given up because too many others are missing.
    pub(crate) dropped: Option<i64>,
}

/// The searches of one sync.
#[derive(Debug)]
pub(super) struct Searches {
    /// The searches that are left. The first one is in flight or comes next.
    queue: VecDeque<GapSearch>,
    /// The `offset` at which the first search continues after a short page.
    resume: Option<i64>,
    is_in_flight: bool,
    calls_left: usize,
    /// The parts of the list that were searched.
    searched: Vec<Span>,
    /// Whether a sync can search all parts.
    are_few: bool,
    /// The time of the searches. It is after the time of every gap, although Xero's clock may show
    /// the same second in two syncs.
    time: i64,
}

impl Searches {
    /// Plans the searches for the numbers missed. `clock` is Xero's clock.
    pub(super) fn plan(missed: &mut Gaps, clock: Option<i64>) -> Searches {
        if let Some(clock) = clock {
            missed.not_after(clock.saturating_add(ROUND));
        }
        let latest = missed.latest().map_or(0, |latest| latest.saturating_add(1));
        let mut queue = missed.searches();
        let is_due = |search: &&GapSearch| {
            clock.is_some_and(|clock| clock.saturating_sub(search.known) >= HALF_A_DAY)
        };
        let due = queue.iter().filter(is_due).count();
        // The newest one stays first. Late journals are most likely there.
        if let Some(others) = queue.get_mut(1..) {
            others.sort_by_key(|search| search.known);
        }
        Searches {
            are_few: queue.len() <= MAX_SEARCHES,
            queue: queue.into(),
            resume: None,
            is_in_flight: false,
            calls_left: due.clamp(MAX_SEARCHES, MAX_DUE_SEARCHES),
            searched: Vec::new(),
            time: clock.map_or(latest, |clock| clock.max(latest)),
        }
    }

    /// Returns whether no call follows.
    pub(super) fn are_over(&self) -> bool {
        self.queue.is_empty() || self.calls_left == 0
    }

    /// Returns the `offset` of the next request, and marks it as sent.
    pub(super) fn next_offset(&mut self) -> Option<i64> {
        if self.is_in_flight || self.are_over() {
            return None;
        }
        let search = self.queue.front()?;
        self.is_in_flight = true;
        Some(self.resume.unwrap_or(search.bottom))
    }

    /// Takes a response. `newest` is its highest number.
    pub(super) fn take(&mut self, newest: Option<i64>) {
        let Some(search) = self.queue.front().copied() else {
            return;
        };
        self.is_in_flight = false;
        self.calls_left = self.calls_left.saturating_sub(1);
        let from = self.resume.unwrap_or(search.bottom);
        // The page is short although journals follow, or it holds late journals.
        self.resume = newest.filter(|newest| from < *newest && *newest < search.top);
        self.searched.push(Span {
            from,
            to: Some(self.resume.unwrap_or(search.top)),
        });
        if self.resume.is_none() {
            self.queue.pop_front();
        }
    }

    /// Notes in the gaps which of them were searched for, and forgets those older than a day. They
    /// survive until a search, so that daily syncs search for them once.
    pub(super) fn end(&self, missed: &mut Gaps, clock: Option<i64>) -> Unsearched {
        missed.mark(&self.searched, self.time);
        let expired = clock.map_or(0, |clock| {
            missed.expire(clock.saturating_sub(DAY), self.time)
        });
        if self.are_few && self.queue.is_empty() {
            missed.unmark();
        }
        Unsearched {
            calls: self.queue.len(),
            expired,
            dropped: None,
        }
    }
}
