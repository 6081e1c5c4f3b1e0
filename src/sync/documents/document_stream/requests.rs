//! Requests the documents of one stream within its part of the quota. Writes the rows of each
//! document, and then the state that covers them.

use std::cell::Cell;

use futures_util::StreamExt;

use super::{DocumentStream, Positions, TenantWork};
use crate::failure::Failure;
use crate::panics;
use crate::rows::document_lines;
use crate::rows::record_lines::Records;
use crate::sync::call_quota::CallQuota;
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::documents::fetch::{DocumentFetcher, ListedDocument};
use crate::sync::documents::outcomes::Outcomes;
use crate::sync::documents::selection::{DocumentSelection, choose};
use crate::sync::item_errors::{Disposition, ItemAnswer, ItemFailures, StopReason};
use crate::sync::item_requests::{ItemConsumer, ItemRequests};
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
        let (stream, part) = (self.family.parent.name, quota.part());
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
                self.members.end(tenant, &end);
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
        let (stream, tenant) = (self.family.parent, work.tenant);
        if !work.own.is_empty() {
            self.write_own(&work).await?;
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
            family: &self.family,
            names: &self.names,
            source: self.source,
            tenant,
            directory: self.directory.as_ref(),
            spent: &spent,
        };
        let mut run = DocumentRun {
            stream: self,
            tenant,
            outcomes: Outcomes::new(&mut work.lists, unsettled),
            positions: &mut work.positions,
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
        run.outcomes.close(&mut run.positions.union);
        run.write(Vec::new(), &vec![false; self.names.len()])
            .await?;
        end?;
        Ok(Requested { calls, left })
    }

    /// Writes the rows about the organisation itself.
    async fn write_own(&self, work: &TenantWork<'_>) -> Result<(), Failure> {
        let lines = document_lines::lines(&work.own, &self.family, &work.tenant.id);
        let lines = lines.map_err(|error| Failure::system(error.to_string()))?;
        let is_own = vec![true; self.names.len()];
        let written = self.members.write(work.tenant, lines, &is_own, None);
        written.await
    }
}

/// The documents of one family in one organisation.
struct DocumentRun<'s, 'a> {
    stream: &'s DocumentStream<'a>,
    tenant: &'s Tenant,
    outcomes: Outcomes<'s>,
    positions: &'s mut Positions,
    /// The number of documents with a result.
    documents: u64,
}

impl DocumentRun<'_, '_> {
    async fn write(&self, lines: Vec<Records>, is_own: &[bool]) -> Result<(), Failure> {
        let members = &self.stream.members;
        let written = members.write(self.tenant, lines, is_own, Some(self.positions));
        written.await
    }
}

impl ItemConsumer<(ListedDocument, ItemAnswer<Records>)> for DocumentRun<'_, '_> {
    fn failures(&self) -> &ItemFailures {
        &self.outcomes.failures
    }

    async fn take(
        &mut self,
        (document, (lines, error)): (ListedDocument, ItemAnswer<Records>),
    ) -> Result<(), Failure> {
        self.documents += u64::from(!matches!(error, Some((Disposition::Abort, _))));
        let is_own = self.positions.lacking(&document);
        let union = &mut self.positions.union;
        self.outcomes.note(union, document, error);
        self.write(lines, &is_own).await
    }

    fn end_series(&mut self) -> Option<(StopReason, Failure)> {
        let stop = self.outcomes.end_series(&mut self.positions.union);
        self.stream.members.advance(self.tenant, self.positions);
        stop
    }
}
