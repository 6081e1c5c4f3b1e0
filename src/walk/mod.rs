//! Which request comes next and which rows of its answer count: plain values
//! without clock or socket. A walk is asked for the next request, is shown the
//! answer, and says how far it has come.

mod numbered;
mod offset;
mod watermark;
mod whole;

use crate::page::Page;
use crate::streams::{Paging, Stream};

/// One request of a walk, as far as the walk decides it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ask {
    /// `If-Modified-Since`, seconds since the epoch.
    pub(crate) modified_since: Option<i64>,
    /// `page` and `pageSize`.
    pub(crate) page: Option<(u64, u64)>,
    /// `offset`.
    pub(crate) offset: Option<i64>,
}

/// Where a walk begins, in the unit of the stream's cursor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// The position of the last sync; for a first one the start date, or 0 for numbers.
    pub(crate) from: i64,
    /// Milliseconds in which a row may become visible late.
    pub(crate) lookback: i64,
}

/// A list that ended before the number of rows that it told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list ended after {read} of {told} rows")]
pub(crate) struct Short {
    /// Rows that came.
    pub(crate) read: u64,
    /// Xero's `itemCount`.
    pub(crate) told: u64,
}

/// A walk over one stream of one organisation.
#[derive(Debug)]
pub(crate) enum Walk {
    /// One request for everything.
    Whole(whole::Whole),
    /// Pages by the watermark of UpdatedDateUTC.
    Watermark(Box<watermark::Watermark>),
    /// Pages by number.
    Offset(offset::Offset),
}

impl Walk {
    /// A walk over `stream`.
    pub(crate) fn new(stream: &Stream, start: Start) -> Walk {
        match stream.paging {
            Paging::Whole => Walk::Whole(whole::Whole::new(stream.cursor.map(|_| start))),
            Paging::Pages => Walk::Watermark(Box::new(watermark::Watermark::new(start))),
            Paging::Offset => Walk::Offset(offset::Offset::new(start.from)),
        }
    }

    /// The next request; none once the walk is over.
    pub(crate) fn ask(&self) -> Option<Ask> {
        match self {
            Walk::Whole(walk) => walk.ask(),
            Walk::Watermark(walk) => walk.ask(),
            Walk::Offset(walk) => walk.ask(),
        }
    }

    /// Takes the answer to the last request and tells for each row whether it counts.
    pub(crate) fn take(&mut self, page: &Page) -> Result<Vec<bool>, Short> {
        match self {
            Walk::Whole(walk) => walk.take(page),
            Walk::Watermark(walk) => walk.take(page),
            Walk::Offset(walk) => Ok(walk.take(page)),
        }
    }

    /// The position that covers all rows taken so far, where it is beyond the
    /// one before; none for streams without a cursor. The last one is known
    /// when the walk is over.
    pub(crate) fn position(&self) -> Option<i64> {
        match self {
            Walk::Whole(walk) => walk.position(),
            Walk::Watermark(walk) => walk.position(),
            Walk::Offset(walk) => Some(walk.position()),
        }
    }

    /// Why the walk fell back to plain page numbers, if it did: once.
    pub(crate) fn warning(&mut self) -> Option<&'static str> {
        match self {
            Walk::Watermark(walk) => walk.warning(),
            Walk::Whole(_) | Walk::Offset(_) => None,
        }
    }
}

impl Start {
    /// `If-Modified-Since` for rows at or after `cursor`: whole seconds, and one
    /// less, so that it does not matter whether Xero reads the bound inclusively.
    fn anchor(cursor: i64) -> i64 {
        cursor.div_euclid(1000) - 1
    }

    /// Where the next sync begins. `clock` is Xero's at this walk's first
    /// answer; a server that tells none is taken at the newest row's word.
    fn end(self, clock: Option<i64>, newest: i64) -> i64 {
        self.from
            .max(clock.unwrap_or(newest).saturating_sub(self.lookback))
    }
}
