//! Requests the data of one document, and downloads its files if that is configured.

use std::cell::Cell;

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::rows::document_lines;
use crate::rows::documents::DocumentRow;
use crate::rows::record_lines::Records;
use crate::streams::{Address, DocumentChild, Family, Stream};
use crate::sync::documents::download::Directory;
use crate::sync::documents::{attachments, document_rows};
use crate::sync::explain;
use crate::sync::item_errors::{Disposition, ItemAnswer, ItemError, Rights, disposition};
use crate::sync::session::Session;
use crate::walk::document_queue::Document;
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::rate_limit::budget::CALLS_AT_ONCE;
use crate::xero::request;
use crate::xero::tenants::Tenant;

/// A document to request, and its list.
#[derive(Clone, Debug)]
pub(crate) struct ListedDocument {
    /// The index of its list among the lists of the stream.
    pub(crate) at: usize,
    /// Its list.
    pub(crate) list: &'static Stream,
    pub(crate) document: Document,
    /// Whether its request failed in an earlier sync.
    pub(crate) is_again: bool,
}

/// Sends the requests of one stream in one organisation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentFetcher<'a> {
    pub(crate) session: &'a Session,
    /// The stream that is requested, and the selected streams.
    pub(crate) family: &'a Family,
    /// The names of the selected streams.
    pub(crate) names: &'a [&'static str],
    /// The row of the stream in the table.
    pub(crate) source: &'static DocumentChild,
    pub(crate) tenant: &'a Tenant,
    /// The directory for files, if they are downloaded.
    pub(crate) directory: Option<&'a Directory>,
    /// The number of requests sent so far. Every attempt counts.
    pub(crate) spent: &'a Cell<usize>,
}

impl DocumentFetcher<'_> {
    /// The stream that is requested.
    pub(crate) fn stream(self) -> &'static Stream {
        self.family.parent
    }

    /// How many documents are requested concurrently. With downloads or listed items it is one, because
    /// only its response tells how many of them a document has: only the last document can exceed the
    /// quota.
    pub(crate) fn at_once(self) -> usize {
        match self.directory {
            Some(_) => 1,
            None if self.source.items.is_some() => 1,
            None => CALLS_AT_ONCE,
        }
    }

    /// Requests the data of a document. The returned future counts as one request from the start,
    /// before it is polled.
    pub(crate) fn fetch(
        self,
        document: ListedDocument,
    ) -> impl Future<Output = (ListedDocument, ItemAnswer<Records>)> {
        self.spent.set(self.spent.get() + 1);
        async move {
            let answer = self.answer(&document).await;
            (document, answer)
        }
    }

    /// Returns the lines of each member of the family.
    async fn answer(self, item: &ListedDocument) -> ItemAnswer<Records> {
        let (rows, missed) = self.rows(item).await;
        match document_lines::lines(&rows, self.family, &self.tenant.id) {
            Ok(lines) => (lines, missed),
            Err(error) => {
                let fault = match error {
                    ParseError::Invalid(why) => Fault::NoPage(why),
                    ParseError::TooLarge | ParseError::Oversized(_) => {
                        Fault::Oversized(error.to_string())
                    }
                };
                (
                    Vec::new(),
                    Some(self.failed(item, RequestError::Fault(fault))),
                )
            }
        }
    }

    async fn rows(self, item: &ListedDocument) -> ItemAnswer<DocumentRow> {
        match document_rows::all(self, item).await {
            Ok(rows) => match self.directory {
                Some(directory) => attachments::bring(self, directory, item, rows).await,
                None => (rows, None),
            },
            // A contact outside the tax scheme, or an invoice without an online address.
            Err(RequestError::Fault(Fault::Refused { status: 404, .. })) if self.source.is_rare => {
                (Vec::new(), None)
            }
            Err(error) => (Vec::new(), Some(self.failed(item, error))),
        }
    }

    /// Decides what happens to a document whose request failed.
    fn failed(self, item: &ListedDocument, error: RequestError) -> ItemError {
        let disposition = disposition(&error, Rights::PerItem);
        if disposition != Disposition::Abort {
            self.warn_of_document(item, disposition, error.clone());
        }
        (disposition, self.to_failure(error))
    }

    /// Returns the path of the request for a document.
    pub(crate) fn path(self, item: &ListedDocument) -> String {
        let (parent, own) = (item.list.endpoint(), self.stream().endpoint());
        match self.source.address {
            Address::Below => {
                let id = request::segment(&item.document.id);
                format!("{}{}/{id}{}", own.api.base_path, parent.path, own.path)
            }
            Address::Parameter(_) => format!("{}{}", own.api.base_path, own.path),
        }
    }

    /// Warns that a document is skipped, and why.
    fn warn_of_document(
        self,
        item: &ListedDocument,
        disposition: Disposition,
        error: RequestError,
    ) {
        let (list, id) = (list_name(item.list), excerpt(&item.document.id));
        let what_next = match disposition {
            Disposition::NextSync => "the next sync requests it again",
            Disposition::Skip | Disposition::Abort => "it is requested again once it changes",
        };
        tracing::warn!(
            stream = self.stream().name,
            "{list}/{id} of {} is skipped, {what_next}: {}",
            self.tenant.label(),
            self.why(error)
        );
    }

    /// Warns that a file of a document is skipped, and why.
    pub(crate) fn warn_of_file(self, item: &ListedDocument, file: &str, why: &str) {
        let (list, id) = (list_name(item.list), excerpt(&item.document.id));
        let file = excerpt(file);
        tracing::warn!(
            stream = self.stream().name,
            "the file \"{file}\" of {list}/{id} of {} is skipped: {why}",
            self.tenant.label()
        );
    }

    /// Explains a failed request in a few words.
    pub(crate) fn why(self, error: RequestError) -> String {
        match error {
            RequestError::Fault(Fault::Refused { status: 404, .. }) => {
                "Xero no longer knows it (HTTP 404)".to_owned()
            }
            RequestError::Fault(Fault::Forbidden(text)) => {
                format!("Xero forbids it (HTTP 403: {text})")
            }
            error => self.to_failure(error).to_string(),
        }
    }

    /// The failure of the stream.
    pub(crate) fn to_failure(self, error: RequestError) -> Failure {
        explain::request(error, self.stream(), self.tenant.label())
    }
}

/// Returns the name of a list in the API, such as `Invoices`.
pub(crate) fn list_name(list: &'static Stream) -> &'static str {
    list.endpoint().path.trim_start_matches('/')
}
