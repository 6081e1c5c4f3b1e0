//! Tracks how far a range is read and which rows of a page are new to it.

use std::collections::HashSet;

use super::Span;
use crate::rows::rewrite::RowKey;

/// The unread part `[newest, end)` of a range. Rows at `newest` may be read already.
#[derive(Debug)]
pub(super) struct RangeProgress {
    /// The newest cursor taken.
    pub(super) newest: i64,
    keys_at_newest: HashSet<Box<str>>,
    /// The first cursor after the range. `None` for the tail.
    pub(super) end: Option<i64>,
}

impl RangeProgress {
    pub(super) fn new(span: Span) -> RangeProgress {
        RangeProgress {
            newest: span.from,
            keys_at_newest: HashSet::new(),
            end: span.to,
        }
    }

    /// Takes the new rows of a page. Returns one flag per row: whether it is new.
    pub(super) fn take(&mut self, rows: &[RowKey]) -> Vec<bool> {
        let take = |row| {
            let is_new = self.is_new(row);
            if let (true, Some(key), Some(cursor)) = (is_new, &row.key, row.cursor) {
                if cursor > self.newest {
                    self.newest = cursor;
                    self.keys_at_newest.clear();
                }
                self.keys_at_newest.insert(key.clone());
            }
            is_new
        };
        rows.iter().map(take).collect()
    }

    /// Returns the number of keys in memory.
    pub(super) fn kept_keys(&self) -> usize {
        self.keys_at_newest.len()
    }

    /// Returns whether the row lies in the range and was not taken before.
    pub(super) fn is_new(&self, row: &RowKey) -> bool {
        let (Some(key), Some(cursor)) = (&row.key, row.cursor) else {
            return true;
        };
        let is_known = cursor == self.newest && self.keys_at_newest.contains(key);
        cursor >= self.newest && !is_known && !self.is_past_end(cursor)
    }

    /// Returns whether one of the rows lies at or after the end of the range.
    pub(super) fn is_reached_by(&self, rows: &[RowKey]) -> bool {
        rows.iter()
            .any(|row| row.cursor.is_some_and(|at| self.is_past_end(at)))
    }

    fn is_past_end(&self, cursor: i64) -> bool {
        self.end.is_some_and(|end| cursor >= end)
    }
}
