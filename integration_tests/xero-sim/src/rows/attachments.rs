//! Files at a document: a flag in lists, the list of files in the document itself.

use super::draw::{self, Aspect};
use super::{Row, View};
use crate::guid::Guid;
use crate::json::Json;

/// A file as a test attaches it to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Any name at all.
    pub name: String,
    /// The content type that Xero stores and returns.
    pub media_type: &'static str,
    /// Bytes of its content.
    pub length: u64,
    /// The length that the lists show.
    pub claimed: u64,
}

impl Attachment {
    /// A file whose real length the lists show.
    pub fn new(name: &str, media_type: &'static str, length: u64) -> Self {
        Self {
            name: name.to_owned(),
            media_type,
            length,
            claimed: length,
        }
    }
}

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

/// A file on a document.
#[derive(Clone, Debug)]
pub struct File {
    pub(crate) id: Guid,
    /// What was put there.
    pub attachment: Attachment,
    online: bool,
}

impl File {
    /// Its AttachmentID.
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    pub(super) fn name(&self) -> &str {
        &self.attachment.name
    }

    /// Its content, which follows from its id.
    pub fn bytes(&self) -> Vec<u8> {
        let mut rng = fastrand::Rng::with_seed(self.id.0 as u64);
        let mut bytes = vec![0; usize::try_from(self.attachment.length).unwrap_or_default()];
        rng.fill(&mut bytes);
        bytes
    }
}

/// The files of a document, oldest first.
pub(crate) fn files(row: &Row) -> Vec<File> {
    let Some(attached) = &row.attached else {
        return from_the_start(row);
    };
    let files = attached.iter().enumerate();
    files
        .map(|(at, attachment)| file(row, at, attachment.clone(), false))
        .collect()
}

/// The files that a document had from the start, whatever a test attached since.
pub(super) fn from_the_start(row: &Row) -> Vec<File> {
    let mut rng = draw::rng_of(row, Aspect::Attachments);
    let has = draw::one_in(&mut rng, 8);
    let first = rng.usize(..FILES.len());
    let after = if has {
        FILES.len().min(first + 2)
    } else {
        first
    };
    let usual = (first..after).enumerate().map(|(at, chosen)| {
        let (name, media_type, online) = FILES[chosen];
        let attachment = Attachment::new(name, media_type, rng.u64(1_000..3_000_000));
        file(row, at, attachment, online)
    });
    usual.collect()
}

fn file(row: &Row, at: usize, attachment: Attachment, online: bool) -> File {
    File {
        id: Guid(draw::child_id(row.id, at as u64)),
        attachment,
        online,
    }
}

/// So many files as people put on documents, small ones.
pub(crate) fn usual(count: usize) -> Vec<Attachment> {
    let files = FILES.iter().cycle().enumerate().take(count);
    files
        .map(|(at, (name, media_type, _))| Attachment::new(name, media_type, 1_000 + at as u64))
        .collect()
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

/// Writes a length, in turn as a number and as a text: Xero's description has the one, its
/// documentation the other.
fn write_length(at: usize, row: &Row, length: u64, out: &mut Json) {
    out.key("ContentLength");
    match (row.number + at as u64).is_multiple_of(2) {
        true => out.number(&length.to_string()),
        false => out.display(length),
    }
}

/// Writes the list of files.
pub(crate) fn list(parent: &str, row: &Row, files: &[File], out: &mut Json) {
    out.key("Attachments").open_array();
    for (at, file) in files.iter().enumerate() {
        out.open_object();
        out.key("AttachmentID").guid(file.id.0);
        out.key("FileName").string(&file.attachment.name);
        let (parent_id, id) = (Guid(row.id), file.id);
        out.key("Url").display(format_args!(
            "https://api.xero.com/api.xro/2.0/{parent}/{parent_id}/Attachments/{id}"
        ));
        out.key("MimeType").string(file.attachment.media_type);
        write_length(at, row, file.attachment.claimed, out);
        out.key("IncludeOnline").bool(file.online);
        out.close_object();
    }
    out.close_array();
}
