//! Writes the records and states of one stream, which is read in several organisations side by side.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use serde_json::Value;

use crate::airbyte::emit::{Batch, Closed, Emitter};
use crate::airbyte::protocol::Message;
use crate::failure::Failure;
use crate::memory::MemoryPermit;
use crate::progress::model::{OrganisationEnd, SyncProgress};
use crate::rows::record_lines::Records;
use crate::state::{Progress, StateThrottle, StreamState};
use crate::streams::{Source, Stream};
use crate::sync::statuses::{End, Statuses, is_absent};
use crate::xero::tenants::{Tenant, TenantId};

/// The bytes that a RECORD line adds to the data, besides the name of the stream.
const LINE_WITHOUT_DATA: u64 =
    r#"{"type":"RECORD","record":{"stream":"","emitted_at":1234567890123,"data":}}"#.len() as u64
        + 1;

/// Where the outputs of all streams write to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Destination<'a> {
    pub(crate) emitter: &'a Emitter,
    pub(crate) statuses: &'a Statuses,
}

/// The records, states and end of one stream.
#[derive(Debug)]
pub(crate) struct StreamOutput<'a, P> {
    destination: Destination<'a>,
    pub(crate) stream: &'static Stream,
    /// The number of organisations that end the stream.
    organisations: usize,
    written: RefCell<Written<P>>,
}

#[derive(Debug)]
struct Written<P> {
    states: StreamState<P>,
    throttle: StateThrottle,
    /// Whether the positions moved since the last state was written.
    is_pending: bool,
    rows: u64,
    calls: u64,
    /// How the stream ended in each organisation.
    ends: BTreeMap<TenantId, End>,
}

/// An output whose state may have to be written without another page.
pub(crate) trait PendingState {
    /// Writes the state if the positions moved since it was written. Waits for the time of the next
    /// state, unless `is_forced`.
    fn write_pending(&self, is_forced: bool);
}

impl<'a, P: Progress> StreamOutput<'a, P> {
    /// Creates the output of a stream that ends after these organisations.
    pub(crate) fn new(
        destination: Destination<'a>,
        stream: &'static Stream,
        tenants: &[&Tenant],
        states: StreamState<P>,
    ) -> Rc<StreamOutput<'a, P>> {
        let progress = &destination.statuses.progress;
        progress.plan(stream, tenants.iter().map(|it| &it.id));
        let organisations = tenants.len();
        Rc::new(StreamOutput {
            destination,
            stream,
            organisations,
            written: RefCell::new(Written::new(organisations, states)),
        })
    }

    /// Returns how far an organisation is read. `None` before its first sync.
    pub(crate) fn progress(&self, tenant: &TenantId) -> Option<P> {
        self.written.borrow().states.of(tenant).cloned()
    }

    /// Begins an organisation.
    pub(crate) fn begin(&self, tenant: &Tenant) {
        let statuses = self.destination.statuses;
        statuses.begin_in(self.stream.name, &tenant.id);
        let continues = self.progress(&tenant.id).is_some();
        self.figures()
            .began(self.stream.name, &tenant.id, continues);
    }

    /// Records that a walk has passed these rows of a list, of which `records` are written next. Sends
    /// an estimate of the records once `count`, the number of rows in the list, is known.
    pub(crate) fn listed(&self, tenant: &Tenant, rows: u64, count: Option<u64>, records: &Records) {
        let name = self.stream.name;
        let estimate = self.figures().listed(name, &tenant.id, rows, count);
        // The number of child rows is not known.
        let is_list = matches!(self.stream.source, Source::Endpoint(_));
        if let Some(rows) = estimate.filter(|_| is_list) {
            let each = self.data_bytes(records).checked_div(records.count);
            let bytes = rows * each.unwrap_or_default();
            let message = Message::estimate(name, rows, bytes);
            self.destination.emitter.send(message);
        }
    }

    /// Returns the bytes of the rows, without what a RECORD line adds to each.
    fn data_bytes(&self, records: &Records) -> u64 {
        let added = LINE_WITHOUT_DATA + self.stream.name.len() as u64;
        (records.lines.len() as u64).saturating_sub(records.count * added)
    }

    fn figures(&self) -> &SyncProgress {
        &self.destination.statuses.progress
    }

    /// Writes records of an organisation, and then the state that covers them. `held` is the memory permit of their
    /// response, which is kept until they are written.
    ///
    /// Waits while earlier records are being written to stdout. `advance` then moves the positions,
    /// in the same step in which the records are queued: a state that another organisation writes
    /// meanwhile must not cover records that are not queued yet. `advance` returns whether the state
    /// has to be written.
    pub(crate) async fn write(
        &self,
        tenant: &Tenant,
        records: Records,
        held: Option<MemoryPermit>,
        advance: impl FnOnce(&mut StreamState<P>) -> bool,
    ) -> Result<(), Closed> {
        let Destination { emitter, statuses } = self.destination;
        let bytes = self.data_bytes(&records);
        let Records { lines, count } = records;
        let place = match count {
            0 => None,
            _ => Some(emitter.place().await?),
        };
        let mut written = self.written.borrow_mut();
        written.is_pending |= advance(&mut written.states);
        written.rows += count;
        written.throttle.count_records(lines.len());
        let state = written.due_state();
        if count == 0 && state.is_none() {
            return Ok(());
        }
        if count > 0 {
            statuses.records(self.stream.name);
            self.figures()
                .wrote(self.stream.name, &tenant.id, count, bytes);
        }
        let batch = Batch {
            stream: self.stream.name,
            lines,
            records: count,
            state,
        };
        emitter.batch(batch, place, held)
    }

    /// Moves the position of an organisation. A later state covers the change.
    pub(crate) fn advance(&self, tenant: &TenantId, change: impl FnOnce(&mut P))
    where
        P: Default + PartialEq,
    {
        let mut written = self.written.borrow_mut();
        written.is_pending |= written.states.change(tenant, change);
    }

    /// Ends an organisation. `calls` is the number of requests that its rows took. Ends the stream after the last organisation. Only the first end of
    /// an organisation counts.
    pub(crate) fn end(&self, tenant: &Tenant, end: End, calls: u64) {
        let Destination { emitter, statuses } = self.destination;
        let name = self.stream.name;
        let mut written = self.written.borrow_mut();
        if written.ends.contains_key(&tenant.id) {
            return;
        }
        statuses.end_in(name, &tenant.id);
        let is_done = end.as_ref().err().is_none_or(|it| is_absent(it));
        if let Some(figures) = self.figures().ended(name, &tenant.id, is_done) {
            log_organisation(tenant, figures);
        }
        written.ends.insert(tenant.id.clone(), end);
        written.calls += calls;
        if written.ends.len() < self.organisations {
            return;
        }
        if let Some(state) = written.pending_state() {
            // A closed stdout has its own error.
            let _ = emitter.batch(Batch::of_state(name, state), None, None);
        }
        if self.stream.document().is_none() {
            written.log_end(name, tenant.label());
        }
        statuses.end(name, &written.ends.values().collect::<Vec<_>>());
    }

    /// Ends an organisation with a failure, unless it has ended.
    pub(crate) fn fail(&self, tenant: &Tenant, failure: &Failure) {
        if !self.written.borrow().ends.contains_key(&tenant.id) {
            self.begin(tenant);
            self.end(tenant, Err(vec![failure.clone()]), 0);
        }
    }
}

impl<P: Progress> PendingState for StreamOutput<'_, P> {
    fn write_pending(&self, is_forced: bool) {
        let mut written = self.written.borrow_mut();
        let state = match is_forced {
            true => written.pending_state(),
            false => written.due_state(),
        };
        if let Some(state) = state {
            let batch = Batch::of_state(self.stream.name, state);
            let _ = self.destination.emitter.batch(batch, None, None);
        }
    }
}

impl<P: Progress> Written<P> {
    /// `states` are those of the last sync, which need not be written again.
    fn new(organisations: usize, states: StreamState<P>) -> Written<P> {
        Written {
            states,
            throttle: StateThrottle::new(organisations),
            is_pending: false,
            rows: 0,
            calls: 0,
            ends: BTreeMap::new(),
        }
    }

    /// Returns the state if the positions moved and the time of the next state has come.
    fn due_state(&mut self) -> Option<Value> {
        match self.throttle.is_due(Instant::now()) {
            true => self.pending_state(),
            false => None,
        }
    }

    /// Returns the state if the positions moved since the last one.
    fn pending_state(&mut self) -> Option<Value> {
        if !std::mem::take(&mut self.is_pending) {
            return None;
        }
        let state = self.states.state();
        self.throttle
            .count_state(|| state.to_string().len(), Instant::now());
        Some(state)
    }

    /// Logs how much of a stream was read. `last` is the last organisation.
    fn log_end(&self, stream: &str, last: &str) {
        let (rows, calls, all) = (self.rows, self.calls, self.ends.len());
        let what = match self.ends.values().filter(|end| end.is_ok()).count() {
            0 => return,
            1 if all == 1 => last.to_owned(),
            complete if complete == all => format!("{all} organisations"),
            complete => format!("{complete} of {all} organisations"),
        };
        tracing::info!(stream, rows, calls, "read all of {what}");
    }
}

/// Logs one line once all streams of an organisation have ended, if there are several organisations.
fn log_organisation(tenant: &Tenant, figures: OrganisationEnd) {
    let OrganisationEnd {
        rows,
        failed,
        calls,
        calls_today,
        done,
        all,
    } = figures;
    if all == 1 || tenant.blocked.is_some() {
        return; // the lines of its streams say the same, or its error does
    }
    let left = calls_today.map_or(String::new(), |left| format!(", {left} calls left today"));
    let label = tenant.label();
    match failed {
        0 => tracing::info!(
            rows,
            calls,
            "{label} is read{left}: {done} of {all} organisations are done"
        ),
        _ => tracing::info!(
            rows,
            calls,
            "{label} failed in {failed} of its streams{left}: {done} of {all} organisations are done"
        ),
    }
}

/// The failure of a stream after stdout was closed.
pub(crate) fn closed(closed: Closed) -> Failure {
    Failure::system("The records could not be written to stdout.").because(closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::documents::DocumentLists;
    use crate::streams::find;

    #[test]
    fn no_state_is_written_before_something_was_read() {
        // A timer writes pending states, also of streams that have not begun.
        for organisations in [1, 2] {
            let history = find("history").expect("the stream exists");
            let states = StreamState::<DocumentLists>::read(history, &Value::Null);
            let mut written = Written::new(organisations, states.expect("there is no state"));
            assert!(written.due_state().is_none() && written.pending_state().is_none());
        }
    }
}
