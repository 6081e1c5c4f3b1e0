//! Keeps the gaps in the journal numbers. A journal may become visible after a journal with a
//! higher number, so missing numbers are kept for a day and searched for again.
//!
//! Xero numbers the journals of the accrual list and of the cash list in one sequence. Nearly every
//! payment therefore leaves out a number in the accrual list for good, and gaps are the rule.

use std::mem;

use super::Span;

/// Maximum number of gaps kept. The state of a stream names each of them.
pub(crate) const MAX_GAPS: usize = 4_000;

/// Up to this number, gaps keep their exact times, and a state writes each of them by itself.
const FEW_GAPS: usize = 100;

/// Maximum number of journals in one response.
const MAX_JOURNALS: i64 = 100;

/// More than [`FEW_GAPS`] share times that are rounded up to this many milliseconds.
pub(super) const ROUND: i64 = 30 * 60 * 1000;

/// An interval of numbers that were missing between two journals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Xero's clock when the numbers were first missing, in milliseconds since the epoch.
    pub(crate) seen: i64,
    /// Xero's clock at the last search, if some gaps were left out of it.
    pub(crate) searched: Option<i64>,
}

impl Gap {
    /// Returns when the numbers were last known to be missing.
    pub(super) fn known(&self) -> i64 {
        self.searched.unwrap_or(self.seen)
    }

    /// Returns the number of missing numbers.
    fn numbers(&self) -> u64 {
        self.last.abs_diff(self.first).saturating_add(1)
    }

    fn has_times_of(&self, other: &Gap) -> bool {
        (self.seen, self.searched) == (other.seen, other.searched)
    }
}

/// Gaps in ascending order that do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gaps(Vec<Gap>);

/// A search for the journals of one or more gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GapSearch {
    /// The number before the lowest gap.
    pub(super) bottom: i64,
    /// The highest number searched for.
    pub(super) top: i64,
    /// The earliest time at which one of its gaps was last known to be missing.
    pub(super) known: i64,
}

impl Gaps {
    /// Creates gaps. `None` if they overlap, do not ascend, or exceed the maximum number.
    pub(crate) fn of(gaps: Vec<Gap>) -> Option<Gaps> {
        let ascend = gaps.windows(2).all(|pair| pair[0].last < pair[1].first);
        let is_valid = ascend
            && gaps.len() <= MAX_GAPS
            && gaps
                .iter()
                .all(|gap| 0 < gap.first && gap.first <= gap.last);
        is_valid.then_some(Gaps(gaps))
    }

    /// Returns the gaps in ascending order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Gap> {
        self.0.iter()
    }

    /// Returns the runs of gaps that a state writes together.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &[Gap]> {
        let is_few = self.0.len() <= FEW_GAPS;
        self.0
            .chunk_by(move |gap, next| !is_few && gap.has_times_of(next))
    }

    /// Returns whether the number is missing.
    pub(crate) fn contains(&self, number: i64) -> bool {
        let at = self.0.partition_point(|gap| gap.last < number);
        self.0.get(at).is_some_and(|gap| gap.first <= number)
    }

    /// Keeps the gaps up to a number.
    pub(super) fn up_to(mut self, last: i64) -> Gaps {
        self.0.retain(|gap| gap.first <= last);
        for gap in &mut self.0 {
            gap.last = gap.last.min(last);
        }
        self
    }

    /// Keeps the gaps after a number.
    pub(super) fn after(mut self, number: i64) -> Gaps {
        self.0.retain(|gap| gap.last > number);
        for gap in &mut self.0 {
            gap.first = gap.first.max(number.saturating_add(1));
        }
        self
    }

    /// Adds gaps. A gap on the border of two ranges comes in two parts, which become one.
    pub(super) fn add(&mut self, gaps: Vec<Gap>) {
        *self = mem::take(self).union(Gaps(gaps));
    }

    /// Removes and returns the gaps in a span of numbers, whose `from` is not part of it.
    pub(super) fn take(&mut self, span: Span) -> Gaps {
        let (from, to) = (span.from, span.to.unwrap_or(i64::MAX));
        let all = mem::take(self);
        let mut rest = all.clone().up_to(from);
        rest.0.extend(all.clone().after(to).0);
        rest.join(); // an empty span cuts the gap around it
        *self = rest;
        all.after(from).up_to(to)
    }

    /// Removes a number from the gaps. Returns whether it was missing.
    pub(super) fn fill(&mut self, number: i64) -> bool {
        self.contains(number) && {
            self.take(Span {
                from: number.saturating_sub(1),
                to: Some(number),
            });
            true
        }
    }

    /// Notes the time of a search through these spans, whose `from` is not part of them.
    pub(super) fn mark(&mut self, spans: &[Span], time: i64) {
        let is_in = |gap: &Gap, span: &Span| {
            span.from < gap.first && span.to.is_none_or(|to| gap.last <= to)
        };
        for gap in &mut self.0 {
            if spans.iter().any(|span| is_in(gap, span)) {
                gap.searched = Some(time);
            }
        }
        self.join();
    }

    /// Forgets the times of the searches.
    pub(super) fn unmark(&mut self) {
        self.0.iter_mut().for_each(|gap| gap.searched = None);
        self.join();
    }

    /// Removes the gaps that were first seen before a moment and searched for at `time`. Returns
    /// how many numbers they have.
    pub(super) fn expire(&mut self, before: i64, time: i64) -> u64 {
        let is_over = |gap: &mut Gap| gap.seen < before && gap.searched == Some(time);
        let expired = self.0.extract_if(.., is_over);
        expired
            .map(|gap| gap.numbers())
            .fold(0, u64::saturating_add)
    }

    /// Brings times after `latest` back to it: those of a server whose clock was wrong.
    pub(super) fn not_after(&mut self, latest: i64) {
        for gap in &mut self.0 {
            gap.seen = gap.seen.min(latest);
            gap.searched = gap.searched.map(|time| time.min(latest));
        }
        self.join();
    }

    /// Returns the latest time at which a gap was known to be missing.
    pub(super) fn latest(&self) -> Option<i64> {
        self.0.iter().map(Gap::known).max()
    }

    /// Returns the numbers that are missing in either of the two. Gaps that only touch stay
    /// separate if their times differ.
    pub(super) fn union(mut self, other: Gaps) -> Gaps {
        self.0.extend(other.0);
        self.0.sort_by_key(|gap| gap.first);
        self.join();
        self
    }

    /// Joins gaps that overlap, and gaps that touch and have the same times.
    fn join(&mut self) {
        self.0.dedup_by(|gap, before| {
            let touches = gap.first == before.last.saturating_add(1) && gap.has_times_of(before);
            let is_joined = gap.first <= before.last || touches;
            if is_joined {
                before.last = before.last.max(gap.last);
                before.seen = before.seen.max(gap.seen);
                before.searched = before.searched.min(gap.searched);
            }
            is_joined
        });
    }

    /// Returns the gaps that concern one stream of the family. After its position `floor`, these
    /// are all gaps. Up to `floor`, they are the gaps that are also in `own`.
    pub(crate) fn of_member(&self, floor: i64, own: &Gaps) -> Gaps {
        let mut gaps = Vec::with_capacity(self.0.len());
        for own in own.iter().filter(|own| own.first <= floor) {
            let last = own.last.min(floor);
            let from = self.0.partition_point(|gap| gap.last < own.first);
            let common = self.0[from..].iter().take_while(|gap| gap.first <= last);
            gaps.extend(common.map(|gap| Gap {
                first: gap.first.max(own.first),
                last: gap.last.min(last),
                seen: own.seen,
                searched: gap.searched,
            }));
        }
        gaps.extend(self.clone().after(floor).0);
        let mut gaps = Gaps(gaps);
        gaps.limit();
        gaps
    }

    /// Returns the searches for all gaps, newest first. Each extends down as far as one response
    /// reaches.
    pub(super) fn searches(&self) -> Vec<GapSearch> {
        let mut searches: Vec<GapSearch> = Vec::new();
        let mut between = 0_i64;
        for gap in self.0.iter().rev() {
            if let Some(search) = searches.last_mut() {
                // The response also contains the journals between two gaps.
                between = between.saturating_add(search.bottom - gap.last);
                if between < MAX_JOURNALS {
                    search.bottom = gap.first - 1;
                    search.known = search.known.min(gap.known());
                    continue;
                }
            }
            between = 0;
            searches.push(GapSearch {
                bottom: gap.first - 1,
                top: gap.last,
                known: gap.known(),
            });
        }
        searches
    }

    /// Bounds what a state keeps. Many gaps share their times, and only the newest are kept.
    /// Returns the highest number that is given up.
    pub(super) fn limit(&mut self) -> Option<i64> {
        if self.0.len() > FEW_GAPS {
            for gap in &mut self.0 {
                let past = gap.seen.rem_euclid(ROUND);
                let rest = if past > 0 { ROUND - past } else { 0 };
                gap.seen = gap.seen.saturating_add(rest);
            }
            self.join();
        }
        let surplus = self.0.len().saturating_sub(MAX_GAPS);
        self.0.drain(..surplus).next_back().map(|gap| gap.last)
    }
}

#[cfg(test)]
mod tests;
