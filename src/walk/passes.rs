//! The safe mode: passes over the whole list by plain page numbers, for a server
//! that does not keep the order or the filter.
//!
//! A row that moves to another page during a pass can be missed. So passes are
//! repeated until one has as many rows as the list tells, and a look at what has
//! changed since it began brings nothing that was not seen.

use std::collections::HashSet;

use super::window::Pages;
use super::{Ask, Broken, Kept, Ticket, anchor};
use crate::page::Page;
use crate::rewrite::Marks;

/// Passes that may fail before the list is given up.
const PASSES: u32 = 3;

/// The passes over one list.
#[derive(Debug)]
pub(super) struct Passes {
    /// Why the list is read so.
    reason: &'static str,
    pages: Pages,
    /// Where the walk begins.
    from: i64,
    /// From when on this pass reads.
    since: i64,
    /// Xero's clock at this pass's first answer.
    began: Option<i64>,
    page: u64,
    /// The most rows that an answer of this pass told. A replica that lags tells fewer,
    /// and rows do not vanish.
    told: Option<u64>,
    /// The keys of this pass.
    keys: HashSet<Option<Box<str>>>,
    /// Keys and cursors of all passes.
    seen: HashSet<(Option<Box<str>>, Option<i64>)>,
    /// Whether this pass only looks for what the one before may have missed.
    looks_back: bool,
    brought_news: bool,
    failed: u32,
    ticket: Option<Ticket>,
    /// The newest cursor.
    pub(super) newest: i64,
    pub(super) over: bool,
}

impl Passes {
    pub(super) fn new(reason: &'static str, pages: Pages, from: i64) -> Passes {
        Passes {
            reason,
            pages,
            from,
            since: from,
            began: None,
            page: 1,
            told: None,
            keys: HashSet::new(),
            seen: HashSet::new(),
            looks_back: false,
            brought_news: false,
            failed: 0,
            ticket: None,
            newest: from,
            over: false,
        }
    }

    pub(super) fn ask(&mut self, ticket: Ticket) -> Option<Ask> {
        if self.over || self.ticket.is_some() {
            return None;
        }
        self.ticket = Some(ticket);
        Some(Ask {
            modified_since: Some(anchor(self.since)),
            page: Some(self.page),
            page_size: match self.pages {
                Pages::Sized(size) => Some(size),
                Pages::Fixed(_) => None,
            },
            ..Ask::default()
        })
    }

    /// Whether the ticket's request was sent by these passes.
    pub(super) fn awaits(&self, ticket: Ticket) -> bool {
        self.ticket == Some(ticket)
    }

    pub(super) fn take(&mut self, page: Page) -> Result<Kept, Broken> {
        self.ticket = None;
        self.began = self.began.or(page.clock);
        let before = self.keys.len();
        let keep = page.rows.iter().map(|row| self.is_new(row)).collect();
        self.brought_news |= page
            .rows
            .iter()
            .zip(&keep as &Vec<bool>)
            .any(|(_, keep)| *keep);
        let read = self.keys.len() as u64;
        let told = page.pagination.and_then(|counts| counts.item_count);
        self.told = self.told.max(told);
        let is_whole = self.told.is_some_and(|told| read >= told);
        self.page += 1;
        // A page with nothing new is behind the end, or from a server that ignores `page`.
        if is_whole || self.keys.len() == before {
            self.end_pass(is_whole || self.told.is_none())?;
        }
        Ok(Kept { page, keep })
    }

    fn end_pass(&mut self, is_whole: bool) -> Result<(), Broken> {
        if !is_whole || (self.looks_back && self.brought_news) {
            self.failed += 1;
            if self.failed == PASSES {
                return Err(Broken::Restless {
                    passes: self.failed,
                    reason: self.reason,
                });
            }
        }
        self.over = is_whole && self.looks_back && !self.brought_news;
        if is_whole {
            self.since = self.began.unwrap_or(self.since);
            self.looks_back = true;
        }
        (self.page, self.began, self.brought_news) = (1, None, false);
        self.told = None;
        self.keys.clear();
        Ok(())
    }

    fn is_new(&mut self, row: &Marks) -> bool {
        let cursor = row.cursor;
        self.newest = self.newest.max(cursor.unwrap_or(self.newest));
        self.keys.insert(row.key.clone());
        let unseen = self.seen.insert((row.key.clone(), cursor));
        unseen && cursor.is_none_or(|cursor| cursor >= self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Pagination;

    /// A page of rows of the ids, of a list that tells so many rows.
    fn page(ids: &[u32], told: u64) -> Page {
        let rows = ids.iter().map(|id| (id.to_string(), 1000));
        let counts = Pagination {
            page_count: None,
            item_count: Some(told),
        };
        Page::of(rows, Some(counts), Some(2000))
    }

    #[test]
    fn a_pass_is_not_whole_by_the_count_of_a_replica_that_lags() {
        let mut passes = Passes::new("of a test", Pages::Sized(2), 0);
        // Row 3 moved in front of the second page, and the last answer knows of none behind it.
        for (at, ids, told) in [(1, &[1, 2][..], 5), (2, &[4, 5], 5), (3, &[], 4)] {
            let ask = passes.ask(Ticket(at)).expect("the pass goes on");
            assert_eq!(ask.page, Some(at));
            passes.take(page(ids, told)).unwrap();
        }
        let again = passes.ask(Ticket(4)).expect("there is a second pass");
        assert_eq!(
            (again.page, again.modified_since),
            (Some(1), Some(anchor(0)))
        );
        let kept = passes.take(page(&[1, 2, 3, 4, 5], 5)).unwrap();
        assert_eq!(kept.keep, [false, false, true, false, false]);
        let looks_back = passes.ask(Ticket(5)).expect("the pass is looked back at");
        assert_eq!(looks_back.modified_since, Some(anchor(2000)));
        passes.take(page(&[], 0)).unwrap();
        assert!(passes.over);
    }
}
