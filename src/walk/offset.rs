//! Walks the journals: `offset=N` requests the journals whose number is greater than N.
//!
//! A journal may become visible after a journal with a higher number. The walk therefore records
//! the numbers missing between journals of the last day. A later sync searches for them after it
//! has read all new journals.

use super::gaps::{Gap, GapSearch, Gaps};
use super::{
    BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, WalkStart, Walker,
};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;

/// How long the walk searches for a missing number, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Maximum number of calls per sync that search for missing numbers. The highest numbers come
/// first.
const MAX_SEARCHES: u32 = 5;

/// A walk by journal number.
#[derive(Debug, Default)]
pub(crate) struct Offset {
    /// The offset at which the walk started.
    from: i64,
    offset: i64,
    /// Xero's clock in the first response.
    clock: Option<i64>,
    /// Numbers missing up to `offset`.
    gaps: Gaps,
    /// Numbers after `from` that are missing for streams of the family that are further ahead. The
    /// walk reads this part of the list anyway.
    gaps_ahead: Gaps,
    /// The next search for missing numbers, or the one in flight.
    search: Option<GapSearch>,
    searches: u32,
    is_waiting: bool,
    is_over: bool,
}

impl Offset {
    pub(crate) fn new(start: WalkStart) -> Offset {
        Offset {
            from: start.from,
            offset: start.from,
            gaps: start.gaps.clone().up_to(start.from),
            gaps_ahead: start.gaps.after(start.from),
            ..Offset::default()
        }
    }

    /// Records the numbers that are missing before journals of the last day.
    fn find_gaps(&mut self, rows: &[RowKey]) {
        let Some(clock) = self.clock else {
            return; // without a clock the gaps would never expire
        };
        let mut rows: Vec<_> = rows
            .iter()
            .filter_map(|row| Some((row.cursor?, row.created)))
            .filter(|(number, _)| *number > self.offset)
            .collect();
        rows.sort_unstable();
        let mut before = self.offset;
        for (number, created) in rows {
            // A journal without a creation date counts as recent if it is new since the last sync.
            let is_recent = created.map_or(self.from > 0, |created| {
                created >= clock.saturating_sub(DAY)
            });
            let (first, last) = (before.saturating_add(1), number.saturating_sub(1));
            if is_recent && first <= last {
                let seen = clock;
                self.gaps.add(Gap { first, last, seen });
            }
            before = number;
        }
    }

    /// Plans the next search for numbers up to `number`. After the last search, forgets the gaps
    /// older than a day. They must survive until then, so that daily syncs search for them once.
    fn plan_search(&mut self, number: i64) {
        self.search = self
            .gaps
            .search(number)
            .filter(|_| self.searches < MAX_SEARCHES);
        self.is_over = self.search.is_none();
        if let Some(clock) = self.clock.filter(|_| self.is_over) {
            self.gaps.expire(clock.saturating_sub(DAY));
        }
    }

    /// Continues after a response to a search. `newest` is its highest number.
    fn finish_search(&mut self, search: GapSearch, newest: Option<i64>) {
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
        row.cursor
            .is_some_and(|number| number <= self.from && self.gaps.fill(number))
    }
}

impl Walker for Offset {
    fn next_request(&mut self, _capacity: SendCapacity) -> Option<(RequestId, PageRequest)> {
        let is_ready = !self.is_over && !std::mem::replace(&mut self.is_waiting, true);
        let request = PageRequest {
            offset: Some(self.search.map_or(self.offset, |search| search.offset)),
            ..PageRequest::default()
        };
        is_ready.then_some((RequestId::default(), request))
    }

    fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList> {
        self.is_waiting = false;
        self.clock = self.clock.or(page.clock);
        let numbers = || page.rows.iter().filter_map(|row| row.cursor);
        let newest = numbers().max();
        let is_new = match self.search.take() {
            Some(search) => {
                let is_new = page.rows.iter().map(|row| self.was_missing(row)).collect();
                self.finish_search(search, newest);
                is_new
            }
            None => {
                let requested = self.offset;
                self.find_gaps(&page.rows);
                // Pages may be short in the middle of the list; only an empty page is the end.
                match newest {
                    Some(newest) if newest > requested => self.offset = newest,
                    Some(_) => return Err(BrokenList::Repeated { offset: requested }),
                    None => self.plan_search(self.from),
                }
                let is_new = |row: &RowKey| row.cursor.is_none_or(|number| number > requested);
                page.rows.iter().map(is_new).collect()
            }
        };
        Ok(Some(NewRows::new(request_id, is_new)))
    }

    fn proof(&self) -> Option<Proof> {
        self.is_over.then_some(Proof::EmptyPage)
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        let gaps_ahead = self.gaps_ahead.clone().after(self.offset);
        Some(Checkpoint {
            gaps: self.gaps.clone().union(gaps_ahead),
            ..Checkpoint::at(self.offset)
        })
    }
}

#[cfg(test)]
mod tests;
