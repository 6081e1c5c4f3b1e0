//! Walks lists in the order of UpdatedDateUTC by a watermark instead of page numbers: the next
//! request asks for page 1 of all changes since the newest row.
//!
//! A long list is split into ranges that are read in parallel. A row that is edited during the walk
//! moves to the end of the list, into the last range, the tail. The tail therefore ends only with a
//! request that was sent after every other range had ended.

use super::full_scan::FullScan;
use super::order::{Refusal, check_order};
use super::position::spans;
use super::range::{End, Range};
use super::split::{Probe, Split};
use super::window::Pages;
use super::{
    BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, SortBy, Span, WalkStart,
    Walker,
};
use crate::rows::page::PageFacts;
use crate::streams::{Order, QuerySupport};
use crate::walk::proof::Proof;

/// A day in milliseconds: the narrowest range that a `where` clause bounds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A walk by watermark.
#[derive(Debug)]
pub(crate) struct Watermark {
    start: WalkStart,
    pages: Pages,
    query_support: QuerySupport,
    /// The order that requests name.
    order: Option<SortBy>,
    /// Xero's clock in the first response.
    clock: Option<i64>,
    /// The newest cursor of the ranges that have ended.
    newest: i64,
    /// The open ranges in ascending order. The last one is the tail.
    ranges: Vec<Range>,
    split: Split,
    /// What proved that the tail ended.
    proof: Option<Proof>,
    /// The full scan that replaces the ranges once the order or the filter proved unreliable.
    full_scan: Option<FullScan>,
    warning: Option<&'static str>,
    request_count: u64,
}

impl Watermark {
    pub(super) fn new(pages: Pages, query_support: QuerySupport, start: WalkStart) -> Watermark {
        let open = spans(start.from, start.open.clone()).into_iter();
        let ranges = open.map(|span| Range::new(pages, span));
        Watermark {
            pages,
            query_support,
            order: (query_support.order == Order::Undocumented).then_some(SortBy::Cursor),
            clock: None,
            newest: start.from,
            ranges: ranges.collect(),
            split: Split::default(),
            proof: None,
            full_scan: None,
            warning: None,
            request_count: 0,
            start,
        }
    }

    fn next_in_ranges(
        &mut self,
        request_id: RequestId,
        capacity: SendCapacity,
    ) -> Option<PageRequest> {
        // Everything else depends on Xero's clock, which the first response carries.
        if self.clock.is_none() && self.ranges.iter().any(|range| range.request_id.is_some()) {
            return None;
        }
        if self.clock.is_some() {
            self.split.plan(&self.ranges, capacity);
        }
        if let Some(request) = self.split.next_request(request_id) {
            return Some(request);
        }
        let is_only_range = self.ranges.len() == 1 && !self.split.is_probing();
        let ready = |range: &&mut Range| {
            let is_held_back = range.progress.end.is_none() && range.may_end_with_next();
            range.request_id.is_none() && (is_only_range || !is_held_back)
        };
        let range = self.ranges.iter_mut().find(ready)?;
        range.request_id = Some(request_id);
        range.is_last_request = is_only_range;
        Some(range.request())
    }

    fn take_rows(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, Refusal> {
        let Some(at) = self.range_of(request_id) else {
            return Ok(None);
        };
        let (new_rows, end) = self.ranges[at].take(request_id, page)?;
        self.end(at, end);
        Ok(new_rows)
    }

    /// Returns the index of the range that sent this request.
    fn range_of(&self, request_id: RequestId) -> Option<usize> {
        let mut ranges = self.ranges.iter();
        ranges.position(|range| range.request_id == Some(request_id))
    }

    /// Splits the range that contains the probe's page. The new range starts with the page's rows.
    fn take_probe(
        &mut self,
        request_id: RequestId,
        probe: &Probe,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, Refusal> {
        check_order(&page.rows, probe.anchor)?;
        let Some((at, split_point)) = self.split_point(page) else {
            self.split.failed_probes += 1;
            return Ok(None);
        };
        let cursors = page.rows.iter().map(|row| row.cursor);
        let in_front = cursors.take_while(|at| *at < Some(split_point)).count();
        let item_count = page.pagination.and_then(|counts| counts.item_count);
        let rows_after =
            |rows: usize| Some(item_count?.saturating_sub(probe.rows_before + rows as u64));
        let donor = &mut self.ranges[at];
        let span = Span {
            from: split_point,
            to: donor.progress.end.replace(split_point),
        };
        let mut range = Range::new(self.pages, span);
        range.rows_beyond_end = donor.rows_beyond_end;
        donor.rows_beyond_end = rows_after(in_front).unwrap_or(0);
        let (is_new, end) = range.start_with(&page.rows, rows_after(page.rows.len()));
        self.ranges.insert(at + 1, range);
        self.end(at + 1, end);
        Ok(Some(NewRows::new(request_id, is_new)))
    }

    /// Returns the first stamp of the page that is greater than the page's first stamp, and the
    /// index of the range that contains it.
    fn split_point(&self, page: &PageFacts) -> Option<(usize, i64)> {
        let mut cursors = page.rows.iter().filter_map(|row| row.cursor);
        let first = page.rows.first()?.cursor;
        let split_point = cursors.find(|at| Some(*at) > first)?;
        let holds = |range: &Range| {
            range.progress.newest < split_point
                && range.progress.end.is_none_or(|end| split_point < end)
        };
        let at = self.ranges.iter().position(holds)?;
        // After the settled part of the list, a row may still appear before rows that were read.
        (split_point <= self.settled_until()?).then_some((at, split_point))
    }

    /// Closes the range if it has ended.
    fn end(&mut self, at: usize, end: Option<End>) {
        let range = &mut self.ranges[at];
        match end {
            None => {}
            Some(End::List(_)) if range.progress.end.is_none() && !range.is_last_request => {
                range.wait_for_more();
            }
            Some(end) => {
                if let (End::List(proof), None) = (end, range.progress.end) {
                    self.proof = Some(proof);
                }
                self.newest = self.newest.max(range.progress.newest);
                self.ranges.remove(at);
            }
        }
    }

    /// Returns the cursor before which no row can appear any more.
    fn settled_until(&self) -> Option<i64> {
        Some(self.clock?.saturating_sub(self.start.lookback))
    }
}

impl Walker for Watermark {
    fn next_request(&mut self, capacity: SendCapacity) -> Option<(RequestId, PageRequest)> {
        let request_id = RequestId(self.request_count);
        let request = match &mut self.full_scan {
            Some(scan) => scan.next_request(request_id)?,
            None => PageRequest {
                order: self.order,
                ..self.next_in_ranges(request_id, capacity)?
            },
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
        if let Some(scan) = &mut self.full_scan {
            // Responses to requests of the abandoned ranges carry no information.
            return match scan.request_id == Some(request_id) {
                true => scan.take(request_id, page).map(Some),
                false => Ok(None),
            };
        }
        let taken = match self.split.take_probe(request_id) {
            Some(probe) => self.take_probe(request_id, &probe, page),
            None => self.take_rows(request_id, page),
        };
        match taken {
            Ok(new_rows) => Ok(new_rows),
            Err(Refusal::Broken(broken)) => Err(broken),
            Err(Refusal::Unreliable(reason)) => {
                self.warning = Some(reason);
                let order = (self.query_support.order != Order::Refused).then_some(SortBy::Id);
                let WalkStart { from, lookback, .. } = self.start;
                self.full_scan = Some(FullScan::new(reason, self.pages, order, from, lookback));
                Ok(None)
            }
        }
    }

    fn holds(&self, request_id: RequestId) -> bool {
        self.full_scan.is_none() && self.ranges.iter().any(|range| range.holds(request_id))
    }

    /// Continues after a refusal. The first step names an order that Xero calls efficient, if
    /// requests named none. Later steps split the range of the request in half by time. `now` only
    /// places the split, so any clock is good enough.
    fn narrow(&mut self, request_id: RequestId, now: i64) -> bool {
        if let Some(scan) = &self.full_scan {
            return scan.request_id != Some(request_id);
        }
        if self.split.take_probe(request_id).is_some() {
            self.split.failed_probes += 1;
            return true;
        }
        let Some(at) = self.range_of(request_id) else {
            return false;
        };
        let range = &mut self.ranges[at];
        if self.order.is_none() && self.query_support.order != Order::Refused {
            self.order = Some(SortBy::Cursor);
            range.request_id = None;
            return true;
        }
        if !self.query_support.filter {
            return false; // the list would ignore the bound, and refuse again
        }
        let (from, to) = (range.progress.newest, range.progress.end.unwrap_or(now));
        // A `where` clause compares whole days, so the range is split at a midnight.
        let split_point = (from + to.saturating_sub(from) / 2).div_euclid(DAY) * DAY;
        if split_point <= from || split_point > to.saturating_sub(DAY) {
            return false;
        }
        range.request_id = None;
        let rest = Span {
            from: split_point,
            to: range.progress.end,
        };
        range.bound(split_point);
        let mut rest = Range::new(self.pages, rest);
        rest.bounded = true;
        self.ranges.insert(at + 1, rest);
        true
    }

    /// Returns what proves that the whole list is read. `None` before the end.
    fn proof(&self) -> Option<Proof> {
        match &self.full_scan {
            Some(scan) => scan.is_over.then_some(Proof::NothingNew),
            None => self.proof.filter(|_| self.ranges.is_empty()),
        }
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        let scan = self.full_scan.as_ref();
        if self.proof().is_some() {
            let newest = scan.map_or(self.newest, |scan| scan.newest);
            return Some(Checkpoint::at(self.start.end(self.clock, newest)));
        }
        if scan.is_some() {
            // The checkpoints sent so far relied on an order that does not hold.
            return Some(Checkpoint::at(self.start.from));
        }
        let settled_until = self.settled_until()?;
        let settled = |range: &Range| {
            self.start
                .from
                .max(range.progress.newest.min(settled_until))
        };
        if let [tail] = self.ranges.as_slice() {
            // The final checkpoint is at `settled_until`. Another state at this position would
            // repeat it, with rows between the two.
            return (tail.progress.newest < settled_until).then(|| Checkpoint::at(settled(tail)));
        }
        let span = |range| Span {
            from: settled(range),
            to: range.progress.end,
        };
        let open: Vec<_> = self.ranges.iter().map(span).collect();
        let from = open.first()?.from;
        Some(Checkpoint {
            open,
            ..Checkpoint::at(from)
        })
    }

    fn warning(&mut self) -> Option<&'static str> {
        self.warning.take()
    }
}

#[cfg(test)]
mod tests;
