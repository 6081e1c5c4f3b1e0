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
use crate::state::documents::{DocumentLists, MAX_FAILED};
use crate::sync::call_quota::CallQuota;
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::fetch::{DocumentFetcher, FetchOutcome, ListedDocument};
use crate::sync::documents::outcomes::{DocumentOutcome, Outcomes, StopReason};
use crate::sync::documents::selection::{DocumentSelection, choose};
use crate::sync::item_errors::{Disposition, MAX_CONSECUTIVE_FAILURES};
use crate::sync::item_requests::{ItemConsumer, request_each};
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
                let (tenant, mut rows) = (work.tenant, 0);
                let read = self.organisation(work, share, quota, &mut rows);
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
                self.output.end(tenant, end, rows, 0);
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

    /// Requests documents of one organisation. Counts their rows in `rows`.
    async fn organisation(
        &self,
        mut work: TenantWork<'_>,
        share: usize,
        quota: &CallQuota,
        rows: &mut u64,
    ) -> Result<Requested, Failure> {
        let (stream, tenant) = (self.stream, work.tenant);
        if !work.own.is_empty() {
            *rows += work.own.len() as u64;
            self.write(tenant, &work.own, |_| {}).await?;
        }
        let needed = work.calls();
        let spent = Cell::new(0);
        let DocumentSelection {
            new,
            again,
            unsettled,
        } = choose(&work.lists, share);
        let mut run = DocumentRun {
            fetcher: DocumentFetcher {
                session: self.session,
                stream,
                source: self.source,
                tenant,
                directory: self.directory.as_ref(),
                spent: &spent,
            },
            outcomes: Outcomes::new(unsettled),
            lists: &mut work.lists,
            stream: self,
            max_calls: share,
            documents: 0,
            rows: 0,
            stop: None,
        };
        let end = run.read(new, again, share).await;
        *rows += run.rows;
        let (calls, left) = (spent.get(), needed.saturating_sub(run.documents));
        quota.spend(calls);
        for list in &mut work.lists {
            list.queue.close();
        }
        let note = |lists: &mut DocumentLists| {
            for list in &work.lists {
                lists.note(list.stream, list.queue.position());
            }
        };
        self.write(tenant, &[], note).await?;
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
        let change = |states: &mut StreamState<DocumentLists>| states.change(&tenant.id, note);
        let written = self.output.write(lines.all(), None, change);
        written.await.map_err(stream_output::closed)
    }
}

/// The documents of one stream in one organisation.
struct DocumentRun<'s, 'a> {
    stream: &'s DocumentStream<'a>,
    lists: &'s mut [DocumentList],
    fetcher: DocumentFetcher<'s>,
    outcomes: Outcomes,
    /// Maximum value of `fetcher.spent`.
    max_calls: usize,
    /// The number of documents with a result.
    documents: u64,
    rows: u64,
    /// Why no further document is requested, and the failure that caused it.
    stop: Option<(StopReason, Failure)>,
}

impl DocumentRun<'_, '_> {
    /// Requests documents with at most `calls` requests. Documents that failed before come last, so
    /// that they do not block the others.
    async fn read(
        &mut self,
        new: Vec<ListedDocument>,
        again: Vec<ListedDocument>,
        calls: usize,
    ) -> Result<(), Failure> {
        let stop = self.request(new, calls - again.len()).await?;
        let no_room = match stop {
            // The state has room again once a document that failed before is read.
            Some((StopReason::NoRoom, failure)) => Some(self.no_room(failure)),
            Some((_, failure)) => return Err(failure),
            None => None,
        };
        match self.request(again, calls).await? {
            // Documents that fail again may be broken themselves, so the stream does not end.
            Some((StopReason::TooMany, _)) => tracing::warn!(
                stream = self.stream.stream.name,
                "{MAX_CONSECUTIVE_FAILURES} documents in a row of {} failed again: the next sync requests the others",
                self.fetcher.tenant.label()
            ),
            Some((_, failure)) => return Err(failure),
            None => {}
        }
        no_room.map_or(Ok(()), Err)
    }

    /// Requests documents until `max_calls` requests are spent. Returns why it stopped earlier, if it
    /// did.
    async fn request(
        &mut self,
        documents: Vec<ListedDocument>,
        max_calls: usize,
    ) -> Result<Option<(StopReason, Failure)>, Failure> {
        self.max_calls = max_calls;
        let fetcher = self.fetcher;
        request_each(documents, |document| fetcher.fetch(document), self).await?;
        let (outcomes, lists) = (&mut self.outcomes, &mut *self.lists);
        let output = &self.stream.output;
        output.advance(&fetcher.tenant.id, |progress| {
            outcomes.close(lists, progress)
        });
        Ok(self.stop.take())
    }

    /// The failure of a stream whose state cannot record another failed document.
    fn no_room(&self, failure: Failure) -> Failure {
        Failure::transient(format!(
            "{MAX_FAILED} documents of {} could not be read for {}, and the state records no more. The warnings of each sync give the reasons. The stream continues once some of these documents can be read.",
            self.fetcher.tenant.label(),
            self.stream.stream.name,
        ))
        .because(failure)
    }
}

impl ItemConsumer<(ListedDocument, FetchOutcome)> for DocumentRun<'_, '_> {
    fn room(&self) -> usize {
        match self.fetcher.spent.get() < self.max_calls {
            true => self.outcomes.room(self.fetcher.at_once()),
            false => 0,
        }
    }

    async fn take(
        &mut self,
        (document, fetched): (ListedDocument, FetchOutcome),
    ) -> Result<(), Failure> {
        let fetcher = self.fetcher;
        let (rows, outcome, failure) = match fetched {
            FetchOutcome::Rows(rows) => (rows, DocumentOutcome::Answered, None),
            FetchOutcome::Partly(rows, failure) => (rows, DocumentOutcome::Failed, Some(failure)),
            FetchOutcome::Not(disposition, error) => {
                let outcome = match disposition {
                    Disposition::Skip => DocumentOutcome::Gone,
                    Disposition::NextSync => DocumentOutcome::Failed,
                    Disposition::Abort => DocumentOutcome::Stopped,
                };
                if outcome != DocumentOutcome::Stopped {
                    fetcher.warn_of_document(&document, disposition, error.clone());
                }
                (Vec::new(), outcome, Some(fetcher.to_failure(error)))
            }
        };
        self.documents += u64::from(outcome != DocumentOutcome::Stopped);
        self.rows += rows.len() as u64;
        let (outcomes, lists, stop) = (&mut self.outcomes, &mut *self.lists, &mut self.stop);
        let note = |progress: &mut DocumentLists| {
            let reason = outcomes.note(lists, progress, document, outcome);
            if stop.is_none() {
                *stop = reason.zip(failure);
            }
        };
        self.stream.write(fetcher.tenant, &rows, note).await
    }
}
