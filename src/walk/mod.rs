//! Decides which request comes next and which rows of a response are new.
//!
//! A walk is a plain value without clock or socket. The caller takes requests from it and gives it
//! the facts of each page. Several requests may be in flight. The walk returns how far it has read.

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

use std::fmt::Debug;
use std::time::Duration;

pub(crate) use gaps::{Gap, Gaps, MAX_GAPS};
pub(crate) use offset::{MIN_PAGES_READ, Unsearched};
pub(crate) use position::{Checkpoint, Span, WalkStart};
pub(crate) use unfiltered_pages::Snapshot;

use crate::rows::page::PageFacts;
use crate::streams::{Endpoint, Paging, Stream};
use crate::walk::proof::Proof;
use crate::xero::ids;
use position::anchor;

/// Rows per page of the lists that take no `pageSize`.
pub(crate) const HUNDRED: u64 = 100;

/// The parameters of one request, as far as the walk decides them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// `If-Modified-Since`, in seconds since the epoch.
    pub(crate) modified_since: Option<i64>,
    /// Requests only rows with a cursor before this midnight, in milliseconds since the epoch.
    pub(crate) before: Option<i64>,
    /// `page`, from 1.
    pub(crate) page: Option<u64>,
    /// `pageSize`, for endpoints that take it.
    pub(crate) page_size: Option<u64>,
    /// `order`, ascending.
    pub(crate) order: Option<SortBy>,
    /// The index of a value of the list's required filter.
    pub(crate) part: Option<usize>,
    /// `offset`.
    pub(crate) offset: Option<i64>,
    /// The id of a single row, appended to the list's path.
    pub(crate) id: Option<Box<str>>,
}

impl PageRequest {
    /// Rejects the response to a request for one row if the response lacks this row. Such a
    /// response shows neither the row's content nor that the row was deleted.
    pub(crate) fn accept(&self, page: &PageFacts) -> Result<(), String> {
        let holds = |id: &str| {
            let mut keys = page.rows.iter().filter_map(|row| row.key.as_deref());
            keys.any(|key| ids::same(key, id))
        };
        match &self.id {
            Some(id) if !holds(id) => {
                Err("the response does not hold the requested row".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// The sort key that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortBy {
    /// The stream's cursor.
    Cursor,
    /// The id, which no edit changes.
    Id,
}

/// Identifies a request of a walk while it is in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RequestId(u64);

/// How many requests can be sent now, and how long one takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendCapacity {
    /// Maximum number of this walk's requests in flight.
    pub(crate) slots: u64,
    /// Number of calls that can be sent without waiting for the minute window to end.
    pub(crate) calls_now: u64,
    /// Duration of one call.
    pub(crate) latency: Duration,
}

/// Marks the rows of one page that are new to a walk.
#[derive(Debug)]
pub(crate) struct NewRows {
    /// The request whose page this is. It can be an earlier request than that of the response: see
    /// [`Walker::holds`].
    pub(crate) of: RequestId,
    /// One flag per row of the page: whether the row is new.
    pub(crate) is_new: Vec<bool>,
}

impl NewRows {
    fn new(of: RequestId, is_new: Vec<bool>) -> NewRows {
        NewRows { of, is_new }
    }
}

/// The reasons for which a response cannot be used as part of the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BrokenList {
    /// The list ended before it had returned `itemCount` rows.
    #[error("the list ended after {read} of {item_count} rows")]
    Short {
        /// Number of rows read.
        read: u64,
        /// Xero's `itemCount`.
        item_count: u64,
    },
    /// A list that is requested without paging has several pages.
    #[error("the list has {pages} pages but was requested without paging")]
    Paged {
        /// Xero's `pageCount`.
        pages: u64,
    },
    /// A page before the last one is empty, or the same page keeps coming.
    #[error("page {page} of {pages} was empty or repeated the page before it")]
    Gap {
        /// The requested page number.
        page: u64,
        /// Xero's `pageCount`.
        pages: u64,
    },
    /// The response to an `offset` holds no row after it, so the server ignores the parameter.
    #[error("the response to offset {offset} holds no higher number")]
    Repeated {
        /// The offset in the request.
        offset: i64,
    },
    /// The first page is full and comes for the second one as well, so the server ignores `page`.
    #[error("the second page repeats the full first page")]
    FirstPageAgain,
    /// The list has more rows in doubt than the calls of a day can bring.
    #[error("the list has more than {rows} rows whose place is in doubt")]
    Endless {
        /// Number of rows whose keys the walk keeps at most.
        rows: usize,
    },
    /// The walk has no request left and no proof that the list ended.
    #[error("nothing proved that the list ended")]
    Unproven,
    /// A list without filter and counts differed between all passes.
    #[error("the list changed during each of {passes} passes over it")]
    Changing {
        /// Number of times the list was read.
        passes: u32,
    },
    /// Rows are still missing after all passes.
    #[error("{passes} passes over the list still missed rows, and {reason}")]
    Unstable {
        /// Number of passes over the list or a part of it.
        passes: u32,
        /// Why the list is read in passes.
        reason: &'static str,
    },
}

/// The largest number of calls that Xero allows an app in a day, for an organisation.
const CALLS_OF_A_DAY: u64 = 5_000;

/// The largest number of keys that a walk keeps in memory, at 100 to 200 bytes each.
const MAX_KEYS: u64 = 1_000_000;

/// Returns how many keys of rows a walk may keep in memory: those of the rows that the calls of a day
/// can bring, and no more than [`MAX_KEYS`].
fn most_keys(page_size: u64) -> usize {
    let rows = page_size.saturating_mul(CALLS_OF_A_DAY).min(MAX_KEYS);
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// Fails a walk that keeps more than [`most_keys`]. A server may send new rows without end.
fn check_keys(kept: usize, page_size: u64) -> Result<(), BrokenList> {
    let rows = most_keys(page_size);
    match kept <= rows {
        true => Ok(()),
        false => Err(BrokenList::Endless { rows }),
    }
}

/// The walk of one stream of one organisation.
pub(crate) type Walk = Box<dyn Walker>;

/// Creates the walk that fits the paging of the stream's endpoint.
pub(crate) fn new(stream: &Stream, start: WalkStart) -> Walk {
    let Endpoint {
        api,
        paging,
        query_support,
        required_filter,
        ..
    } = *stream.endpoint();
    match paging {
        Paging::Whole => Box::new(whole::Whole::new(stream.cursor.map(|_| start))),
        Paging::ListThenDetail => Box::new(list_then_detail::ListThenDetail::default()),
        Paging::Pages => {
            let pages = window::Pages::Sized(api.largest_page.into());
            Box::new(watermark::Watermark::new(pages, query_support, start))
        }
        Paging::FixedPages => {
            let pages = window::Pages::Fixed(HUNDRED);
            Box::new(watermark::Watermark::new(pages, query_support, start))
        }
        Paging::UnfilteredPages | Paging::UnfilteredSizedPages => {
            let pages = match paging {
                Paging::UnfilteredSizedPages => window::Pages::Sized(api.largest_page.into()),
                _ => window::Pages::Fixed(HUNDRED),
            };
            let parts = required_filter.map(|filter| filter.values.len());
            let start = stream.cursor.map(|_| start);
            Box::new(unfiltered_pages::UnfilteredPages::new(pages, parts, start))
        }
        Paging::Offset => Box::new(offset::Offset::new(start)),
    }
}

/// A way to read a list from its start to its end.
pub(crate) trait Walker: Debug + Send + Sync {
    /// Returns the next request that may be sent at this capacity. `None` while the walk waits for
    /// responses, and after its end.
    fn next_request(&mut self, capacity: SendCapacity) -> Option<(RequestId, PageRequest)>;

    /// Takes the response to a request and marks the new rows of this page, or of a page held back
    /// before. `None` if the response decides no page.
    fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList>;

    /// Returns what proves that the whole list is read. `None` before the end.
    fn proof(&self) -> Option<Proof>;

    /// Returns the checkpoint that covers all rows taken so far. `None` for streams without a
    /// cursor, and while nothing is settled.
    fn checkpoint(&self) -> Option<Checkpoint>;

    /// Returns whether the whole list is read.
    fn is_over(&self) -> bool {
        self.proof().is_some()
    }

    /// Returns whether the rows of this request's page may still count as new. The caller keeps the
    /// page until then.
    fn holds(&self, _request_id: RequestId) -> bool {
        false
    }

    /// Handles a request that Xero refused because it matches too many rows. Returns whether the
    /// walk continues with narrower requests. `now` is any clock, in milliseconds since the epoch.
    fn narrow(&mut self, _request_id: RequestId, _now: i64) -> bool {
        false
    }

    /// Handles a 404 for this request. Returns whether the walk continues without its row.
    fn is_gone(&mut self, _request_id: RequestId) -> bool {
        false
    }

    /// Returns what the walk leaves undone of its search for rows that became visible late.
    fn unsearched(&self) -> Unsearched {
        Unsearched::default()
    }

    /// Returns why the walk switched to a full scan. Returns it once only.
    fn warning(&mut self) -> Option<&'static str> {
        None
    }
}
