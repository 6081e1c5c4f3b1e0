//! Downloads the files of one document, and adds the result to the row of each file.

use futures_util::StreamExt;
use serde_json::json;

use crate::config::MEGABYTE;
use crate::failure::Failure;
use crate::rows::documents::DocumentRow;
use crate::streams::FileAddress;
use crate::sync::documents::download::{self, Directory, FileTarget, ListedFile, Stored, Unstored};
use crate::sync::documents::fetch::{DocumentFetcher, ListedDocument};
use crate::sync::item_errors::{Disposition, ItemAnswer, Rights, disposition};
use crate::xero::fault::{Fault, RequestError};
use crate::xero::rate_limit::budget::CALLS_AT_ONCE;
use crate::xero::request::{self, ApiRequest};

/// The result of a download.
#[derive(Debug)]
enum Fetched {
    /// The file is in its folder.
    There(FileTarget, Stored),
    /// The file is skipped for good: its `FileStatus` and the reason.
    Skipped(&'static str, String),
    /// The next sync tries again: the `FileStatus`, the reason, and the failure of the stream.
    Later(&'static str, String, Failure),
    /// No file can be downloaded at present.
    Stop(RequestError),
}

/// Downloads the files of a document, several at once, and adds the results to their rows.
pub(crate) async fn bring(
    fetcher: DocumentFetcher<'_>,
    directory: &Directory,
    item: &ListedDocument,
    mut rows: Vec<DocumentRow>,
) -> ItemAnswer<DocumentRow> {
    let Some(fields) = fetcher.stream().files() else {
        return (rows, None);
    };
    let listed = rows.iter().map(|row| ListedFile::of(&row.members, fields));
    let listed: Vec<_> = listed.collect();
    let fetched: Vec<_> = futures_util::stream::iter(&listed)
        .map(|listed| fetch(fetcher, directory, item, listed, fields.address))
        .buffered(CALLS_AT_ONCE)
        .collect()
        .await;
    let mut missed = None;
    for ((row, listed), fetched) in rows.iter_mut().zip(&listed).zip(fetched) {
        let id = listed.id.as_deref().unwrap_or_default();
        match fetched {
            Fetched::There(target, stored) => there(row, &target, &stored),
            Fetched::Skipped(status, why) => {
                fetcher.warn_of_file(item, id, &why);
                note(row, status);
            }
            Fetched::Later(status, why, failure) => {
                fetcher.warn_of_file(item, id, &format!("the next sync tries again: {why}"));
                note(row, status);
                missed = Some((Disposition::NextSync, failure));
            }
            Fetched::Stop(error) => {
                let failure = fetcher.to_failure(error);
                return (Vec::new(), Some((Disposition::Abort, failure)));
            }
        }
    }
    (rows, missed)
}

async fn fetch(
    fetcher: DocumentFetcher<'_>,
    directory: &Directory,
    item: &ListedDocument,
    listed: &ListedFile,
    address: FileAddress,
) -> Fetched {
    let Some(target) = directory.target(&item.document.id, listed) else {
        let why = "its id or the id of its document is not a GUID, so it has no safe name";
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
    if let Some(stored) = download::existing(&target, listed).await {
        return Fetched::There(target, stored);
    }
    fetcher.spent.set(fetcher.spent.get() + 1);
    let id = listed.id.as_deref().unwrap_or_default();
    let document = fetcher.path(item);
    let call = ApiRequest {
        path: match address {
            FileAddress::Listed => format!("{document}/{}", request::segment(id)),
            FileAddress::Own(path) => format!("{document}{path}"),
        },
        tenant: Some(&fetcher.tenant.id),
        streams: fetcher.names,
        is_one_of_many: true,
        retries: Some(fetcher.spent),
        file_type: Some(listed.media_type.as_deref().unwrap_or_default()),
        ..ApiRequest::default()
    };
    let client = &fetcher.session.client;
    match download::fetch(client, &call, &target, listed, directory.largest).await {
        Ok(stored) => Fetched::There(target, stored),
        Err(Unstored::TooLarge) => too_large(),
        Err(Unstored::Disk(error)) => {
            let failure = directory.to_failure(error);
            Fetched::Later("failed", failure.to_string(), failure)
        }
        Err(Unstored::Call(error)) => match disposition(&error, Rights::PerItem) {
            Disposition::Skip => Fetched::Skipped("gone", fetcher.why(error)),
            Disposition::NextSync => {
                let status = match &error {
                    RequestError::Fault(Fault::Forbidden(_)) => "forbidden",
                    RequestError::Fault(Fault::Refused { .. }) => "refused",
                    _ => "failed",
                };
                Fetched::Later(
                    status,
                    fetcher.why(error.clone()),
                    fetcher.to_failure(error),
                )
            }
            Disposition::Abort => Fetched::Stop(error),
        },
    }
}

fn note(row: &mut DocumentRow, status: &str) {
    let member = format!(r#","FileStatus":"{status}""#);
    row.members.extend_from_slice(member.as_bytes());
}

fn there(row: &mut DocumentRow, target: &FileTarget, stored: &Stored) {
    note(row, "downloaded");
    let Stored { size, sha256 } = stored;
    let (path, relative) = (target.path.to_string_lossy(), &target.relative);
    let members = format!(r#","FilePath":"{relative}","FileSize":{size},"FileSHA256":"{sha256}""#);
    row.members.extend_from_slice(members.as_bytes());
    if target.is_staged {
        let reference = json!({
            "staging_file_url": path,
            "source_file_relative_path": relative,
            "file_size_bytes": size,
        });
        row.reference = Some(reference.to_string());
    }
}
