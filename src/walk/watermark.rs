//! Walks lists in the order of UpdatedDateUTC by a watermark instead of page numbers: the next
//! request asks for page 1 of all changes since the newest row.
//!
//! A long list is split into ranges that are read in parallel. A row that is edited during the walk
//! moves to the end of the list, into the last range, the tail. The tail therefore ends only with a
//! request that was sent after every other range had ended.

use super::full_scan::FullScan;
use super::order::{Refusal, unreliable};
use super::range::{End, Range, Taken};
use super::split::{Probe, Split};
use super::window::Pages;
use super::{
    BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, SortBy, Span, WalkStart,
};
use crate::rows::page::PageFacts;
use crate::streams::{Clauses, Order};
use crate::walk::proof::Proof;

/// A day in milliseconds: the narrowest range that a `where` clause bounds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A walk by watermark.
#[derive(Debug)]
pub(crate) struct Watermark {
    start: WalkStart,
    pages: Pages,
    clauses: Clauses,
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
    passes: Option<FullScan>,
    warning: Option<&'static str>,
    tickets: u64,
}

impl Watermark {
    pub(super) fn new(pages: Pages, clauses: Clauses, start: WalkStart) -> Watermark {
        let everything = Span {
            from: start.from,
            to: None,
        };
        let open = match start.open.is_empty() {
            true => vec![everything],
            false => start.open.clone(),
        };
        let ranges = open.into_iter().map(|span| Range::new(pages, span));
        Watermark {
            pages,
            clauses,
            order: (clauses.order == Order::Undocumented).then_some(SortBy::Cursor),
            clock: None,
            newest: start.from,
            ranges: ranges.collect(),
            split: Split::default(),
            proof: None,
            passes: None,
            warning: None,
            tickets: 0,
            start,
        }
    }

    pub(crate) fn ask(&mut self, pace: SendCapacity) -> Option<(RequestId, PageRequest)> {
        let ticket = RequestId(self.tickets);
        let ask = match &mut self.passes {
            Some(passes) => passes.ask(ticket)?,
            None => PageRequest {
                order: self.order,
                ..self.next(ticket, pace)?
            },
        };
        self.tickets += 1;
        Some((ticket, ask))
    }

    fn next(&mut self, ticket: RequestId, pace: SendCapacity) -> Option<PageRequest> {
        // Everything else depends on Xero's clock, which the first response carries.
        if self.clock.is_none() && self.ranges.iter().any(|range| range.ticket.is_some()) {
            return None;
        }
        if self.clock.is_some() {
            self.split.plan(&self.ranges, pace);
        }
        if let Some(ask) = self.split.ask(ticket) {
            return Some(ask);
        }
        let alone = self.ranges.len() == 1 && !self.split.is_probing();
        let ready = |range: &&mut Range| {
            let held_back = range.front.end.is_none() && range.may_end_with_next();
            range.ticket.is_none() && (alone || !held_back)
        };
        let range = self.ranges.iter_mut().find(ready)?;
        range.ticket = Some(ticket);
        range.is_last_request = alone;
        Some(range.ask())
    }

    pub(crate) fn take(
        &mut self,
        ticket: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList> {
        self.clock = self.clock.or(page.clock);
        if let Some(passes) = &mut self.passes {
            // Responses to requests of the abandoned ranges carry no information.
            return match passes.awaits(ticket) {
                true => passes.take(ticket, page).map(Some),
                false => Ok(None),
            };
        }
        let taken = match self.split.answered(ticket) {
            Some(probe) => self.take_probe(ticket, &probe, page),
            None => self.take_rows(ticket, page),
        };
        match taken {
            Ok(kept) => Ok(kept),
            Err(Refusal::Broken(broken)) => Err(broken),
            Err(Refusal::Unreliable(reason)) => {
                self.warning = Some(reason);
                let order = (self.clauses.order != Order::Refused).then_some(SortBy::Id);
                let WalkStart { from, lookback, .. } = self.start;
                self.passes = Some(FullScan::new(reason, self.pages, order, from, lookback));
                Ok(None)
            }
        }
    }

    pub(crate) fn holds(&self, ticket: RequestId) -> bool {
        self.passes.is_none() && self.ranges.iter().any(|range| range.holds(ticket))
    }

    fn take_rows(
        &mut self,
        ticket: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, Refusal> {
        let asked = |range: &Range| range.ticket == Some(ticket);
        let Some(at) = self.ranges.iter().position(asked) else {
            return Ok(None);
        };
        let Taken { kept, end } = self.ranges[at].take(ticket, page)?;
        self.end(at, end);
        Ok(kept)
    }

    /// Splits the range that contains the probe's page. The new range starts with the page's rows.
    fn take_probe(
        &mut self,
        ticket: RequestId,
        probe: &Probe,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, Refusal> {
        unreliable(&page.rows, probe.anchor)?;
        let cursors = || page.rows.iter().map(|row| row.cursor);
        let first = cursors().next().flatten();
        let cut = cursors().flatten().find(|at| Some(*at) > first);
        // Rows with later cursors may still appear in front of rows that were read.
        let cut = cut.filter(|cut| self.stable().is_some_and(|stable| *cut <= stable));
        let holds = |range: &Range, cut| {
            range.front.newest < cut && range.front.end.is_none_or(|end| cut < end)
        };
        let place = cut.and_then(|cut| {
            let at = self.ranges.iter().position(|range| holds(range, cut))?;
            Some((at, cut))
        });
        let Some((at, cut)) = place else {
            self.split.miss();
            return Ok(None);
        };
        let in_front = cursors().take_while(|at| *at < Some(cut)).count();
        let told = page.pagination.and_then(|counts| counts.item_count);
        let behind = |rows: usize| Some(told?.saturating_sub(probe.before() + rows as u64));
        let donor = &mut self.ranges[at];
        let span = Span {
            from: cut,
            to: donor.front.end.replace(cut),
        };
        let mut range = Range::new(self.pages, span);
        range.behind = donor.behind;
        donor.behind = behind(in_front).unwrap_or(0);
        let (is_new, end) = range.begin_with(&page.rows, behind(page.rows.len()));
        self.ranges.insert(at + 1, range);
        self.end(at + 1, end);
        Ok(Some(NewRows { of: ticket, is_new }))
    }

    /// Closes the range if it has ended.
    fn end(&mut self, at: usize, end: Option<End>) {
        let range = &mut self.ranges[at];
        match end {
            None => {}
            Some(End::List(_)) if range.front.end.is_none() && !range.is_last_request => {
                range.wait_for_more();
            }
            Some(end) => {
                if let (End::List(proof), None) = (end, range.front.end) {
                    self.proof = Some(proof);
                }
                self.newest = self.newest.max(range.front.newest);
                self.ranges.remove(at);
            }
        }
    }

    /// Continues after a refusal. The first step names an order that Xero calls efficient, if
    /// requests named none. Later steps split the range of the request in half by time. `now` only
    /// places the split, so any clock is good enough.
    pub(crate) fn narrow(&mut self, ticket: RequestId, now: i64) -> bool {
        if let Some(passes) = &self.passes {
            return !passes.awaits(ticket);
        }
        if self.split.answered(ticket).is_some() {
            self.split.miss();
            return true;
        }
        let asked = |range: &Range| range.ticket == Some(ticket);
        let Some(at) = self.ranges.iter().position(asked) else {
            return false;
        };
        let range = &mut self.ranges[at];
        if self.order.is_none() && self.clauses.order != Order::Refused {
            self.order = Some(SortBy::Cursor);
            range.ticket = None;
            return true;
        }
        if !self.clauses.filter {
            return false; // the list would ignore the bound, and refuse again
        }
        let (from, to) = (range.front.newest, range.front.end.unwrap_or(now));
        // A `where` clause compares whole days, so the range is split at a midnight.
        let cut = (from + to.saturating_sub(from) / 2).div_euclid(DAY) * DAY;
        if cut <= from || cut > to.saturating_sub(DAY) {
            return false;
        }
        range.ticket = None;
        let old_end = range.front.end;
        range.bound(cut);
        let mut rest = Range::new(
            self.pages,
            Span {
                from: cut,
                to: old_end,
            },
        );
        rest.bounded = true;
        self.ranges.insert(at + 1, rest);
        true
    }

    /// Returns what proves that the whole list is read. `None` before the end.
    pub(crate) fn proof(&self) -> Option<Proof> {
        match &self.passes {
            Some(passes) => passes.over.then_some(Proof::NothingNew),
            None => self.proof.filter(|_| self.ranges.is_empty()),
        }
    }

    /// Returns the cursor before which no row can appear any more.
    fn stable(&self) -> Option<i64> {
        Some(self.clock?.saturating_sub(self.start.lookback))
    }

    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        if self.proof().is_some() {
            let newest = self
                .passes
                .as_ref()
                .map_or(self.newest, |passes| passes.newest);
            return Some(Checkpoint::at(self.start.end(self.clock, newest)));
        }
        if self.passes.is_some() {
            // The checkpoints sent so far relied on an order that does not hold.
            return Some(Checkpoint::at(self.start.from));
        }
        let stable = self.stable()?;
        let settled = |range: &Range| self.start.from.max(range.front.newest.min(stable));
        if let [tail] = self.ranges.as_slice() {
            // The final checkpoint equals `stable`. A state with this position before the last rows
            // would be a duplicate of the final one.
            return (tail.front.newest < stable).then(|| Checkpoint::at(settled(tail)));
        }
        let open: Vec<_> = self
            .ranges
            .iter()
            .map(|range| Span {
                from: settled(range),
                to: range.front.end,
            })
            .collect();
        let from = open.first()?.from;
        Some(Checkpoint {
            open,
            ..Checkpoint::at(from)
        })
    }

    pub(crate) fn warning(&mut self) -> Option<&'static str> {
        self.warning.take()
    }
}

#[cfg(test)]
mod tests;
