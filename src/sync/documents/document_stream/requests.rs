//! Requests the documents of one stream within its part of the quota. Writes the rows of each
//! document, and behind them the state that covers them.

use std::cell::Cell;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use super::{DocumentStream, TenantWork};
use crate::failure::Failure;
use crate::rows::documents::DocumentRow;
use crate::rows::lines::Lines;
use crate::state::documents::MAX_FAILED;
use crate::sync::call_quota::CallQuota;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::fetch::{DocumentFetcher, FetchOutcome, ListedDocument};
use crate::sync::documents::outcomes::{DocumentOutcome, Outcomes, StopReason};
use crate::sync::documents::selection::{DocumentSelection, choose};
use crate::sync::item_errors::{Disposition, MAX_CONSECUTIVE_FAILURES};
use crate::sync::sink;
use crate::walk::proof::Proof;
use crate::xero::tenants::Tenant;

impl<'a> DocumentStream<'a> {
    /// Requests documents within the stream's part of the quota. Returns how the stream ended in each
    /// organisation.
    pub(crate) async fn read(mut self, quota: &CallQuota) -> Vec<Result<Proof, Failure>> {
        let kinds = self
            .organisations
            .iter_mut()
            .flat_map(|work| &mut work.kinds);
        let failures = kinds.filter_map(|kind| kind.failure.take());
        self.ends.extend(failures.map(Err));
        for work in std::mem::take(&mut self.organisations) {
            let part = quota.part();
            let end = self.organisation(work, part, quota).await;
            self.ends.push(end);
        }
        self.ends
    }

    async fn organisation(
        &mut self,
        mut work: TenantWork<'a>,
        part: usize,
        quota: &CallQuota,
    ) -> Result<Proof, Failure> {
        let (stream, tenant) = (self.stream, work.tenant);
        if part == 0 {
            tracing::warn!(
                stream = stream.name,
                "max_calls_per_sync leaves no call for it"
            );
        }
        let own = std::mem::take(&mut work.own);
        if !own.is_empty() {
            self.write(tenant, &own).await?;
        }
        let needed: u64 = work.kinds.iter().map(DocumentList::calls).sum();
        let (directory, spent) = (self.directory.clone(), Cell::new(0));
        let fetcher = DocumentFetcher {
            session: self.session,
            stream,
            source: self.source,
            tenant,
            directory: directory.as_ref(),
            spent: &spent,
        };
        let mut documents = 0;
        let asked = self
            .documents(fetcher, &mut work, part, &mut documents)
            .await;
        let (calls, left) = (spent.get(), needed.saturating_sub(documents));
        quota.spend(calls);
        for kind in &mut work.kinds {
            kind.queue.close();
            let position = kind.queue.position();
            self.progress.entry(&tenant.id).note(kind.list, position);
        }
        self.write(tenant, &[]).await?;
        asked?;
        let label = tenant.label();
        tracing::info!(
            stream = stream.name,
            calls,
            "asked {label}; about {left} documents are left to the next syncs"
        );
        Ok(Proof::EveryItem)
    }

    /// Requests documents with at most `part` requests. Documents that failed before come last, so
    /// that they do not block the others.
    async fn documents(
        &mut self,
        fetcher: DocumentFetcher<'_>,
        work: &mut TenantWork<'a>,
        part: usize,
        documents: &mut u64,
    ) -> Result<(), Failure> {
        let tenant = fetcher.tenant;
        let DocumentSelection {
            new,
            again,
            unsettled,
        } = choose(&work.kinds, part);
        let first = part - again.len();
        let mut outcomes = Outcomes::new(&tenant.id, unsettled);
        let end = self.ask(fetcher, work, new, first, &mut outcomes, documents);
        let no_room = match end.await? {
            // Only those that failed before can make room, so they have their turn.
            Some((StopReason::NoRoom, failure)) => Some(self.no_room(tenant, failure)),
            Some((_, failure)) => return Err(failure),
            None => None,
        };
        let end = self.ask(fetcher, work, again, part, &mut outcomes, documents);
        match end.await? {
            // Documents that fail again may be broken themselves, so the stream does not end.
            Some((StopReason::TooMany, _)) => tracing::warn!(
                stream = self.stream.name,
                "{MAX_CONSECUTIVE_FAILURES} documents in a row of {} failed again: the others wait for the next sync",
                tenant.label()
            ),
            Some((_, failure)) => return Err(failure),
            None => {}
        }
        no_room.map_or(Ok(()), Err)
    }

    /// Requests documents, several at once, until `part` requests are spent, and writes their rows.
    /// Returns why it stopped earlier, if it did. Requests that are under way then are finished and
    /// used.
    async fn ask(
        &mut self,
        fetcher: DocumentFetcher<'_>,
        work: &mut TenantWork<'a>,
        items: Vec<ListedDocument>,
        part: usize,
        outcomes: &mut Outcomes<'_>,
        documents: &mut u64,
    ) -> Result<Option<(StopReason, Failure)>, Failure> {
        let mut end = None;
        let mut items = items.into_iter();
        let mut under_way = FuturesOrdered::new();
        loop {
            while under_way.len() < outcomes.room(fetcher.at_once())
                && fetcher.spent.get() < part
                && let Some(item) = items.next()
            {
                fetcher.spent.set(fetcher.spent.get() + 1);
                under_way.push_back(fetcher.ask(item));
            }
            let Some((item, asked)) = under_way.next().await else {
                break;
            };
            let (rows, outcome, failure) = match asked {
                FetchOutcome::Rows(rows) => (rows, DocumentOutcome::Answered, None),
                FetchOutcome::Partly(rows, failure) => {
                    (rows, DocumentOutcome::Failed, Some(failure))
                }
                FetchOutcome::Not(again, trouble) => {
                    let outcome = match again {
                        Disposition::Skip => DocumentOutcome::Gone,
                        Disposition::NextSync => DocumentOutcome::Failed,
                        Disposition::Abort => DocumentOutcome::Stopped,
                    };
                    if outcome != DocumentOutcome::Stopped {
                        fetcher.tell(&item, again, trouble.clone());
                    }
                    (Vec::new(), outcome, Some(fetcher.told(trouble)))
                }
            };
            *documents += u64::from(outcome != DocumentOutcome::Stopped);
            let stop = outcomes.note(&mut work.kinds, &mut self.progress, item, outcome);
            end = end.or(stop.zip(failure));
            self.write(fetcher.tenant, &rows).await?;
        }
        outcomes.close(&mut work.kinds, &mut self.progress);
        Ok(end)
    }

    /// The failure of a stream whose state cannot record another failed document.
    fn no_room(&self, tenant: &Tenant, failure: Failure) -> Failure {
        Failure::transient(format!(
            "{MAX_FAILED} documents of {} could not be read for {} and wait to be asked again, which is as many as a state remembers. The warnings say why. The stream goes on once some of them can be read.",
            tenant.label(),
            self.stream.name,
        ))
        .because(failure)
    }

    /// Writes rows, and behind them the state that covers them.
    async fn write(&mut self, tenant: &Tenant, rows: &[DocumentRow]) -> Result<(), Failure> {
        let bytes = rows.iter().map(|row| row.members.len() + 200).sum();
        let mut lines = Lines::new(self.stream.name, &tenant.id, bytes);
        for row in rows {
            lines.line(|out| out.extend_from_slice(&row.members));
            row.reference
                .iter()
                .for_each(|it| lines.add_file_reference(it));
            lines.end_row();
        }
        // A state goes out once: rows that it covers already wait for the next one.
        let state = Some(self.progress.state()).filter(|state| self.sent.as_ref() != Some(state));
        self.sent = state.clone().or(self.sent.take());
        let written = self.sink.write(lines.all(), state, None).await;
        written.map_err(sink::closed)
    }
}
