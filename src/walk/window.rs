//! Numbers pages below one anchor, for ties that one `If-Modified-Since` cannot separate.
//!
//! In a list ordered by UpdatedDateUTC, an edit moves a row that was read to the end of the list.
//! All later rows move forward by one, and plain page numbers would skip the first row of the next
//! page. Windows therefore use page sizes that overlap: each window starts with the last rows of
//! the previous one, in the same order. Where Xero fixes the page size (Quotes), the previous page
//! is requested again and must be unchanged.
//!
//! Xero does not document the order of rows with equal stamps. If it changes between two requests,
//! one row comes twice and another one never. So every row after the overlap must be new. If the
//! number of different rows read equals the number of places on the windows, none is missing.

use super::range_progress::RangeProgress;
use super::{PageRequest, Span, anchor};
use crate::rows::rewrite::RowKey;

/// Number of rows by which two windows overlap.
const OVERLAP: u64 = 10;

/// The page size of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pages {
    /// The request chooses the page size, up to this maximum.
    Sized(u64),
    /// Xero fixes the page size at this value.
    Fixed(u64),
}

impl Pages {
    /// Returns the request for a page of the changes since an anchor.
    pub(super) fn request(self, anchor: i64, page: u64, size: u64) -> PageRequest {
        PageRequest {
            modified_since: Some(anchor),
            page: Some(page),
            page_size: (!self.is_fixed()).then_some(size),
            ..PageRequest::default()
        }
    }

    /// Returns the largest number of rows on a page.
    pub(super) fn full_size(self) -> u64 {
        let (Pages::Sized(size) | Pages::Fixed(size)) = self;
        size
    }

    /// Returns whether Xero fixes the page size.
    pub(super) fn is_fixed(self) -> bool {
        matches!(self, Pages::Fixed(_))
    }
}

/// The next page to request.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) pages: Pages,
    /// `If-Modified-Since` of the requests, in seconds since the epoch.
    pub(super) anchor: i64,
    /// Number of rows below this anchor that were read before.
    pub(super) rows_read: u64,
    pub(super) page: u64,
    size: u64,
    /// Rows on a full page.
    pub(super) full_size: u64,
    /// The rows of the previous page that must come again if nothing has moved. Empty on page 1.
    expected_rows: Vec<RowKey>,
    /// The rows read below this anchor.
    read: RangeProgress,
}

impl Window {
    /// Creates a window on the first page of the changes since `cursor`.
    pub(super) fn at(pages: Pages, cursor: i64) -> Window {
        let everything = Span {
            from: i64::MIN,
            to: None,
        };
        Window {
            pages,
            anchor: anchor(cursor),
            rows_read: 0,
            page: 1,
            size: pages.full_size(),
            full_size: pages.full_size(),
            expected_rows: Vec::new(),
            read: RangeProgress::new(everything),
        }
    }

    /// Returns to the first page of the changes since `cursor`. Of these, `known` rows were read
    /// before.
    pub(super) fn restart(&mut self, cursor: i64, known: u64) {
        *self = Window {
            rows_read: known,
            size: self.full_size,
            full_size: self.full_size,
            ..Window::at(self.pages, cursor)
        };
    }

    /// Returns the request for the page `shift` pages after this window.
    pub(super) fn request(&self, shift: i64) -> PageRequest {
        let page = self.page.saturating_add_signed(shift);
        self.pages.request(self.anchor, page, self.size)
    }

    /// Returns the number of rows from the start of the list to the last of `rows`, which are this
    /// window's page.
    pub(super) fn rows_through(&self, rows: &[RowKey]) -> u64 {
        (self.page - 1) * self.size + rows.len() as u64
    }

    /// Returns whether the page has fewer rows than requested.
    pub(super) fn is_short(&self, rows: &[RowKey]) -> bool {
        (rows.len() as u64) < self.size
    }

    /// Returns whether this window starts with the last rows of the previous one, in the same
    /// order, followed by new rows only. Otherwise somebody edited earlier rows, or the order
    /// within a tie changed.
    ///
    /// Each edited earlier row removes one row from the start of the overlap. At least half of the
    /// overlap must remain, because a single row could be first by chance.
    pub(super) fn continues(&self, rows: &[RowKey]) -> bool {
        let mut expected = self.expected_rows.iter();
        let Some(offset) = expected.position(|row| rows.first() == Some(row)) else {
            return false;
        };
        let shared = &self.expected_rows[offset..];
        shared.len() * 2 >= self.expected_rows.len()
            && rows.starts_with(shared)
            && self.are_new(&rows[shared.len()..])
    }

    /// Returns whether the previous page, requested again, is unchanged.
    pub(super) fn confirms(&self, rows: &[RowKey]) -> bool {
        self.expected_rows == rows
    }

    /// Returns whether none of the rows was read below this anchor.
    pub(super) fn are_new(&self, rows: &[RowKey]) -> bool {
        rows.iter().all(|row| self.read.is_new(row))
    }

    /// Moves on after a page that was not the last. `newest` is the newest cursor read. Returns
    /// whether the window could move.
    pub(super) fn advance(&mut self, rows: &[RowKey], newest: i64) -> bool {
        let is_fixed = self.pages.is_fixed();
        if self.page == 1 && (is_fixed || self.is_short(rows)) {
            // The server grants no larger pages. An empty page shows no size.
            self.full_size = (rows.len() as u64).max(1);
            self.size = self.full_size;
        }
        let read = self.rows_through(rows);
        let overlap = OVERLAP.min((self.size / 4).max(1));
        let (windows, size, shared) = match is_fixed {
            true => (self.page, self.size, rows.len() as u64),
            false => {
                let to_cover = read.saturating_sub(overlap);
                let windows = to_cover.div_ceil(self.full_size).max(1);
                let size = to_cover / windows;
                (windows, size, read - windows * size)
            }
        };
        let known = known_since(rows, anchor(newest));
        let cost_of_window = shared + (self.full_size - size);
        // Number of rows from the start of the list to the end of the next window.
        let next = (windows + 1) * size;
        let is_worth_it = is_fixed || known <= cost_of_window || next <= read + overlap;
        if anchor(newest) > self.anchor && is_worth_it {
            self.restart(newest, known);
            return true;
        }
        let can_move = size > 0 && next > read;
        if can_move {
            let first_shared = rows.len().saturating_sub(shared as usize);
            self.expected_rows = rows[first_shared..].to_vec();
            self.read.take(rows);
            (self.page, self.size, self.rows_read) = (windows + 1, size, read);
        }
        can_move
    }
}

/// Counts the rows that a request with this anchor returns again.
pub(super) fn known_since(rows: &[RowKey], anchor: i64) -> u64 {
    let repeated = |row: &&RowKey| row.cursor.is_some_and(|at| at.div_euclid(1000) >= anchor);
    rows.iter().filter(repeated).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: &[u64]) -> Vec<RowKey> {
        let row = |id: &u64| RowKey {
            key: Some(id.to_string().into()),
            cursor: Some(5000),
            ..RowKey::default()
        };
        ids.iter().map(row).collect()
    }

    #[test]
    fn a_window_begins_with_the_rows_that_ended_the_one_before() {
        let mut window = Window::at(Pages::Sized(16), 0);
        let first: Vec<_> = (1..=16).collect();
        assert!(window.advance(&rows(&first), 5000));
        for (ids, continues) in [
            (&[13, 14, 15, 16, 17, 18][..], true),
            (&[13, 14, 15, 16], true),
            // Edits in front moved the first rows of the overlap away, or all but one.
            (&[14, 15, 16, 17], true),
            (&[16, 17, 18], false),
            (&[17, 18], false),
            (&[], false),
            // Strangers, gaps and turns between the rows of the overlap.
            (&[13, 14, 20, 15, 16, 17], false),
            (&[20, 13, 14, 15, 16], false),
            (&[13, 15, 16, 17], false),
            (&[13, 14, 16, 15, 17], false),
            (&[13, 14, 15], false),
            // A row behind the overlap that was read before.
            (&[13, 14, 15, 16, 17, 3], false),
        ] {
            assert_eq!(window.continues(&rows(ids)), continues, "{ids:?}");
        }
    }

    #[test]
    fn a_page_of_fixed_size_is_confirmed_by_itself_only() {
        let mut window = Window::at(Pages::Fixed(3), 0);
        assert!(window.advance(&rows(&[1, 2, 3]), 0));
        assert!(window.confirms(&rows(&[1, 2, 3])));
        for ids in [&[2, 1, 3][..], &[1, 2], &[4, 2, 3], &[]] {
            assert!(!window.confirms(&rows(ids)), "{ids:?}");
        }
        assert!(!window.are_new(&rows(&[4, 2])) && window.are_new(&rows(&[4, 5])));
    }

    #[test]
    fn no_page_breaks_the_arithmetic() {
        for pages in [Pages::Sized(1000), Pages::Fixed(100)] {
            for count in [0, 1, 2, 3, 5, 11, 999, 1000, 1001, 5000] {
                let mut window = Window::at(pages, 0);
                let ids: Vec<_> = (1..=count).collect();
                for _ in 0..4 {
                    window.advance(&rows(&ids), 5000);
                }
            }
        }
    }
}
