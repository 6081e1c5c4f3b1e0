//! One selected stream while its family is read: which rows are its own, and how
//! far it has come. Members of a family share a walk and differ in their states.

use crate::emit::Batch;
use crate::failure::Failure;
use crate::lines::Lines;
use crate::rewrite::Marks;
use crate::state::Positions;
use crate::streams::Stream;
use crate::walk::{Checkpoint, Walk};

/// A selected stream.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) stream: &'static Stream,
    positions: Positions,
    /// Where this stream begins in the organisation that is read; earlier rows
    /// are for other members of the family.
    floor: i64,
    /// Rows of that organisation that were handed over.
    pub(crate) rows: u64,
    /// What went wrong, in any organisation.
    pub(crate) failures: Vec<Failure>,
}

impl Outlet {
    /// The stream with the states that came in.
    pub(crate) fn new(stream: &'static Stream, positions: Positions) -> Outlet {
        Outlet {
            stream,
            positions,
            floor: 0,
            rows: 0,
            failures: Vec::new(),
        }
    }

    /// Begins an organisation where the last sync ended, or at `first`.
    pub(crate) fn begin(&mut self, tenant: &str, first: i64) -> Checkpoint {
        let position = self.positions.of(tenant).cloned();
        let checkpoint = position.unwrap_or_else(|| Checkpoint::at(first));
        (self.floor, self.rows) = (checkpoint.from, 0);
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
        let is_own = |row: &Marks| row.cursor.is_none_or(|cursor| cursor >= self.floor);
        let (lines, records) = page.map_or_else(Default::default, |(lines, rows, keep)| {
            lines.kept(
                rows.iter()
                    .zip(keep)
                    .map(|(row, keep)| *keep && is_own(row)),
            )
        });
        self.rows += records;
        let checkpoint = walk.checkpoint();
        let checkpoint = checkpoint.map(|checkpoint| checkpoint.not_before(self.floor));
        let moved = checkpoint.is_some() && checkpoint.as_ref() != self.positions.of(tenant);
        let state = (walk.is_over() || moved).then(|| {
            self.positions.note(tenant, checkpoint);
            self.positions.state()
        });
        Batch {
            stream: self.stream.name,
            lines,
            records,
            state,
        }
    }
}
