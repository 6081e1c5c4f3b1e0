//! One selected stream while its family is read: which rows are its own, and how
//! far it has come. Members of a family share a walk and differ in their states.

use chrono::{DateTime, Utc};

use crate::airbyte::emit::Batch;
use crate::failure::Failure;
use crate::rows::lines::Lines;
use crate::rows::rewrite::Marks;
use crate::state::Positions;
use crate::state::reconcile::Reconcile;
use crate::streams::{Paging, Stream};
use crate::walk::proof::Proof;
use crate::walk::{Checkpoint, Gaps, Walk};

/// A selected stream.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) stream: &'static Stream,
    positions: Positions,
    /// Where this stream begins in the organisation that is read; earlier rows
    /// are for other members of the family.
    floor: i64,
    /// Numbers in front of it that this stream lacks.
    gaps: Gaps,
    /// When a whole read of that organisation began, until a state tells it.
    begun: Option<DateTime<Utc>>,
    /// Rows of that organisation that were handed over.
    pub(crate) rows: u64,
    /// How it ended in each organisation.
    pub(crate) ends: Vec<Result<Proof, Failure>>,
}

impl Outlet {
    /// The stream with the states that came in.
    pub(crate) fn new(stream: &'static Stream, positions: Positions) -> Outlet {
        Outlet {
            stream,
            positions,
            floor: 0,
            gaps: Gaps::default(),
            begun: None,
            rows: 0,
            ends: Vec::new(),
        }
    }

    /// Begins an organisation where the last sync ended, or at `first`: the first
    /// time, and when a stream whose rows drift has to be read whole again.
    pub(crate) fn begin(
        &mut self,
        tenant: &str,
        first: i64,
        reconcile: Option<Reconcile>,
    ) -> Checkpoint {
        let reconcile = reconcile.filter(|_| self.stream.drifts());
        let position = self.positions.of(tenant);
        let last = self.positions.reconciled(tenant);
        let due = reconcile.filter(|wish| position.is_none() || wish.is_due(last));
        let checkpoint = match position {
            None => Checkpoint::at(first),
            // Its position going back makes the whole read go on after an interruption. The
            // start date may have been moved behind it since, and nothing between is skipped.
            Some(position) if due.is_some() => Checkpoint::at(first.min(position.from)),
            Some(position) => position.clone(),
        };
        (self.floor, self.rows) = (checkpoint.from, 0);
        self.gaps = checkpoint.gaps.clone();
        self.begun = due.map(|wish| wish.now);
        checkpoint
    }

    /// What to write behind a page: the lines of the rows that count, and the
    /// state where the walk moved on, and at its end in any case.
    pub(crate) fn batch(
        &mut self,
        tenant: &str,
        page: Option<(Lines, &[Marks], &[bool])>,
        walk: &Walk,
    ) -> Batch {
        let (lines, records) = page.map_or_else(Default::default, |(lines, rows, keep)| {
            lines.kept(
                rows.iter()
                    .zip(keep)
                    .map(|(row, keep)| *keep && self.is_own(row)),
            )
        });
        self.rows += records;
        let checkpoint = walk.checkpoint();
        let checkpoint = checkpoint.map(|checkpoint| Checkpoint {
            gaps: checkpoint.gaps.of_member(self.floor, &self.gaps),
            ..checkpoint.not_before(self.floor)
        });
        let moved = checkpoint.is_some() && checkpoint.as_ref() != self.positions.of(tenant);
        let state = (walk.is_over() || moved).then(|| {
            self.positions.note(tenant, checkpoint);
            // Not sooner: a state may be about another organisation while this one's calls fail.
            if let Some(at) = self.begun.take() {
                self.positions.reconcile(tenant, at);
            }
            self.positions.state()
        });
        Batch {
            stream: self.stream.name,
            lines,
            records,
            state,
        }
    }

    /// Whether a row that the walk keeps is news to this stream.
    fn is_own(&self, row: &Marks) -> bool {
        let counts = self.stream.endpoint().paging == Paging::Offset;
        row.cursor.is_none_or(|cursor| match counts {
            // The journal of the position itself was read.
            true => cursor > self.floor || self.gaps.contains(cursor),
            false => cursor >= self.floor,
        })
    }
}
