//! Reports as rows: the streams whose rows are values on Xero's report screens.
//!
//! `periods` plans the calls, `flatten` makes rows of the answers, `check` finds
//! out whether several periods may quota a call; `periodic` and `rounds` make
//! the calls and `state` keeps how far they came.

mod organisation;
mod per_contact;
mod periodic;
mod plan;
mod report_run;

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
use report_run::{ReportRun, SharedContacts};

/// Reads report streams. Requests what they share once.
#[derive(Debug)]
pub(crate) struct Reports<'a> {
    session: &'a Session,
    emitter: &'a Emitter,
    /// One for each organisation of the session.
    books: Vec<SharedContacts>,
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
            books: session
                .tenants
                .iter()
                .map(|_| SharedContacts::default())
                .collect(),
            quota,
        }
    }

    /// Reads a stream in every organisation from the state that came in, and
    /// returns how it ended in each. One organisation failing does not keep the others from being read.
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
        for (tenant, book) in self.session.tenants.iter().zip(&self.books) {
            if let Some(failure) = &tenant.blocked {
                ends.push(Err(failure.clone()));
                continue;
            }
            let _slot = slots.take(&tenant.id);
            let mut job = ReportRun {
                session: self.session,
                sink: Sink::new(self.emitter, stream),
                stream,
                report,
                tenant,
                book,
                progress: &mut progress,
                calls: 0,
            };
            let read = match stream.is_costly() {
                true => per_contact::read(&mut job, self.quota).await,
                false => periodic::read(&mut job).await,
            };
            if read.is_ok() {
                job.end();
            }
            ends.push(read);
        }
        ends
    }
}
