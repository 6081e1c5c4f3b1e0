//! Finds the end of a list that Xero does not count, in a few calls.
//!
//! A call asks for the rows after a position. The positions grow eightfold until a response is empty.
//! Then the search bisects between the last row that was found and the empty response, until the two
//! are within 5 %, or the end is known.

use super::count::Count;

/// By what the position grows while no response is empty.
const GROWTH: u64 = 8;

/// The part of the list within which the end is known well enough: a twentieth.
const PRECISION: u64 = 20;

/// Maximum number of calls after the first one. They find the end of a million pages.
pub(crate) const MAX_CALLS: u32 = 14;

/// A search for the end of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndSearch {
    /// The last position with a row.
    found: u64,
    /// A position after which there is no row.
    empty: Option<u64>,
    /// Number of positions that one response covers.
    page: u64,
    /// Whether the last response was shorter than a full page, so that the list may end there.
    is_short: bool,
    /// Positions must be multiples of this.
    step: u64,
    calls: u32,
}

impl EndSearch {
    /// Begins after the first response, which covered `page` positions and ended with a row at `found`.
    pub(crate) fn new(found: u64, page: u64, step: u64) -> EndSearch {
        EndSearch {
            found,
            empty: (found == 0).then_some(0),
            page: page.max(1),
            is_short: false,
            step: step.max(1),
            calls: 0,
        }
    }

    /// Records that the last response was short.
    pub(crate) fn short(mut self) -> EndSearch {
        self.is_short = true;
        self
    }

    /// Returns the position after which the next call asks for rows.
    pub(crate) fn next(&mut self) -> Option<u64> {
        if self.calls == MAX_CALLS {
            return None;
        }
        let position = match self.empty {
            Some(empty) if empty <= self.found => return None,
            Some(empty) if empty - self.found <= self.found / PRECISION => return None,
            Some(empty) if empty - self.found <= self.page => self.found,
            // The middle in the logarithm: the list may be as long as eight times what was found.
            Some(empty) => {
                let middle = (self.found as f64 * empty as f64).sqrt() as u64;
                middle.clamp(self.found, empty - 1)
            }
            None if self.is_short => self.found,
            None => self.found.saturating_mul(GROWTH),
        };
        self.calls += 1;
        Some(position / self.step * self.step)
    }

    /// Takes a response to a call that asked for rows after `position`. `last` is the position of its
    /// last row.
    pub(crate) fn take(&mut self, position: u64, last: Option<u64>, is_short: bool) {
        match last {
            None => self.empty = Some(self.empty.map_or(position, |empty| empty.min(position))),
            Some(last) => {
                self.found = self.found.max(last);
                self.is_short = is_short;
            }
        }
        // Rows beyond a response that was empty: the list grew.
        if self.empty.is_some_and(|empty| empty < self.found) {
            self.empty = Some(self.found);
        }
    }

    /// Ends the search, because the last response showed the end of the list.
    pub(crate) fn end_here(&mut self) {
        self.empty = Some(self.found);
    }

    /// Returns the last position of the list.
    pub(crate) fn end(&self) -> Count {
        match self.empty {
            Some(empty) if empty <= self.found => Count::exactly(self.found),
            Some(empty) => Count::about(self.found.midpoint(empty)),
            None => Count::at_least(self.found),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::count::Certainty;
    use super::*;

    /// Searches a list of `rows` rows in pages of 100. Returns the result and the number of calls.
    fn search(rows: u64, shows_end: bool) -> (Count, u32) {
        let mut search = EndSearch::new(rows.min(100), 100, if shows_end { 100 } else { 1 });
        let mut first_is_short = rows < 100;
        if shows_end && first_is_short {
            search.end_here();
            first_is_short = false;
        }
        if first_is_short && rows > 0 {
            search = search.short();
        }
        let mut calls = 1;
        while let Some(position) = search.next() {
            calls += 1;
            let last = (position < rows).then(|| rows.min(position + 100));
            let is_short = last.is_some_and(|last| last - position < 100);
            search.take(position, last, is_short);
            if shows_end && is_short {
                search.end_here();
            }
        }
        (search.end(), calls)
    }

    #[test]
    fn short_lists_are_counted_exactly_and_long_ones_cost_few_calls() {
        for (rows, most_calls) in [(0, 1), (1, 2), (99, 2), (100, 5), (250, 6)] {
            for shows_end in [true, false] {
                let (end, calls) = search(rows, shows_end);
                assert_eq!(end, Count::exactly(rows), "{shows_end}");
                assert!(calls <= most_calls, "{rows}: {calls} calls");
            }
        }
        let (end, calls) = search(60_000, false);
        assert!(calls <= 12, "{calls}");
        assert!(end.number.abs_diff(60_000) <= 60_000 / 20, "{end:?}");
    }

    proptest! {
        #[test]
        fn the_end_is_within_a_twentieth(rows in 0_u64..10_000_000, shows_end: bool) {
            let (end, calls) = search(rows, shows_end);
            prop_assert!(calls <= MAX_CALLS + 1);
            match end.certainty {
                Certainty::Exact => prop_assert_eq!(end.number, rows),
                Certainty::About => prop_assert!(end.number.abs_diff(rows) <= rows / 20 + 1),
                Certainty::AtLeast => prop_assert!(end.number <= rows),
            }
        }
    }
}
