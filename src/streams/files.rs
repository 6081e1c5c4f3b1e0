//! The streams of the Files API. Source: `xero_files.yaml` of Xero's OpenAPI.

use super::{
    Address, DocumentChild, DocumentFilter, Endpoint, ExistsIn, FileAddress, FileFields,
    NamesDocument, PARENT_STAMP, Paging, QuerySupport, Source, Stream,
};
use crate::xero::api::FILES;

const SCOPE: &[&str] = &["files.read"];
const BELOW: Address = Address::Below;

/// Keeps new files behind those already read.
const BY_CREATION: [(&str, &str); 2] = [("sort", "CreatedDateUTC"), ("direction", "ASC")];

/// Xero changes the name and the folder of a file, never its content.
const CONTENT: FileFields = FileFields {
    id: "Id",
    name: "Name",
    media_type: "MimeType",
    length: "Size",
    address: FileAddress::Own("/Content"),
};

#[rustfmt::skip]
lists! {
    file_folders FILES "/Folders" None,          ["Id"], None, Whole,                QuerySupport::NONE, [],          None, SCOPE, None, "absent from the next read";
    file_inbox   FILES "/Inbox"   None,          ["Id"], None, Whole,                QuerySupport::NONE, [],          None, SCOPE, None, "no deletion";
    files        FILES "/Files"   Some("Items"), ["Id"], None, UnfilteredSizedPages, QuerySupport::NONE, BY_CREATION, None, SCOPE, None, "absent from the next read";
}

#[rustfmt::skip]
documents! {
    file_associations of files FILES "/Associations" None, BELOW, "FileId" ["ObjectId"], Whole, None, SCOPE, None;
    file_contents     of files FILES ""              None, BELOW, "FileId" [],           Whole, None, SCOPE, None, CONTENT;
}
