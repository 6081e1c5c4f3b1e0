//! Computes what a list costs from the number of its rows. Pure.

use super::count::{Certainty, Count};
use crate::streams::{Endpoint, Paging};
use crate::walk::{HUNDRED, MIN_PAGES_READ};

/// Bytes of response bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    /// As they are received, compressed.
    pub(crate) received: u64,
    /// After decompression.
    pub(crate) unpacked: u64,
}

impl Bytes {
    /// Computes the bytes of `rows` rows from those of `seen` rows.
    pub(crate) fn scaled(self, rows: u64, seen: u64) -> Bytes {
        let scaled = |bytes: u64| match seen {
            0 => bytes,
            seen => (bytes as f64 * rows as f64 / seen as f64).round() as u64,
        };
        Bytes {
            received: scaled(self.received),
            unpacked: scaled(self.unpacked),
        }
    }
}

impl std::ops::Add for Bytes {
    type Output = Bytes;

    fn add(self, other: Bytes) -> Bytes {
        Bytes {
            received: self.received + other.received,
            unpacked: self.unpacked + other.unpacked,
        }
    }
}

impl std::iter::Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(all: I) -> Bytes {
        all.fold(Bytes::default(), std::ops::Add::add)
    }
}

/// The calls of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListCalls {
    /// Of the first sync.
    pub(crate) first: Count,
    /// Of each later sync, if little changes.
    pub(crate) later: u64,
    /// How often the first sync reads the list.
    pub(crate) passes: u64,
}

/// Computes the calls of a list. `pages` is the number of pages of a ledger, whose pages differ.
pub(crate) fn calls(endpoint: &Endpoint, rows: Count, pages: Option<Count>) -> ListCalls {
    let largest_page = match endpoint.paging {
        Paging::UnfilteredPages => HUNDRED,
        _ => endpoint.api.largest_page.into(),
    };
    let parts = endpoint
        .required_filter
        .map_or(1, |filter| filter.values.len() as u64);
    let (first, later, passes) = match endpoint.paging {
        Paging::Whole => (Count::exactly(1), 1, 1),
        Paging::ListThenDetail => (rows.map(|rows| 1 + rows), 1 + rows.number, 1),
        // Each page but the first repeats the last row of the page before it.
        Paging::Pages => (rows.map(|rows| pages_of(rows, largest_page)), 1, 1),
        // Only an empty page shows the end.
        Paging::FixedPages => {
            let calls = |rows| match rows {
                0 => 1,
                rows => pages_of(rows, HUNDRED) + 1,
            };
            (rows.map(calls), 1, 1)
        }
        // The first sync compares two passes, unless there is one page that is not full. The first
        // pass ends with an empty page.
        Paging::UnfilteredPages if !endpoint.api.counts_fixed_pages => {
            let passes = if rows.number < HUNDRED { 1 } else { 2 };
            let pages = rows.map(|rows| rows.div_ceil(HUNDRED));
            (
                pages.map(|pages| pages * passes + 1),
                pages.number + 1,
                passes,
            )
        }
        // Counts end a pass, and an empty page after a full one. Each sync compares two passes, unless
        // one page that is not full holds the list.
        Paging::UnfilteredPages | Paging::UnfilteredSizedPages => {
            let is_one_page = parts == 1 && rows.number < largest_page;
            let passes = if is_one_page { 1 } else { 2 };
            let is_full = rows.number > 0 && rows.number.is_multiple_of(largest_page);
            let empty = u64::from(parts == 1 && is_full);
            let calls = |rows: u64| rows.div_ceil(largest_page).max(parts) * passes + empty;
            let mut calls = rows.map(calls);
            if parts > 1 && rows.number > largest_page {
                // How the rows are spread over the parts is not known.
                calls.certainty = calls.certainty.max(Certainty::About);
            }
            (calls, calls.number, passes)
        }
        // An empty page is the end. A long ledger is read in ranges, and some calls find no row.
        Paging::Offset => {
            let calls = |pages: u64| match pages <= MIN_PAGES_READ {
                true => pages + 1,
                false => pages + 1 + u64::from(pages.ilog2()),
            };
            (pages.unwrap_or(rows).map(calls), 1, 1)
        }
    };
    ListCalls {
        first,
        later,
        passes,
    }
}

/// Returns the number of pages of a list whose pages overlap by one row.
fn pages_of(rows: u64, size: u64) -> u64 {
    1 + rows.saturating_sub(size).div_ceil(size - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;

    fn endpoint(paging: Paging) -> Endpoint {
        let accounts = find("accounts").expect("the stream exists").endpoint();
        Endpoint {
            paging,
            ..*accounts
        }
    }

    #[test]
    fn the_calls_of_a_list_follow_from_its_paging() {
        for (paging, rows, first, later) in [
            (Paging::Whole, 70, 1, 1),
            (Paging::ListThenDetail, 3, 4, 4),
            (Paging::Pages, 0, 1, 1),
            (Paging::Pages, 1_000, 1, 1),
            (Paging::Pages, 7_900, 8, 1),
            (Paging::FixedPages, 0, 1, 1),
            (Paging::FixedPages, 99, 2, 1),
            (Paging::Pages, 12_000, 13, 1),
            (Paging::FixedPages, 100, 2, 1),
            (Paging::FixedPages, 130, 3, 1),
            (Paging::FixedPages, 12_000, 123, 1),
            (Paging::UnfilteredPages, 0, 1, 1),
            (Paging::UnfilteredPages, 99, 2, 2),
            (Paging::UnfilteredPages, 130, 5, 3),
            (Paging::UnfilteredPages, 12_000, 241, 121),
            (Paging::UnfilteredSizedPages, 0, 1, 1),
            (Paging::UnfilteredSizedPages, 999, 1, 1),
            (Paging::UnfilteredSizedPages, 1_000, 3, 3),
            (Paging::UnfilteredSizedPages, 1_001, 4, 4),
        ] {
            let calls = calls(&endpoint(paging), Count::about(rows), None);
            assert_eq!(
                (calls.first.number, calls.later),
                (first, later),
                "{paging:?} {rows}"
            );
        }
        let ledger = calls(
            &endpoint(Paging::Offset),
            Count::about(60_000),
            Some(Count::about(605)),
        );
        assert_eq!((ledger.first, ledger.later), (Count::about(615), 1));
    }
}
