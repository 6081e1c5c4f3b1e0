//! Page numbers inside one anchor, for crowds of rows that one `If-Modified-Since`
//! cannot tell apart.
//!
//! A list in the order of UpdatedDateUTC shifts whenever somebody edits a row
//! that was read: it moves to the end, and the first row of the next page is
//! never seen. So windows of a size of our own overlap: one begins with the rows
//! that ended the one before, in their order. Where Xero fixes the size (Quotes),
//! the page before is asked for again and must be the same.
//!
//! Rows of one stamp have an order only by Xero's word. If it changes between two
//! requests, one row takes the place of another that is never seen, and comes
//! twice. So behind the rows of the overlap every row must be new: as many
//! different rows as places were read are all the rows of these places.

use std::collections::HashSet;

use super::{PageRequest, anchor};
use crate::rows::rewrite::RowKey;

/// Rows by which windows overlap.
const OVERLAP: u64 = 10;

/// A row's key and cursor.
type Identity = (Box<str>, i64);

/// How large a page of the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pages {
    /// As large as is asked for, up to this.
    Sized(u64),
    /// As large as Xero wants.
    Fixed(u64),
}

/// The window that comes next.
#[derive(Debug)]
pub(super) struct Window {
    pages: Pages,
    /// `If-Modified-Since` of the requests, in seconds.
    pub(super) anchor: i64,
    /// Rows under this anchor that were read before.
    pub(super) ahead: u64,
    page: u64,
    size: u64,
    /// The size of a page that is no window.
    full: u64,
    /// What proves that nothing has shifted, where `page` is not 1: the rows of the
    /// page before that come again.
    proof: Vec<Identity>,
    /// The newest cursor that was read under this anchor, and the keys read at it.
    newest: i64,
    at_newest: HashSet<Box<str>>,
}

impl Window {
    /// The first page of what has changed since `cursor`.
    pub(super) fn at(pages: Pages, cursor: i64) -> Window {
        let (Pages::Sized(full) | Pages::Fixed(full)) = pages;
        Window {
            pages,
            anchor: anchor(cursor),
            ahead: 0,
            page: 1,
            size: full,
            full,
            proof: Vec::new(),
            newest: i64::MIN,
            at_newest: HashSet::new(),
        }
    }

    /// Goes back to the first page of what has changed since `cursor`, of which
    /// so many rows are known.
    pub(super) fn restart(&mut self, cursor: i64, known: u64) {
        self.anchor = anchor(cursor);
        self.ahead = known;
        (self.page, self.size) = (1, self.full);
        self.proof.clear();
        self.newest = i64::MIN;
        self.at_newest.clear();
    }

    /// The request for this window, or for a page before or behind it.
    pub(super) fn ask(&self, shift: i64) -> PageRequest {
        PageRequest {
            modified_since: Some(self.anchor),
            page: Some(self.page.saturating_add_signed(shift)),
            page_size: match self.pages {
                Pages::Sized(_) => Some(self.size),
                Pages::Fixed(_) => None,
            },
            ..PageRequest::default()
        }
    }

    pub(super) fn pages(&self) -> Pages {
        self.pages
    }

    /// Rows on a full page.
    pub(super) fn full(&self) -> u64 {
        self.full
    }

    /// The window's own page number.
    pub(super) fn page(&self) -> u64 {
        self.page
    }

    /// Rows that the list has up to the end of this window, of which `rows` came.
    pub(super) fn reach(&self, rows: &[RowKey]) -> u64 {
        (self.page - 1) * self.size + rows.len() as u64
    }

    /// Whether the page is shorter than was asked for.
    pub(super) fn is_short(&self, rows: &[RowKey]) -> bool {
        (rows.len() as u64) < self.size
    }

    /// Whether this window begins with the rows that ended the one before, in their
    /// order, and is new behind them. If not, somebody edited rows in front of it, or
    /// the order of a tie is not kept.
    ///
    /// Each row that was edited in front takes one row of the overlap with it. Half of
    /// them must be left: one alone could stand first by chance.
    pub(super) fn continues(&self, rows: &[RowKey]) -> bool {
        let first = rows.first().and_then(identity);
        let gone = self
            .proof
            .iter()
            .position(|row| Some(row) == first.as_ref());
        let Some(shared) = gone.map(|gone| &self.proof[gone..]) else {
            return false;
        };
        let is_shared = shared.iter().map(Some).eq(identities(rows)
            .iter()
            .take(shared.len())
            .map(Option::as_ref));
        is_shared && shared.len() * 2 >= self.proof.len() && self.is_new(&rows[shared.len()..])
    }

    /// Whether the page before, asked for again, is still the same.
    pub(super) fn confirms(&self, rows: &[RowKey]) -> bool {
        identities(rows)
            .iter()
            .map(Option::as_ref)
            .eq(self.proof.iter().map(Some))
    }

    /// Whether none of the rows was read under this anchor.
    pub(super) fn is_new(&self, rows: &[RowKey]) -> bool {
        rows.iter().all(|row| match (&row.key, row.cursor) {
            (Some(key), Some(cursor)) => {
                cursor > self.newest || (cursor == self.newest && !self.at_newest.contains(key))
            }
            _ => true,
        })
    }

    /// Remembers the newest of the rows, for the pages behind them.
    fn remember(&mut self, rows: &[RowKey]) {
        for row in rows {
            let (Some(key), Some(cursor)) = (&row.key, row.cursor) else {
                continue;
            };
            if cursor > self.newest {
                self.newest = cursor;
                self.at_newest.clear();
            }
            if cursor == self.newest {
                self.at_newest.insert(key.clone());
            }
        }
    }

    /// Moves on behind a page that was not the last, whose newest cursor is
    /// `newest`; false if no window can.
    pub(super) fn advance(&mut self, rows: &[RowKey], newest: i64) -> bool {
        let is_fixed = matches!(self.pages, Pages::Fixed(_));
        if self.page == 1 && (is_fixed || self.is_short(rows)) {
            // The server grants no more than this. An empty page grants nothing.
            self.full = (rows.len() as u64).max(1);
            self.size = self.full;
        }
        match self.pages {
            Pages::Sized(_) => self.advance_sized(rows, newest),
            Pages::Fixed(_) => {
                self.advance_fixed(rows, newest);
                true
            }
        }
    }

    fn advance_sized(&mut self, rows: &[RowKey], newest: i64) -> bool {
        let read = self.reach(rows);
        let overlap = OVERLAP.min((self.size / 4).max(1));
        let windows = read.saturating_sub(overlap).div_ceil(self.full).max(1);
        let size = read.saturating_sub(overlap) / windows;
        let known = known_since(rows, anchor(newest));
        let cost_of_window = (read - windows * size) + (self.full - size);
        // The row behind the last one of the next window.
        let next = (windows + 1) * size;
        if anchor(newest) > self.anchor && (known <= cost_of_window || next <= read + overlap) {
            self.restart(newest, known);
            return true;
        }
        let moves = size > 0 && next > read;
        if moves {
            let shared = (read - windows * size) as usize;
            self.prove_with(&rows[rows.len().saturating_sub(shared)..]);
            self.remember(rows);
            (self.page, self.size, self.ahead) = (windows + 1, size, read);
        }
        moves
    }

    fn advance_fixed(&mut self, rows: &[RowKey], newest: i64) {
        if anchor(newest) > self.anchor {
            self.restart(newest, known_since(rows, anchor(newest)));
            return;
        }
        self.ahead = self.reach(rows);
        self.prove_with(rows);
        self.remember(rows);
        self.page += 1;
    }

    fn prove_with(&mut self, rows: &[RowKey]) {
        self.proof = rows.iter().filter_map(identity).collect();
    }
}

/// How many of the rows come again under the anchor.
pub(super) fn known_since(rows: &[RowKey], anchor: i64) -> u64 {
    let again = |row: &&RowKey| row.cursor.is_some_and(|at| at.div_euclid(1000) >= anchor);
    rows.iter().filter(again).count() as u64
}

fn identities(rows: &[RowKey]) -> Vec<Option<Identity>> {
    rows.iter().map(identity).collect()
}

fn identity(row: &RowKey) -> Option<Identity> {
    Some((row.key.clone()?, row.cursor?))
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
        assert!(!window.is_new(&rows(&[4, 2])) && window.is_new(&rows(&[4, 5])));
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
