//! Decides what is read when.
//!
//! The unit of work is a family of streams in one organisation. Organisations are read side by side,
//! and each goes through the families in the same order. Streams that need one request per contact or
//! document come last. A unit that fails does not stop the others.

use std::rc::Rc;

use futures_util::StreamExt;

use crate::failure::Failure;
use crate::panics;
use crate::state::STATE_INTERVAL;
use crate::streams::{Family, Source, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::catalog::Selection;
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::documents::Observers;
use crate::sync::family::FamilyRun;
use crate::sync::list_counts::ListCounts;
use crate::sync::reports::{ReportStream, Reports};
use crate::sync::run::SyncRun;
use crate::sync::stream_output::{Destination, PendingState, StreamOutput};
use crate::xero::tenants::Tenant;

/// Xero accepts five concurrent requests per organisation.
const FAMILIES_AT_ONCE: usize = 5;

/// What is read of one organisation at a time.
enum Work<'a> {
    List(FamilyRun<'a>),
    Report(ReportStream<'a>),
}

/// What reads along with the lists.
#[derive(Clone, Copy)]
struct Others<'o, 's> {
    reports: &'o Reports<'s>,
    observers: &'o Observers<'s>,
    counts: Option<&'o ListCounts<'s>>,
}

impl SyncRun<'_> {
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
                Err(why) => self.statuses.fail(&selected.name, &Failure::config(why)),
            }
        }
        let destination = Destination {
            emitter: self.emitter,
            statuses: &self.statuses,
        };
        let (of_counts, streams): (Vec<_>, Vec<_>) = streams
            .into_iter()
            .partition(|stream| stream.is_of_counts());
        let counts = self.list_counts(of_counts.first().copied(), &streams, destination);
        let (costly, others): (Vec<_>, Vec<_>) =
            streams.into_iter().partition(|stream| stream.is_costly());
        let mut families = Family::group(others.into_iter());
        // These take longest if nothing has changed. The calls for the others fit beside theirs.
        families.sort_by_key(|family| !family.parent.always_takes_several_calls());
        let works: Vec<_> = families
            .into_iter()
            .filter_map(|family| self.work(family, destination))
            .collect();
        let (documents, rounds): (Vec<_>, Vec<_>) = costly
            .into_iter()
            .partition(|stream| stream.document().is_some());
        let rounds: Vec<_> = rounds
            .into_iter()
            .filter_map(|stream| self.report_stream(stream, destination))
            .collect();
        let observers = self.observers(documents, &include_files, destination);
        let quota = CallQuota::new(
            self.session.config.max_calls_per_sync,
            rounds.len() + observers.len(),
        );
        let reports = Reports::new(&self.session);
        let mut pending = pending(&works, &rounds, &observers);
        pending.extend(counts.iter().map(|it| it.output.clone() as Rc<_>));
        let read = async {
            let others = Others {
                reports: &reports,
                observers: &observers,
                counts: counts.as_ref(),
            };
            self.organisations(&works, others).await;
            for stream in &rounds {
                reports.read_per_contact(stream, &quota, &self.slots).await;
            }
            self.documents(observers, &quota).await;
        };
        tokio::select! {
            biased;
            () = read => {}
            () = self.write_pending(&pending) => {}
        }
        tracing::info!("read ended: {}", self.session.progress.usage());
        self.statuses.are_complete()
    }

    /// Prepares a list or a report. `None` if none of its streams can be read.
    fn work<'r>(&'r self, family: Family, destination: Destination<'r>) -> Option<Work<'r>> {
        if matches!(family.parent.source, Source::Report(_)) {
            let stream = self.report_stream(family.parent, destination);
            return stream.map(Work::Report);
        }
        let run = self.family_run(family, destination);
        (!run.outputs.is_empty()).then_some(Work::List(run))
    }

    /// Prepares a report. `None` if it cannot be read.
    fn report_stream<'r>(
        &'r self,
        stream: &'static Stream,
        destination: Destination<'r>,
    ) -> Option<ReportStream<'r>> {
        let states = self.may_read(stream).and_then(|()| self.states.of(stream));
        let states = states.inspect_err(|failure| self.statuses.fail(stream.name, failure));
        let tenants: Vec<_> = self.session.tenants.iter().collect();
        let output = StreamOutput::new(destination, stream, &tenants, states.ok()?);
        ReportStream::new(output)
    }

    /// Reads the lists and reports of every organisation.
    async fn organisations(&self, works: &[Work<'_>], others: Others<'_, '_>) {
        futures_util::stream::iter(&self.session.tenants)
            .for_each_concurrent(ORGANISATIONS_AT_ONCE, async |tenant| {
                futures_util::stream::iter(works.iter().filter(|work| work.is_read_in(tenant)))
                    .for_each_concurrent(FAMILIES_AT_ONCE, async |work| {
                        let read = panics::caught(self.read(work, tenant, others));
                        if let Some(failure) = tenant.blocked.clone().or(read.await.err()) {
                            work.fail(tenant, &failure);
                        }
                    })
                    .await;
                if let Some(counts) = others.counts
                    && let Err(failure) = panics::caught(counts.end(tenant)).await
                {
                    counts.output.fail(tenant, &failure);
                }
            })
            .await;
    }

    async fn read(&self, work: &Work<'_>, tenant: &Tenant, others: Others<'_, '_>) {
        match work {
            _ if tenant.blocked.is_some() => {}
            Work::List(family) => {
                if let Some(counts) = others.counts {
                    counts.count(family.list(), tenant).await;
                }
                self.family(family, tenant, others.observers).await;
            }
            Work::Report(stream) => {
                let read = others.reports.read_periods(stream, tenant, &self.slots);
                read.await;
            }
        }
    }

    /// Writes states that could not follow their records at once: when their time comes, and before a
    /// long wait. Never ends.
    async fn write_pending(&self, outputs: &[Rc<dyn PendingState + '_>]) {
        loop {
            let is_forced = tokio::select! {
                () = tokio::time::sleep(STATE_INTERVAL) => false,
                () = self.statuses.long_wait.notified() => true,
            };
            outputs.iter().for_each(|it| it.write_pending(is_forced));
        }
    }
}

impl Work<'_> {
    fn is_read_in(&self, tenant: &Tenant) -> bool {
        match self {
            Work::List(family) => family.is_read_in(tenant),
            Work::Report(_) => true,
        }
    }

    /// Ends the streams that are still being read in an organisation.
    fn fail(&self, tenant: &Tenant, failure: &Failure) {
        match self {
            Work::List(family) => family
                .outputs
                .iter()
                .for_each(|it| it.fail(tenant, failure)),
            Work::Report(stream) => stream.output.fail(tenant, failure),
        }
    }
}

/// Returns the outputs of all streams.
fn pending<'a>(
    works: &[Work<'a>],
    rounds: &[ReportStream<'a>],
    observers: &Observers<'a>,
) -> Vec<Rc<dyn PendingState + 'a>> {
    let mut outputs: Vec<Rc<dyn PendingState + 'a>> = observers.outputs();
    for work in works {
        match work {
            Work::List(family) => {
                outputs.extend(family.outputs.iter().map(|it| it.clone() as Rc<_>));
            }
            Work::Report(stream) => outputs.push(stream.output.clone()),
        }
    }
    outputs.extend(rounds.iter().map(|stream| stream.output.clone() as Rc<_>));
    outputs
}
