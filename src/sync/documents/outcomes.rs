//! Decides what the result of each document's request changes in the state. Pure: no clock, no
//! socket.
//!
//! A position passes a document once the document was read, is gone, or is recorded as failed.
//! Consecutive failures may be caused by Xero and not by the documents. The position therefore
//! stays before them until a later document is read, or until the run ends below the limit.

use crate::failure::Failure;
use crate::state::documents::DocumentLists;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::fetch::ListedDocument;
use crate::sync::item_errors::{Disposition, ItemError, ItemFailures, StopReason};

/// The requested documents of one organisation, in the order of their responses.
#[derive(Debug)]
pub(crate) struct Outcomes<'l> {
    pub(crate) failures: ItemFailures,
    lists: &'l mut [DocumentList],
    /// Documents that the position does not pass yet, and what happens to them.
    unsettled: Vec<(ListedDocument, Disposition)>,
}

impl<'l> Outcomes<'l> {
    /// Begins with the documents that failed in an earlier sync and that the position has
    /// not passed yet.
    pub(crate) fn new(
        lists: &'l mut [DocumentList],
        unsettled: Vec<ListedDocument>,
    ) -> Outcomes<'l> {
        let failed = |item| (item, Disposition::NextSync);
        Outcomes {
            failures: ItemFailures::default(),
            lists,
            unsettled: unsettled.into_iter().map(failed).collect(),
        }
    }

    /// Records the result of a document: `None` if it was read.
    pub(crate) fn note(
        &mut self,
        progress: &mut DocumentLists,
        item: ListedDocument,
        error: Option<ItemError>,
    ) {
        match error {
            None => {
                self.failures.reset();
                self.settle(progress);
                self.finish(progress, &item);
            }
            // Two requests were answered 404.
            Some((Disposition::Skip, _)) if item.is_again => {
                let is_other = |other: &ListedDocument| {
                    (other.at, &other.document) != (item.at, &item.document)
                };
                self.unsettled.retain(|(other, _)| is_other(other));
                self.finish(progress, &item);
            }
            Some(error) => {
                let disposition = error.0;
                let remember = || progress.remember(item.list, &item.document);
                let stop = self.failures.add(error, remember);
                self.unsettled.push((item, disposition));
                if stop == Some(StopReason::TooMany) {
                    // The next sync requests later documents first. Only a second 404 proves that a
                    // document is gone.
                    for (item, _) in &self.unsettled {
                        progress.remember(item.list, &item.document);
                    }
                }
            }
        }
        self.write(progress);
    }

    /// Ends a series of requests. Returns why it ended early, if it did.
    pub(crate) fn end_series(
        &mut self,
        progress: &mut DocumentLists,
    ) -> Option<(StopReason, Failure)> {
        let stop = self.failures.end();
        if stop.is_none() {
            self.settle(progress);
            self.write(progress);
        }
        stop
    }

    /// Ends the requests. The positions move to the end of the known part of each list.
    pub(crate) fn close(&mut self, progress: &mut DocumentLists) {
        self.lists.iter_mut().for_each(|list| list.queue.close());
        self.write(progress);
    }

    /// Lets the position pass the documents that are gone or can be recorded as failed.
    fn settle(&mut self, progress: &mut DocumentLists) {
        for (item, disposition) in std::mem::take(&mut self.unsettled) {
            let document = &item.document;
            if disposition == Disposition::Skip {
                self.finish(progress, &item);
            } else if progress.remember(item.list, document) {
                self.lists[item.at].queue.done(document);
            } else {
                self.unsettled.push((item, disposition));
            }
        }
    }

    fn finish(&mut self, progress: &mut DocumentLists, item: &ListedDocument) {
        progress.forget(item.list, &item.document);
        self.lists[item.at].queue.done(&item.document);
    }

    fn write(&self, progress: &mut DocumentLists) {
        for list in &*self.lists {
            progress.note(list.stream, list.queue.position());
        }
    }
}

#[cfg(test)]
mod tests;
