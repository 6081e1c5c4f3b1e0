//! Where a walk begins, and from where a later one can go on.

use super::gaps::Gaps;
use super::unfiltered_pages::Snapshot;

/// Where a walk begins, in the unit of the stream's cursor.
#[derive(Clone, Debug, Default)]
pub(crate) struct WalkStart {
    /// The position of the last sync; for a first one the start date, or 0 for numbers.
    pub(crate) from: i64,
    /// Milliseconds in which a row may become visible late.
    pub(crate) lookback: i64,
    /// What an interrupted sync left open at and after `from`; empty: everything.
    pub(crate) open: Vec<Span>,
    /// Numbers that were missing up to `from`.
    pub(crate) gaps: Gaps,
    /// How the last sync saw a list that is read whole each time.
    pub(crate) list: Option<Snapshot>,
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
    /// Numbers that were missing up to `from`, and may still become visible.
    pub(crate) gaps: Gaps,
    /// How this sync saw a list that is read whole each time.
    pub(crate) list: Option<Snapshot>,
}

impl Checkpoint {
    /// Everything before `from` was read and nothing behind it.
    pub(crate) fn at(from: i64) -> Checkpoint {
        Checkpoint {
            from,
            ..Checkpoint::default()
        }
    }

    /// All that is open at either of two. Parts that only touch stay apart, to be
    /// walked side by side as before.
    pub(crate) fn union(mut self, mut other: Checkpoint) -> Checkpoint {
        let gaps = std::mem::take(&mut self.gaps).union(std::mem::take(&mut other.gaps));
        let list = self.list.filter(|list| other.list == Some(*list));
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
            gaps,
            list,
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

impl WalkStart {
    /// Where the next sync begins. `clock` is Xero's at this walk's first
    /// answer; a server that tells none is taken at the newest row's word.
    pub(super) fn end(&self, clock: Option<i64>, newest: i64) -> i64 {
        self.from
            .max(clock.unwrap_or(newest).saturating_sub(self.lookback))
    }
}

/// `If-Modified-Since` for rows at or after `cursor`: whole seconds, and one
/// less, so that it does not matter whether Xero reads the bound inclusively.
pub(super) fn anchor(cursor: i64) -> i64 {
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
            Checkpoint {
                open,
                ..Checkpoint::at(from)
            }
            .not_before(i64::MIN)
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
            open: vec![span(10, Some(20)), span(30, Some(40)), span(50, None)],
            ..Checkpoint::at(10)
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
            let wanted = Checkpoint {
                open,
                ..Checkpoint::at(from)
            };
            assert_eq!(cut, wanted, "{floor}");
        }
    }
}
