//! One selected stream of a list: which rows of a page belong to it, and how far it was read.
//!
//! The streams of a family share a walk and differ in their states.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::failure::Failure;
use crate::rows::rewrite::RowKey;
use crate::state::reconcile::Reconcile;
use crate::state::{ListProgress, StreamState};
use crate::streams::Quirk;
use crate::sync::sink::Sink;
use crate::walk::proof::Proof;
use crate::walk::{Checkpoint, Gaps, Walk};

/// A selected stream of a list.
#[derive(Debug)]
pub(crate) struct ListStream<'a> {
    pub(crate) sink: Sink<'a>,
    states: StreamState<ListProgress>,
    /// Where this stream begins in the current organisation. Earlier rows are for other streams of the
    /// family.
    floor: i64,
    /// Numbers before `floor` that this stream has not read yet.
    gaps: Gaps,
    /// The start of a full read of the organisation. `None` once a state has recorded it.
    begun: Option<DateTime<Utc>>,
    /// How the stream ended in each organisation.
    pub(crate) ends: Vec<Result<Proof, Failure>>,
}

impl<'a> ListStream<'a> {
    /// A stream with its last states.
    pub(crate) fn new(sink: Sink<'a>, states: StreamState<ListProgress>) -> ListStream<'a> {
        ListStream {
            sink,
            states,
            floor: 0,
            gaps: Gaps::default(),
            begun: None,
            ends: Vec::new(),
        }
    }

    /// Begins an organisation at its last position. Begins at `first` in the first sync, and when a
    /// full read is due for a stream whose rows change without a new timestamp.
    pub(crate) fn begin(
        &mut self,
        tenant: &str,
        first: i64,
        reconcile: Option<Reconcile>,
    ) -> Checkpoint {
        let reconcile = reconcile.filter(|_| self.sink.stream.has(Quirk::ChangesWithoutStamp));
        let progress = self.states.of(tenant);
        let last = progress.and_then(|progress| progress.reconciled);
        let position = progress.map(|progress| &progress.checkpoint);
        let due = reconcile.filter(|wish| position.is_none() || wish.is_due(last));
        let checkpoint = match position {
            None => Checkpoint::at(first),
            // The position is reset first, so that an interrupted full read resumes instead of being
            // skipped. `min`: start_date may have moved past the position.
            Some(position) if due.is_some() => Checkpoint::at(first.min(position.from)),
            Some(position) => position.clone(),
        };
        self.sink.restart();
        self.floor = checkpoint.from;
        self.gaps = checkpoint.gaps.clone();
        self.begun = due.map(|wish| wish.now);
        checkpoint
    }

    /// Whether a row that is new to the walk is new to this stream.
    pub(crate) fn is_own(&self, row: &RowKey) -> bool {
        let is_numbered = self.sink.stream.is_numbered();
        row.cursor.is_none_or(|cursor| match is_numbered {
            // The last sync read the journal whose number is the position.
            true => cursor > self.floor || self.gaps.contains(cursor),
            false => cursor >= self.floor,
        })
    }

    /// Returns the state to write after a page: if the position moved, and at the end of the walk.
    pub(crate) fn state(&mut self, tenant: &str, walk: &Walk) -> Option<Value> {
        let checkpoint = walk.checkpoint().map(|checkpoint| Checkpoint {
            gaps: checkpoint.gaps.of_member(self.floor, &self.gaps),
            ..checkpoint.not_before(self.floor)
        });
        let before = self.states.of(tenant);
        let known = before.map(|before| &before.checkpoint);
        let moved = checkpoint.is_some() && checkpoint.as_ref() != known;
        if !walk.is_over() && !moved {
            return None;
        }
        let mut progress = ListProgress::moved(self.sink.stream, before, checkpoint);
        // Only now: if this organisation's requests fail, states of other organisations must not record
        // the full read.
        progress.reconciled = self.begun.take().or(progress.reconciled);
        self.states.set(tenant, progress);
        Some(self.states.state())
    }
}
