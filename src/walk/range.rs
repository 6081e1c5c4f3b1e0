//! Walks one range of cursors, page after page.

use std::mem;

use super::order::{Refusal, UNSORTED, check_order};
use super::range_progress::RangeProgress;
use super::window::{Pages, Window, known_since};
use super::{BrokenList, NewRows, PageRequest, RequestId, Span, anchor, check_keys};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;

/// Maximum number of consecutive restarts because rows moved in front of the window.
const MAX_RESTARTS: u32 = 8;

/// A range in progress. Holds what was read of it and which page comes next.
#[derive(Debug)]
pub(super) struct Range {
    /// How far the range is read, and where it ends.
    pub(super) progress: RangeProgress,
    pub(super) window: Window,
    purpose: Purpose,
    restarts: u32,
    /// The request in flight.
    pub(super) request_id: Option<RequestId>,
    /// Whether that request was sent after every other range had ended.
    pub(super) is_last_request: bool,
    /// Number of rows of the list after the last one read, if Xero counts them.
    pub(super) rows_left: Option<u64>,
    /// Smallest `itemCount` that the next page may report. Rows never leave these lists, so a
    /// smaller count proves that the order changed between two pages.
    min_item_count: Option<u64>,
    /// Number of the rows left that lie after the end of the range.
    pub(super) rows_beyond_end: u64,
    /// Whether requests name the end of the range, because Xero refused requests without it.
    pub(super) bounded: bool,
}

/// The purpose of the next request.
#[derive(Debug)]
enum Purpose {
    /// Rows.
    Rows,
    /// Checks whether an uncounted list continues after these rows, which are a short page.
    CheckEnd(Vec<RowKey>),
    /// Requests the previous page again, to prove that this page of fixed size follows it.
    ConfirmPrevious(RequestId, PageFacts),
}

/// How a range ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A row at or after the end of the range was read.
    Reached,
    /// The list has no more rows, with the proof.
    List(Proof),
}

/// The new rows that a response decides, and the end of the range if it is reached.
type Taken = (Option<NewRows>, Option<End>);

impl Range {
    pub(super) fn new(pages: Pages, span: Span) -> Range {
        Range {
            progress: RangeProgress::new(span),
            window: Window::at(pages, span.from),
            purpose: Purpose::Rows,
            restarts: 0,
            request_id: None,
            is_last_request: false,
            rows_left: None,
            min_item_count: None,
            rows_beyond_end: 0,
            bounded: false,
        }
    }

    pub(super) fn request(&self) -> PageRequest {
        let shift = match self.purpose {
            Purpose::Rows => 0,
            Purpose::CheckEnd(_) => 1,
            Purpose::ConfirmPrevious(..) => -1,
        };
        PageRequest {
            before: self.progress.end.filter(|_| self.bounded),
            ..self.window.request(shift)
        }
    }

    /// Returns whether the page of this request waits for proof that it follows the previous one.
    pub(super) fn holds(&self, request_id: RequestId) -> bool {
        matches!(&self.purpose, Purpose::ConfirmPrevious(held, _) if *held == request_id)
    }

    /// Returns the number of rows still to be read in this range, if Xero counts them.
    pub(super) fn remaining(&self) -> Option<u64> {
        Some(self.rows_left?.saturating_sub(self.rows_beyond_end))
    }

    /// Returns whether one more request can be the last. Such a request waits until the other
    /// ranges have ended.
    pub(super) fn may_end_with_next(&self) -> bool {
        self.rows_left
            .is_some_and(|left| left <= self.window.full_size)
    }

    /// Takes the rows of a probe's page, which start before this range. `left` is the number of
    /// rows that the list has after the page.
    pub(super) fn start_with(
        &mut self,
        rows: &[RowKey],
        left: Option<u64>,
    ) -> (Vec<bool>, Option<End>) {
        let is_new = self.progress.take(rows);
        self.rows_left = left;
        self.restart_window(known_since(rows, anchor(self.progress.newest)));
        self.record_min_item_count(rows);
        let end = match self.progress.is_reached_by(rows) {
            true => Some(End::Reached),
            false => (left == Some(0)).then_some(End::List(Proof::Count)),
        };
        (is_new, end)
    }

    /// Takes the response to this range's request.
    pub(super) fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Taken, Refusal> {
        self.request_id = None;
        check_order(&page.rows, self.window.anchor)?;
        match mem::replace(&mut self.purpose, Purpose::Rows) {
            Purpose::CheckEnd(_) if page.rows.is_empty() => {
                Ok((None, Some(End::List(Proof::EmptyPage))))
            }
            // The same page again: the server ignores `page`. Other known rows would not prove the
            // end, because the order within a tie may have changed.
            Purpose::CheckEnd(before) if page.rows == before => {
                Ok((None, Some(End::List(Proof::NothingNew))))
            }
            Purpose::CheckEnd(before)
                if page.rows.first().map(|row| row.cursor)
                    < before.last().map(|row| row.cursor) =>
            {
                Err(Refusal::Unreliable(UNSORTED))
            }
            Purpose::ConfirmPrevious(earlier, held)
                if self.window.confirms(&page.rows) && self.window.are_new(&held.rows) =>
            {
                self.accept(earlier, &held)
            }
            Purpose::Rows if self.window.page == 1 && !self.lacks_rows(page) => {
                self.accept(request_id, page)
            }
            Purpose::Rows if self.window.page > 1 && self.window.pages.is_fixed() => {
                self.purpose = Purpose::ConfirmPrevious(request_id, page.clone());
                Ok((None, None))
            }
            Purpose::Rows if self.window.continues(&page.rows) => self.accept(request_id, page),
            _ => self.restart(),
        }
    }

    /// Continues after the last page of the list, to read rows that appear later.
    pub(super) fn wait_for_more(&mut self) {
        self.rows_left = Some(0);
        self.min_item_count = None;
        self.restart_window(0);
    }

    /// Ends the range at `end` and names this end in its requests.
    pub(super) fn bound(&mut self, end: i64) {
        self.progress.end = Some(end);
        self.bounded = true;
        self.min_item_count = None;
        self.restart_window(0);
    }

    fn accept(&mut self, request_id: RequestId, page: &PageFacts) -> Result<Taken, Refusal> {
        let read = self.window.rows_through(&page.rows);
        if page.rows.is_empty()
            && let Some(broken) = self.contradiction(page, read)
        {
            return match self.window.page {
                1 => Err(Refusal::Broken(broken)),
                _ => self.restart(),
            };
        }
        let is_new = self.progress.take(&page.rows);
        check_keys(self.progress.kept_keys(), self.window.pages.full_size())
            .map_err(Refusal::Broken)?;
        // A row without a stamp always counts as new, so it does not prove progress.
        let is_stamped = |(row, is_new): (&RowKey, &bool)| *is_new && row.cursor.is_some();
        if page.rows.iter().zip(&is_new).any(is_stamped) {
            self.restarts = 0;
        }
        self.rows_left = page
            .counted()
            .map(|item_count| item_count.saturating_sub(read));
        let end = match self.progress.is_reached_by(&page.rows) {
            true => Some(End::Reached),
            false => self.next_step(page)?,
        };
        Ok((Some(NewRows::new(request_id, is_new)), end))
    }

    /// Returns the contradiction between an empty page and its own counts, if the counts announce
    /// more rows.
    fn contradiction(&self, page: &PageFacts, read: u64) -> Option<BrokenList> {
        let counts = page.pagination?;
        let page = self.window.page;
        let item_count = counts.item_count.filter(|item_count| read < *item_count);
        let pages = counts.page_count.filter(|pages| page < *pages);
        item_count
            .map(|item_count| BrokenList::Short { read, item_count })
            .or(pages.map(|pages| BrokenList::Gap { page, pages }))
    }

    /// Decides what follows a page. Returns the end of the list if it is proven.
    fn next_step(&mut self, page: &PageFacts) -> Result<Option<End>, Refusal> {
        let pages = page.pagination.and_then(|counts| counts.page_count);
        let is_last_by_count = self
            .rows_left
            .map(|left| left == 0)
            .or(pages.map(|pages| self.window.page >= pages));
        match is_last_by_count {
            Some(true) => return Ok(Some(End::List(Proof::Count))),
            None if page.rows.is_empty() => return Ok(Some(End::List(Proof::EmptyPage))),
            None if self.window.is_short(&page.rows) => {
                self.purpose = Purpose::CheckEnd(page.rows.clone());
            }
            _ if self.window.advance(&page.rows, self.progress.newest) => {
                self.record_min_item_count(&page.rows);
            }
            _ => {
                return Err(Refusal::Unreliable(
                    "too many of its rows have the same stamp",
                ));
            }
        }
        Ok(None)
    }

    /// Records the smallest `itemCount` of a request anchored at the newest row. It covers the rest
    /// of the list and the rows that come again. An inclusive and an exclusive `If-Modified-Since`
    /// both fulfil it.
    fn record_min_item_count(&mut self, rows: &[RowKey]) {
        let repeated = known_since(rows, anchor(self.progress.newest) + 1);
        self.min_item_count = self.rows_left.map(|left| left + repeated);
    }

    fn lacks_rows(&self, page: &PageFacts) -> bool {
        let expected = self.min_item_count.unwrap_or(0);
        page.counted()
            .is_some_and(|item_count| item_count < expected)
    }

    /// Restarts at the newest row, because the page does not follow the rows read before.
    fn restart(&mut self) -> Result<Taken, Refusal> {
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            return Err(Refusal::Unreliable(
                "its rows keep moving between its pages",
            ));
        }
        self.restart_window(0);
        Ok((None, None))
    }

    fn restart_window(&mut self, known: u64) {
        self.purpose = Purpose::Rows;
        self.window.restart(self.progress.newest, known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::most_keys;

    #[test]
    fn too_many_rows_with_one_stamp_are_an_error() {
        let most = most_keys(1);
        for (rows, is_endless) in [(most, false), (most + 1, true)] {
            let span = Span { from: 0, to: None };
            let mut range = Range::new(Pages::Sized(1), span);
            let page = PageFacts::of((0..rows).map(|id| (id.to_string(), 1000)), None, None);
            let refusal = range.take(RequestId(1), &page).err();
            let endless = BrokenList::Endless { rows: most };
            let found = matches!(refusal, Some(Refusal::Broken(broken)) if broken == endless);
            assert_eq!(found, is_endless, "{rows} rows");
        }
    }
}
