//! The documents of one stream are asked, as far as its part of the calls goes; behind what
//! each has comes the state that covers it.

use std::cell::Cell;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use super::{DocumentStream, TenantWork};
use crate::failure::Failure;
use crate::rows::documents::DocumentRow;
use crate::rows::lines::Lines;
use crate::state::documents::MOST_FAILED;
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
    /// Asks what the stream's part of the calls allows, and returns how it ended in each organisation.
    pub(crate) async fn read(mut self, share: &CallQuota) -> Vec<Result<Proof, Failure>> {
        let kinds = self.books.iter_mut().flat_map(|book| &mut book.kinds);
        let failures = kinds.filter_map(|kind| kind.failure.take());
        self.ends.extend(failures.map(Err));
        for book in std::mem::take(&mut self.books) {
            let part = share.part();
            let end = self.organisation(book, part, share).await;
            self.ends.push(end);
        }
        self.ends
    }

    async fn organisation(
        &mut self,
        mut book: TenantWork<'a>,
        part: usize,
        share: &CallQuota,
    ) -> Result<Proof, Failure> {
        let (stream, tenant) = (self.stream, book.tenant);
        if part == 0 {
            tracing::warn!(
                stream = stream.name,
                "max_calls_per_sync leaves no call for it"
            );
        }
        let own = std::mem::take(&mut book.own);
        if !own.is_empty() {
            self.hand_over(tenant, &own).await?;
        }
        let needed: u64 = book.kinds.iter().map(DocumentList::calls).sum();
        let (directory, spent) = (self.directory.clone(), Cell::new(0));
        let caller = DocumentFetcher {
            session: self.session,
            stream,
            source: self.source,
            tenant,
            directory: directory.as_ref(),
            spent: &spent,
        };
        let mut documents = 0;
        let asked = self
            .documents(caller, &mut book, part, &mut documents)
            .await;
        let (calls, left) = (spent.get(), needed.saturating_sub(documents));
        share.spend(calls);
        for kind in &mut book.kinds {
            kind.queue.close();
            let position = kind.queue.position();
            self.progress.entry(&tenant.id).note(kind.list, position);
        }
        self.hand_over(tenant, &[]).await?;
        asked?;
        let label = tenant.label();
        tracing::info!(
            stream = stream.name,
            calls,
            "asked {label}; about {left} documents are left to the next syncs"
        );
        Ok(Proof::EveryItem)
    }

    /// Asks documents with so many calls: those that failed before come last, so that
    /// they never keep the others from being asked.
    async fn documents(
        &mut self,
        caller: DocumentFetcher<'_>,
        book: &mut TenantWork<'a>,
        part: usize,
        documents: &mut u64,
    ) -> Result<(), Failure> {
        let tenant = caller.tenant;
        let DocumentSelection {
            new,
            again,
            unsettled,
        } = choose(&book.kinds, part);
        let first = part - again.len();
        let mut outcomes = Outcomes::new(&tenant.id, unsettled);
        let end = self.ask(caller, book, new, first, &mut outcomes, documents);
        let crowded = match end.await? {
            // Only those that failed before can make room, so they have their turn.
            Some((StopReason::NoRoom, failure)) => Some(self.crowded(tenant, failure)),
            Some((_, failure)) => return Err(failure),
            None => None,
        };
        let end = self.ask(caller, book, again, part, &mut outcomes, documents);
        match end.await? {
            // Those that fail again may well be theirs to blame.
            Some((StopReason::TooMany, _)) => tracing::warn!(
                stream = self.stream.name,
                "{MAX_CONSECUTIVE_FAILURES} documents in a row of {} failed again: the others wait for the next sync",
                tenant.label()
            ),
            Some((_, failure)) => return Err(failure),
            None => {}
        }
        crowded.map_or(Ok(()), Err)
    }

    /// Asks documents, several at once, until so many calls are spent, and hands over what
    /// each has. Returns why it stopped before, if it did. The calls that are under way then
    /// are waited for, and what they bring counts.
    async fn ask(
        &mut self,
        caller: DocumentFetcher<'_>,
        book: &mut TenantWork<'a>,
        items: Vec<ListedDocument>,
        part: usize,
        outcomes: &mut Outcomes<'_>,
        documents: &mut u64,
    ) -> Result<Option<(StopReason, Failure)>, Failure> {
        let mut end = None;
        let mut items = items.into_iter();
        let mut under_way = FuturesOrdered::new();
        loop {
            while under_way.len() < outcomes.room(caller.at_once())
                && caller.spent.get() < part
                && let Some(item) = items.next()
            {
                caller.spent.set(caller.spent.get() + 1);
                under_way.push_back(caller.ask(item));
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
                        caller.tell(&item, again, trouble.clone());
                    }
                    (Vec::new(), outcome, Some(caller.told(trouble)))
                }
            };
            *documents += u64::from(outcome != DocumentOutcome::Stopped);
            let stop = outcomes.note(&mut book.kinds, &mut self.progress, item, outcome);
            end = end.or(stop.zip(failure));
            self.hand_over(caller.tenant, &rows).await?;
        }
        outcomes.close(&mut book.kinds, &mut self.progress);
        Ok(end)
    }

    /// No more documents can be remembered as failed.
    fn crowded(&self, tenant: &Tenant, failure: Failure) -> Failure {
        Failure::transient(format!(
            "{MOST_FAILED} documents of {} could not be read for {} and wait to be asked again, which is as many as a state remembers. The warnings say why. The stream goes on once some of them can be read.",
            tenant.label(),
            self.stream.name,
        ))
        .because(failure)
    }

    /// Hands rows over, and behind them the state that covers them.
    async fn hand_over(&mut self, tenant: &Tenant, rows: &[DocumentRow]) -> Result<(), Failure> {
        let bytes = rows.iter().map(|row| row.members.len() + 200).sum();
        let mut lines = Lines::of(self.stream.name, &tenant.id, bytes);
        for row in rows {
            lines.line(|out| out.extend_from_slice(&row.members));
            row.reference.iter().for_each(|it| lines.refer(it));
            lines.end_row();
        }
        // A state goes out once: rows that it covers already wait for the next one.
        let state = Some(self.progress.state()).filter(|state| self.sent.as_ref() != Some(state));
        self.sent = state.clone().or(self.sent.take());
        let written = self.sink.write(lines.all(), state, None).await;
        written.map_err(sink::closed)
    }
}
