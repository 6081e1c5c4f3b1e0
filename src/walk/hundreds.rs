//! Lists that page by the hundred and know no modification filter, such as
//! LinkedTransactions: read whole each time, once; the cursor only says which
//! rows are news.

use std::collections::HashSet;

use super::{Ask, Kept, Start, Ticket};
use crate::page::Page;
use crate::rewrite::Marks;

/// A walk by page numbers to the first page that brings nothing new.
#[derive(Debug)]
pub(crate) struct Hundreds {
    start: Start,
    page: u64,
    seen: HashSet<(Option<Box<str>>, Option<i64>)>,
    clock: Option<i64>,
    newest: i64,
    asked: bool,
    over: bool,
}

impl Hundreds {
    pub(crate) fn new(start: Start) -> Hundreds {
        Hundreds {
            page: 1,
            seen: HashSet::new(),
            clock: None,
            newest: start.from,
            asked: false,
            over: false,
            start,
        }
    }

    pub(crate) fn ask(&mut self) -> Option<(Ticket, Ask)> {
        let idle = !self.over && !std::mem::replace(&mut self.asked, true);
        let ask = Ask {
            page: Some(self.page),
            ..Ask::default()
        };
        idle.then_some((Ticket::default(), ask))
    }

    pub(crate) fn take(&mut self, page: Page) -> Kept {
        self.asked = false;
        self.clock = self.clock.or(page.clock);
        let before = self.seen.len();
        let keep = page.rows.iter().map(|row| self.is_news(row)).collect();
        // Not the first short page: nothing tells how many rows a page has, and
        // a server that ignores `page` repeats itself.
        self.over = self.seen.len() == before;
        self.page += 1;
        Kept { page, keep }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn position(&self) -> Option<i64> {
        self.over.then(|| self.start.end(self.clock, self.newest))
    }

    fn is_news(&mut self, row: &Marks) -> bool {
        let cursor = row.cursor;
        self.newest = self.newest.max(cursor.unwrap_or(self.newest));
        let unseen = self.seen.insert((row.key.clone(), cursor));
        unseen && cursor.is_none_or(|cursor| cursor >= self.start.from)
    }
}
