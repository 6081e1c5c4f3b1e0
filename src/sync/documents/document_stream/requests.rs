//! Requests the documents of one stream within its part of the quota. Writes the rows of each
//! document, and then the state that covers them.

use std::cell::Cell;

use super::{DocumentStream, TenantWork};
use crate::failure::Failure;
use crate::rows::documents::DocumentRow;
use crate::rows::record_lines::RecordLines;
use crate::state::documents::MAX_FAILED;
use crate::sync::call_quota::CallQuota;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::fetch::{DocumentFetcher, FetchOutcome, ListedDocument};
use crate::sync::documents::outcomes::{DocumentOutcome, Outcomes, StopReason};
use crate::sync::documents::selection::{DocumentSelection, choose};
use crate::sync::item_errors::{Disposition, MAX_CONSECUTIVE_FAILURES};
use crate::sync::item_requests::{ItemConsumer, request_each};
use crate::sync::sink;
use crate::walk::proof::Proof;
use crate::xero::tenants::Tenant;

impl<'a> DocumentStream<'a> {
    /// Requests documents within the stream's part of the quota. Returns how the stream ended in each
    /// organisation.
    pub(crate) async fn read(mut self, quota: &CallQuota) -> Vec<Result<Proof, Failure>> {
        let organisations = self.organisations.iter_mut();
        let lists = organisations.flat_map(|work| &mut work.lists);
        let failures = lists.filter_map(|list| list.failure.take());
        self.ends.extend(failures.map(Err));
        for work in std::mem::take(&mut self.organisations) {
            let end = self.organisation(work, quota).await;
            self.ends.push(end);
        }
        self.ends
    }

    async fn organisation(
        &mut self,
        mut work: TenantWork<'a>,
        quota: &CallQuota,
    ) -> Result<Proof, Failure> {
        let (stream, tenant, part) = (self.stream, work.tenant, quota.part());
        if part == 0 {
            tracing::warn!(
                stream = stream.name,
                "max_calls_per_sync leaves no call for this stream"
            );
        }
        if !work.own.is_empty() {
            self.write(tenant, &work.own).await?;
        }
        let needed: u64 = work.lists.iter().map(DocumentList::calls).sum();
        let (directory, spent) = (self.directory.clone(), Cell::new(0));
        let DocumentSelection {
            new,
            again,
            unsettled,
        } = choose(&work.lists, part);
        let mut run = DocumentRun {
            fetcher: DocumentFetcher {
                session: self.session,
                stream,
                source: self.source,
                tenant,
                directory: directory.as_ref(),
                spent: &spent,
            },
            outcomes: Outcomes::new(&tenant.id, unsettled),
            lists: &mut work.lists,
            stream: self,
            max_calls: part,
            documents: 0,
            stop: None,
        };
        let end = run.read(new, again, part).await;
        let (calls, left) = (spent.get(), needed.saturating_sub(run.documents));
        quota.spend(calls);
        for list in &mut work.lists {
            list.queue.close();
            let position = list.queue.position();
            self.progress.entry(&tenant.id).note(list.stream, position);
        }
        self.write(tenant, &[]).await?;
        end?;
        let label = tenant.label();
        tracing::info!(
            stream = stream.name,
            calls,
            "requested documents of {label}; about {left} are left for the next syncs"
        );
        Ok(Proof::EveryItem)
    }

    /// Writes rows, and then the state that covers them.
    async fn write(&mut self, tenant: &Tenant, rows: &[DocumentRow]) -> Result<(), Failure> {
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
        let state = Some(self.progress.state()).filter(|state| self.sent.as_ref() != Some(state));
        self.sent = state.clone().or(self.sent.take());
        let written = self.sink.write(lines.all(), state, None).await;
        written.map_err(sink::closed)
    }
}

/// The requests of one stream in one organisation.
struct DocumentRun<'s, 'a> {
    stream: &'s mut DocumentStream<'a>,
    lists: &'s mut [DocumentList],
    fetcher: DocumentFetcher<'s>,
    outcomes: Outcomes<'s>,
    /// Maximum value of `fetcher.spent`.
    max_calls: usize,
    /// The number of documents with a result.
    documents: u64,
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
        self.outcomes.close(self.lists, &mut self.stream.progress);
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
        let progress = &mut self.stream.progress;
        let stop = self.outcomes.note(self.lists, progress, document, outcome);
        if self.stop.is_none() {
            self.stop = stop.zip(failure);
        }
        self.stream.write(fetcher.tenant, &rows).await
    }
}
