//! Plain page numbers over the whole list, for a server that does not keep the
//! order or the filter: every row that was not seen yet counts.
//!
//! The weaker walk: a row that moves to another page while it is read can be
//! missed. So the list is whole only if as many rows came as it tells.

use std::collections::HashSet;

use super::{Ask, Short, Start};
use crate::page::{Page, Row};

/// A walk by page numbers.
#[derive(Debug)]
pub(super) struct Numbered {
    from: i64,
    page: u64,
    size: u64,
    /// Keys and cursors of all rows, for as long as the walk lasts.
    seen: HashSet<(Option<Box<str>>, Option<i64>)>,
    /// The newest cursor.
    pub(super) newest: i64,
    pub(super) done: bool,
}

impl Numbered {
    pub(super) fn new(from: i64, size: u64) -> Numbered {
        Numbered {
            from,
            page: 1,
            size,
            seen: HashSet::new(),
            newest: from,
            done: false,
        }
    }

    pub(super) fn ask(&self) -> Ask {
        Ask {
            modified_since: Some(Start::anchor(self.from)),
            page: Some((self.page, self.size)),
            offset: None,
        }
    }

    pub(super) fn take(&mut self, page: &Page) -> Result<Vec<bool>, Short> {
        let before = self.seen.len();
        let keep = page.rows.iter().map(|row| self.is_new(row)).collect();
        let read = self.seen.len() as u64;
        let counts = page.pagination.unwrap_or_default();
        let whole = match (counts.item_count, counts.page_count) {
            (Some(told), _) => read >= told,
            (None, Some(pages)) => self.page >= pages,
            (None, None) => false,
        };
        // A page with nothing new is behind the end, or from a server that ignores `page`.
        self.done = whole || self.seen.len() == before;
        if let Some(told) = counts.item_count.filter(|told| self.done && read < *told) {
            return Err(Short { read, told });
        }
        self.page += 1;
        Ok(keep)
    }

    fn is_new(&mut self, row: &Row) -> bool {
        let cursor = row.marks.cursor;
        self.newest = self.newest.max(cursor.unwrap_or(self.newest));
        let unseen = self.seen.insert((row.marks.key.clone(), cursor));
        unseen && cursor.is_none_or(|cursor| cursor >= self.from)
    }
}
