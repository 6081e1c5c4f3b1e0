//! Page numbers inside one anchor, for crowds of rows that one `If-Modified-Since`
//! cannot tell apart.
//!
//! A list in the order of UpdatedDateUTC shifts whenever somebody edits a row
//! that was read: it moves to the end, and the first row of the next page is
//! never seen. So windows of a size of our own overlap: the first row of one
//! must be among the rows of the one before. Where Xero fixes the size (Quotes),
//! the page before is asked for again: its last row must still be the last.

use super::{Ask, anchor};
use crate::rewrite::Marks;

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
    /// What proves that nothing has shifted, where `page` is not 1: the last rows
    /// of the page before, one for pages of fixed size.
    proof: Vec<Identity>,
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
        }
    }

    /// Goes back to the first page of what has changed since `cursor`, of which
    /// so many rows are known.
    pub(super) fn restart(&mut self, cursor: i64, known: u64) {
        self.anchor = anchor(cursor);
        self.ahead = known;
        (self.page, self.size) = (1, self.full);
        self.proof.clear();
    }

    /// The request for this window, or for a page before or behind it.
    pub(super) fn ask(&self, shift: i64) -> Ask {
        Ask {
            modified_since: Some(self.anchor),
            page: Some(self.page.saturating_add_signed(shift)),
            page_size: match self.pages {
                Pages::Sized(_) => Some(self.size),
                Pages::Fixed(_) => None,
            },
            ..Ask::default()
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
    pub(super) fn reach(&self, rows: &[Marks]) -> u64 {
        (self.page - 1) * self.size + rows.len() as u64
    }

    /// Whether the page is shorter than was asked for.
    pub(super) fn is_short(&self, rows: &[Marks]) -> bool {
        (rows.len() as u64) < self.size
    }

    /// Whether this window begins with rows that ended the one before, in the
    /// same order. If not, somebody edited a row in front of it, or the order of
    /// a tie is not kept.
    pub(super) fn continues(&self, rows: &[Marks]) -> bool {
        let place = |row: &Marks| {
            let row = identity(row)?;
            self.proof.iter().position(|known| *known == row)
        };
        let begins = rows.first().and_then(place).is_some();
        begins && rows.iter().filter_map(place).is_sorted()
    }

    /// Whether the page before, asked for again, still ends with its last row.
    pub(super) fn confirms(&self, rows: &[Marks]) -> bool {
        let last = rows.last().and_then(identity);
        last.is_some() && last.as_ref() == self.proof.last()
    }

    /// Moves on behind a page that was not the last, whose newest cursor is
    /// `newest`; false if no window can.
    pub(super) fn advance(&mut self, rows: &[Marks], newest: i64) -> bool {
        match self.pages {
            Pages::Sized(_) => self.advance_sized(rows, newest),
            Pages::Fixed(_) => {
                self.advance_fixed(rows, newest);
                true
            }
        }
    }

    fn advance_sized(&mut self, rows: &[Marks], newest: i64) -> bool {
        if self.page == 1 && self.is_short(rows) {
            // The server grants no more than this.
            self.full = rows.len() as u64;
            self.size = self.full;
        }
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
            let last = rows[rows.len().saturating_sub(shared)..].iter();
            self.proof = last.filter_map(identity).collect();
            (self.page, self.size, self.ahead) = (windows + 1, size, read);
        }
        moves
    }

    fn advance_fixed(&mut self, rows: &[Marks], newest: i64) {
        if anchor(newest) > self.anchor {
            self.restart(newest, known_since(rows, anchor(newest)));
            return;
        }
        self.ahead = self.reach(rows);
        self.proof = rows.last().and_then(identity).into_iter().collect();
        self.page += 1;
    }
}

/// How many of the rows come again under the anchor.
pub(super) fn known_since(rows: &[Marks], anchor: i64) -> u64 {
    let again = |row: &&Marks| row.cursor.is_some_and(|at| at.div_euclid(1000) >= anchor);
    rows.iter().filter(again).count() as u64
}

fn identity(row: &Marks) -> Option<Identity> {
    Some((row.key.clone()?, row.cursor?))
}
