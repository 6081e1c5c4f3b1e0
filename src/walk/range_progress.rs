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

    /// Marks each row that lies in the range and was not taken before.
    pub(super) fn select(&mut self, rows: &[RowKey]) -> Vec<bool> {
        rows.iter().map(|row| self.is_new(row)).collect()
    }

    fn is_new(&mut self, row: &RowKey) -> bool {
        let (Some(key), Some(cursor)) = (&row.key, row.cursor) else {
            return true;
        };
        if cursor < self.newest || self.is_past_end(cursor) {
            return false;
        }
        if cursor > self.newest {
            self.newest = cursor;
            self.keys_at_newest.clear();
        }
        self.keys_at_newest.insert(key.clone())
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
