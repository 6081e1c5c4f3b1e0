//! Defines where a walk starts and where a later walk can resume.

use super::gaps::Gaps;
use super::unfiltered_pages::Snapshot;

/// Where a walk starts, in the unit of the stream's cursor.
#[derive(Clone, Debug, Default)]
pub(crate) struct WalkStart {
    /// The position of the last sync. For a first sync, the start date, or 0 for numbered rows.
    pub(crate) from: i64,
    /// Time within which a row may become visible late, in milliseconds.
    pub(crate) lookback: i64,
    /// The spans that an interrupted sync left open at or after `from`. Empty means everything from
    /// `from` on.
    pub(crate) open: Vec<Span>,
    /// Numbers that were missing where the list was read.
    pub(crate) gaps: Gaps,
    /// The snapshot that the last sync took of a list without a filter.
    pub(crate) list: Option<Snapshot>,
}

/// An interval of cursors that is still unread. For instants, its first cursor is `from` and `to`
/// is the first cursor after it. For numbers, `from` is the last number before it, which was read,
/// and `to` is its last number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    /// `None` for the last span, which has no end.
    pub(crate) to: Option<i64>,
}

/// From where a later sync can resume without losing a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Every row before this cursor was read. For numbers, also the row with this number.
    pub(crate) from: i64,
    /// The unread spans at or after `from`. Empty means everything from `from` on.
    pub(crate) open: Vec<Span>,
    /// Numbers that were missing where the list was read, and may still become visible.
    pub(crate) gaps: Gaps,
    /// The snapshot that this sync took of a list without a filter.
    pub(crate) list: Option<Snapshot>,
}

impl Checkpoint {
    /// Creates a checkpoint that covers every row before `from` and no other.
    pub(crate) fn at(from: i64) -> Checkpoint {
        Checkpoint {
            from,
            ..Checkpoint::default()
        }
    }

    /// Combines two checkpoints: a span that is open in either is open in the result. Spans that
    /// only touch stay separate, so that they are still read in parallel.
    pub(crate) fn union(self, other: Checkpoint) -> Checkpoint {
        let gaps = self.gaps.union(other.gaps);
        let list = self.list.filter(|list| other.list == Some(*list));
        let mut spans = spans(self.from, self.open);
        spans.extend(self::spans(other.from, other.open));
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

    /// Returns the checkpoint without the spans before `floor`.
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
    /// Returns where the next sync starts. `clock` is Xero's clock in this walk's first response.
    /// Without a clock, the newest cursor takes its place.
    pub(super) fn end(&self, clock: Option<i64>, newest: i64) -> i64 {
        self.from
            .max(clock.unwrap_or(newest).saturating_sub(self.lookback))
    }
}

/// Returns the open spans. An empty list means everything from `from` on.
pub(super) fn spans(from: i64, open: Vec<Span>) -> Vec<Span> {
    match open.is_empty() {
        true => vec![Span { from, to: None }],
        false => open,
    }
}

/// Returns the `If-Modified-Since` value, in seconds, for rows at or after `cursor`. It is one
/// second early, so that Xero may treat the bound as inclusive or exclusive.
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
            // The child stream is ahead of the beginning of its parent's last range.
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
