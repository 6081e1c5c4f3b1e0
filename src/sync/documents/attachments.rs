//! The files of one document: each is brought into its place, and its row says what
//! came of it.

use futures_util::StreamExt;
use serde_json::json;

use crate::config::MEGABYTE;
use crate::failure::Failure;
use crate::rows::documents::DocumentRow;
use crate::sync::documents::download::{self, Directory, FileTarget, ListedFile, Stored, Unstored};
use crate::sync::documents::fetch::{DocumentFetcher, FetchOutcome, ListedDocument};
use crate::sync::item_errors::{Disposition, Rights, disposition};
use crate::xero::fault::{Fault, RequestError};
use crate::xero::rate_limit::budget::CALLS_AT_ONCE;
use crate::xero::request::{self, ApiRequest};

/// What came of a file.
#[derive(Debug)]
enum Fetched {
    /// It lies in its place.
    There(FileTarget, Stored),
    /// It is passed over for good: its `FileStatus`, and why.
    Skipped(&'static str, String),
    /// It cannot be had now, and the next sync tries again: its `FileStatus`, why, and what
    /// is to be said if it ends the stream.
    Later(&'static str, String, Failure),
    /// Nothing can be had for the time being.
    Stop(RequestError),
}

/// Brings the files of a document, several at once, and adds to their rows what came of each.
pub(crate) async fn bring(
    caller: DocumentFetcher<'_>,
    directory: &Directory,
    item: &ListedDocument,
    mut rows: Vec<DocumentRow>,
) -> FetchOutcome {
    let listed: Vec<_> = rows
        .iter()
        .map(|row| ListedFile::of(&row.members))
        .collect();
    let fetched: Vec<_> = futures_util::stream::iter(&listed)
        .map(|listed| fetch(caller, directory, item, listed))
        .buffered(CALLS_AT_ONCE)
        .collect()
        .await;
    let mut missed = None;
    for ((row, listed), fetched) in rows.iter_mut().zip(&listed).zip(fetched) {
        let id = listed.id.as_deref().unwrap_or_default();
        match fetched {
            Fetched::There(place, stored) => there(row, &place, &stored),
            Fetched::Skipped(status, why) => {
                caller.tell_file(item, id, &why);
                note(row, status);
            }
            Fetched::Later(status, why, failure) => {
                caller.tell_file(item, id, &format!("the next sync tries again: {why}"));
                note(row, status);
                missed = Some(failure);
            }
            Fetched::Stop(trouble) => return FetchOutcome::Not(Disposition::Abort, trouble),
        }
    }
    match missed {
        Some(failure) => FetchOutcome::Partly(rows, failure),
        None => FetchOutcome::Rows(rows),
    }
}

async fn fetch(
    caller: DocumentFetcher<'_>,
    directory: &Directory,
    item: &ListedDocument,
    listed: &ListedFile,
) -> Fetched {
    let Some(place) = directory.place(&item.document.id, listed) else {
        let why = "its id or that of its document is no GUID, so it has no safe name";
        return Fetched::Skipped("refused", why.to_owned());
    };
    let too_large = || {
        let most = directory.largest / MEGABYTE;
        let why = format!("it is larger than attachments_max_megabytes allows, which is {most}");
        Fetched::Skipped("too_large", why)
    };
    if listed
        .length
        .is_some_and(|length| length > directory.largest)
    {
        return too_large();
    }
    if let Some(stored) = download::existing(&place, listed).await {
        return Fetched::There(place, stored);
    }
    caller.spent.set(caller.spent.get() + 1);
    let id = listed.id.as_deref().unwrap_or_default();
    let call = ApiRequest {
        path: format!("{}/{}", caller.path(item), request::segment(id)),
        tenant: Some(&caller.tenant.id),
        stream: Some(caller.stream.name),
        is_one_of_many: true,
        retries: Some(caller.spent),
        file_type: Some(listed.media_type.as_deref().unwrap_or_default()),
        ..ApiRequest::default()
    };
    let client = &caller.session.client;
    match download::fetch(client, &call, &place, listed, directory.largest).await {
        Ok(stored) => Fetched::There(place, stored),
        Err(Unstored::TooLarge) => too_large(),
        Err(Unstored::Disk(error)) => {
            let failure = directory.refuses(error);
            Fetched::Later("failed", failure.to_string(), failure)
        }
        Err(Unstored::Call(trouble)) => match disposition(&trouble, Rights::PerItem) {
            Disposition::Skip => Fetched::Skipped("gone", caller.why(trouble)),
            Disposition::NextSync => {
                let status = match &trouble {
                    RequestError::Fault(Fault::Forbidden(_)) => "forbidden",
                    RequestError::Fault(Fault::Refused { .. }) => "refused",
                    _ => "failed",
                };
                Fetched::Later(status, caller.why(trouble.clone()), caller.told(trouble))
            }
            Disposition::Abort => Fetched::Stop(trouble),
        },
    }
}

fn note(row: &mut DocumentRow, status: &str) {
    let member = format!(r#","FileStatus":"{status}""#);
    row.members.extend_from_slice(member.as_bytes());
}

fn there(row: &mut DocumentRow, place: &FileTarget, stored: &Stored) {
    note(row, "downloaded");
    let Stored { size, sha256 } = stored;
    let (path, relative) = (place.path.to_string_lossy(), &place.relative);
    let members = format!(r#","FilePath":"{relative}","FileSize":{size},"FileSHA256":"{sha256}""#);
    row.members.extend_from_slice(members.as_bytes());
    if place.is_staged {
        let reference = json!({
            "staging_file_url": path,
            "source_file_relative_path": relative,
            "file_size_bytes": size,
        });
        row.reference = Some(reference.to_string());
    }
}
