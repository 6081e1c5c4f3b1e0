//! Endpoints that answer with everything at once.

use super::{Ask, Short, Start};
use crate::page::Page;

/// One request, whatever the number of rows.
#[derive(Debug)]
pub(crate) struct Whole {
    /// None for a stream without a cursor.
    start: Option<Start>,
    done: bool,
    end: Option<i64>,
}

impl Whole {
    pub(crate) fn new(start: Option<Start>) -> Whole {
        Whole {
            start,
            done: false,
            end: None,
        }
    }

    pub(crate) fn ask(&self) -> Option<Ask> {
        (!self.done).then(|| Ask {
            modified_since: self.start.map(|start| Start::anchor(start.from)),
            ..Ask::default()
        })
    }

    pub(crate) fn take(&mut self, page: &Page) -> Result<Vec<bool>, Short> {
        let read = page.rows.len() as u64;
        let told = page.pagination.and_then(|pagination| pagination.item_count);
        if let Some(told) = told.filter(|told| read < *told) {
            return Err(Short { read, told }); // the endpoint has learned to page
        }
        self.done = true;
        let Some(start) = self.start else {
            return Ok(vec![true; page.rows.len()]);
        };
        let cursors = || page.rows.iter().map(|row| row.marks.cursor);
        let newest = cursors().flatten().max().unwrap_or(start.from);
        self.end = Some(start.end(page.clock, newest));
        // The filter is by the second and one second early.
        Ok(cursors()
            .map(|cursor| cursor.is_none_or(|cursor| cursor >= start.from))
            .collect())
    }

    pub(crate) fn position(&self) -> Option<i64> {
        self.end
    }
}
