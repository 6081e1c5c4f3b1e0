//! Walks one range of cursors, page after page.

use std::mem;

use super::order::{Refusal, UNSORTED, unreliable};
use super::range_progress::RangeProgress;
use super::window::{Pages, Window, known_since};
use super::{BrokenList, NewRows, PageRequest, RequestId, Span, anchor};
use crate::rows::envelope::Pagination;
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;

/// Maximum number of consecutive restarts because rows moved in front of the window.
const RESTARTS: u32 = 8;

/// A range in progress: what it has read and which page comes next.
#[derive(Debug)]
pub(super) struct Range {
    /// How far the range is read, and where it ends.
    pub(super) front: RangeProgress,
    window: Window,
    turn: Turn,
    restarts: u32,
    /// The request in flight.
    pub(super) ticket: Option<RequestId>,
    /// Whether that request was sent after every other range had ended.
    pub(super) is_last_request: bool,
    /// Number of rows of the list after the last one read, if Xero counts them.
    pub(super) left: Option<u64>,
    /// Smallest `itemCount` that the next page may report. Rows never leave these lists, so a
    /// smaller count proves that the order changed between two pages.
    expected: Option<u64>,
    /// Number of the rows left that lie after the end of the range.
    pub(super) behind: u64,
    /// Whether requests name the end of the range, because Xero refused requests without it.
    pub(super) bounded: bool,
}

/// The purpose of the next request.
#[derive(Debug)]
enum Turn {
    /// Rows.
    Rows,
    /// Checks whether an uncounted list continues after these rows, which are a short page.
    More(Vec<RowKey>),
    /// Requests the previous page again, to prove that this page of fixed size follows it.
    Proof(RequestId, PageFacts),
}

/// How a range ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A row at or after the end of the range was read.
    Reached,
    /// The list has no more rows, with the proof.
    List(Proof),
}

/// What follows a page.
enum Next {
    /// More rows.
    Rows,
    /// No row.
    Nothing(Proof),
    /// Unknown, because the response carries no counts.
    Unknown,
}

/// The result of taking a page.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) kept: Option<NewRows>,
    pub(super) end: Option<End>,
}

impl Range {
    pub(super) fn new(pages: Pages, span: Span) -> Range {
        Range {
            front: RangeProgress::new(span),
            window: Window::at(pages, span.from),
            turn: Turn::Rows,
            restarts: 0,
            ticket: None,
            is_last_request: false,
            left: None,
            expected: None,
            behind: 0,
            bounded: false,
        }
    }

    pub(super) fn ask(&self) -> PageRequest {
        let shift = match self.turn {
            Turn::Rows => 0,
            Turn::More(_) => 1,
            Turn::Proof(..) => -1,
        };
        PageRequest {
            before: self.front.end.filter(|_| self.bounded),
            ..self.window.ask(shift)
        }
    }

    /// Returns whether the page of this request waits for proof that it follows the previous one.
    pub(super) fn holds(&self, ticket: RequestId) -> bool {
        matches!(&self.turn, Turn::Proof(held, _) if *held == ticket)
    }

    pub(super) fn window(&self) -> &Window {
        &self.window
    }

    /// Returns the number of rows still to be read in this range, if Xero counts them.
    pub(super) fn remaining(&self) -> Option<u64> {
        Some(self.left?.saturating_sub(self.behind))
    }

    /// Returns whether one more request can be the last. Such a request waits until the other
    /// ranges have ended.
    pub(super) fn may_end_with_next(&self) -> bool {
        self.left.is_some_and(|left| left <= self.window.full())
    }

    /// Takes the rows of a probe's page, which start before this range. `left` is the number of
    /// rows of the list after them.
    pub(super) fn begin_with(
        &mut self,
        rows: &[RowKey],
        left: Option<u64>,
    ) -> (Vec<bool>, Option<End>) {
        let keep = self.front.select(rows);
        self.left = left;
        self.start_over(known_since(rows, anchor(self.front.newest)));
        self.expect(rows);
        let end = if self.front.is_reached_by(rows) {
            Some(End::Reached)
        } else {
            left.filter(|left| *left == 0)
                .map(|_| End::List(Proof::Count))
        };
        (keep, end)
    }

    /// Takes the response to this range's request.
    pub(super) fn take(&mut self, ticket: RequestId, page: &PageFacts) -> Result<Taken, Refusal> {
        self.ticket = None;
        unreliable(&page.rows, self.window.anchor)?;
        match mem::replace(&mut self.turn, Turn::Rows) {
            Turn::More(_) if page.rows.is_empty() => Ok(Taken {
                kept: None,
                end: Some(End::List(Proof::EmptyPage)),
            }),
            // The same page again: the server ignores `page`. Other known rows would not prove the
            // end, because the order within a tie may have changed.
            Turn::More(before) if page.rows == before => Ok(Taken {
                kept: None,
                end: Some(End::List(Proof::NothingNew)),
            }),
            Turn::More(before)
                if page.rows.first().map(|row| row.cursor)
                    < before.last().map(|row| row.cursor) =>
            {
                Err(Refusal::Unreliable(UNSORTED))
            }
            Turn::Proof(earlier, held)
                if self.window.confirms(&page.rows) && self.window.is_new(&held.rows) =>
            {
                self.accept(earlier, &held)
            }
            Turn::More(_) | Turn::Proof(..) => self.begin_again(),
            Turn::Rows if self.window.page() == 1 => match self.lacks_rows(page) {
                true => self.begin_again(),
                false => self.accept(ticket, page),
            },
            Turn::Rows => match self.window.pages() {
                Pages::Fixed(_) => {
                    self.turn = Turn::Proof(ticket, page.clone());
                    Ok(Taken::default())
                }
                Pages::Sized(_) if self.window.continues(&page.rows) => self.accept(ticket, page),
                Pages::Sized(_) => self.begin_again(),
            },
        }
    }

    /// Continues after the last page of the list, to read rows that appear later.
    pub(super) fn wait_for_more(&mut self) {
        self.left = Some(0);
        self.expected = None;
        self.start_over(0);
    }

    /// Ends the range at `end` and names this end in its requests.
    pub(super) fn bound(&mut self, end: i64) {
        self.front.end = Some(end);
        self.bounded = true;
        self.expected = None;
        self.start_over(0);
    }

    fn accept(&mut self, ticket: RequestId, page: &PageFacts) -> Result<Taken, Refusal> {
        let read = self.window.reach(&page.rows);
        if page.rows.is_empty()
            && let Some(broken) = self.gap(page, read)
        {
            return match self.window.page() {
                1 => Err(Refusal::Broken(broken)),
                _ => self.begin_again(),
            };
        }
        let is_new = self.front.select(&page.rows);
        // A row without a stamp always counts as new, so it does not prove progress.
        let is_stamped = |(row, is_new): (&RowKey, &bool)| *is_new && row.cursor.is_some();
        if page.rows.iter().zip(&is_new).any(is_stamped) {
            self.restarts = 0;
        }
        self.left = page.counted().map(|told| told.saturating_sub(read));
        let end = if self.front.is_reached_by(&page.rows) {
            Some(End::Reached)
        } else {
            self.go_on(page)?
        };
        let kept = Some(NewRows { of: ticket, is_new });
        Ok(Taken { kept, end })
    }

    /// Returns the contradiction between an empty page and its own counts, if the counts announce
    /// more rows.
    fn gap(&self, page: &PageFacts, read: u64) -> Option<BrokenList> {
        let counts = page.pagination?;
        let page = self.window.page();
        let told = counts.item_count.filter(|told| read < *told);
        let pages = counts.page_count.filter(|pages| page < *pages);
        told.map(|told| BrokenList::Short { read, told })
            .or(pages.map(|pages| BrokenList::Gap { page, pages }))
    }

    fn go_on(&mut self, page: &PageFacts) -> Result<Option<End>, Refusal> {
        match self.next(page) {
            Next::Nothing(proof) => return Ok(Some(End::List(proof))),
            Next::Rows if self.window.advance(&page.rows, self.front.newest) => {
                self.expect(&page.rows);
            }
            Next::Rows => {
                return Err(Refusal::Unreliable("too many of its rows carry one stamp"));
            }
            Next::Unknown => self.turn = Turn::More(page.rows.clone()),
        }
        Ok(None)
    }

    /// Records the smallest `itemCount` of a request anchored at the newest row. It covers the rest
    /// of the list and the rows that come again. An inclusive and an exclusive `If-Modified-Since`
    /// both fulfil it.
    fn expect(&mut self, rows: &[RowKey]) {
        let again = known_since(rows, anchor(self.front.newest) + 1);
        self.expected = self.left.map(|left| left + again);
    }

    fn lacks_rows(&self, page: &PageFacts) -> bool {
        let expected = self.expected.unwrap_or(0);
        page.counted().is_some_and(|told| told < expected)
    }

    /// Returns what the list holds after this page.
    fn next(&self, page: &PageFacts) -> Next {
        let counted = |is_last| match is_last {
            true => Next::Nothing(Proof::Count),
            false => Next::Rows,
        };
        match (self.left, page.pagination) {
            (Some(left), _) => counted(left == 0),
            (
                None,
                Some(Pagination {
                    page_count: Some(pages),
                    ..
                }),
            ) => counted(self.window.page() >= pages),
            _ if page.rows.is_empty() => Next::Nothing(Proof::EmptyPage),
            _ if self.window.is_short(&page.rows) => Next::Unknown,
            _ => Next::Rows,
        }
    }

    /// Restarts at the newest row, because the page does not follow the rows read before.
    fn begin_again(&mut self) -> Result<Taken, Refusal> {
        self.restarts += 1;
        if self.restarts > RESTARTS {
            return Err(Refusal::Unreliable(
                "its rows keep moving between its pages",
            ));
        }
        self.start_over(0);
        Ok(Taken::default())
    }

    fn start_over(&mut self, known: u64) {
        self.turn = Turn::Rows;
        self.window.restart(self.front.newest, known);
    }
}
