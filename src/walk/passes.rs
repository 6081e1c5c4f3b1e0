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
        let is_whole = told.is_some_and(|told| read >= told);
        self.page += 1;
        // A page with nothing new is behind the end, or from a server that ignores `page`.
        if is_whole || self.keys.len() == before {
            self.end_pass(is_whole || told.is_none())?;
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
