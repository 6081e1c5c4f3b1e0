//! The safe mode: passes over the list by plain page numbers, for a server that
//! does not keep the order of UpdatedDateUTC, or of rows of one stamp, or the filter.
//!
//! Where the list takes `order`, its pages are asked for in the order of the id, one
//! behind the other: an edit leaves a row in its place, and a new row pushes others
//! behind, so none is missed. What changed since the pass began is asked for in the
//! same way, until an answer is whole by itself or brings nothing new.
//!
//! None of it is proved by the order, which a server may ignore, but by numbers. Rows
//! do not vanish from these lists, so as many different ids as a list counts, of rows
//! that were there when it counted, are all of its ids. A pass that lacks some is read
//! again, and its ids add up.

use std::collections::HashMap;

use super::window::Pages;
use super::{BrokenList, NewRows, PageRequest, RequestId, SortBy, anchor};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;

/// FullScan over all or a part of the list, fewer than bits in a number. A list of many pages whose order is another one at
/// each request takes some fifteen of them.
const PASSES: u32 = 60;

/// FullScan in a row that lack rows and bring none.
const FRUITLESS: u32 = 6;

/// So often in a row the same page shows that a server does not know `page`.
const REPEATS: u32 = 2;

/// Milliseconds in which a row that is stamped is counted in all answers.
const DELAY: i64 = 10_000;

/// A pass that reads so many times the rows that there are goes round in circles.
const ROUND: u64 = 3;

/// The passes over one list.
#[derive(Debug)]
pub(super) struct FullScan {
    /// Why the list is read so.
    reason: &'static str,
    pages: Pages,
    /// The order that requests name, where the list takes one.
    order: Option<SortBy>,
    /// Where the walk begins.
    from: i64,
    /// In so many milliseconds a row that is stamped is counted as well.
    delay: i64,
    /// The parts of the list that are read, each of them all that changed since the one before
    /// began; the first one is the whole list. The last one is being read.
    parts: Vec<Part>,
    /// What came, by id.
    seen: HashMap<Box<str>, Seen>,
    pass: Pass,
    passes: u32,
    fruitless: u32,
    ticket: Option<RequestId>,
    /// The newest cursor.
    pub(super) newest: i64,
    pub(super) over: bool,
}

/// Rows that changed since a moment.
#[derive(Debug)]
struct Part {
    since: i64,
    /// Xero's clock at the first answer.
    began: Option<i64>,
    /// The most rows that an answer counted; where none counts them, the rows of a pass. A
    /// replica that lags counts fewer.
    told: Option<u64>,
    /// Xero's clock when it counted them, or before.
    told_at: Option<i64>,
    /// How many of them came, by id.
    came: u64,
}

/// A row that came.
#[derive(Debug)]
struct Seen {
    cursor: Option<i64>,
    /// The parts of which it is known to be a row, a bit each.
    parts: u64,
}

/// One pass over a part.
#[derive(Debug, Default)]
struct Pass {
    /// Pages that came.
    page: u64,
    /// Rows on them.
    read: u64,
    /// The last one.
    last: Vec<RowKey>,
    /// How often it came again.
    repeats: u32,
    /// Xero's clock when it came.
    last_at: Option<i64>,
    /// What had come for the part before this pass.
    came_before: u64,
    brought_news: bool,
}

impl FullScan {
    pub(super) fn new(
        reason: &'static str,
        pages: Pages,
        order: Option<SortBy>,
        from: i64,
        lookback: i64,
    ) -> FullScan {
        FullScan {
            reason,
            pages,
            order,
            from,
            delay: lookback.min(DELAY),
            parts: vec![Part::since(from)],
            seen: HashMap::new(),
            pass: Pass::default(),
            passes: 0,
            fruitless: 0,
            ticket: None,
            newest: from,
            over: false,
        }
    }

    pub(super) fn ask(&mut self, ticket: RequestId) -> Option<PageRequest> {
        if self.over || self.ticket.is_some() {
            return None;
        }
        let part = self.parts.last()?;
        self.ticket = Some(ticket);
        Some(PageRequest {
            modified_since: Some(anchor(part.since)),
            order: self.order,
            page: Some(self.pass.page + 1),
            page_size: match self.pages {
                Pages::Sized(size) => Some(size),
                Pages::Fixed(_) => None,
            },
            ..PageRequest::default()
        })
    }

    /// Whether the ticket's request was sent by these passes.
    pub(super) fn awaits(&self, ticket: RequestId) -> bool {
        self.ticket == Some(ticket)
    }

    pub(super) fn take(
        &mut self,
        ticket: RequestId,
        page: &PageFacts,
    ) -> Result<NewRows, BrokenList> {
        self.ticket = None;
        self.pass.page += 1;
        let is_new: Vec<_> = page.rows.iter().map(|row| self.is_new(row)).collect();
        self.pass.brought_news |= is_new.contains(&true);
        let counted = page.counted();
        let pages = page.pagination.and_then(|counts| counts.page_count);
        // A server that does not know `page` sends the same page again and again. Once may be
        // chance: somebody added as many rows in front of it as a page has.
        let is_same = !page.rows.is_empty() && page.rows == self.pass.last;
        self.pass.repeats = if is_same { self.pass.repeats + 1 } else { 0 };
        let is_repeated = self.pass.repeats == REPEATS;
        let is_behind = page.rows.is_empty() || is_repeated;
        if let Some(pages) = pages.filter(|pages| *pages > 1)
            && (is_repeated || page.rows.is_empty() && self.pass.page < pages)
        {
            let page = self.pass.page;
            return Err(BrokenList::Gap { page, pages });
        }
        if !is_same && !is_behind {
            self.pass.read += page.rows.len() as u64;
            self.pass.last.clone_from(&page.rows);
            self.pass.last_at = page.clock;
        }
        let read = self.pass.read;
        let told = counted.or(is_behind.then_some(read));
        let at = self.parts.len() - 1;
        if let Some(part) = self.parts.last_mut() {
            part.began = part.began.or(page.clock);
            if told.is_some() && told >= part.told {
                // An empty page counts what the one before it ended.
                (part.told, part.told_at) = (told, self.pass.last_at);
            }
            if self.pass.page == 1 {
                // What came for other parts, and was there when this answer counted.
                for seen in self.seen.values_mut() {
                    if seen.parts & (1 << at) == 0 && part.counts(seen.cursor, self.delay) {
                        seen.parts |= 1 << at;
                        part.came += 1;
                    }
                }
            }
            let is_whole = told.is_some() && part.is_whole();
            let is_last = counted.is_some_and(|told| read >= told);
            // Uncounted pages that never end, of rows that came before.
            let is_round = read > ROUND * part.came;
            if is_whole || is_last || is_behind || is_round {
                self.end_pass(is_whole)?;
            }
        }
        Ok(NewRows { of: ticket, is_new })
    }

    /// Goes on behind a pass: with what changed meanwhile, with what is still missing, or not at all.
    fn end_pass(&mut self, is_whole: bool) -> Result<(), BrokenList> {
        let at = self.parts.len() - 1;
        let last = &self.parts[at];
        self.passes += 1;
        if !is_whole {
            let bore_fruit = last.came > self.pass.came_before;
            self.fruitless = if bore_fruit { 0 } else { self.fruitless + 1 };
        }
        if self.passes == PASSES || self.fruitless == FRUITLESS {
            return Err(BrokenList::Unstable {
                passes: self.passes,
                reason: self.reason,
            });
        }
        // One answer that holds everything shows the list as it is at one moment.
        let is_one_answer = self.pass.page == 1 && last.told <= Some(self.pass.read);
        let is_still = is_one_answer || !self.pass.brought_news;
        let began = last.began;
        if at > 0 && is_whole && is_still {
            // All parts behind the one that lacks rows are whole, so what changed before the last
            // one began is known.
            match self.parts.iter().rposition(|part| !part.is_whole()) {
                Some(part) => self.read_again(part, began),
                None => self.over = true,
            }
        } else if is_whole || self.order.is_some() {
            // In the order of the id new rows alone can be missing, and they come with the rest.
            let since = began.unwrap_or(last.since);
            self.parts.push(Part::since(since));
            self.pass = Pass::default();
        } else {
            self.read_again(at, began);
        }
        Ok(())
    }

    /// Reads a part once more. What has changed since `began` is asked for behind it.
    fn read_again(&mut self, at: usize, began: Option<i64>) {
        self.parts.truncate(at + 1);
        let known = u64::MAX >> (u64::BITS as usize - 1 - at);
        self.seen.values_mut().for_each(|seen| seen.parts &= known);
        let part = &mut self.parts[at];
        part.began = began;
        let came = part.came;
        self.pass = Pass {
            came_before: came,
            ..Pass::default()
        };
    }

    /// Whether this version of the row is new, and does not lie before the walk.
    fn is_new(&mut self, row: &RowKey) -> bool {
        let cursor = row.cursor;
        self.newest = self.newest.max(cursor.unwrap_or(self.newest));
        let Some(key) = &row.key else {
            return true;
        };
        let last = self.parts.len() - 1;
        let is_known = self.seen.contains_key(key);
        let seen = self
            .seen
            .entry(key.clone())
            .or_insert(Seen { cursor, parts: 0 });
        // Stamps only grow: an older one is of a replica that lags.
        let is_news = !is_known || seen.cursor < cursor;
        seen.cursor = seen.cursor.max(cursor);
        for (at, part) in self.parts.iter_mut().enumerate() {
            let is_of_it = at == last || part.counts(cursor, self.delay);
            if is_of_it && seen.parts & (1 << at) == 0 {
                seen.parts |= 1 << at;
                part.came += 1;
            }
        }
        is_news && cursor.is_none_or(|cursor| cursor >= self.from)
    }
}

impl Part {
    fn since(since: i64) -> Part {
        Part {
            since,
            began: None,
            told: None,
            told_at: None,
            came: 0,
        }
    }

    /// Whether a row that came for another part is among those that this one counted.
    fn counts(&self, cursor: Option<i64>, delay: i64) -> bool {
        let before = self.told_at.map(|at| at.saturating_sub(delay));
        cursor.is_some_and(|cursor| self.since <= cursor && Some(cursor) < before)
    }

    fn is_whole(&self) -> bool {
        self.told.is_some_and(|told| self.came >= told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::envelope::Pagination;

    /// A page of rows of the ids, of a list that tells so many rows.
    fn page(ids: &[u32], told: u64) -> PageFacts {
        let rows = ids.iter().map(|id| (id.to_string(), 1000));
        let counts = Pagination {
            page_count: None,
            item_count: Some(told),
        };
        PageFacts::of(rows, Some(counts), Some(2000))
    }

    #[test]
    fn a_pass_is_not_whole_by_the_count_of_a_replica_that_lags() {
        let mut passes = FullScan::new("of a test", Pages::Sized(2), None, 0, 0);
        // Row 3 moved in front of the second page, and the last answer knows of none behind it.
        for (at, ids, told) in [(1, &[1, 2][..], 5), (2, &[4, 5], 5), (3, &[], 4)] {
            let ask = passes.ask(RequestId(at)).expect("the pass goes on");
            assert_eq!(ask.page, Some(at));
            passes.take(RequestId(at), &page(ids, told)).unwrap();
        }
        let again = passes.ask(RequestId(4)).expect("there is a second pass");
        assert_eq!(
            (again.page, again.modified_since),
            (Some(1), Some(anchor(0)))
        );
        let kept = passes
            .take(RequestId(4), &page(&[1, 2, 3, 4, 5], 5))
            .unwrap();
        assert_eq!(kept.is_new, [false, false, true, false, false]);
        let looks_back = passes
            .ask(RequestId(5))
            .expect("the pass is looked back at");
        assert_eq!(looks_back.modified_since, Some(anchor(2000)));
        passes.take(RequestId(5), &page(&[], 0)).unwrap();
        assert!(passes.over);
    }

    #[test]
    fn ids_that_never_come_are_missed_after_some_passes_that_bring_none() {
        let mut passes = FullScan::new("of a test", Pages::Sized(2), Some(SortBy::Id), 0, 0);
        let mut asked = 0;
        let broken = loop {
            let ask = passes.ask(RequestId(asked)).expect("there is no end");
            asked += 1;
            assert_eq!(ask.order, Some(SortBy::Id));
            let is_whole_list = ask.modified_since == Some(anchor(0));
            let answer = match (is_whole_list, ask.page) {
                (true, Some(1)) => page(&[1, 2], 4),
                (true, Some(2)) => page(&[2, 3], 4),
                _ => page(&[], 0),
            };
            if let Err(broken) = passes.take(RequestId(asked - 1), &answer) {
                break broken;
            }
        };
        // The first pass and six that bring nothing, of two pages each, and looks between them.
        assert!(matches!(broken, BrokenList::Unstable { .. }) && asked == 7 * 2 + 6);
    }
}
