//! Walks lists of pages that have no modification filter, such as LinkedTransactions. Each sync reads
//! the whole list; the cursor, if there is one, only decides which rows are new.
//!
//! If a row is deleted, or moves to the end, during a pass, all later rows move forward. One of
//! them moves from an unread page to a page that was already read. A single pass cannot detect
//! this: its responses are the same as those of a list without the row. So a pass counts only if
//! another pass saw the same rows in the same places. The other pass is the previous one of this
//! sync. For an unchanged list it can be that of the last sync, which saves a pass.
//!
//! - Two passes of one sync prove that they missed no row that existed during both. Such a row
//!   could be missed only if it moved onto a page already read. The rows before it existed during
//!   both passes and filled the pages before it, so it never was on those pages. It was not after
//!   the end of the list either. Rows inserted between the responses of the first pass break this
//!   proof, so there must be none.
//! - The last sync's pass is a proof if new rows stand after the rows that it saw, or before them.
//!   That holds for an order by creation and for an order by the last change. In the latter an edited
//!   row moves behind a new one, so the rows must also have the cursors that the last sync saw. Xero
//!   documents no order. In any other order a new row can be missed in one case only. It must be the
//!   first row of its page, and as many earlier rows as were inserted since the last sync must be
//!   deleted while the pages are read. In an order by change, the same holds for a row that becomes
//!   visible after a row with a later stamp.
//! - If the last page that the last sync saw is full, a row after it may move onto it before the page
//!   after it is read. So that page is read first. Once it is known to be empty, the full page is
//!   requested, and shows such a row.
//! - A single page that is not full has no next page from which a row could move.
//!
//! Some lists carry counts. A count ends a pass without an empty page, and a single page that holds as
//! many rows as the list counts is the whole list at one moment. It proves no more than that: while one
//! row is deleted and another one is added, the count stays the same.
//!
//! A count may be older than the rows beside it, and a whole response may come from a replica that lags:
//!
//! - A count does not prove that no row follows a full page. The next page must be empty.
//! - A pass with fewer rows than any of its responses counts has missed a row, or a row was deleted
//!   during the pass. It proves nothing.
//! - Two passes over a replica that lags confirm each other. If the walk has seen fewer rows than an
//!   earlier pass counted, three passes must agree.
//!
//! Some lists are read in parts, one for each value of a filter. A pass goes through the parts one after
//! the other. A row that moves to an earlier part during a pass is missed, so a second pass confirms
//! the first one, as it does for pages.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{
    BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, WalkStart, Walker,
    check_keys,
};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;
use crate::walk::window::Pages;

/// Number of passes after which the walk gives up a list that keeps changing.
const MAX_PASSES: u32 = 5;

/// What one pass saw of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Number of pages with rows.
    pub(crate) pages: u64,
    /// Number of rows on them.
    pub(crate) rows: u64,
    /// A hash of the rows' ids and cursors in their order. It may differ between releases, which
    /// costs a second pass.
    pub(crate) digest: u64,
}

impl Snapshot {
    /// Returns the number of the last page if it is full.
    fn full_page(self, size: usize) -> Option<u64> {
        let rows = self.pages.checked_mul(size as u64);
        (self.pages > 0 && rows == Some(self.rows)).then_some(self.pages)
    }
}

/// A walk in passes of numbered pages.
#[derive(Debug)]
pub(crate) struct UnfilteredPages {
    pages: Pages,
    /// Number of parts, for a list that is read in parts.
    parts: Option<usize>,
    /// The part in progress.
    part: Part,
    start: WalkStart,
    /// Whether the rows have a cursor.
    has_cursor: bool,
    /// Rows on a full page.
    size: usize,
    /// The keys and cursors of all passes.
    seen: HashSet<(Option<Box<str>>, Option<i64>)>,
    /// The pass in progress.
    pass: Pass,
    /// The previous pass, if it shows no contradiction.
    previous: Option<Pass>,
    /// The largest number of pages with rows of any earlier pass, also of the last sync.
    most_pages: u64,
    /// Number of passes that ended without a proof.
    failed_passes: u32,
    /// Number of passes in a row that confirmed the pass before them.
    confirmations: u32,
    /// The largest number of rows that any pass counted.
    most_counted: u64,
    /// Number of pages requested in this pass.
    requested_pages: u64,
    /// Number of pages that can be requested in parallel, because the list had them before.
    parallel_pages: u64,
    /// The last page of this pass, if the last sync saw it full and nothing after it.
    full_page: Option<u64>,
    /// Number of requests in flight.
    in_flight: u64,
    /// Xero's clock in its earliest response.
    clock: Option<i64>,
    newest: i64,
    proof: Option<Proof>,
}

/// The part of a list that a pass reads. A list without parts is one part.
#[derive(Debug, Default)]
struct Part {
    index: usize,
    /// The page to request next, from 1.
    page: u64,
    /// Number of rows of the pass before this part.
    rows_before: u64,
    /// Number of pages of the pass before this part.
    pages_before: usize,
    /// Number of rows that the pass counted in the parts before this one.
    counted_before: u64,
    /// The largest count of its rows in any response.
    count: Option<u64>,
}

impl UnfilteredPages {
    /// Creates a walk. `parts` is the number of parts of a list that is read in parts. `start` is
    /// `None` for rows without a cursor.
    pub(super) fn new(
        pages: Pages,
        parts: Option<usize>,
        start: Option<WalkStart>,
    ) -> UnfilteredPages {
        let size = usize::try_from(pages.full_size()).unwrap_or(usize::MAX);
        let has_cursor = start.is_some();
        let start = start.unwrap_or_default();
        UnfilteredPages {
            pages,
            parts,
            part: Part::default(),
            has_cursor,
            size,
            // One more than the last page. It is empty unless the list has grown.
            parallel_pages: start.list.map_or(0, |list| list.pages.saturating_add(1)),
            full_page: start.list.and_then(|list| list.full_page(size)),
            newest: start.from,
            most_pages: start.list.map_or(0, |list| list.pages),
            start,
            seen: HashSet::new(),
            pass: Pass::default(),
            previous: None,
            failed_passes: 0,
            confirmations: 0,
            most_counted: 0,
            requested_pages: 0,
            in_flight: 0,
            clock: None,
            proof: None,
        }
    }

    /// Ends the part in progress if all its rows are read, and the pass after the last part.
    fn end_part(&mut self, page: &PageFacts) {
        self.part.count = self.part.count.max(page.counted());
        let is_counted = self.part.count == Some(self.rows_of_part());
        let is_full = self.pass.is_full(self.part.pages_before, self.size);
        let is_last = self.parts.is_none_or(|parts| self.part.index + 1 == parts);
        if is_last {
            let is_end = match self.pass.end {
                None => !is_full,
                // Without a full page before it, the count would have ended the pass.
                Some(End::Empty | End::First) => true,
                Some(End::Counted | End::Shifted) => false,
            };
            if is_counted && is_end {
                self.pass.end = Some(End::Counted);
            }
        } else if page.rows.is_empty() || (is_counted && !is_full) {
            self.pass.lacks_rows |= self.lacks_rows();
            self.part = Part {
                index: self.part.index + 1,
                rows_before: self.pass.rows().count() as u64,
                pages_before: self.pass.pages.len(),
                counted_before: self.counted(),
                ..Part::default()
            };
        }
    }

    /// Returns the number of rows of the part in progress.
    fn rows_of_part(&self) -> u64 {
        self.pass.rows().count() as u64 - self.part.rows_before
    }

    /// Returns whether the part in progress has fewer rows than any of its responses counts.
    fn lacks_rows(&self) -> bool {
        self.part.count > Some(self.rows_of_part())
    }

    /// Returns the number of rows that the pass counts so far.
    fn counted(&self) -> u64 {
        self.part.counted_before + self.part.count.unwrap_or(0)
    }

    /// Whether this page ends a part that is not the last one. The next page belongs to the next part.
    fn is_end_of_inner_part(&self, page: &PageFacts) -> bool {
        let is_inner = self.parts.is_some_and(|parts| self.part.index + 1 < parts);
        is_inner && page.rows.is_empty()
    }

    /// Ends the pass if no page of it is left to request.
    fn end_pass(&mut self) -> Result<(), BrokenList> {
        if self.pass.repeats_a_full_page(self.size) {
            return Err(BrokenList::FirstPageAgain);
        }
        if self.pass.end != Some(End::Shifted) {
            // A row that moves to another part while the list is read is counted twice.
            let twice = self.pass.rows().count() - self.pass.ids.len();
            let counted = self.counted().saturating_sub(twice as u64);
            self.most_counted = self.most_counted.max(counted);
        }
        self.proof = self.find_proof();
        if self.proof.is_some() || self.pass.end.is_none() {
            return Ok(());
        }
        self.pass.lacks_rows |= self.lacks_rows();
        self.failed_passes += 1;
        if self.failed_passes == MAX_PASSES {
            let passes = self.failed_passes;
            return Err(match self.pass.lacks_rows {
                true => BrokenList::Short {
                    read: self.pass.rows().count() as u64,
                    item_count: self.counted(),
                },
                false => BrokenList::Changing { passes },
            });
        }
        let is_confirmed = self.is_confirmed_by_previous();
        self.confirmations = if is_confirmed {
            self.confirmations + 1
        } else {
            0
        };
        let pass = std::mem::take(&mut self.pass);
        (self.requested_pages, self.parallel_pages) = (0, pass.pages.len() as u64);
        self.most_pages = self.most_pages.max(self.parallel_pages);
        self.part = Part::default();
        self.full_page = None;
        self.previous = Some(pass).filter(Pass::is_whole);
        Ok(())
    }

    /// Returns whether this pass and the one before it show the same list.
    fn is_confirmed_by_previous(&self) -> bool {
        // Without parts, the same pages need no second look at the end of the list.
        let is_over = self.parts.is_none() || self.pass.end.is_some();
        let is_same = |previous| is_over && self.pass.confirms(previous, self.size);
        self.pass.is_whole() && self.previous.as_ref().is_some_and(is_same)
    }

    /// Returns how many passes in a row must confirm the one before them.
    fn needed_confirmations(&self) -> u32 {
        let has_missed = !self.has_cursor && (self.seen.len() as u64) < self.most_counted;
        if has_missed { 2 } else { 1 }
    }

    fn find_proof(&self) -> Option<Proof> {
        let pass = &self.pass;
        let is_one_part = self.parts.is_none();
        if self.lacks_rows() {
            return None;
        }
        let is_full = pass.is_full(0, self.size);
        // A replica that lags counts fewer rows, so a list that had more pages before needs two passes.
        let is_one_answer = pass.end == Some(End::Counted) && pass.pages.len() <= 1 && !is_full;
        if is_one_answer && is_one_part && self.most_pages <= 1 && pass.is_whole() {
            return Some(Proof::OneAnswer);
        }
        let ends_empty = pass.end == Some(End::Empty) && pass.is_whole();
        if is_one_part && ends_empty && pass.pages.len() <= 1 && !is_full {
            return Some(Proof::EmptyPage);
        }
        let last = self.start.list.filter(|_| self.failed_passes == 0);
        let is_confirmed = match (&self.previous, last) {
            (Some(_), _) => {
                let confirmations = self.confirmations + 1;
                self.is_confirmed_by_previous() && confirmations >= self.needed_confirmations()
            }
            (None, Some(last)) if is_one_part => {
                let is_safe = !is_full || self.full_page.is_some();
                pass.end.is_some() && pass.extends(last) && is_safe
            }
            (None, _) => false,
        };
        (is_confirmed && pass.is_whole()).then_some(Proof::NothingNew)
    }

    /// Returns the page to request next. `None` until another response arrives.
    fn next_page(&self) -> Option<u64> {
        let next = self.requested_pages + 1;
        if self.parts.is_some() {
            return (self.in_flight == 0).then_some(next);
        }
        match self.full_page {
            Some(full) if next == full => Some(full + 1),
            Some(full) if next == full + 1 => self.pass.has(full + 1).then_some(full),
            _ => (next <= self.parallel_pages || self.in_flight == 0).then_some(next),
        }
    }

    fn is_new(&mut self, row: &RowKey) -> bool {
        let cursor = row.cursor;
        self.newest = self.newest.max(cursor.unwrap_or(self.newest));
        let unseen = self.seen.insert((row.key.clone(), cursor));
        unseen && cursor.is_none_or(|cursor| cursor >= self.start.from)
    }

    /// Returns where the next sync starts. Xero writes the stamps of linked transactions in whole
    /// seconds and its clock in milliseconds. So a version that comes later in the second of the
    /// clock may have a stamp before the clock.
    fn end(&self) -> i64 {
        let end = self.start.end(self.clock, self.newest);
        self.start.from.max(end.div_euclid(1000) * 1000)
    }
}

impl Walker for UnfilteredPages {
    fn next_request(&mut self, _capacity: SendCapacity) -> Option<(RequestId, PageRequest)> {
        if self.proof.is_some() || self.pass.end.is_some() {
            return None;
        }
        let page = self.next_page()?;
        self.requested_pages += 1;
        self.in_flight += 1;
        self.part.page += 1;
        let request = PageRequest {
            part: self.parts.map(|_| self.part.index),
            page: Some(self.parts.map_or(page, |_| self.part.page)),
            page_size: (!self.pages.is_fixed()).then(|| self.pages.full_size()),
            ..PageRequest::default()
        };
        Some((RequestId(page), request))
    }

    fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList> {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.clock = earliest(self.clock, page.clock);
        if self.is_end_of_inner_part(page) {
            self.requested_pages -= 1; // the next page takes its place
        } else {
            self.pass.take(request_id.0, page, self.parts.is_some());
        }
        self.end_part(page);
        let is_new = page.rows.iter().map(|row| self.is_new(row)).collect();
        check_keys(self.seen.len(), self.size as u64)?;
        if self.in_flight == 0 {
            self.end_pass()?;
        }
        Ok(Some(NewRows::new(request_id, is_new)))
    }

    fn proof(&self) -> Option<Proof> {
        self.proof
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        self.proof.filter(|_| self.has_cursor)?;
        Some(Checkpoint {
            list: Some(self.pass.snapshot()),
            ..Checkpoint::at(self.end())
        })
    }
}

/// What one pass saw.
#[derive(Debug, Default)]
struct Pass {
    /// Xero's clock in the earliest and in the latest response.
    began: Option<i64>,
    latest: Option<i64>,
    /// Pages received before an earlier one, by page number.
    out_of_order: BTreeMap<u64, Vec<Row>>,
    /// The rows of each page, in order.
    pages: Vec<Vec<Row>>,
    /// The ids on these pages.
    ids: HashSet<u64>,
    end: Option<End>,
    /// Whether a part had fewer rows than one of its responses counted.
    lacks_rows: bool,
}

/// The parts of a row that passes compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    /// A hash of its id.
    id: u64,
    cursor: Option<i64>,
}

/// What ended a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// An empty page.
    Empty,
    /// As many rows as the list counts.
    Counted,
    /// The first page again: the server ignores `page`.
    First,
    /// A page on which most rows are known: the list moved.
    Shifted,
}

impl Pass {
    /// Takes a page. In a list in parts, the rows of the first page may all have moved to a later part.
    fn take(&mut self, number: u64, page: &PageFacts, is_in_parts: bool) {
        self.began = earliest(self.began, page.clock);
        self.latest = self.latest.max(page.clock);
        let rows = page.rows.iter().map(|row| Row {
            id: hash(&row.key),
            cursor: row.cursor,
        });
        self.out_of_order.insert(number, rows.collect());
        while self.end.is_none()
            && let Some(rows) = self.out_of_order.remove(&(self.pages.len() as u64 + 1))
        {
            self.add(rows, is_in_parts);
        }
    }

    /// Whether this page was received before an earlier one.
    fn has(&self, number: u64) -> bool {
        self.out_of_order.contains_key(&number)
    }

    fn add(&mut self, rows: Vec<Row>, is_in_parts: bool) {
        let ids = || rows.iter().map(|row| row.id);
        let known = ids().filter(|id| self.ids.contains(id)).count();
        let mut first = self.pages.first().filter(|_| !is_in_parts).into_iter();
        if rows.is_empty() {
            self.end = Some(End::Empty);
        } else if first.any(|first| first.iter().map(|row| row.id).eq(ids())) {
            self.end = Some(End::First);
        } else if known * 2 > rows.len() {
            // A pass that continues for each new row might never end.
            self.end = Some(End::Shifted);
        } else {
            self.ids.extend(ids());
            self.pages.push(rows);
        }
    }

    /// Returns whether the pass shows no contradiction: no row stands on two pages, and no new row
    /// stands after the end.
    fn is_whole(&self) -> bool {
        let mut later_rows = self.out_of_order.values().flatten();
        self.ids.len() == self.rows().count()
            && self.end != Some(End::Shifted)
            && !self.lacks_rows
            && later_rows.all(|row| self.ids.contains(&row.id))
    }

    /// Returns whether a page of exactly `size` rows is the answer to every page number. The list may
    /// have more rows. A server without pages sends a list of any other length whole.
    fn repeats_a_full_page(&self, size: usize) -> bool {
        let first = self.pages.first().map(Vec::len);
        self.end == Some(End::First) && first == Some(size)
    }

    /// Returns whether a row may stand after the last page, because the page is full. A full page has at
    /// least `size` rows or is the largest of several. The pages of a part begin at `from`.
    fn is_full(&self, from: usize, size: usize) -> bool {
        let pages = self.pages.get(from..).unwrap_or_default();
        let Some(last) = pages.last() else {
            return false;
        };
        let is_largest = pages.len() > 1 && pages.iter().all(|page| page.len() <= last.len());
        is_largest || last.len() >= size
    }

    /// Returns whether the pass shows the list of an earlier snapshot, possibly with more rows on
    /// the last page.
    fn extends(&self, list: Snapshot) -> bool {
        let now = self.snapshot();
        now.pages == list.pages
            && now.rows >= list.rows
            && digest(self.rows().take(list.rows as usize)) == list.digest
    }

    /// Returns whether the pass shows the ids of an earlier one in the same places, possibly with
    /// more rows on the last page. Edits that moved no row are allowed.
    fn repeats(&self, previous: &Pass) -> bool {
        let mut rows = self.rows();
        let is_next = |id| rows.next().is_some_and(|row| row.id == id);
        self.pages.len() == previous.pages.len() && previous.rows().map(|row| row.id).all(is_next)
    }

    /// Returns whether the pass proves that neither it nor the previous pass missed a row.
    fn confirms(&self, previous: &Pass, size: usize) -> bool {
        let is_longer = self.ids.len() > previous.ids.len();
        let is_full = self.end != Some(End::Counted) && self.is_full(0, size);
        // After a last page that is not full there is no row that could have moved.
        let open = usize::from(!is_full);
        let in_front = self.pages.len().saturating_sub(open);
        let mut in_front = self.pages[..in_front].iter().flatten();
        let is_recent = |cursor| previous.began <= Some(cursor) && Some(cursor) <= self.latest;
        let inserted = |row: &Row| previous.began.is_some() && row.cursor.is_some_and(is_recent);
        self.repeats(previous) && !(is_longer && is_full) && !in_front.any(inserted)
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.pages.iter().flatten()
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            pages: self.pages.len() as u64,
            rows: self.rows().count() as u64,
            digest: digest(self.rows()),
        }
    }
}

fn digest<'r>(rows: impl Iterator<Item = &'r Row>) -> u64 {
    let mut hasher = DefaultHasher::new();
    rows.for_each(|row| (row.id, row.cursor).hash(&mut hasher));
    hasher.finish()
}

fn hash(key: &Option<Box<str>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

fn earliest(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests;
