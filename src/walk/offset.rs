//! Walks the journals: `offset=N` requests the journals whose number is greater than N.
//!
//! A long ledger is divided into ranges of numbers that are read in parallel.
//!
//! A journal may become visible after a journal with a higher number. The walk therefore records
//! the numbers missing between journals of the last day. Later syncs search for them after they
//! have read all new journals.

mod ranges;
mod search;

use super::gaps::{Gap, Gaps};
use super::position::spans;
use super::{
    BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, WalkStart, Walker,
};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;
pub(crate) use ranges::MIN_PAGES_READ;
use ranges::{NumberRanges, NumbersRead};
pub(crate) use search::Unsearched;
use search::{DAY, Searches};

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
    /// The searches for missing numbers, once the end of the list is proven.
    searches: Option<Searches>,
    /// What the searches and the limits on gaps leave undone.
    unsearched: Unsearched,
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
            searches: None,
            unsearched: Unsearched::default(),
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
        let mut found = Vec::new();
        for (number, created) in rows {
            // A journal without a creation date counts as recent if it is new since the last sync.
            let is_recent = created.map_or(self.is_later_sync, |created| {
                created >= clock.saturating_sub(DAY)
            });
            // The numbers after the end of the range belong to the next one.
            let last = number.saturating_sub(1).min(read.last);
            let first = before.saturating_add(1);
            if is_recent && first <= last {
                found.push(Gap {
                    first,
                    last,
                    seen: clock,
                    searched: None,
                });
            }
            before = number;
        }
        self.found.add(found);
        let dropped = self.found.limit();
        self.unsearched.dropped = self.unsearched.dropped.max(dropped);
    }

    /// Returns all numbers that are known to be missing.
    fn gaps(&self) -> Gaps {
        let gaps = self.missed.clone().union(self.found.clone());
        gaps.union(self.ahead.clone())
    }

    /// Begins to search for the numbers that earlier syncs missed.
    fn begin_searches(&mut self) {
        self.searches = Some(Searches::plan(&mut self.missed, self.clock));
        self.end_searches();
    }

    /// Ends the walk if no search is left.
    fn end_searches(&mut self) {
        let Some(searches) = self.searches.as_ref().filter(|it| it.are_over()) else {
            return;
        };
        self.is_over = true;
        let dropped = self.unsearched.dropped;
        self.unsearched = searches.end(&mut self.missed, self.clock);
        self.unsearched.dropped = dropped.max(self.gaps().limit());
    }

    /// Returns whether the row's number was missing, and removes it from the gaps.
    fn was_missing(&mut self, row: &RowKey) -> bool {
        row.cursor.is_some_and(|number| self.missed.fill(number))
    }

    /// Returns the `offset` of the next request, and marks it as sent under this id.
    fn next_offset(&mut self, request_id: RequestId, capacity: SendCapacity) -> Option<i64> {
        match &mut self.searches {
            Some(searches) => searches.next_offset(),
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
        let is_new = match &mut self.searches {
            Some(searches) => {
                searches.take(page.rows.iter().filter_map(|row| row.cursor).max());
                let is_new = page.rows.iter().map(|row| self.was_missing(row)).collect();
                self.end_searches();
                is_new
            }
            None => {
                let Some(read) = self.ranges.take(request_id, &page.rows)? else {
                    return Ok(None);
                };
                self.ahead.take(read.span());
                self.find_gaps(&page.rows, read);
                if self.ranges.are_over() {
                    self.begin_searches();
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
        let mut gaps = self.gaps();
        gaps.limit();
        let open = self.ranges.spans();
        let checkpoint = Checkpoint {
            from: open.first()?.from,
            gaps,
            open,
            ..Checkpoint::default()
        };
        Some(checkpoint.not_before(i64::MIN))
    }

    fn unsearched(&self) -> Unsearched {
        self.unsearched
    }
}

#[cfg(test)]
mod tests;
