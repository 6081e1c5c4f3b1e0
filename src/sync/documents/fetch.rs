//! The call about one document, with its files where they are wanted, and what came of it.

use std::cell::Cell;

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::rows::documents::{self, DocumentRow, Parent};
use crate::streams::{DocumentChild, Stream};
use crate::sync::documents::attachments;
use crate::sync::documents::download::Directory;
use crate::sync::explain;
use crate::sync::item_errors::{Disposition, Rights, disposition};
use crate::sync::session::Session;
use crate::walk::document_queue::Document;
use crate::xero::fault::{Fault, RequestError};
use crate::xero::rate_limit::budget::CALLS_AT_ONCE;
use crate::xero::request::{self, ApiRequest};
use crate::xero::tenants::Tenant;

/// A document that is asked, and whose list it is from.
#[derive(Clone, Debug)]
pub(crate) struct ListedDocument {
    /// Where its list stands among the stream's.
    pub(crate) at: usize,
    /// Its list.
    pub(crate) list: &'static Stream,
    pub(crate) document: Document,
    /// Its call failed in an earlier sync.
    pub(crate) is_again: bool,
}

/// What came of a document.
#[derive(Debug)]
pub(crate) enum FetchOutcome {
    /// Its rows.
    Rows(Vec<DocumentRow>),
    /// Its rows, and why the next sync has to ask it again.
    Partly(Vec<DocumentRow>, Failure),
    /// It could not be asked.
    Not(Disposition, RequestError),
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentFetcher<'a> {
    pub(crate) session: &'a Session,
    pub(crate) stream: &'static Stream,
    /// The row of the stream in the table.
    pub(crate) source: &'static DocumentChild,
    pub(crate) tenant: &'a Tenant,
    /// Where the files of documents go, if they are to be downloaded.
    pub(crate) directory: Option<&'a Directory>,
    /// Calls of the stream's part that were made, each attempt counted.
    pub(crate) spent: &'a Cell<usize>,
}

impl DocumentFetcher<'_> {
    /// How many documents are asked at once. How many files one has is known once it is
    /// asked: then it is one document after the other, and only the last one's files can go
    /// beyond the stream's part of the calls.
    pub(crate) fn at_once(self) -> usize {
        match self.directory {
            Some(_) => 1,
            None => CALLS_AT_ONCE,
        }
    }

    /// Asks a document.
    pub(crate) async fn ask(self, item: ListedDocument) -> (ListedDocument, FetchOutcome) {
        let asked = self.answer(&item).await;
        (item, asked)
    }

    async fn answer(self, item: &ListedDocument) -> FetchOutcome {
        let call = ApiRequest {
            path: self.path(item),
            tenant: Some(&self.tenant.id),
            stream: Some(self.stream.name),
            is_one_of_many: true,
            retries: Some(self.spent),
            ..ApiRequest::default()
        };
        let stamp = item.document.stamp;
        let parent = Parent {
            list: kind(item.list),
            id: &item.document.id,
            stamp: item.list.is_stamped().then_some(stamp),
        };
        let parse = |body: &[u8]| documents::read(body, self.stream, parent);
        match self.session.client.get(&call, parse).await {
            Ok(rows) => match self.directory {
                Some(directory) => attachments::bring(self, directory, item, rows).await,
                None => FetchOutcome::Rows(rows),
            },
            // Contacts that never took part in the scheme, invoices that nobody can see.
            Err(RequestError::Fault(Fault::Refused { status: 404, .. })) if self.source.is_rare => {
                FetchOutcome::Rows(Vec::new())
            }
            Err(trouble) => FetchOutcome::Not(disposition(&trouble, Rights::PerItem), trouble),
        }
    }

    /// What is asked of a document.
    pub(crate) fn path(self, item: &ListedDocument) -> String {
        let parent = item.list.endpoint();
        let below = self.stream.endpoint().path;
        let id = request::segment(&item.document.id);
        format!("{}{}/{id}{below}", parent.api.base_path, parent.path)
    }

    /// Says that a document is passed over, and why.
    pub(crate) fn tell(self, item: &ListedDocument, again: Disposition, trouble: RequestError) {
        let (kind, id) = (kind(item.list), excerpt(&item.document.id));
        let what_next = match again {
            Disposition::NextSync => "the next sync asks it again",
            Disposition::Skip | Disposition::Abort => "it is asked again once it changes",
        };
        tracing::warn!(
            stream = self.stream.name,
            "{kind}/{id} of {} is skipped, {what_next}: {}",
            self.tenant.label(),
            self.why(trouble)
        );
    }

    /// Says that a file of a document is passed over, and why.
    pub(crate) fn tell_file(self, item: &ListedDocument, file: &str, why: &str) {
        let (kind, id) = (kind(item.list), excerpt(&item.document.id));
        let file = excerpt(file);
        tracing::warn!(
            stream = self.stream.name,
            "the file \"{file}\" of {kind}/{id} of {} is skipped: {why}",
            self.tenant.label()
        );
    }

    /// Why something was not given, in a few words.
    pub(crate) fn why(self, trouble: RequestError) -> String {
        match trouble {
            RequestError::Fault(Fault::Refused { status: 404, .. }) => {
                "Xero no longer knows it (HTTP 404)".to_owned()
            }
            RequestError::Fault(Fault::Forbidden(text)) => {
                format!("Xero forbids it (HTTP 403: {text})")
            }
            trouble => self.told(trouble).to_string(),
        }
    }

    /// The failure of the stream.
    pub(crate) fn told(self, trouble: RequestError) -> Failure {
        trouble.into_failure(|fault| explain::call(fault, self.stream, self.tenant.label()))
    }
}

/// What the API calls a list.
fn kind(list: &'static Stream) -> &'static str {
    list.endpoint().path.trim_start_matches('/')
}
