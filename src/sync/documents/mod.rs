//! Reads the streams that need one request per document: attachments, history, online invoices,
//! tax settings.
//!
//! Xero returns these for one document at a time. A sync therefore requests as many documents as
//! `max_calls_per_sync` allows, oldest first, and leaves the others for the next sync.
//!
//! - [`document_stream`]: one stream in every organisation.
//! - [`observers`]: the streams as observers of the walks over the lists of their documents.
//! - [`document_list`]: one list, and the queue of its documents.
//! - [`selection`]: chooses the oldest documents of all lists, and some that failed before.
//! - [`fetch`]: requests one document, whose rows [`document_rows`] reads page by page; [`attachments`] and [`download`] download its files.
//! - [`outcomes`]: decides what each result changes in the state.
//! - [`cis`]: asks whether tax settings exist in an organisation.

mod attachments;
mod cis;
mod document_list;
mod document_rows;
mod document_stream;
pub(crate) mod download;
mod fetch;
mod observers;
mod outcomes;
mod read;
mod selection;

pub(crate) use cis::UNITED_KINGDOM;
pub(crate) use document_list::meets;
pub(crate) use document_rows::count as count_rows;
pub(crate) use document_stream::{DocumentStream, room};
pub(crate) use fetch::{DocumentFetcher, ListedDocument};
pub(crate) use observers::{Observers, OrganisationList};

use crate::sync::session::Session;
use crate::xero::rate_limit::budget::CALLS_A_MINUTE;

/// Logs how many requests the streams need, how long these take, and over how many syncs.
pub(crate) fn announce(session: &Session, tasks: &[DocumentStream<'_>]) {
    let calls: u64 = tasks.iter().map(DocumentStream::calls).sum();
    let most = u64::from(session.config.max_calls_per_sync);
    if calls == 0 || most == 0 {
        return;
    }
    let names: Vec<_> = tasks.iter().map(DocumentStream::name).collect();
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
        .map(|left| format!("; {left} calls are left today"));
    tracing::info!(
        "{} need about {calls} calls{files}{}: at {CALLS_A_MINUTE} a minute that is {minutes} min, and at max_calls_per_sync {most} it is {} syncs",
        names.join(", "),
        today.unwrap_or_default(),
        calls.div_ceil(most),
    );
}
