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

/// Writes `HasAttachments`, and the files if the document was fetched by its id.
/// `parent` is what the files' address calls the table, such as `Invoices`.
pub(super) fn write(parent: &str, row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = pick::dice(row, Aspect::Attachments);
    let has = pick::rarely(&mut rng, 8);
    out.key("HasAttachments").bool(has);
    if !has || !view.is_single() {
        return;
    }
    let first = rng.usize(..FILES.len());
    out.key("Attachments").open_array();
    for (at, &(name, mime, online)) in FILES[first..].iter().take(2).enumerate() {
        let id = pick::child_id(row.id, at as u64);
        out.open_object();
        out.key("AttachmentID").guid(id);
        out.key("FileName").string(name);
        let (parent_id, id) = (Guid(row.id), Guid(id));
        out.key("Url").display(format_args!(
            "https://api.xero.com/api.xro/2.0/{parent}/{parent_id}/Attachments/{id}"
        ));
        out.key("MimeType").string(mime);
        out.key("ContentLength").integer(rng.i64(1_000..3_000_000));
        out.key("IncludeOnline").bool(online);
        out.close_object();
    }
    out.close_array();
}
