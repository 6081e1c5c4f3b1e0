//! Which request comes next and which rows of its answer count: plain values
//! without clock or socket. A walk is asked for requests, several of which may
//! be under way at once, is shown each answer, and says how far it has come.

mod each;
mod hundreds;
mod offset;
mod passes;
mod range;
mod split;
mod watermark;
mod whole;
mod window;

#[cfg(test)]
mod model;

use std::time::Duration;

use crate::page::Page;
use crate::streams::{PAGE_SIZE, Paging, Stream};

/// Rows on a page of the lists that know no `pageSize`.
const HUNDRED: u64 = 100;

/// One request of a walk, as far as the walk decides it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ask {
    /// `If-Modified-Since`, seconds since the epoch.
    pub(crate) modified_since: Option<i64>,
    /// Only rows whose cursor is before this midnight, milliseconds since the epoch.
    pub(crate) before: Option<i64>,
    /// `page`, from 1.
    pub(crate) page: Option<u64>,
    /// `pageSize`, where the endpoint knows it.
    pub(crate) page_size: Option<u64>,
    /// `offset`.
    pub(crate) offset: Option<i64>,
    /// One row by its id, below the list.
    pub(crate) id: Option<Box<str>>,
}

/// Tells the requests of a walk apart while they are under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// How fast calls can go at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Calls that this walk may have under way at once.
    pub(crate) slots: u64,
    /// Calls that could be sent without waiting for the minute to end.
    pub(crate) calls_now: u64,
    /// How long a call takes.
    pub(crate) latency: Duration,
}

/// Where a walk begins, in the unit of the stream's cursor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// The position of the last sync; for a first one the start date, or 0 for numbers.
    pub(crate) from: i64,
    /// Milliseconds in which a row may become visible late.
    pub(crate) lookback: i64,
    /// What an interrupted sync left open at and after `from`; empty: everything.
    pub(crate) open: Vec<Span>,
}

/// A part of the cursor's line that has still to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first cursor in it.
    pub(crate) from: i64,
    /// The first cursor behind it; none for the last span, which has no end.
    pub(crate) to: Option<i64>,
}

/// From where a later sync can go on without losing a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Everything before it was read.
    pub(crate) from: i64,
    /// What is open at and after `from`, where that is not simply everything.
    pub(crate) open: Vec<Span>,
}

/// A page and which of its rows count.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The page.
    pub(crate) page: Page,
    /// For each row, whether it counts.
    pub(crate) keep: Vec<bool>,
}

/// Why an answer cannot be taken for a part of the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// A list that ended before the number of rows that it told.
    #[error("the list ended after {read} of {told} rows")]
    Short {
        /// Rows that came.
        read: u64,
        /// Xero's `itemCount`.
        told: u64,
    },
    /// A list that changed under every pass over it.
    #[error("{passes} passes over the list each missed rows, and {reason}")]
    Restless {
        /// How often the list was read.
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
    Each(each::Each),
    /// Pages by the watermark of UpdatedDateUTC.
    Watermark(Box<watermark::Watermark>),
    /// Pages by number, the whole list each time.
    Hundreds(hundreds::Hundreds),
    /// Pages by the number of the last row.
    Offset(offset::Offset),
}

impl Walk {
    /// A walk over `stream`.
    pub(crate) fn new(stream: &Stream, start: Start) -> Walk {
        let watermark =
            |pages| Walk::Watermark(Box::new(watermark::Watermark::new(pages, start.clone())));
        match stream.endpoint().paging {
            Paging::Whole => Walk::Whole(whole::Whole::new(stream.cursor.map(|_| start))),
            Paging::Each => Walk::Each(each::Each::default()),
            Paging::Pages => watermark(window::Pages::Sized(PAGE_SIZE.into())),
            Paging::Hundreds => watermark(window::Pages::Fixed(HUNDRED)),
            Paging::Unfiltered => Walk::Hundreds(hundreds::Hundreds::new(start)),
            Paging::Offset => Walk::Offset(offset::Offset::new(start.from)),
        }
    }

    /// The next request that can go out at this pace; none while the walk waits
    /// for answers, and once it is over.
    pub(crate) fn ask(&mut self, pace: Pace) -> Option<(Ticket, Ask)> {
        match self {
            Walk::Whole(walk) => walk.ask(),
            Walk::Each(walk) => walk.ask(),
            Walk::Watermark(walk) => walk.ask(pace),
            Walk::Hundreds(walk) => walk.ask(),
            Walk::Offset(walk) => walk.ask(),
        }
    }

    /// Takes an answer and returns what of it counts; nothing where the answer
    /// only told how to go on.
    pub(crate) fn take(&mut self, ticket: Ticket, page: Page) -> Result<Option<Kept>, Broken> {
        match self {
            Walk::Whole(walk) => walk.take(page).map(Some),
            Walk::Each(walk) => Ok(walk.take(ticket, page)),
            Walk::Watermark(walk) => walk.take(ticket, page),
            Walk::Hundreds(walk) => Ok(Some(walk.take(page))),
            Walk::Offset(walk) => Ok(Some(walk.take(page))),
        }
    }

    /// Xero refused a request for the number of rows that it is about: goes on
    /// with narrower ones, if there are any.
    pub(crate) fn narrow(&mut self, ticket: Ticket, now: i64) -> bool {
        match self {
            Walk::Watermark(walk) => walk.narrow(ticket, now),
            _ => false,
        }
    }

    /// Xero knows nothing at the request's path: whether the walk can do without.
    pub(crate) fn is_gone(&mut self, ticket: Ticket) -> bool {
        match self {
            Walk::Each(walk) => walk.is_gone(ticket),
            _ => false,
        }
    }

    /// Whether everything is read.
    pub(crate) fn is_over(&self) -> bool {
        match self {
            Walk::Whole(walk) => walk.is_over(),
            Walk::Each(walk) => walk.is_over(),
            Walk::Watermark(walk) => walk.is_over(),
            Walk::Hundreds(walk) => walk.is_over(),
            Walk::Offset(walk) => walk.is_over(),
        }
    }

    /// What covers all rows taken so far; none for streams without a cursor and
    /// where nothing is settled yet.
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        match self {
            Walk::Whole(walk) => walk.position().map(Checkpoint::at),
            Walk::Each(_) => None,
            Walk::Watermark(walk) => walk.checkpoint(),
            Walk::Hundreds(walk) => walk.position().map(Checkpoint::at),
            Walk::Offset(walk) => Some(Checkpoint::at(walk.position())),
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

impl Checkpoint {
    /// Everything before `from` was read and nothing behind it.
    pub(crate) fn at(from: i64) -> Checkpoint {
        let open = Vec::new();
        Checkpoint { from, open }
    }

    /// All that is open at either of two. Parts that only touch stay apart, to be
    /// walked side by side as before.
    pub(crate) fn union(self, other: Checkpoint) -> Checkpoint {
        let mut spans = self.into_spans();
        spans.extend(other.into_spans());
        spans.sort_by_key(|span| span.from);
        let mut open: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match open.last_mut() {
                Some(last) if last.to.is_none_or(|to| span.from < to) => {
                    last.to = last.to.zip(span.to).map(|(one, other)| one.max(other));
                }
                _ => open.push(span),
            }
        }
        Checkpoint {
            from: open.first().map_or(0, |span| span.from),
            open,
        }
        .not_before(i64::MIN)
    }

    /// What is open, also where it is simply everything.
    fn into_spans(self) -> Vec<Span> {
        let everything = Span {
            from: self.from,
            to: None,
        };
        match self.open.is_empty() {
            true => vec![everything],
            false => self.open,
        }
    }

    /// The same without anything before `floor`.
    pub(crate) fn not_before(mut self, floor: i64) -> Checkpoint {
        self.open.retain(|span| span.to.is_none_or(|to| to > floor));
        for span in &mut self.open {
            span.from = span.from.max(floor);
        }
        let first = self.open.first().map_or(self.from, |span| span.from);
        self.from = first.max(floor);
        if self.open.len() == 1 {
            self.open.clear(); // one range without an end is what a position means
        }
        self
    }
}

impl Start {
    /// Where the next sync begins. `clock` is Xero's at this walk's first
    /// answer; a server that tells none is taken at the newest row's word.
    fn end(&self, clock: Option<i64>, newest: i64) -> i64 {
        self.from
            .max(clock.unwrap_or(newest).saturating_sub(self.lookback))
    }
}

/// `If-Modified-Since` for rows at or after `cursor`: whole seconds, and one
/// less, so that it does not matter whether Xero reads the bound inclusively.
fn anchor(cursor: i64) -> i64 {
    cursor.div_euclid(1000) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_to_one_of_several_is_open_to_all() {
        type Spans = &'static [(i64, Option<i64>)];
        let checkpoint = |spans: Spans| {
            let open: Vec<_> = spans.iter().map(|&(from, to)| Span { from, to }).collect();
            let from = open[0].from;
            Checkpoint { from, open }.not_before(i64::MIN)
        };
        for (one, other, both) in [
            (&[(10, None)][..], &[(20, None)][..], &[(10, None)][..]),
            // A child that has come further than where its parent's last range begins.
            (
                &[(10, Some(20)), (30, None)],
                &[(40, None)],
                &[(10, Some(20)), (30, None)],
            ),
            (&[(10, Some(20)), (30, None)], &[(15, None)], &[(10, None)]),
            (
                &[(10, Some(20)), (30, None)],
                &[(10, Some(20)), (30, None)],
                &[(10, Some(20)), (30, None)],
            ),
            (
                &[(10, Some(20)), (20, None)],
                &[(12, Some(20)), (25, None)],
                &[(10, Some(20)), (20, None)],
            ),
            (
                &[(10, Some(20)), (40, Some(50)), (60, None)],
                &[(5, Some(8)), (15, Some(25)), (45, Some(48)), (70, None)],
                &[(5, Some(8)), (10, Some(25)), (40, Some(50)), (60, None)],
            ),
        ] as [(Spans, Spans, Spans); 6]
        {
            let (one, other) = (checkpoint(one), checkpoint(other));
            assert_eq!(one.clone().union(other.clone()), checkpoint(both));
            assert_eq!(other.union(one), checkpoint(both));
        }
    }

    #[test]
    fn a_checkpoint_is_cut_to_what_one_stream_has_still_to_read() {
        let span = |from, to| Span { from, to };
        let whole = Checkpoint {
            from: 10,
            open: vec![span(10, Some(20)), span(30, Some(40)), span(50, None)],
        };
        for (floor, from, open) in [
            (0, 10, whole.open.clone()),
            (
                15,
                15,
                vec![span(15, Some(20)), span(30, Some(40)), span(50, None)],
            ),
            (20, 30, vec![span(30, Some(40)), span(50, None)]),
            (45, 50, vec![]),
            (60, 60, vec![]),
        ] {
            let cut = whole.clone().not_before(floor);
            assert_eq!(cut, Checkpoint { from, open }, "{floor}");
        }
    }
}
