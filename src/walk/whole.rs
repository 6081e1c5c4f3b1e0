//! Endpoints that answer with everything at once.

use super::{Ask, Broken, Kept, Start, Ticket, anchor};
use crate::page::Page;

/// One request, whatever the number of rows.
#[derive(Debug)]
pub(crate) struct Whole {
    /// None for a stream without a cursor.
    start: Option<Start>,
    asked: bool,
    over: bool,
    end: Option<i64>,
}

impl Whole {
    pub(crate) fn new(start: Option<Start>) -> Whole {
        Whole {
            start,
            asked: false,
            over: false,
            end: None,
        }
    }

    pub(crate) fn ask(&mut self) -> Option<(Ticket, Ask)> {
        let first = !std::mem::replace(&mut self.asked, true);
        let ask = Ask {
            modified_since: self.start.as_ref().map(|start| anchor(start.from)),
            ..Ask::default()
        };
        first.then_some((Ticket::default(), ask))
    }

    pub(crate) fn take(&mut self, page: Page) -> Result<Kept, Broken> {
        let read = page.rows.len() as u64;
        let told = page.pagination.and_then(|pagination| pagination.item_count);
        if let Some(told) = told.filter(|told| read < *told) {
            return Err(Broken::Short { read, told }); // the endpoint has learned to page
        }
        self.over = true;
        let Some(start) = &self.start else {
            let keep = vec![true; page.rows.len()];
            return Ok(Kept { page, keep });
        };
        let cursors = || page.rows.iter().map(|row| row.cursor);
        let newest = cursors().flatten().max().unwrap_or(start.from);
        self.end = Some(start.end(page.clock, newest));
        // The filter is by the second and one second early.
        let keep = cursors()
            .map(|cursor| cursor.is_none_or(|cursor| cursor >= start.from))
            .collect();
        Ok(Kept { page, keep })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn position(&self) -> Option<i64> {
        self.end
    }
}
