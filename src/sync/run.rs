//! Reads the selected streams in every organisation. Streams of one list are read together. Streams
//! that need one request per contact or document come last. A stream that fails does not stop the
//! others.

use std::path::Path;

use futures_util::StreamExt;

use crate::airbyte::emit::Emitter;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::state::StateFile;
use crate::streams::{Family, Report, Source, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::catalog::Selection;
use crate::sync::concurrency::Slots;
use crate::sync::explain;
use crate::sync::reports::Reports;
use crate::sync::session::Session;
use crate::sync::statuses::Statuses;

/// Xero accepts five concurrent requests per organisation.
const FAMILIES_AT_ONCE: usize = 5;

/// Maximum number of organisations that a message names.
const MAX_NAMED: usize = 3;

/// One `read`, and what its streams share.
pub(crate) struct SyncRun<'a> {
    pub(crate) session: Session,
    pub(crate) slots: Slots,
    pub(crate) states: StateFile,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) emitter: &'a Emitter,
    pub(crate) statuses: Statuses<'a>,
}

impl<'a> SyncRun<'a> {
    /// A run over every organisation of the session. `scopes` are those that the token names.
    pub(crate) fn new(
        session: Session,
        scopes: Option<Vec<String>>,
        states: StateFile,
        emitter: &'a Emitter,
        statuses: Statuses<'a>,
    ) -> SyncRun<'a> {
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
            let named: Vec<_> = absent
                .iter()
                .take(MAX_NAMED)
                .map(|id| excerpt(id))
                .collect();
            let more = match absent.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            tracing::warn!(
                "the consent no longer covers {} of the organisations in the state: {}{more}. Their positions are kept until they return",
                absent.len(),
                named.join(", ")
            );
        }
    }

    /// Reads the selected streams. Returns whether all of them ended COMPLETE.
    pub(crate) async fn streams(&self, selection: Selection) -> bool {
        let include_files = selection.include_files();
        let mut streams = Vec::with_capacity(selection.0.len());
        for selected in selection.0 {
            match selected.stream {
                Ok(stream) => {
                    self.warn_of_the_future(stream);
                    streams.push(stream);
                }
                Err(why) => {
                    self.statuses.begin(&selected.name);
                    let failure = Err(Failure::config(why));
                    self.statuses.end(&selected.name, &[failure]);
                }
            }
        }
        // Streams that need one request per row of another list come last, one after the other.
        let (costly, others): (Vec<_>, Vec<_>) =
            streams.into_iter().partition(|stream| stream.is_costly());
        let open = self.session.tenants.iter();
        let open = open.filter(|tenant| tenant.blocked.is_none()).count();
        let readable = costly.iter().filter(|stream| self.may_read(stream).is_ok());
        let parts = readable.count() * open;
        let quota = CallQuota::new(self.session.config.max_calls_per_sync, parts);
        let reports = Reports::new(&self.session, self.emitter, &quota);
        let (attached, rounds): (Vec<_>, Vec<_>) = costly
            .into_iter()
            .partition(|stream| matches!(stream.source, Source::Document(_)));
        let (observers, failures) = self.observers(attached, include_files);
        for (streams, at_once) in [(others, FAMILIES_AT_ONCE), (rounds, 1)] {
            futures_util::stream::iter(Family::group(streams.into_iter()))
                .for_each_concurrent(at_once, async |family| {
                    let names: Vec<_> = family.members.iter().map(|it| it.name).collect();
                    let read = async {
                        match &family.parent.source {
                            Source::Report(report) => {
                                self.report(&reports, family.parent, report).await;
                            }
                            _ => self.family(family, &observers).await,
                        }
                    };
                    self.statuses.isolated(&names, read).await;
                })
                .await;
        }
        self.documents(observers, failures, &quota).await;
        tracing::info!("read ended: {}", self.session.client.usage);
        self.statuses.are_complete()
    }

    /// Warns about positions in the future, because changes before such a position are not read.
    fn warn_of_the_future(&self, stream: &'static Stream) {
        let now = chrono::Utc::now();
        for tenant in &self.session.tenants {
            if let Some(at) = self.states.ahead(stream, &tenant.id, now) {
                let (name, label, at) = (stream.name, tenant.label(), excerpt(at));
                tracing::warn!(
                    stream = name,
                    "the state says that {name} of {label} was read up to {at}, which is in the future: no change before that moment is read. Reset the stream to read it again from the start date"
                );
            }
        }
    }

    /// Reads a report stream from its first status to its last.
    async fn report(&self, reports: &Reports<'_>, stream: &'static Stream, of: &Report) {
        self.statuses.begin(stream.name);
        let ends = match self.may_read(stream) {
            Ok(()) => {
                let state = self.states.raw(stream);
                reports.read(stream, of, state, &self.slots).await
            }
            Err(failure) => vec![Err(failure)],
        };
        self.statuses.end(stream.name, &ends);
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
