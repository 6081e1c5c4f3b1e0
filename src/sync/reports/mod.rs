//! Reads the report streams, whose rows are the lines of Xero's reports.
//!
//! - [`periodic`]: reports that cost one request per period; [`plan`] decides which periods are read.
//! - [`per_contact`]: reports that cost one request per contact or published return.
//! - [`tenant_report`]: the requests of one report in one organisation.
//! - [`report_run`]: its position in the state, and its rows on their way to stdout.

mod per_contact;
mod periodic;
mod plan;
mod report_run;
mod tenant_report;

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use futures_util::StreamExt;

use crate::panics;
use crate::state::reports::ReportCursor;
use crate::streams::{Report, Source};
use crate::sync::call_quota::CallQuota;
use crate::sync::concurrency::{ORGANISATIONS_AT_ONCE, Slots};
use crate::sync::session::Session;
use crate::sync::stream_output::StreamOutput;
use crate::walk::proof::Proof;
use crate::xero::tenants::{Tenant, TenantId};
pub(crate) use periodic::calls;
pub(crate) use plan::PeriodSettings;
use report_run::ReportRun;
use tenant_report::{SharedContacts, TenantReport};

/// A report stream, in every organisation.
#[derive(Debug)]
pub(crate) struct ReportStream<'a> {
    pub(crate) output: Rc<StreamOutput<'a, ReportCursor>>,
    report: &'static Report,
}

/// Reads report streams. Requests what they share once.
#[derive(Debug)]
pub(crate) struct Reports<'a> {
    session: &'a Session,
    contacts: HashMap<TenantId, SharedContacts>,
}

impl<'a> ReportStream<'a> {
    /// `None` for a stream that is not a report.
    pub(crate) fn new(output: Rc<StreamOutput<'a, ReportCursor>>) -> Option<ReportStream<'a>> {
        match &output.stream.source {
            Source::Report(report) => Some(ReportStream { output, report }),
            _ => None,
        }
    }
}

impl Reports<'_> {
    pub(crate) fn new(session: &Session) -> Reports<'_> {
        let ids = session.tenants.iter().map(|tenant| tenant.id.clone());
        Reports {
            session,
            contacts: ids.map(|id| (id, SharedContacts::default())).collect(),
        }
    }

    /// Reads the periods of a stream in one organisation from its last state.
    pub(crate) async fn read_periods(
        &self,
        stream: &ReportStream<'_>,
        tenant: &Tenant,
        slots: &Slots,
    ) {
        let calls = Cell::new(0);
        let Some(mut run) = self.run(stream, tenant, &calls) else {
            return;
        };
        let _slot = slots.take(&tenant.id);
        let read = periodic::read(&mut run).await;
        run.end(read.map_err(|failure| vec![failure]));
    }

    /// Reads a stream that needs one request per contact or published return. Its part of the quota
    /// is split between the organisations once each of them knows what it needs.
    pub(crate) async fn read_per_contact(
        &self,
        stream: &ReportStream<'_>,
        quota: &CallQuota,
        slots: &Slots,
    ) {
        let part = quota.part();
        let tenants = &self.session.tenants;
        let calls: Vec<_> = tenants.iter().map(|_| Cell::new(0)).collect();
        let runs = tenants.iter().zip(&calls);
        let runs = runs.filter_map(|(tenant, calls)| self.run(stream, tenant, calls));
        let plans: Vec<_> = futures_util::stream::iter(runs)
            .map(async |mut run| {
                let _slot = slots.take(&run.report.tenant.id);
                let plan = panics::caught_result(per_contact::plan(&mut run, part)).await;
                (run, plan)
            })
            .buffered(ORGANISATIONS_AT_ONCE)
            .collect()
            .await;
        let mut planned = Vec::with_capacity(plans.len());
        for (run, plan) in plans {
            match plan {
                Ok(Some(plan)) => planned.push((run, plan)),
                Ok(None) => run.end(Ok(Proof::EveryItem)), // no item may be requested
                Err(failure) => run.end(Err(vec![failure])),
            }
        }
        let needs: Vec<_> = planned.iter().map(|(_, plan)| plan.calls()).collect();
        let shares = CallQuota::split(part, &needs);
        futures_util::stream::iter(planned.into_iter().zip(shares))
            .for_each_concurrent(ORGANISATIONS_AT_ONCE, async |((mut run, plan), share)| {
                let _slot = slots.take(&run.report.tenant.id);
                let read = per_contact::read(&mut run, plan, share, quota);
                let end = panics::caught_result(read).await;
                run.end(end.map_err(|failure| vec![failure]));
            })
            .await;
    }

    /// Begins a stream in an organisation. Ends it if the organisation is blocked.
    fn run<'r>(
        &'r self,
        stream: &'r ReportStream<'r>,
        tenant: &'r Tenant,
        calls: &'r Cell<usize>,
    ) -> Option<ReportRun<'r>> {
        let output = &*stream.output;
        let contacts = self.contacts.get(&tenant.id)?;
        if let Some(failure) = &tenant.blocked {
            output.fail(tenant, failure);
            return None;
        }
        output.begin(tenant);
        let report = TenantReport {
            session: self.session,
            stream: output.stream,
            report: stream.report,
            tenant,
            contacts,
            calls,
        };
        Some(ReportRun { report, output })
    }
}
