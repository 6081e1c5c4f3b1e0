//! Requests the documents of one stream within its part of the quota. Writes the rows of each
//! document, and then the state that covers them.

use std::cell::Cell;

use futures_util::StreamExt;

use super::{DocumentStream, TenantWork};
use crate::failure::Failure;
use crate::panics;
use crate::rows::documents::DocumentRow;
use crate::rows::record_lines::RecordLines;
use crate::state::StreamState;
use crate::state::documents::DocumentLists;
use crate::sync::call_quota::CallQuota;
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::documents::fetch::{DocumentFetcher, ListedDocument};
use crate::sync::documents::outcomes::Outcomes;
use crate::sync::documents::selection::{DocumentSelection, choose};
use crate::sync::item_errors::{Disposition, ItemAnswer, ItemFailures, StopReason};
use crate::sync::item_requests::{ItemConsumer, ItemRequests};
use crate::sync::stream_output;
use crate::walk::proof::Proof;
use crate::xero::tenants::Tenant;

/// The requests of an organisation.
#[derive(Clone, Copy, Debug, Default)]
struct Requested {
    calls: usize,
    /// An estimate of the documents that are left for the next syncs.
    left: u64,
}

impl DocumentStream<'_> {
    /// Requests documents within the stream's part of the quota. The part is split between the
    /// organisations by what they need.
    pub(crate) async fn read(mut self, quota: &CallQuota) {
        let (stream, part) = (self.stream.name, quota.part());
        if part == 0 {
            tracing::warn!(stream, "max_calls_per_sync leaves no call for this stream");
        }
        let organisations = std::mem::take(&mut self.organisations);
        let needs = organisations.iter().map(|work| work.calls());
        let needs: Vec<_> = needs
            .map(|calls| calls.try_into().unwrap_or(usize::MAX))
            .collect();
        let shares = CallQuota::split(part, &needs);
        let requested = Cell::new(Requested::default());
        let complete = Cell::new(0);
        let works = organisations.into_iter().zip(shares);
        futures_util::stream::iter(works)
            .for_each_concurrent(ORGANISATIONS_AT_ONCE, async |(mut work, share)| {
                let lists = work.lists.iter_mut();
                let mut failures = std::mem::take(&mut work.failures);
                failures.extend(lists.filter_map(|list| list.failure.take()));
                let tenant = work.tenant;
                let read = self.organisation(work, share, quota);
                match panics::caught_result(read).await {
                    Ok(Requested { calls, left }) => {
                        let sum = requested.get();
                        requested.set(Requested {
                            calls: sum.calls + calls,
                            left: sum.left + left,
                        });
                        complete.set(complete.get() + 1);
                    }
                    Err(failure) => failures.push(failure),
                }
                let end = match failures.is_empty() {
                    true => Ok(Proof::EveryItem),
                    false => Err(failures),
                };
                self.output.end(tenant, end, 0);
            })
            .await;
        let Requested { calls, left } = requested.get();
        let of = match (complete.get(), &self.session.tenants[..]) {
            (0, _) => return,
            (_, [tenant]) => tenant.label().to_owned(),
            (complete, _) => format!("{complete} organisations"),
        };
        tracing::info!(
            stream,
            calls,
            "requested documents of {of}; about {left} are left for the next syncs"
        );
    }

    /// Requests documents of one organisation.
    async fn organisation(
        &self,
        mut work: TenantWork<'_>,
        share: usize,
        quota: &CallQuota,
    ) -> Result<Requested, Failure> {
        let (stream, tenant) = (self.stream, work.tenant);
        if !work.own.is_empty() {
            self.write(tenant, &work.own, |_| {}).await?;
        }
        let needed = work.calls();
        let spent = Cell::new(0);
        let DocumentSelection {
            new,
            again,
            unsettled,
        } = choose(&work.lists, share);
        let fetcher = DocumentFetcher {
            session: self.session,
            stream,
            source: self.source,
            tenant,
            directory: self.directory.as_ref(),
            spent: &spent,
        };
        let mut run = DocumentRun {
            stream: self,
            tenant,
            outcomes: Outcomes::new(&mut work.lists, unsettled),
            documents: 0,
        };
        let requests = ItemRequests {
            stream,
            tenant,
            spent: &spent,
            max_calls: share,
            at_once: fetcher.at_once(),
        };
        let fetch = |document| fetcher.fetch(document);
        let end = requests.send(new, again, fetch, &mut run).await;
        let (calls, left) = (spent.get(), needed.saturating_sub(run.documents));
        quota.spend(calls);
        let close = |progress: &mut DocumentLists| run.outcomes.close(progress);
        self.write(tenant, &[], close).await?;
        end?;
        Ok(Requested { calls, left })
    }

    /// Writes rows. Then `note` changes the progress of the organisation, and a state covers them.
    async fn write(
        &self,
        tenant: &Tenant,
        rows: &[DocumentRow],
        note: impl FnOnce(&mut DocumentLists),
    ) -> Result<(), Failure> {
        let bytes = rows.iter().map(|row| row.members.len() + 200).sum();
        let mut lines = RecordLines::new(self.stream.name, &tenant.id, bytes);
        for row in rows {
            lines.line(|out| out.extend_from_slice(&row.members));
            row.reference
                .iter()
                .for_each(|it| lines.add_file_reference(it));
            lines.end_row();
        }
        // A state that has not changed is not written again.
        let is_first = !self.has_state.replace(true);
        let change =
            |states: &mut StreamState<DocumentLists>| states.change(&tenant.id, note) || is_first;
        let written = self.output.write(tenant, lines.all(), None, change);
        written.await.map_err(stream_output::closed)
    }
}

/// The documents of one stream in one organisation.
struct DocumentRun<'s, 'a> {
    stream: &'s DocumentStream<'a>,
    tenant: &'s Tenant,
    outcomes: Outcomes<'s>,
    /// The number of documents with a result.
    documents: u64,
}

impl ItemConsumer<(ListedDocument, ItemAnswer<DocumentRow>)> for DocumentRun<'_, '_> {
    fn failures(&self) -> &ItemFailures {
        &self.outcomes.failures
    }

    async fn take(
        &mut self,
        (document, (rows, error)): (ListedDocument, ItemAnswer<DocumentRow>),
    ) -> Result<(), Failure> {
        self.documents += u64::from(!matches!(error, Some((Disposition::Abort, _))));
        let outcomes = &mut self.outcomes;
        let note = |progress: &mut DocumentLists| outcomes.note(progress, document, error);
        self.stream.write(self.tenant, &rows, note).await
    }

    fn end_series(&mut self) -> Option<(StopReason, Failure)> {
        let mut stop = None;
        let output = &self.stream.output;
        output.advance(&self.tenant.id, |progress| {
            stop = self.outcomes.end_series(progress);
        });
        stop
    }
}
