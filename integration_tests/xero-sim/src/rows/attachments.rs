//! Files at a document: a flag in lists, the list of files in the document itself.

use super::pick::{self, Aspect};
use super::{Row, View};
use crate::guid::Guid;
use crate::json::Json;

/// Name, media type and whether a customer sees it on the online invoice.
const FILES: &[(&str, &str, bool)] = &[
    ("contract.pdf", "application/pdf", true),
    ("HelloWorld.jpg", "image/jpg", false),
    (
        "Kōrero whakamutunga.docx",
        "application/octet-stream",
        false,
    ),
    (
        "Screen Shot 2019-03-04 at 9.00.06 AM.png",
        "image/png",
        false,
    ),
];

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) id: Guid,
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) length: i64,
    online: bool,
}

impl File {
    /// Its content, which follows from its id.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut rng = fastrand::Rng::with_seed(self.id.0 as u64);
        let mut bytes = vec![0; usize::try_from(self.length).unwrap_or_default()];
        rng.fill(&mut bytes);
        bytes
    }
}

/// The files of a document, oldest first.
pub(crate) fn files(row: &Row) -> Vec<File> {
    let mut rng = pick::dice(row, Aspect::Attachments);
    let has = pick::rarely(&mut rng, 8);
    let first = rng.usize(..FILES.len());
    let by_chance = if has {
        FILES.len().min(first + 2) - first
    } else {
        0
    };
    let count = row.attached.unwrap_or(by_chance);
    let file = |at: usize| {
        let (name, media_type, online) = FILES[(first + at) % FILES.len()];
        File {
            id: Guid(pick::child_id(row.id, at as u64)),
            name: name.to_owned(),
            media_type,
            length: rng.i64(1_000..3_000_000),
            online,
        }
    };
    (0..count).map(file).collect()
}

/// Writes `HasAttachments`, and the files if the document was fetched by its id.
/// `parent` is what the files' address calls the table, such as `Invoices`.
pub(super) fn write(parent: &str, row: &Row, view: View<'_>, out: &mut Json) {
    let files = files(row);
    out.key("HasAttachments").bool(!files.is_empty());
    if !files.is_empty() && view.is_single() {
        list(parent, row, &files, out);
    }
}

/// Writes the list of files.
pub(crate) fn list(parent: &str, row: &Row, files: &[File], out: &mut Json) {
    out.key("Attachments").open_array();
    for file in files {
        out.open_object();
        out.key("AttachmentID").guid(file.id.0);
        out.key("FileName").string(&file.name);
        let (parent_id, id) = (Guid(row.id), file.id);
        out.key("Url").display(format_args!(
            "https://api.xero.com/api.xro/2.0/{parent}/{parent_id}/Attachments/{id}"
        ));
        out.key("MimeType").string(file.media_type);
        out.key("ContentLength").integer(file.length);
        out.key("IncludeOnline").bool(file.online);
        out.close_object();
    }
    out.close_array();
}
