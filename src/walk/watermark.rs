//! Pages of a list that is ordered by UpdatedDateUTC, walked by the watermark.
//!
//! Page numbers over such a list lose rows: who edits a row that was read moves
//! it to the end, every later page shifts by one, and the first row of the next
//! page is never seen. So the walk asks for page 1 of what changed since the
//! newest row it has (*re-anchors*), and only inside a crowd of rows of one
//! moment does it use page numbers, with windows that overlap: the first row of
//! a window must be one of the last rows of the window before.

use std::collections::HashSet;

use super::numbered::Numbered;
use super::{Ask, Short, Start};
use crate::page::{Page, Pagination, Row};
use crate::streams::PAGE_SIZE;

const SIZE: u64 = PAGE_SIZE as u64;

/// Rows by which numbered windows overlap.
const OVERLAP: u64 = 10;

/// So often in a row an anchor may be begun again because rows moved in front.
const RESTARTS: u32 = 8;

/// A walk by watermark.
#[derive(Debug)]
pub(crate) struct Watermark {
    start: Start,
    /// Xero's clock at the first answer.
    clock: Option<i64>,
    /// The newest cursor taken, and the keys taken at it: the only memory for duplicates.
    newest: i64,
    at_newest: HashSet<Box<str>>,
    /// `If-Modified-Since` of the requests, in seconds.
    anchor: i64,
    page: u64,
    size: u64,
    /// The size of a page that is no window.
    full: u64,
    /// The rows of the window before, where `page` is not 1.
    window: HashSet<(Box<str>, i64)>,
    restarts: u32,
    /// The next page only has to show whether the list goes on.
    asks_for_more: bool,
    /// Set where the order or the filter cannot be relied on.
    numbered: Option<Numbered>,
    warning: Option<&'static str>,
    done: bool,
}

impl Watermark {
    pub(crate) fn new(start: Start) -> Watermark {
        Watermark::with_pages_of(SIZE, start)
    }

    fn with_pages_of(full: u64, start: Start) -> Watermark {
        Watermark {
            start,
            clock: None,
            newest: start.from,
            at_newest: HashSet::new(),
            anchor: Start::anchor(start.from),
            page: 1,
            size: full,
            full,
            window: HashSet::new(),
            restarts: 0,
            asks_for_more: false,
            numbered: None,
            warning: None,
            done: false,
        }
    }

    pub(crate) fn ask(&self) -> Option<Ask> {
        if self.done {
            return None;
        }
        Some(match &self.numbered {
            Some(numbered) => numbered.ask(),
            None => Ask {
                modified_since: Some(self.anchor),
                page: Some((self.page, self.size)),
                offset: None,
            },
        })
    }

    pub(crate) fn take(&mut self, page: &Page) -> Result<Vec<bool>, Short> {
        self.clock = self.clock.or(page.clock);
        if let Some(numbered) = &mut self.numbered {
            let keep = numbered.take(page);
            (self.newest, self.done) = (numbered.newest, numbered.done);
            return keep;
        }
        if let Some(reason) = self.unreliable(&page.rows) {
            return Ok(self.fall_back(page, reason));
        }
        if std::mem::take(&mut self.asks_for_more) {
            return Ok(self.take_more(page));
        }
        if self.page > 1 && !self.continues_window(&page.rows) {
            self.restarts += 1;
            if self.restarts > RESTARTS {
                return Ok(self.fall_back(page, "rows keep moving between its pages"));
            }
            self.anchor_at(Start::anchor(self.newest));
            return Ok(vec![false; page.rows.len()]);
        }
        let read = (self.page - 1) * self.size + page.rows.len() as u64;
        let told = page.pagination.and_then(|counts| counts.item_count);
        let told = told.filter(|told| read < *told);
        if let (Some(told), true) = (told, page.rows.is_empty()) {
            return Err(Short { read, told });
        }
        let keep = page.rows.iter().map(|row| self.is_new(row)).collect();
        match self.is_last(page, told) {
            Some(true) => self.done = true,
            Some(false) => {
                if self.page == 1 && (page.rows.len() as u64) < self.full {
                    // The server grants no more than this.
                    self.full = page.rows.len() as u64;
                    self.size = self.full;
                }
                if !self.go_on(&page.rows) {
                    return Ok(self.fall_back(page, "too many of its rows carry one stamp"));
                }
            }
            None => {
                self.asks_for_more = true;
                self.page += 1;
            }
        }
        Ok(keep)
    }

    /// Whether the list ends with this page; none where nothing tells. `more` is
    /// the number of rows that the list has, if that is more than were read.
    fn is_last(&self, page: &Page, more: Option<u64>) -> Option<bool> {
        match page.pagination {
            _ if more.is_some() => Some(false),
            Some(Pagination {
                item_count: Some(_),
                ..
            }) => Some(true),
            Some(Pagination {
                page_count: Some(pages),
                ..
            }) => Some(self.page >= pages),
            _ if page.rows.is_empty() => Some(true),
            _ if (page.rows.len() as u64) < self.size => None,
            _ => Some(false),
        }
    }

    /// Takes the page behind a short one of a list that counts nothing: an empty
    /// one, or one that is known, proves that the short one was the last.
    fn take_more(&mut self, page: &Page) -> Vec<bool> {
        let known = |row: &Row| match identity(row) {
            Some((key, cursor)) => {
                cursor < self.newest || (cursor == self.newest && self.at_newest.contains(&key))
            }
            None => false,
        };
        if page.rows.iter().all(known) {
            self.done = true;
            return vec![false; page.rows.len()];
        }
        self.fall_back(
            page,
            "its pages are shorter than was asked for, and uncounted",
        )
    }

    pub(crate) fn position(&self) -> Option<i64> {
        let end = self.start.end(self.clock, self.newest);
        if self.done {
            return Some(end);
        }
        // Before the end only what is settled: a position equal to the last one
        // would be a second state of the same content with rows between.
        let settled = self.numbered.is_none() && self.clock.is_some() && self.newest < end;
        (settled && self.newest > self.start.from).then_some(self.newest)
    }

    pub(crate) fn warning(&mut self) -> Option<&'static str> {
        self.warning.take()
    }

    fn anchor_at(&mut self, anchor: i64) {
        self.anchor = anchor;
        (self.page, self.size) = (1, self.full);
        self.window.clear();
    }

    /// Whether the row was not taken before.
    fn is_new(&mut self, row: &Row) -> bool {
        let (Some(key), Some(cursor)) = (&row.marks.key, row.marks.cursor) else {
            return true;
        };
        if cursor < self.newest {
            return false;
        }
        if cursor > self.newest {
            self.newest = cursor;
            self.at_newest.clear();
        }
        self.at_newest.insert(key.clone())
    }

    /// Whether the first row of this window was in the one before. If not,
    /// somebody edited a row in front of it.
    fn continues_window(&self, rows: &[Row]) -> bool {
        rows.first()
            .and_then(identity)
            .is_some_and(|first| self.window.contains(&first))
    }

    /// Chooses the request after a page that was not the last; false if no window can move on.
    fn go_on(&mut self, rows: &[Row]) -> bool {
        let anchor = Start::anchor(self.newest);
        let read = (self.page - 1) * self.size + rows.len() as u64;
        let overlap = OVERLAP.min((self.size / 4).max(1));
        let windows = read.saturating_sub(overlap).div_ceil(self.full).max(1);
        let size = read.saturating_sub(overlap) / windows;
        let read_again = rows
            .iter()
            .filter(|row| {
                row.marks
                    .cursor
                    .is_some_and(|cursor| cursor.div_euclid(1000) >= anchor)
            })
            .count() as u64;
        let cost_of_window = (read - windows * size) + (self.full - size);
        // The row behind the last one of the next window.
        let next = (windows + 1) * size;
        if anchor > self.anchor && (read_again <= cost_of_window || next <= read + overlap) {
            self.anchor_at(anchor);
            self.restarts = 0;
            return true;
        }
        let moves = size > 0 && next > read;
        if moves {
            self.window = rows.iter().filter_map(identity).collect();
            (self.page, self.size) = (windows + 1, size);
        }
        moves
    }

    /// Why the rows show that the order or the filter is not kept, if they do.
    fn unreliable(&self, rows: &[Row]) -> Option<&'static str> {
        let cursors = || rows.iter().filter_map(|row| row.marks.cursor);
        if cursors().any(|cursor| cursor < self.anchor * 1000) {
            Some("its answers hold rows older than was asked for")
        } else if !cursors().is_sorted() {
            Some("its pages are not in the order of UpdatedDateUTC")
        } else if !rows.is_empty() && cursors().next().is_none() {
            Some("its rows carry no UpdatedDateUTC")
        } else {
            None
        }
    }

    fn fall_back(&mut self, page: &Page, reason: &'static str) -> Vec<bool> {
        self.warning = Some(reason);
        self.numbered = Some(Numbered::new(self.start.from, self.full));
        vec![false; page.rows.len()]
    }
}

fn identity(row: &Row) -> Option<(Box<str>, i64)> {
    Some((row.marks.key.clone()?, row.marks.cursor?))
}

#[cfg(test)]
#[path = "watermark_tests.rs"]
mod tests;
