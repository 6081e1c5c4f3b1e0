//! One `read`, and what its streams share.

use std::path::Path;
use std::sync::Arc;

use crate::airbyte::emit::Emitter;
use crate::excerpt::{excerpt, listed};
use crate::failure::Failure;
use crate::state::StateFile;
use crate::streams::Stream;
use crate::sync::catalog::Selection;
use crate::sync::concurrency::Slots;
use crate::sync::explain;
use crate::sync::session::Session;
use crate::sync::statuses::Statuses;

/// Maximum number of organisations that a message names.
const MAX_NAMED: usize = 3;

/// One `read`, and what its streams share.
pub(crate) struct SyncRun<'a> {
    pub(crate) session: Session,
    pub(crate) slots: Slots,
    pub(crate) states: StateFile,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) emitter: &'a Emitter,
    pub(crate) statuses: Arc<Statuses>,
}

impl<'a> SyncRun<'a> {
    /// A run over every organisation of the session. `scopes` are those that the token names.
    pub(crate) fn new(
        session: Session,
        scopes: Option<Vec<String>>,
        states: StateFile,
        emitter: &'a Emitter,
        statuses: Arc<Statuses>,
    ) -> SyncRun<'a> {
        statuses.progress.name_organisations(&session.tenants);
        SyncRun {
            session,
            slots: Slots::default(),
            states,
            scopes,
            emitter,
            statuses,
        }
    }

    /// Warns about streams without a state if other streams have one. A new stream has no state. If the
    /// state of a stream was lost, the full read that follows must not go unnoticed.
    pub(crate) fn warn_of_fresh_streams(&self, selection: &Selection, path: &Path) {
        let selected = selection.0.iter().filter(|selected| selected.incremental);
        let streams = selected.filter_map(|selected| selected.stream.as_ref().ok());
        let fresh = streams.filter(|stream| stream.cursor.is_some() && self.states.lacks(stream));
        let fresh: Vec<_> = fresh.map(|stream| stream.name).collect();
        if !fresh.is_empty() {
            tracing::warn!(
                "the state file {} has no state of {}: they are read from start_date on. If they were synced before, add their last states to the file",
                path.display(),
                fresh.join(", ")
            );
        }
    }

    /// Warns about organisations that the state knows and the consent no longer covers. Their positions
    /// stay in the state.
    pub(crate) fn warn_of_absent_organisations(&self, selection: &Selection) {
        if !self.session.config.tenant_ids.is_empty() {
            return; // the user chose the organisations
        }
        let streams = selection.0.iter();
        let streams = streams.filter_map(|selected| selected.stream.as_ref().ok().copied());
        let mut absent = self.states.organisations(streams);
        for tenant in &self.session.tenants {
            absent.remove(&*tenant.id);
        }
        if !absent.is_empty() {
            let ids = absent.iter().map(|id| excerpt(id));
            tracing::warn!(
                "the consent no longer covers {} of the organisations in the state: {}. Their positions are kept until they return",
                absent.len(),
                listed(ids, MAX_NAMED, absent.len())
            );
        }
    }

    /// Warns about positions in the future, because changes before such a position are not read.
    pub(crate) fn warn_of_the_future(&self, stream: &'static Stream) {
        for (id, at) in self.states.ahead(stream, chrono::Utc::now()) {
            let (name, at) = (stream.name, excerpt(at));
            let tenants = self.session.tenants.iter();
            for tenant in tenants.filter(|it| id.as_ref().is_none_or(|id| *it.id == **id)) {
                let label = tenant.label();
                tracing::warn!(
                    stream = name,
                    "the state says that {name} of {label} was read up to {at}, which is in the future: no change before that moment is read. Reset the stream to read it again from the start date"
                );
            }
        }
    }

    /// Whether the token may read a stream. A token without scopes in it may read any.
    pub(crate) fn may_read(&self, stream: &Stream) -> Result<(), Failure> {
        let granted = self.scopes.as_ref();
        match granted.is_none_or(|granted| stream.readable_with(granted)) {
            true => Ok(()),
            false => Err(explain::missing_scope(stream)),
        }
    }
}
