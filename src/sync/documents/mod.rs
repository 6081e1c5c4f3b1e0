//! What hangs on documents: files, history, online addresses, tax schemes. Xero tells
//! it of one document at a time, so a sync asks only so many as it may, oldest first,
//! and leaves the others to the next one.
//!
//! A `task` is one stream. `listing` finds the documents, unless the `audience` heard of them
//! while their list was read for another stream; of each list, a `kind`, the `queue` keeps those
//! that fit. `choice` takes the oldest of all lists and some that failed before, `round` asks
//! them, `rows` reads the answers, `files` brings the files of a document, `outcomes` decides what
//! each answer changes, and `state` keeps how far each list was gone through.

mod attachments;
mod cis;
mod document_list;
mod document_stream;
pub(crate) mod download;
mod fetch;
mod observers;
mod outcomes;
mod read;
mod selection;

pub(crate) use document_list::Observed;
pub(crate) use document_stream::DocumentStream;
pub(crate) use observers::{Observers, OrganisationList};

use crate::sync::session::Session;
use crate::xero::rate_limit::budget::CALLS_A_MINUTE;

/// Says before the first call what the streams cost, and how many syncs it will take.
pub(crate) fn announce(session: &Session, tasks: &[DocumentStream<'_>]) {
    let calls: u64 = tasks.iter().map(DocumentStream::calls).sum();
    let most = u64::from(session.config.max_calls_per_sync);
    if calls == 0 || most == 0 {
        return;
    }
    let names: Vec<_> = tasks.iter().map(|task| task.stream.name).collect();
    let minutes = calls.div_ceil(CALLS_A_MINUTE as u64);
    let readable = session.tenants.iter().filter(|it| it.blocked.is_none());
    let today = readable.filter_map(|it| session.client.capacity(&it.id).calls_today);
    let files = tasks.iter().any(|task| task.directory.is_some());
    let files = match files {
        true => ", and one more for each file",
        false => "",
    };
    let today = today
        .min()
        .map(|left| format!(", of which the day has {left} left"));
    tracing::info!(
        "{} need about {calls} calls{files}{}: at {CALLS_A_MINUTE} a minute that is {minutes} min, and at max_calls_per_sync {most} it is {} syncs",
        names.join(", "),
        today.unwrap_or_default(),
        calls.div_ceil(most),
    );
}
