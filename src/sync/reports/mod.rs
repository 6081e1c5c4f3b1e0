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

use serde_json::Value;

use crate::airbyte::emit::Emitter;
use crate::failure::Failure;
use crate::state::StreamState;
use crate::streams::{Report, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::concurrency::Slots;
use crate::sync::session::Session;
use crate::sync::sink::Sink;
use crate::walk::proof::Proof;
use report_run::ReportRun;
use tenant_report::{SharedContacts, TenantReport};

/// Reads report streams. Requests what they share once.
#[derive(Debug)]
pub(crate) struct Reports<'a> {
    session: &'a Session,
    emitter: &'a Emitter,
    /// One for each organisation of the session.
    contacts: Vec<SharedContacts>,
    quota: &'a CallQuota,
}

impl Reports<'_> {
    /// `quota` holds the requests for streams that need one request per row of another list.
    pub(crate) fn new<'a>(
        session: &'a Session,
        emitter: &'a Emitter,
        quota: &'a CallQuota,
    ) -> Reports<'a> {
        Reports {
            session,
            emitter,
            contacts: (session.tenants.iter().map(|_| SharedContacts::default())).collect(),
            quota,
        }
    }

    /// Reads a stream in every organisation from its last state. Returns how the stream ended in each.
    /// An organisation that fails does not stop the others.
    pub(crate) async fn read(
        &self,
        stream: &'static Stream,
        report: &Report,
        state: &Value,
        slots: &Slots,
    ) -> Vec<Result<Proof, Failure>> {
        let mut progress = match StreamState::read(stream, state) {
            Ok(progress) => progress,
            Err(failure) => return vec![Err(failure)],
        };
        let mut ends = Vec::new();
        for (tenant, contacts) in self.session.tenants.iter().zip(&self.contacts) {
            if let Some(failure) = &tenant.blocked {
                ends.push(Err(failure.clone()));
                continue;
            }
            let _slot = slots.take(&tenant.id);
            let mut run = ReportRun {
                report: TenantReport {
                    session: self.session,
                    stream,
                    report,
                    tenant,
                    contacts,
                    calls: &Cell::new(0),
                },
                sink: Sink::new(self.emitter, stream),
                progress: &mut progress,
            };
            let read = match stream.is_costly() {
                true => per_contact::read(&mut run, self.quota).await,
                false => periodic::read(&mut run).await,
            };
            if read.is_ok() {
                run.end();
            }
            ends.push(read);
        }
        ends
    }
}
