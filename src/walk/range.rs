//! A stretch of the cursor's line that is walked by itself, page behind page.

use std::mem;

use super::order::{Refusal, UNSORTED, unreliable};
use super::range_progress::RangeProgress;
use super::window::{Pages, Window, known_since};
use super::{BrokenList, NewRows, PageRequest, RequestId, Span, anchor};
use crate::rows::envelope::Pagination;
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;
use crate::walk::proof::Proof;

/// So often in a row a range may begin again because rows moved in front.
const RESTARTS: u32 = 8;

/// A range on its way: how far it has come and which page comes next.
#[derive(Debug)]
pub(super) struct Range {
    /// How far it has come, and to where it goes.
    pub(super) front: RangeProgress,
    window: Window,
    turn: Turn,
    restarts: u32,
    /// The request that is under way.
    pub(super) ticket: Option<RequestId>,
    /// Whether that request was sent after every other range had ended.
    pub(super) is_last_request: bool,
    /// Rows between the last one read and the end of the list, where Xero tells.
    pub(super) left: Option<u64>,
    /// What the list must count at least from the newest row on, for rows do not
    /// vanish: fewer show that the order does not hold from page to page.
    expected: Option<u64>,
    /// Of the rows left, how many lie behind the range.
    pub(super) behind: u64,
    /// Whether requests name the end, because Xero refused those without.
    pub(super) bounded: bool,
}

/// What the next answer is for.
#[derive(Debug)]
enum Turn {
    /// Rows.
    Rows,
    /// To show whether the list goes on behind these rows, a short page of an uncounted list.
    More(Vec<RowKey>),
    /// The page before again, to prove that this page of fixed size follows it.
    Proof(RequestId, PageFacts),
}

/// How a range ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A row at or behind its end was seen.
    Reached,
    /// The list has no more rows, and what shows it.
    List(Proof),
}

/// What follows on a page.
enum Next {
    /// More rows.
    Rows,
    /// Nothing.
    Nothing(Proof),
    /// Nothing tells.
    Unknown,
}

/// What a page brought.
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

    /// Whether the page of this request waits for proof that it follows the one before it.
    pub(super) fn holds(&self, ticket: RequestId) -> bool {
        matches!(&self.turn, Turn::Proof(held, _) if *held == ticket)
    }

    pub(super) fn window(&self) -> &Window {
        &self.window
    }

    /// Rows still to be read in this range, where Xero tells.
    pub(super) fn remaining(&self) -> Option<u64> {
        Some(self.left?.saturating_sub(self.behind))
    }

    /// Whether one more request may well be the last: it is held back until the
    /// other ranges have ended.
    pub(super) fn may_end_with_next(&self) -> bool {
        self.left.is_some_and(|left| left <= self.window.full())
    }

    /// Takes the rows of the page that a probe brought, which begin somewhere
    /// before this range; `left` of the list lie behind them.
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

    /// Takes the answer to this range's request.
    pub(super) fn take(&mut self, ticket: RequestId, page: &PageFacts) -> Result<Taken, Refusal> {
        self.ticket = None;
        unreliable(&page.rows, self.window.anchor)?;
        match mem::replace(&mut self.turn, Turn::Rows) {
            Turn::More(_) if page.rows.is_empty() => Ok(Taken {
                kept: None,
                end: Some(End::List(Proof::EmptyPage)),
            }),
            // The server does not know `page`. Other rows that are known would show no end: the
            // order of a tie may have changed.
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

    /// Lets the range go on behind the last page of the list, for rows to come.
    pub(super) fn wait_for_more(&mut self) {
        self.left = Some(0);
        self.expected = None;
        self.start_over(0);
    }

    /// Ends the range at `end`, with requests that say so.
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
        // A row without a stamp counts each time: it does not show that the walk gets on.
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

    /// What an empty page breaks that its own counts say is not the end.
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

    /// Notes what an anchor at the newest row must count: what is left of the
    /// list, and the rows that come again whichever way Xero reads the bound.
    fn expect(&mut self, rows: &[RowKey]) {
        let again = known_since(rows, anchor(self.front.newest) + 1);
        self.expected = self.left.map(|left| left + again);
    }

    fn lacks_rows(&self, page: &PageFacts) -> bool {
        let expected = self.expected.unwrap_or(0);
        page.counted().is_some_and(|told| told < expected)
    }

    /// What the list has behind this page.
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

    /// Begins again at the newest row, because what came does not follow what was read.
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
