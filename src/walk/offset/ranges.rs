//! Divides the numbers of a ledger into ranges that are read in parallel.
//!
//! Xero does not count the journals, so the end of the list is unknown. The walk expects as many
//! more pages as it knows of already. It splits a range by a request for the numbers after the
//! middle of the range. The rows of the response are the first rows of the new range. An empty
//! response means that the list ends before the new range, which is then joined to the range below.

use std::mem;
use std::time::Duration;

use super::super::position::spans;
use super::super::{BrokenList, HUNDRED, RequestId, SendCapacity, Span};
use crate::rows::rewrite::RowKey;

/// Number of pages that are read before the first split, so that shorter lists cost no extra call.
pub(crate) const MIN_PAGES_READ: u64 = 6;

/// Minimum number of pages of a range that is split.
const MIN_PAGES: i64 = 4;

/// A walk that ends within this time is not split, if its calls fit into the current minute window.
const SHORT_WALK: Duration = Duration::from_secs(2);

/// Returns how many calls may be wasted in a list of at least `pages` pages: the logarithm to find
/// the end, and 2 % to split ranges with holes.
fn max_wasted_calls(pages: u64) -> u64 {
    u64::from(pages.checked_ilog2().unwrap_or(0)) + pages / 50
}

fn sum(pages: &[i64]) -> i64 {
    pages.iter().copied().fold(0, i64::saturating_add)
}

/// The open ranges of a walk by number.
#[derive(Debug)]
pub(super) struct NumberRanges {
    /// The open ranges in ascending order. The last one is the tail, which stays open.
    open: Vec<NumberRange>,
    /// Number of responses with rows.
    pages_read: u64,
    /// Number of first responses of a range without a row of this range.
    wasted_calls: u64,
    /// The number after which the list ended in the last probe of the tail.
    expected_end: Option<i64>,
}

/// The unread part of a range of numbers.
#[derive(Debug, Default)]
struct NumberRange {
    /// Every number of the range up to this one is read.
    read_to: i64,
    /// The last number of the range. `None` for the tail.
    last: Option<i64>,
    /// The request in flight.
    request_id: Option<RequestId>,
    /// Whether the last request was sent after every range below had ended.
    is_last_request: bool,
    /// Whether the last response was empty.
    is_at_list_end: bool,
    /// Whether the range was split from another one and has no response yet.
    is_probe: bool,
    /// Whether the last page had fewer rows than a full one.
    is_short: bool,
    /// How many numbers a full page covers, according to the last page.
    numbers_per_page: Option<i64>,
}

/// The numbers that one response covers.
#[derive(Clone, Copy, Debug)]
pub(super) struct NumbersRead {
    /// The number before the first one.
    pub(super) offset: i64,
    /// The last one. Equal to `offset` if the response is empty.
    pub(super) last: i64,
}

impl NumbersRead {
    pub(super) fn span(&self) -> Span {
        Span {
            from: self.offset,
            to: Some(self.last),
        }
    }

    pub(super) fn contain(&self, number: i64) -> bool {
        self.offset < number && number <= self.last
    }
}

impl NumberRange {
    fn span(&self) -> Span {
        Span {
            from: self.read_to,
            to: self.last,
        }
    }

    /// Takes the rows of a page. Their numbers are `offset + 1` or higher.
    fn take(&mut self, rows: &[RowKey], newest: i64) {
        let oldest = rows.iter().filter_map(|row| row.cursor).min();
        let numbers = newest.saturating_sub(oldest.unwrap_or(newest));
        let numbers = numbers.saturating_add(1).saturating_mul(HUNDRED as i64);
        self.numbers_per_page = Some((numbers / rows.len() as i64).max(1));
        self.is_short = (rows.len() as u64) < HUNDRED;
        self.read_to = self.last.map_or(newest, |last| last.min(newest));
    }

    /// Estimates the number of pages up to `end`. `None` before the first page.
    fn pages_until(&self, end: i64) -> Option<i64> {
        Some(end.saturating_sub(self.read_to) / self.numbers_per_page?)
    }
}

impl NumberRanges {
    /// Creates the ranges for what a sync has to read.
    pub(super) fn new(from: i64, open: Vec<Span>) -> NumberRanges {
        let range = |span: Span| NumberRange {
            read_to: span.from,
            last: span.to,
            ..NumberRange::default()
        };
        NumberRanges {
            open: spans(from, open).into_iter().map(range).collect(),
            pages_read: 0,
            wasted_calls: 0,
            expected_end: None,
        }
    }

    /// Returns the `offset` of the next request, and marks it as sent under this id.
    pub(super) fn next_request(
        &mut self,
        request_id: RequestId,
        capacity: SendCapacity,
    ) -> Option<i64> {
        let is_ready = |range: &NumberRange| range.request_id.is_none() && !range.is_at_list_end;
        let ready = self.open.iter().position(is_ready);
        let at = ready
            .or_else(|| self.split(capacity))
            .or_else(|| self.waiting_tail())?;
        let is_last_request = self.is_lowest(at);
        let range = &mut self.open[at];
        range.request_id = Some(request_id);
        range.is_last_request = is_last_request;
        range.is_at_list_end = false;
        Some(range.read_to)
    }

    /// Returns the index of the tail if its last response was empty and every other range has
    /// ended. One more request then proves the end of the list.
    fn waiting_tail(&self) -> Option<usize> {
        let at = self.open.len().checked_sub(1)?;
        (self.open[at].request_id.is_none() && self.is_lowest(at)).then_some(at)
    }

    /// Returns whether every range below has ended.
    fn is_lowest(&self, at: usize) -> bool {
        self.open[..at].iter().all(|range| range.is_at_list_end)
    }

    /// Splits the longest range, if the walk is long and a slot is free. Returns the index of the
    /// new range.
    fn split(&mut self, capacity: SendCapacity) -> Option<usize> {
        let in_flight = |range: &&NumberRange| range.request_id.is_some();
        let in_flight = self.open.iter().filter(in_flight).count() as u64;
        if in_flight >= capacity.slots
            || self.pages_read < MIN_PAGES_READ
            || self.wasted_calls >= max_wasted_calls(self.pages_read)
        {
            return None;
        }
        let pages = self.pages_left();
        let all = u64::try_from(sum(&pages)).unwrap_or(0);
        let duration = capacity
            .latency
            .saturating_mul(all.try_into().unwrap_or(u32::MAX));
        if all <= capacity.calls_now && duration < SHORT_WALK {
            return None;
        }
        let pages = pages.into_iter().enumerate();
        let longest = pages.max_by_key(|(_, pages)| *pages);
        let (at, pages) = longest.filter(|(_, pages)| *pages >= MIN_PAGES)?;
        let donor = &mut self.open[at];
        let numbers = donor.numbers_per_page?.saturating_mul(pages / 2);
        let split_point = donor.read_to.saturating_add(numbers);
        let range = NumberRange {
            read_to: split_point,
            last: donor.last.replace(split_point),
            is_probe: true,
            ..NumberRange::default()
        };
        self.open.insert(at + 1, range);
        Some(at + 1)
    }

    /// Estimates how many pages each range has left. 0 for a range that must not be split.
    fn pages_left(&self) -> Vec<i64> {
        let bounded = |pair: &[NumberRange]| match (pair[0].last, pair[1].is_probe) {
            // The list may end before a probe.
            (Some(last), false) if !pair[0].is_at_list_end => {
                pair[0].pages_until(last).unwrap_or(0)
            }
            _ => 0,
        };
        let mut pages: Vec<_> = self.open.windows(2).map(bounded).collect();
        let known = sum(&pages).saturating_add_unsigned(self.pages_read);
        pages.extend(self.open.last().map(|tail| self.tail_pages(tail, known)));
        pages
    }

    /// Estimates how many pages the tail has left, if the walk knows of `known` pages.
    fn tail_pages(&self, tail: &NumberRange, known: i64) -> i64 {
        if tail.is_short || tail.is_at_list_end {
            return 0; // the next response may be empty
        }
        let end = self.expected_end.filter(|end| *end > tail.read_to);
        let pages = tail.pages_until(end.unwrap_or(i64::MAX));
        pages.map_or(0, |pages| pages.min(known.saturating_mul(2)))
    }

    /// Takes the rows of a response. Returns the numbers that it covers. `None` if the request is
    /// unknown.
    pub(super) fn take(
        &mut self,
        request_id: RequestId,
        rows: &[RowKey],
    ) -> Result<Option<NumbersRead>, BrokenList> {
        let is_of = |range: &NumberRange| range.request_id == Some(request_id);
        let Some(at) = self.open.iter().position(is_of) else {
            return Ok(None);
        };
        let range = &mut self.open[at];
        range.request_id = None;
        let is_probe = mem::take(&mut range.is_probe);
        let offset = range.read_to;
        // Pages may be short in the middle of the list; only an empty page is the end.
        let Some(newest) = rows.iter().filter_map(|row| row.cursor).max() else {
            range.is_at_list_end = true;
            if is_probe {
                self.join(at);
            }
            return Ok(Some(NumbersRead {
                offset,
                last: offset,
            }));
        };
        if newest <= offset {
            return Err(BrokenList::Repeated { offset });
        }
        range.take(rows, newest);
        let read = NumbersRead {
            offset,
            last: range.read_to,
        };
        let is_own = |row: &RowKey| row.cursor.is_some_and(|number| read.contain(number));
        self.wasted_calls += u64::from(is_probe && !rows.iter().any(is_own));
        self.pages_read += 1;
        if range.last.is_some_and(|last| last <= newest) {
            self.open.remove(at);
        }
        Ok(Some(read))
    }

    /// Joins a range whose first response was empty to the range from which it was split.
    fn join(&mut self, at: usize) {
        let Span { from, to } = self.open[at].span();
        self.wasted_calls += 1;
        if to.is_none() {
            self.expected_end = Some(from);
        }
        let below = at.checked_sub(1).and_then(|below| self.open.get_mut(below));
        if let Some(below) = below.filter(|below| below.last == Some(from)) {
            below.last = to;
            self.open.remove(at);
        }
    }

    /// Returns whether the end of the list is proven. The proof is an empty response to a request for
    /// the numbers after the highest one read. That request was sent after every other range had
    /// ended. Ranges above it were probes that found no row.
    pub(super) fn are_over(&self) -> bool {
        let is_over = |tail: &NumberRange| tail.is_at_list_end && tail.is_last_request;
        self.open.last().is_some_and(is_over)
    }

    /// Returns what is unread. A range without a response belongs to the range below, because the
    /// list may end before it.
    pub(super) fn spans(&self) -> Vec<Span> {
        let mut open: Vec<Span> = Vec::with_capacity(self.open.len());
        for range in &self.open {
            match open.last_mut() {
                Some(below) if range.is_probe && below.to == Some(range.read_to) => {
                    below.to = range.last;
                }
                _ => open.push(range.span()),
            }
        }
        open
    }
}
