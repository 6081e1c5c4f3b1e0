//! Lists that page by the hundred, know no modification filter and tell no counts, such as
//! LinkedTransactions: read whole each time; the cursor only says which rows are news.
//!
//! A row that vanishes or moves behind the others during a pass pulls the rest forward, and one
//! slips from a page that is still to be read to one that was read. A single pass cannot show
//! it: without the row the answers would be the same. So a pass counts only if another one saw
//! the same rows at the same places: the pass before it or, to save the second pass over a list
//! that is at rest, the last sync.
//!
//! - Two passes of one sync prove that no row was missed that was there all the time. The rows in
//!   front of it were there during both passes, as many as fill the pages in front, so it was never
//!   in front of those pages' end; and behind the end of the list it was not. Rows that were
//!   inserted between the answers of the first pass break this, so there must be none.
//! - The last sync's pass proves it where new rows stand behind those that it saw, or in front of
//!   them. That holds for an order by creation or by the last change. Xero documents none; in
//!   another one, a new row is missed only if it stands first on its page and as many rows in
//!   front of it vanish while the pages are read as were inserted since the last sync.
//! - A single page that is not full has no next page from which a row could slip.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{BrokenList, Checkpoint, NewRows, PageRequest, RequestId, WalkStart};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;

/// FullScan over a list that keeps changing before it is given up.
const PASSES: u32 = 5;

/// A list as one pass saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Pages with rows.
    pub(crate) pages: u64,
    /// Rows on them.
    pub(crate) rows: u64,
    /// A hash of the rows' ids in their order. It may differ from one release to the next,
    /// which costs a second pass.
    pub(crate) digest: u64,
}

/// A walk in passes of numbered pages.
#[derive(Debug)]
pub(crate) struct UnfilteredPages {
    start: WalkStart,
    /// Rows on a page that is full.
    size: usize,
    /// Keys and cursors of all passes.
    seen: HashSet<(Option<Box<str>>, Option<i64>)>,
    /// The pass that is under way.
    pass: Pass,
    /// The one before it.
    before: Option<Before>,
    /// FullScan that ended without a proof.
    failed: u32,
    /// Pages of this pass that were asked for.
    asked: u64,
    /// Pages that can be asked for side by side, because the list had them before.
    ahead: u64,
    /// Requests under way.
    flying: u64,
    /// Xero's clock at its earliest answer.
    clock: Option<i64>,
    newest: i64,
    proof: Option<Proof>,
}

/// A pass that came to its end.
#[derive(Clone, Copy, Debug)]
struct Before {
    snapshot: Snapshot,
    /// Xero's clock at its earliest answer.
    began: Option<i64>,
}

impl UnfilteredPages {
    pub(crate) fn new(start: WalkStart, size: usize) -> UnfilteredPages {
        UnfilteredPages {
            size,
            seen: HashSet::new(),
            pass: Pass::default(),
            before: None,
            failed: 0,
            asked: 0,
            // And the page behind the last one, which is empty unless the list has grown.
            ahead: start.list.map_or(0, |list| list.pages.saturating_add(1)),
            flying: 0,
            clock: None,
            newest: start.from,
            proof: None,
            start,
        }
    }

    pub(crate) fn ask(&mut self) -> Option<(RequestId, PageRequest)> {
        let is_known = self.asked < self.ahead || self.flying == 0;
        if !is_known || self.proof.is_some() || self.pass.end.is_some() {
            return None;
        }
        self.asked += 1;
        self.flying += 1;
        let ask = PageRequest {
            page: Some(self.asked),
            ..PageRequest::default()
        };
        Some((RequestId(self.asked), ask))
    }

    pub(crate) fn take(
        &mut self,
        ticket: RequestId,
        page: &PageFacts,
    ) -> Result<NewRows, BrokenList> {
        self.flying = self.flying.saturating_sub(1);
        self.clock = earlier(self.clock, page.clock);
        self.pass.take(ticket.0, page);
        let is_new = page.rows.iter().map(|row| self.is_news(row)).collect();
        if self.flying == 0 {
            self.go_on()?;
        }
        Ok(NewRows { of: ticket, is_new })
    }

    pub(crate) fn proof(&self) -> Option<Proof> {
        self.proof
    }

    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.proof?;
        Some(Checkpoint {
            list: Some(self.pass.snapshot()),
            ..Checkpoint::at(self.start.end(self.clock, self.newest))
        })
    }

    /// Ends the pass, if nothing of it is left to be asked.
    fn go_on(&mut self) -> Result<(), BrokenList> {
        self.proof = self.find_proof();
        if self.proof.is_some() || self.pass.end.is_none() {
            return Ok(());
        }
        self.failed += 1;
        if self.failed == PASSES {
            let passes = self.failed;
            return Err(BrokenList::Changing { passes });
        }
        let pass = std::mem::take(&mut self.pass);
        let snapshot = pass.snapshot();
        (self.asked, self.ahead) = (0, snapshot.pages);
        self.before = pass.is_whole().then_some(Before {
            snapshot,
            began: pass.began,
        });
        Ok(())
    }

    fn find_proof(&self) -> Option<Proof> {
        let pass = &self.pass;
        let is_empty_behind = pass.end == Some(End::Empty) && pass.is_whole();
        if is_empty_behind && pass.pages.len() <= 1 && !pass.is_full(self.size) {
            return Some(Proof::EmptyPage);
        }
        let last = self.start.list.filter(|_| self.failed == 0);
        let as_before = match (self.before, last) {
            (Some(before), _) => pass.confirms(before, self.size),
            // A row behind the full page may have slipped onto it.
            (None, Some(last)) => {
                let is_full = pass.is_full(self.size);
                pass.is_whole() && pass.end.is_some() && pass.extends(last) && !is_full
            }
            (None, None) => false,
        };
        as_before.then_some(Proof::NothingNew)
    }

    fn is_news(&mut self, row: &RowKey) -> bool {
        let cursor = row.cursor;
        self.newest = self.newest.max(cursor.unwrap_or(self.newest));
        let unseen = self.seen.insert((row.key.clone(), cursor));
        unseen && cursor.is_none_or(|cursor| cursor >= self.start.from)
    }
}

/// What one pass saw.
#[derive(Debug, Default)]
struct Pass {
    /// Xero's clock at the earliest and at the latest answer.
    began: Option<i64>,
    latest: Option<i64>,
    /// Answers behind one that has not come yet, by the number of their page.
    landed: BTreeMap<u64, Vec<Row>>,
    /// The rows of each page, from the first one on.
    pages: Vec<Vec<Row>>,
    /// The ids on them.
    ids: HashSet<u64>,
    /// A row stands on two pages.
    repeats: bool,
    end: Option<End>,
}

/// A row, as far as passes are compared.
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
    /// The first page again, from a server that ignores `page`.
    First,
    /// A page that mostly repeats others, because the list moved.
    Shifted,
}

impl Pass {
    fn take(&mut self, number: u64, page: &PageFacts) {
        self.began = earlier(self.began, page.clock);
        self.latest = self.latest.max(page.clock);
        let rows = page.rows.iter().map(|row| Row {
            id: hash(&row.key),
            cursor: row.cursor,
        });
        self.landed.insert(number, rows.collect());
        while self.end.is_none()
            && let Some(rows) = self.landed.remove(&(self.pages.len() as u64 + 1))
        {
            self.add(rows);
        }
    }

    fn add(&mut self, rows: Vec<Row>) {
        let unseen = rows.iter().filter(|row| !self.ids.contains(&row.id));
        let unseen = unseen.count();
        let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        if rows.is_empty() {
            self.end = Some(End::Empty);
        } else if self
            .pages
            .first()
            .is_some_and(|first| ids(first) == ids(&rows))
        {
            self.end = Some(End::First);
        } else if unseen * 2 < rows.len() {
            // Going on while there is a single new row might never end.
            self.end = Some(End::Shifted);
        } else {
            let before = self.ids.len();
            self.ids.extend(rows.iter().map(|row| row.id));
            self.repeats |= self.ids.len() < before + rows.len();
            self.pages.push(rows);
        }
    }

    /// Whether nothing speaks against it: no row twice, and none behind the end.
    fn is_whole(&self) -> bool {
        let mut behind = self.landed.values().flatten();
        !self.repeats
            && self.end != Some(End::Shifted)
            && behind.all(|row| self.ids.contains(&row.id))
    }

    /// Whether the last page has room for no more rows, which are `size` at least.
    fn is_full(&self, size: usize) -> bool {
        let Some(last) = self.pages.last() else {
            return false;
        };
        let is_largest =
            self.pages.len() > 1 && self.pages.iter().all(|page| page.len() <= last.len());
        is_largest || last.len() >= size
    }

    /// Whether it shows the list of another time, perhaps with more rows on the last page.
    fn extends(&self, list: Snapshot) -> bool {
        let now = self.snapshot();
        now.pages == list.pages
            && now.rows >= list.rows
            && digest(self.rows().take(list.rows as usize)) == list.digest
    }

    /// Whether it proves that neither it nor the pass before it missed a row.
    fn confirms(&self, before: Before, size: usize) -> bool {
        let is_longer = self.snapshot().rows > before.snapshot.rows;
        let is_full = self.is_full(size);
        // Behind a last page that is not full there is nothing that could have slipped.
        let open = usize::from(!is_full);
        let in_front = self.pages.len().saturating_sub(open);
        let mut in_front = self.pages[..in_front].iter().flatten();
        let inserted = |row: &Row| {
            let (Some(began), Some(latest)) = (before.began, self.latest) else {
                return false;
            };
            row.cursor
                .is_some_and(|cursor| (began..=latest).contains(&cursor))
        };
        self.is_whole()
            && self.extends(before.snapshot)
            && !(is_longer && is_full)
            && !in_front.any(inserted)
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
    rows.for_each(|row| row.id.hash(&mut hasher));
    hasher.finish()
}

fn hash(key: &Option<Box<str>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

#[cfg(test)]
mod tests;
