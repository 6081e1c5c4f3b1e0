//! Keeps the gaps in the journal numbers. A journal may become visible after a journal with a
//! higher number, so missing numbers are kept for a day and searched for again.

use std::mem;

use super::Span;

/// Maximum number of gaps kept. Xero never assigns some numbers, so a few gaps are normal.
const MAX_GAPS: usize = 100;

/// Maximum number of journals in one response.
const MAX_JOURNALS: i64 = 100;

/// An interval of numbers that were missing between two journals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Xero's clock when the numbers were first missing, in milliseconds since the epoch.
    pub(crate) seen: i64,
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
    /// The `offset` of the request.
    pub(super) offset: i64,
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

    /// Returns whether the number is missing.
    pub(crate) fn contains(&self, number: i64) -> bool {
        self.gap_of(number).is_some()
    }

    /// Returns the index of the gap that contains the number.
    fn gap_of(&self, number: i64) -> Option<usize> {
        let contains = |gap: &Gap| (gap.first..=gap.last).contains(&number);
        self.0.iter().position(contains)
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

    /// Adds a gap. A gap on the border of two ranges comes in two parts, which become one.
    pub(super) fn add(&mut self, gap: Gap) {
        *self = mem::take(self).union(Gaps(vec![gap]));
    }

    /// Removes and returns the gaps in a span of numbers, whose `from` is not part of it.
    pub(super) fn take(&mut self, span: Span) -> Gaps {
        let (from, to) = (span.from, span.to.unwrap_or(i64::MAX));
        let all = mem::take(self);
        *self = all.clone().up_to(from).union(all.clone().after(to));
        all.after(from).up_to(to)
    }

    /// Removes a number from the gaps. Returns whether it was missing.
    pub(super) fn fill(&mut self, number: i64) -> bool {
        let taken = self.take(Span {
            from: number.saturating_sub(1),
            to: Some(number),
        });
        taken.iter().len() > 0
    }

    /// Removes the gaps that were first seen before a moment.
    pub(super) fn expire(&mut self, before: i64) {
        self.0.retain(|gap| gap.seen >= before);
    }

    /// Returns the numbers that are missing in either of the two. Gaps that only touch stay
    /// separate if they were first seen at different times.
    pub(super) fn union(mut self, other: Gaps) -> Gaps {
        self.0.extend(other.0);
        self.0.sort_by_key(|gap| gap.first);
        self.0.dedup_by(|gap, before| {
            let touches = gap.first == before.last.saturating_add(1) && gap.seen == before.seen;
            let is_joined = gap.first <= before.last || touches;
            if is_joined {
                before.last = before.last.max(gap.last);
                before.seen = before.seen.max(gap.seen);
            }
            is_joined
        });
        self.keep_newest();
        self
    }

    /// Returns the gaps that concern one stream of the family. After its position `floor`, these
    /// are all gaps. Up to `floor`, they are the gaps that are also in `own`.
    pub(crate) fn of_member(&self, floor: i64, own: &Gaps) -> Gaps {
        let common = |gap: &Gap, other: &Gap| Gap {
            first: gap.first.max(other.first),
            last: gap.last.min(other.last),
            seen: other.seen,
        };
        let own = own.clone().up_to(floor);
        let pairs = own.0.iter();
        let pairs = pairs.flat_map(|own| self.0.iter().map(move |gap| common(gap, own)));
        let pairs = pairs.filter(|gap| gap.first <= gap.last);
        let mut gaps = Gaps(pairs.chain(self.clone().after(floor).0).collect());
        gaps.keep_newest();
        gaps
    }

    /// Returns one search for the highest gaps up to a number. It extends down as far as one
    /// response reaches.
    pub(super) fn search(&self, up_to: i64) -> Option<GapSearch> {
        let mut gaps = self.0.iter().rev().filter(|gap| gap.last <= up_to);
        let newest = gaps.next()?;
        let (mut first, mut between) = (newest.first, 0_i64);
        for gap in gaps {
            // The response also contains the journals between two gaps.
            between = between.saturating_add(first - gap.last - 1);
            if between >= MAX_JOURNALS {
                break;
            }
            first = gap.first;
        }
        let bottom = first - 1;
        Some(GapSearch {
            bottom,
            top: newest.last,
            offset: bottom,
        })
    }

    fn keep_newest(&mut self) {
        let surplus = self.0.len().saturating_sub(MAX_GAPS);
        self.0.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(spans: &[(i64, i64)]) -> Gaps {
        let gap = |&(first, last): &(i64, i64)| Gap {
            first,
            last,
            seen: first * 10,
        };
        Gaps::of(spans.iter().map(gap).collect()).expect("the spans ascend")
    }

    fn spans(gaps: &Gaps) -> Vec<(i64, i64)> {
        gaps.iter().map(|gap| (gap.first, gap.last)).collect()
    }

    #[test]
    fn a_number_that_is_read_leaves_its_gap() {
        for (number, left) in [
            (4, &[(5, 5), (8, 10)][..]),
            (5, &[(4, 4), (8, 10)]),
            (7, &[(4, 5), (8, 10)]),
            (8, &[(4, 5), (9, 10)]),
            (9, &[(4, 5), (8, 8), (10, 10)]),
            (11, &[(4, 5), (8, 10)]),
        ] {
            let mut found = gaps(&[(4, 5), (8, 10)]);
            found.fill(number);
            assert_eq!(spans(&found), left, "{number}");
            assert!(!found.contains(number));
        }
        let mut all = gaps(&[(4, 5), (8, 10)]);
        all.expire(80);
        assert_eq!(spans(&all), [(8, 10)]);
    }

    #[test]
    fn invalid_gaps_are_rejected() {
        let gap = |first, last| Gap {
            first,
            last,
            seen: 0,
        };
        for gaps in [
            vec![gap(0, 3)],
            vec![gap(5, 4)],
            vec![gap(5, 8), gap(8, 9)],
            vec![gap(5, 8), gap(1, 2)],
            (1..=101).map(|at| gap(at * 2, at * 2)).collect(),
        ] {
            assert_eq!(Gaps::of(gaps.clone()), None, "{gaps:?}");
        }
    }

    #[test]
    fn the_newest_hundred_are_kept() {
        let mut all = Gaps::default();
        for at in 1..=150 {
            all.add(Gap {
                first: at * 3,
                last: at * 3 + 1,
                seen: 0,
            });
        }
        assert_eq!((all.iter().len(), all.contains(153)), (100, true));
        assert!(!all.contains(150));
        all.fill(450);
        assert_eq!(all.iter().len(), 100);
    }

    #[test]
    fn each_stream_of_a_family_keeps_its_own_gaps() {
        for (one, other, both) in [
            (&[][..], &[(3, 4)][..], &[(3, 4)][..]),
            (&[(3, 4), (9, 9)], &[(3, 4)], &[(3, 4), (9, 9)]),
            (&[(3, 6)], &[(5, 8), (10, 11)], &[(3, 8), (10, 11)]),
        ] {
            assert_eq!(spans(&gaps(one).union(gaps(other))), both);
            assert_eq!(spans(&gaps(other).union(gaps(one))), both);
        }
        let walk = gaps(&[(3, 8), (20, 25)]);
        for (floor, own, left) in [
            (0, &[][..], &[(3, 8), (20, 25)][..]),
            (12, &[], &[(20, 25)]),
            (12, &[(2, 4), (7, 9)], &[(3, 4), (7, 8), (20, 25)]),
            (22, &[(21, 21)], &[(21, 21), (23, 25)]),
            (30, &[(4, 4)], &[(4, 4)]),
        ] {
            let own = gaps(own);
            assert_eq!(spans(&walk.of_member(floor, &own)), left, "{floor}");
        }
    }

    #[test]
    fn one_search_covers_the_gaps_that_one_response_reaches() {
        let search = |bottom, top| {
            let offset = bottom;
            Some(GapSearch {
                bottom,
                top,
                offset,
            })
        };
        let all = gaps(&[(10, 10), (400, 2_400), (2_450, 2_450), (2_520, 2_521)]);
        // 69 journals fit into one answer, and 49 more do not.
        assert_eq!(all.search(i64::MAX), search(2_449, 2_521));
        assert_eq!(all.search(2_449), search(399, 2_400));
        assert_eq!(all.search(399), search(9, 10));
        assert_eq!(all.search(9), None);
    }
}
