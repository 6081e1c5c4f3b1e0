//! Which request comes next and which rows of its answer count: plain values
//! without clock or socket. A walk is asked for requests, several of which may
//! be under way at once, is shown each answer, and says how far it has come.

pub(crate) mod document_queue;
mod full_scan;
mod gaps;
mod list_then_detail;
mod offset;
mod order;
pub(crate) mod periods;
mod position;
pub(crate) mod proof;
mod range;
mod range_progress;
mod split;
mod unfiltered_pages;
mod watermark;
mod whole;
mod window;

#[cfg(test)]
mod model;

use std::time::Duration;

pub(crate) use gaps::{Gap, Gaps};
pub(crate) use position::{Checkpoint, Span, WalkStart};
pub(crate) use unfiltered_pages::Snapshot;

use crate::rows::page::PageFacts;
use crate::streams::{Endpoint, PAGE_SIZE, Paging, Stream};
use crate::walk::proof::Proof;
use crate::xero::ids;
use position::anchor;

/// Rows on a page of the lists that know no `pageSize`.
const HUNDRED: u64 = 100;

/// One request of a walk, as far as the walk decides it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// `If-Modified-Since`, seconds since the epoch.
    pub(crate) modified_since: Option<i64>,
    /// Only rows whose cursor is before this midnight, milliseconds since the epoch.
    pub(crate) before: Option<i64>,
    /// `page`, from 1.
    pub(crate) page: Option<u64>,
    /// `pageSize`, where the endpoint knows it.
    pub(crate) page_size: Option<u64>,
    /// `order`, ascending.
    pub(crate) order: Option<SortBy>,
    /// `offset`.
    pub(crate) offset: Option<i64>,
    /// One row by its id, below the list.
    pub(crate) id: Option<Box<str>>,
}

impl PageRequest {
    /// Refuses an answer to the request for one row that does not hold this row: it tells
    /// neither what the row is nor that it is gone.
    pub(crate) fn accept(&self, page: &PageFacts) -> Result<(), String> {
        let holds = |id: &str| {
            let mut keys = page.rows.iter().filter_map(|row| row.key.as_deref());
            keys.any(|key| ids::same(key, id))
        };
        match &self.id {
            Some(id) if !holds(id) => {
                Err("the answer does not hold the row that was asked for".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// By what a list is to be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortBy {
    /// The stream's cursor.
    Cursor,
    /// The id, which no edit changes.
    Id,
}

/// Tells the requests of a walk apart while they are under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RequestId(u64);

/// How fast calls can go at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendCapacity {
    /// Calls that this walk may have under way at once.
    pub(crate) slots: u64,
    /// Calls that could be sent without waiting for the minute to end.
    pub(crate) calls_now: u64,
    /// How long a call takes.
    pub(crate) latency: Duration,
}

/// Which rows of a page are new to a walk.
#[derive(Debug)]
pub(crate) struct NewRows {
    /// The request that the page answered. It may be an earlier one than the last that was
    /// taken: see [`Walk::holds`].
    pub(crate) of: RequestId,
    /// For each row of the page, whether it is new.
    pub(crate) is_new: Vec<bool>,
}

/// Why an answer cannot be taken for a part of the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BrokenList {
    /// A list that ended before the number of rows that it told.
    #[error("the list ended after {read} of {told} rows")]
    Short {
        /// Rows that came.
        read: u64,
        /// Xero's `itemCount`.
        told: u64,
    },
    /// A list that is asked for at once and comes in pages.
    #[error("the list has {pages} pages and was asked for at once")]
    Paged {
        /// Xero's `pageCount`.
        pages: u64,
    },
    /// An empty page in front of the last one, or the same page again and again.
    #[error("page {page} of {pages} was empty or the one before")]
    Gap {
        /// The page that was asked for.
        page: u64,
        /// Xero's `pageCount`.
        pages: u64,
    },
    /// An answer to an `offset` without a row behind it, from a server that does not heed it.
    #[error("only rows up to number {offset} came when those behind it were asked for")]
    Repeated {
        /// The number that was sent.
        offset: i64,
    },
    /// A walk that had no request left and no proof of its end.
    #[error("nothing proved that the list ended")]
    Unproven,
    /// A list without filter and counts, of which no two passes saw the same.
    #[error("the list changed during each of {passes} passes over it")]
    Changing {
        /// How often the list was read.
        passes: u32,
    },
    /// A list that lacks rows after all passes over it.
    #[error("{passes} passes over the list still missed rows, and {reason}")]
    Unstable {
        /// How many passes were read, over all or a part of the list.
        passes: u32,
        /// Why it is read by passes.
        reason: &'static str,
    },
}

/// A walk over one stream of one organisation.
#[derive(Debug)]
pub(crate) enum Walk {
    /// One request for everything.
    Whole(whole::Whole),
    /// One request for the list and one for each of its rows.
    ListThenDetail(list_then_detail::ListThenDetail),
    /// Pages by the watermark of UpdatedDateUTC.
    Watermark(Box<watermark::Watermark>),
    /// Pages by number, the whole list each time.
    UnfilteredPages(Box<unfiltered_pages::UnfilteredPages>),
    /// Pages by the number of the last row.
    Offset(offset::Offset),
}

impl Walk {
    /// A walk over `stream`.
    pub(crate) fn new(stream: &Stream, start: WalkStart) -> Walk {
        let Endpoint {
            paging, clauses, ..
        } = *stream.endpoint();
        let watermark = |pages| {
            let walk = watermark::Watermark::new(pages, clauses, start.clone());
            Walk::Watermark(Box::new(walk))
        };
        match paging {
            Paging::Whole => Walk::Whole(whole::Whole::new(stream.cursor.map(|_| start))),
            Paging::ListThenDetail => {
                Walk::ListThenDetail(list_then_detail::ListThenDetail::default())
            }
            Paging::Pages => watermark(window::Pages::Sized(PAGE_SIZE.into())),
            Paging::FixedPages => watermark(window::Pages::Fixed(HUNDRED)),
            Paging::UnfilteredPages => {
                let walk = unfiltered_pages::UnfilteredPages::new(start, HUNDRED as usize);
                Walk::UnfilteredPages(Box::new(walk))
            }
            Paging::Offset => Walk::Offset(offset::Offset::new(start)),
        }
    }

    /// The next request that can go out at this pace; none while the walk waits
    /// for answers, and once it is over.
    pub(crate) fn ask(&mut self, pace: SendCapacity) -> Option<(RequestId, PageRequest)> {
        match self {
            Walk::Whole(walk) => walk.ask(),
            Walk::ListThenDetail(walk) => walk.ask(),
            Walk::Watermark(walk) => walk.ask(pace),
            Walk::UnfilteredPages(walk) => walk.ask(),
            Walk::Offset(walk) => walk.ask(),
        }
    }

    /// Takes the answer to a request and returns the rows that are new, of this page or of one
    /// that the walk held back; `None` if no page is decided by it.
    pub(crate) fn take(
        &mut self,
        ticket: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList> {
        match self {
            Walk::Whole(walk) => walk.take(ticket, page).map(Some),
            Walk::ListThenDetail(walk) => Ok(walk.take(ticket, page)),
            Walk::Watermark(walk) => walk.take(ticket, page),
            Walk::UnfilteredPages(walk) => walk.take(ticket, page).map(Some),
            Walk::Offset(walk) => walk.take(ticket, page).map(Some),
        }
    }

    /// Whether the rows of this request's page may still turn out to be new. The caller keeps
    /// the page until then.
    pub(crate) fn holds(&self, ticket: RequestId) -> bool {
        match self {
            Walk::Watermark(walk) => walk.holds(ticket),
            _ => false,
        }
    }

    /// Xero refused a request for the number of rows that it is about: goes on
    /// with narrower ones, if there are any.
    pub(crate) fn narrow(&mut self, ticket: RequestId, now: i64) -> bool {
        match self {
            Walk::Watermark(walk) => walk.narrow(ticket, now),
            _ => false,
        }
    }

    /// Xero knows nothing at the request's path: whether the walk can do without.
    pub(crate) fn is_gone(&mut self, ticket: RequestId) -> bool {
        match self {
            Walk::ListThenDetail(walk) => walk.is_gone(ticket),
            _ => false,
        }
    }

    /// What proves that everything is read; none before the end.
    pub(crate) fn proof(&self) -> Option<Proof> {
        match self {
            Walk::Whole(walk) => walk.is_over().then_some(Proof::OneAnswer),
            Walk::ListThenDetail(walk) => walk.is_over().then_some(Proof::EveryItem),
            Walk::Watermark(walk) => walk.proof(),
            Walk::UnfilteredPages(walk) => walk.proof(),
            Walk::Offset(walk) => walk.is_over().then_some(Proof::EmptyPage),
        }
    }

    /// Whether everything is read.
    pub(crate) fn is_over(&self) -> bool {
        self.proof().is_some()
    }

    /// What covers all rows taken so far; none for streams without a cursor and
    /// where nothing is settled yet.
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        match self {
            Walk::Whole(walk) => walk.position().map(Checkpoint::at),
            Walk::ListThenDetail(_) => None,
            Walk::Watermark(walk) => walk.checkpoint(),
            Walk::UnfilteredPages(walk) => walk.checkpoint(),
            Walk::Offset(walk) => Some(walk.checkpoint()),
        }
    }

    /// Why the walk gave up the watermark, if it did: once.
    pub(crate) fn warning(&mut self) -> Option<&'static str> {
        match self {
            Walk::Watermark(walk) => walk.warning(),
            _ => None,
        }
    }
}
