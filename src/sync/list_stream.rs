//! One selected stream of a list: which rows of a page are its own, and how far it was read.
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
    /// Where this stream begins in the organisation that is read. Earlier rows are for other
    /// streams of the family.
    floor: i64,
    /// Numbers before `floor` that this stream lacks.
    gaps: Gaps,
    /// When the full read of the organisation began, until a state says so.
    begun: Option<DateTime<Utc>>,
    /// How the stream ended in each organisation.
    pub(crate) ends: Vec<Result<Proof, Failure>>,
}

impl<'a> ListStream<'a> {
    /// A stream with the states that came in.
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

    /// Begins an organisation where the last sync ended. Begins at `first` if there was none, and
    /// if a full read is due for a stream whose rows change without a stamp.
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
            // The position is reset first, so that an interrupted full read resumes instead of
            // being skipped. If start_date was moved behind the position since, nothing between
            // the two is skipped either.
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
            // The journal whose number is the position was read.
            true => cursor > self.floor || self.gaps.contains(cursor),
            false => cursor >= self.floor,
        })
    }

    /// The state to write behind a page: if the walk moved on, and at its end in any case.
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
        // Not sooner: a state may be about another organisation while the calls of this one fail.
        progress.reconciled = self.begun.take().or(progress.reconciled);
        self.states.set(tenant, progress);
        Some(self.states.state())
    }
}
