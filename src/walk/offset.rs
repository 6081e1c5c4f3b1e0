//! Walks the journals: `offset=N` requests the journals whose number is greater than N.
//!
//! A long ledger is divided into ranges of numbers that are read in parallel.
//!
//! A journal may become visible after a journal with a higher number. The walk therefore records
//! the numbers missing between journals of the last day. A later sync searches for them after it
//! has read all new journals.

mod ranges;

use super::gaps::{Gap, GapSearch, Gaps};
use super::position::spans;
use super::{
    BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, WalkStart, Walker,
};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;
pub(crate) use ranges::MIN_PAGES_READ;
use ranges::{NumberRanges, NumbersRead};

/// How long the walk searches for a missing number, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Maximum number of calls per sync that search for missing numbers. The highest numbers come
/// first.
const MAX_SEARCHES: u32 = 5;

/// A walk by journal number.
#[derive(Debug)]
pub(crate) struct Offset {
    ranges: NumberRanges,
    /// Whether an earlier sync has read journals.
    is_later_sync: bool,
    /// Xero's clock in the first response.
    clock: Option<i64>,
    /// Numbers that earlier syncs missed in the part of the list that they read. This sync searches
    /// for them.
    missed: Gaps,
    /// Numbers that are missing in the part of the list that this walk has read.
    found: Gaps,
    /// Unread numbers that are missing for streams of the family that are further ahead. The walk
    /// reads this part of the list anyway.
    ahead: Gaps,
    /// The next search for missing numbers, or the one in flight.
    search: Option<GapSearch>,
    searches: u32,
    is_searching: bool,
    is_over: bool,
    request_count: u64,
}

impl Offset {
    pub(crate) fn new(start: WalkStart) -> Offset {
        let mut missed = start.gaps;
        let ahead = spans(start.from, start.open.clone())
            .into_iter()
            .map(|unread| missed.take(unread))
            .fold(Gaps::default(), Gaps::union);
        Offset {
            ranges: NumberRanges::new(start.from, start.open),
            is_later_sync: start.from > 0,
            clock: None,
            missed,
            found: Gaps::default(),
            ahead,
            search: None,
            searches: 0,
            is_searching: false,
            is_over: false,
            request_count: 0,
        }
    }

    /// Records the numbers that are missing before journals of the last day.
    fn find_gaps(&mut self, rows: &[RowKey], read: NumbersRead) {
        let Some(clock) = self.clock else {
            return; // without a clock the gaps would never expire
        };
        let mut rows: Vec<_> = rows
            .iter()
            .filter_map(|row| Some((row.cursor?, row.created)))
            .filter(|(number, _)| *number > read.offset)
            .collect();
        rows.sort_unstable();
        let mut before = read.offset;
        for (number, created) in rows {
            // A journal without a creation date counts as recent if it is new since the last sync.
            let is_recent = created.map_or(self.is_later_sync, |created| {
                created >= clock.saturating_sub(DAY)
            });
            // The numbers after the end of the range belong to the next one.
            let last = number.saturating_sub(1).min(read.last);
            let first = before.saturating_add(1);
            if is_recent && first <= last {
                let seen = clock;
                self.found.add(Gap { first, last, seen });
            }
            before = number;
        }
    }

    /// Plans the next search for numbers up to `number`. After the last search, forgets the gaps
    /// older than a day. They must survive until then, so that daily syncs search for them once.
    fn plan_search(&mut self, number: i64) {
        self.search = self
            .missed
            .search(number)
            .filter(|_| self.searches < MAX_SEARCHES);
        self.is_over = self.search.is_none();
        if let Some(clock) = self.clock.filter(|_| self.is_over) {
            self.missed.expire(clock.saturating_sub(DAY));
        }
    }

    /// Continues after a response to a search. `newest` is its highest number.
    fn finish_search(&mut self, search: GapSearch, newest: Option<i64>) {
        self.is_searching = false;
        self.searches += 1;
        // The page is short although journals follow.
        let rest = newest.filter(|newest| *newest > search.offset && *newest < search.top);
        match rest {
            Some(offset) if self.searches < MAX_SEARCHES => {
                self.search = Some(GapSearch { offset, ..search })
            }
            _ => self.plan_search(search.bottom),
        }
    }

    /// Returns whether the row's number was missing, and removes it from the gaps.
    fn was_missing(&mut self, row: &RowKey) -> bool {
        row.cursor.is_some_and(|number| self.missed.fill(number))
    }

    /// Returns the `offset` of the next request, and marks it as sent under this id.
    fn next_offset(&mut self, request_id: RequestId, capacity: SendCapacity) -> Option<i64> {
        match self.search {
            _ if self.is_over || self.is_searching => None,
            Some(search) => {
                self.is_searching = true;
                Some(search.offset)
            }
            None => self.ranges.next_request(request_id, capacity),
        }
    }
}

impl Walker for Offset {
    fn next_request(&mut self, capacity: SendCapacity) -> Option<(RequestId, PageRequest)> {
        let request_id = RequestId(self.request_count);
        let request = PageRequest {
            offset: Some(self.next_offset(request_id, capacity)?),
            ..PageRequest::default()
        };
        self.request_count += 1;
        Some((request_id, request))
    }

    fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList> {
        self.clock = self.clock.or(page.clock);
        let is_new = match self.search {
            Some(search) => {
                let newest = page.rows.iter().filter_map(|row| row.cursor).max();
                let is_new = page.rows.iter().map(|row| self.was_missing(row)).collect();
                self.finish_search(search, newest);
                is_new
            }
            None => {
                let Some(read) = self.ranges.take(request_id, &page.rows)? else {
                    return Ok(None);
                };
                self.ahead.take(read.span());
                self.find_gaps(&page.rows, read);
                if self.ranges.are_over() {
                    self.plan_search(i64::MAX);
                }
                let is_new = |row: &RowKey| row.cursor.is_none_or(|number| read.contain(number));
                page.rows.iter().map(is_new).collect()
            }
        };
        Ok(Some(NewRows::new(request_id, is_new)))
    }

    fn proof(&self) -> Option<Proof> {
        self.is_over.then_some(Proof::EmptyPage)
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        let gaps = self.missed.clone().union(self.found.clone());
        let open = self.ranges.spans();
        let checkpoint = Checkpoint {
            from: open.first()?.from,
            gaps: gaps.union(self.ahead.clone()),
            open,
            ..Checkpoint::default()
        };
        Some(checkpoint.not_before(i64::MIN))
    }
}

#[cfg(test)]
mod tests;
