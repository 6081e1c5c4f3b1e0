//! One selected stream of a list in one organisation: which rows of a page belong to it, and how far
//! it was read.
//!
//! The streams of a family share a walk and differ in their states.

use chrono::{DateTime, Utc};

use crate::airbyte::emit::Closed;
use crate::memory::MemoryPermit;
use crate::rows::record_lines::Records;
use crate::rows::rewrite::RowKey;
use crate::state::reconcile::Reconcile;
use crate::state::{ListProgress, StreamState};
use crate::streams::{Quirk, Stream};
use crate::sync::statuses::End;
use crate::sync::stream_output::StreamOutput;
use crate::walk::{Checkpoint, Gaps, Walk};
use crate::xero::tenants::Tenant;

/// A selected stream of a list in one organisation.
#[derive(Debug)]
pub(crate) struct ListStream<'a> {
    output: &'a StreamOutput<'a, ListProgress>,
    tenant: &'a Tenant,
    /// Where this stream begins. Earlier rows are for other streams of the family.
    floor: i64,
    /// Numbers before `floor` that this stream has not read yet.
    gaps: Gaps,
    /// The start of a full read of the organisation. `None` once a state has recorded it.
    begun: Option<DateTime<Utc>>,
}

impl<'a> ListStream<'a> {
    /// Begins an organisation at its last position. Begins at `first` in the first sync, and when a
    /// full read is due for a stream whose rows change without a new timestamp.
    pub(crate) fn begin(
        output: &'a StreamOutput<'a, ListProgress>,
        tenant: &'a Tenant,
        first: i64,
        reconcile: Option<Reconcile>,
    ) -> (ListStream<'a>, Checkpoint) {
        output.begin(tenant);
        let reconcile = reconcile.filter(|_| output.stream.has(Quirk::ChangesWithoutStamp));
        let progress = output.progress(&tenant.id);
        let last = progress.as_ref().and_then(|progress| progress.reconciled);
        let position = progress.map(|progress| progress.checkpoint);
        let due = reconcile.filter(|wish| position.is_none() || wish.is_due(last));
        let checkpoint = match position {
            None => Checkpoint::at(first),
            // The position is reset first, so that an interrupted full read resumes instead of being
            // skipped. `min`: start_date may have moved past the position.
            Some(position) if due.is_some() => Checkpoint::at(first.min(position.from)),
            Some(position) => position,
        };
        let stream = ListStream {
            output,
            tenant,
            floor: checkpoint.from,
            gaps: checkpoint.gaps.clone(),
            begun: due.map(|wish| wish.now),
        };
        (stream, checkpoint)
    }

    /// The row of the stream in the table.
    pub(crate) fn stream(&self) -> &'static Stream {
        self.output.stream
    }

    /// Whether a row that is new to the walk is new to this stream.
    pub(crate) fn is_own(&self, row: &RowKey) -> bool {
        let is_numbered = self.output.stream.is_numbered();
        row.cursor.is_none_or(|cursor| match is_numbered {
            // The last sync read the journal whose number is the position.
            true => cursor > self.floor || self.gaps.contains(cursor),
            false => cursor >= self.floor,
        })
    }

    /// Records that the walk has passed these rows, of which `records` are written next.
    pub(crate) fn listed(&self, rows: u64, count: Option<u64>, records: &Records) {
        self.output.listed(self.tenant, rows, count, records);
    }

    /// Writes the records of a page, and then the state that covers them.
    pub(crate) async fn write(
        &mut self,
        records: Records,
        walk: &Walk,
        held: Option<MemoryPermit>,
    ) -> Result<(), Closed> {
        let (output, tenant) = (self.output, self.tenant);
        let advance = |states: &mut StreamState<ListProgress>| self.advance(states, walk);
        output.write(tenant, records, held, advance).await
    }

    /// Moves the position of the organisation. Returns whether the state has to be written: if the
    /// position moved, and at the end of the walk.
    fn advance(&mut self, states: &mut StreamState<ListProgress>, walk: &Walk) -> bool {
        let checkpoint = walk.checkpoint().map(|checkpoint| Checkpoint {
            gaps: checkpoint.gaps.of_member(self.floor, &self.gaps),
            ..checkpoint.not_before(self.floor)
        });
        let before = states.of(&self.tenant.id);
        let known = before.map(|before| &before.checkpoint);
        let moved = checkpoint.is_some() && checkpoint.as_ref() != known;
        if !walk.is_over() && !moved {
            return false;
        }
        let mut progress = ListProgress::moved(self.output.stream, before, checkpoint);
        // Only now: if this organisation's requests fail, states of other organisations must not record
        // the full read.
        progress.reconciled = self.begun.take().or(progress.reconciled);
        states.set(&self.tenant.id, progress);
        true
    }

    /// Ends the organisation after this number of calls.
    pub(crate) fn end(self, end: End, calls: u64) {
        self.output.end(self.tenant, end, calls);
    }
}
