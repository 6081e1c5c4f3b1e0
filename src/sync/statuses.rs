//! Sends the statuses of each selected stream: STARTED, RUNNING, the waits for rate limits, and in the
//! end COMPLETE or INCOMPLETE.
//!
//! A stream is read in several organisations side by side. It waits while all of them wait, and it is
//! COMPLETE once each of them has a proof.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Message, StreamStatus, now_millis};
use crate::failure::Failure;
use crate::progress::model::SyncProgress;
use crate::walk::proof::Proof;
use crate::xero::limit_status::SHORTEST_REPORTED;
use crate::xero::listener::{Call, RequestListener, Subject, WaitReason};
use crate::xero::tenants::TenantId;

/// A longer wait of a stream is announced to [`Statuses::long_wait`].
const LONG_WAIT: Duration = Duration::from_secs(60);

/// How a stream ended in one organisation.
pub(crate) type End = Result<Proof, Vec<Failure>>;

/// Whether an organisation does not have what the stream reads.
pub(crate) fn is_absent(failures: &[Failure]) -> bool {
    !failures.is_empty() && failures.iter().all(|failure| failure.is_absence)
}

/// Sends statuses and records how streams ended.
#[derive(Debug)]
pub(crate) struct Statuses {
    emitter: Emitter,
    /// The figures of the sync, for people.
    pub(crate) progress: Arc<SyncProgress>,
    read: Mutex<Read>,
    /// Notified when a stream begins a wait of more than a minute.
    pub(crate) long_wait: Notify,
}

#[derive(Debug, Default)]
struct Read {
    /// Streams that began and have not ended.
    open: BTreeMap<String, OpenStream>,
    has_failed: bool,
}

/// A stream that is being read.
#[derive(Debug, Default)]
struct OpenStream {
    has_records: bool,
    /// Until when the platform shows it as waiting, in milliseconds since the epoch.
    shown_until: Option<i64>,
    /// The organisations in which it is being read, and until when each of them waits, in
    /// milliseconds since the epoch.
    reading: BTreeMap<TenantId, Option<i64>>,
}

impl OpenStream {
    /// Returns the end of the wait, if all organisations still wait at `now`.
    fn waits_until(&self, now: i64) -> Option<i64> {
        let resets = self.reading.values().copied();
        let first = resets.clone().flatten().min();
        first.filter(|first| *first > now && resets.clone().all(|reset| reset.is_some()))
    }

    /// Returns the end of the wait, if the platform does not show it at `now`. A wait that goes on after
    /// the end that was shown is shown again.
    fn begin_to_show(&mut self, now: i64) -> Option<i64> {
        let is_shown = self.shown_until.is_some_and(|until| until > now);
        let reset = self.waits_until(now).filter(|_| !is_shown)?;
        self.shown_until = Some(reset);
        Some(reset)
    }

    /// Sets until when an organisation waits. A request about the token itself has no organisation
    /// and stands for all of them.
    fn set_reset(&mut self, tenant: Option<&TenantId>, reset: Option<i64>) {
        let reading = self.reading.iter_mut();
        let reading = reading.filter(|(id, _)| tenant.is_none_or(|tenant| tenant == *id));
        reading.for_each(|(_, known)| *known = reset);
    }
}

impl Statuses {
    pub(crate) fn new(emitter: &Emitter) -> Arc<Statuses> {
        Arc::new(Statuses {
            emitter: emitter.clone(),
            progress: Arc::new(SyncProgress::new()),
            read: Mutex::default(),
            long_wait: Notify::new(),
        })
    }

    /// Sends STARTED, unless the stream has begun.
    pub(crate) fn begin(&self, stream: &str) {
        let mut read = self.read();
        if !read.open.contains_key(stream) {
            read.open.insert(stream.to_owned(), OpenStream::default());
            self.progress.stream_began(stream);
            self.status(stream, StreamStatus::Started);
        }
    }

    /// Records that the stream is now read in an organisation.
    pub(crate) fn begin_in(&self, stream: &str, tenant: &TenantId) {
        self.begin(stream);
        self.with(stream, |open| {
            open.reading.insert(tenant.clone(), None);
        });
    }

    /// Sends RUNNING before the first records of a stream.
    pub(crate) fn records(&self, stream: &str) {
        self.with(stream, |open| {
            if !std::mem::replace(&mut open.has_records, true) {
                self.status(stream, StreamStatus::Running);
            }
        });
    }

    /// Records that the stream has ended in an organisation. The others may all be waiting.
    pub(crate) fn end_in(&self, stream: &str, tenant: &TenantId) {
        self.with(stream, |open| {
            open.reading.remove(tenant);
            self.show_wait(stream, open, now_millis());
        });
    }

    /// Sends the last status of a stream: COMPLETE if every organisation that has it has a proof, otherwise
    /// the errors and INCOMPLETE. Several organisations that failed share one error.
    pub(crate) fn end(&self, stream: &str, ends: &[&End]) {
        let (absent, mut failed): (Vec<_>, Vec<_>) = ends
            .iter()
            .filter_map(|end| end.as_ref().err())
            .partition(|failures| is_absent(failures));
        if absent.len() == ends.len() {
            failed = absent; // No organisation has it.
        } else if let Some(first) = absent.iter().copied().flatten().next() {
            let (absent, all) = (absent.len(), ends.len());
            tracing::info!(
                stream,
                "{absent} of {all} organisations are left out. {first}"
            );
        }
        match &failed[..] {
            [] if ends.is_empty() => {
                self.error(stream, &Failure::system("No organisation was read."));
            }
            [failures] => failures.iter().for_each(|it| self.error(stream, it)),
            _ => {
                let first: Vec<_> = failed.iter().filter_map(|it| it.first()).collect();
                let failure = Failure::of_organisations(&first, ends.len());
                failure.iter().for_each(|it| self.error(stream, it));
            }
        }
        self.last(stream, failed.is_empty() && !ends.is_empty());
    }

    /// Begins and ends a stream that cannot be read in any organisation.
    pub(crate) fn fail(&self, stream: &str, failure: &Failure) {
        self.begin(stream);
        self.error(stream, failure);
        self.last(stream, false);
    }

    /// Begins and ends a stream without an error of its own.
    pub(crate) fn abandon(&self, stream: &str) {
        self.begin(stream);
        self.last(stream, false);
    }

    /// Whether every stream that began ended COMPLETE.
    pub(crate) fn are_complete(&self) -> bool {
        let read = self.read();
        !read.has_failed && read.open.is_empty()
    }

    /// Shows the platform that the stream waits, if all its organisations wait at `now`, in
    /// milliseconds since the epoch.
    fn show_wait(&self, stream: &str, open: &mut OpenStream, now: i64) {
        if let Some(reset) = open.begin_to_show(now) {
            self.emitter.send(Message::rate_limited(stream, reset, now));
            if reset - now > LONG_WAIT.as_millis() as i64 {
                self.long_wait.notify_one();
            }
        }
    }

    /// Records a failure of the whole sync.
    pub(crate) fn sync_failed(&self, failure: &Failure) {
        let text = self.emitter.without_secrets(failure.to_string());
        self.progress.failed(None, failure.kind, text);
    }

    fn error(&self, stream: &str, failure: &Failure) {
        let text = self.emitter.without_secrets(failure.to_string());
        self.progress.failed(Some(stream), failure.kind, text);
        self.emitter.send(Message::error(failure, Some(stream)));
    }

    fn status(&self, stream: &str, status: StreamStatus) {
        self.emitter.send(Message::status(stream, status));
    }

    fn last(&self, stream: &str, is_complete: bool) {
        let mut read = self.read();
        read.open.remove(stream);
        read.has_failed |= !is_complete;
        self.progress.stream_ended(stream, is_complete);
        self.status(
            stream,
            match is_complete {
                true => StreamStatus::Complete,
                false => StreamStatus::Incomplete,
            },
        );
    }

    fn with<T>(&self, stream: &str, work: impl FnOnce(&mut OpenStream) -> T) -> Option<T> {
        self.read().open.get_mut(stream).map(work)
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RequestListener for Arc<Statuses> {
    fn call_ended(&self, subject: Subject<'_>, call: &Call) {
        self.progress.call_ended(subject, call);
    }

    fn wait_started(&self, subject: Subject<'_>, wait: Duration, reason: WaitReason<'_>) {
        if let WaitReason::Fault(fault) = reason {
            let fault = self.emitter.without_secrets(fault.to_owned());
            let reason = WaitReason::Fault(&fault);
            self.progress.wait_started(subject, wait, reason);
            return; // the platform has a status for rate limits only
        }
        self.progress.wait_started(subject, wait, reason);
        if wait < SHORTEST_REPORTED {
            return;
        }
        let now = now_millis();
        let reset = now + wait.as_millis() as i64;
        for stream in subject.streams {
            self.with(stream, |open| {
                open.set_reset(subject.tenant, Some(reset));
                // The wait of a single organisation is shown again, because its end may have moved.
                open.shown_until.take_if(|_| open.reading.len() <= 1);
                self.show_wait(stream, open, now);
            });
        }
    }

    fn wait_ended(&self, subject: Subject<'_>) {
        for stream in subject.streams {
            self.with(stream, |open| {
                open.set_reset(subject.tenant, None);
                if open.shown_until.take().is_some() {
                    self.status(stream, StreamStatus::Running);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests;
