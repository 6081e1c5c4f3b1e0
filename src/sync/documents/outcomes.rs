//! Decides what the result of each document's request changes in the state. Pure: no clock, no
//! socket.
//!
//! A position passes a document once the document was read, is gone, or is recorded as failed.
//! Consecutive failures may be caused by Xero and not by the documents. The position therefore
//! stays before them until a later document is read, or until the run ends below the limit.

use crate::state::documents::DocumentLists;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::fetch::ListedDocument;
use crate::sync::item_errors::ConsecutiveFailures;

/// The result of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentOutcome {
    /// It was read.
    Answered,
    /// Xero no longer knows it.
    Gone,
    /// It could not be read, and a later sync requests it again.
    Failed,
    /// No document can be requested at present.
    Stopped,
}

/// Why no further document is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// No document can be requested at present.
    Halted,
    /// Too many consecutive requests failed.
    TooMany,
    /// The state cannot record another failed document.
    NoRoom,
}

/// The requested documents of one organisation, in the order of their responses.
#[derive(Debug)]
pub(crate) struct Outcomes {
    failures: ConsecutiveFailures,
    /// Documents that the position does not pass yet, and their results.
    unsettled: Vec<(ListedDocument, DocumentOutcome)>,
    stop: Option<StopReason>,
}

impl Outcomes {
    /// Begins with the documents that failed in an earlier sync and that the position has
    /// not passed yet.
    pub(crate) fn new(unsettled: Vec<ListedDocument>) -> Outcomes {
        let failed = |item| (item, DocumentOutcome::Failed);
        Outcomes {
            failures: ConsecutiveFailures::default(),
            unsettled: unsettled.into_iter().map(failed).collect(),
            stop: None,
        }
    }

    /// How many requests may be under way: at most `at_once`, and no more than may still fail before
    /// the stream stops.
    pub(crate) fn room(&self, at_once: usize) -> usize {
        match self.stop {
            Some(_) => 0,
            None => at_once.min(self.failures.room()),
        }
    }

    /// Records the result of a document. Returns why no further document is requested, if so.
    pub(crate) fn note(
        &mut self,
        lists: &mut [DocumentList],
        progress: &mut DocumentLists,
        item: ListedDocument,
        outcome: DocumentOutcome,
    ) -> Option<StopReason> {
        match outcome {
            DocumentOutcome::Answered => {
                self.failures.reset();
                self.settle(lists, progress);
                self.finish(lists, progress, &item);
            }
            // Two requests were answered 404.
            DocumentOutcome::Gone if item.is_again => {
                let is_other = |other: &ListedDocument| {
                    (other.at, &other.document) != (item.at, &item.document)
                };
                self.unsettled.retain(|(other, _)| is_other(other));
                self.finish(lists, progress, &item);
            }
            DocumentOutcome::Stopped => self.leave(item, outcome, StopReason::Halted),
            DocumentOutcome::Failed if !progress.remember(item.list, &item.document) => {
                self.leave(item, outcome, StopReason::NoRoom);
            }
            DocumentOutcome::Gone | DocumentOutcome::Failed => {
                self.unsettled.push((item, outcome));
                if self.failures.add() {
                    self.stop.get_or_insert(StopReason::TooMany);
                    // The next sync requests later documents first. Only a second 404 proves that a
                    // document is gone.
                    for (item, _) in &self.unsettled {
                        progress.remember(item.list, &item.document);
                    }
                }
            }
        }
        self.write(lists, progress);
        self.stop
    }

    /// Ends a series of requests. The next one begins without consecutive failures.
    pub(crate) fn close(&mut self, lists: &mut [DocumentList], progress: &mut DocumentLists) {
        if self.stop.is_none() {
            self.settle(lists, progress);
            self.write(lists, progress);
        }
        self.failures.reset();
        self.stop = None;
    }

    /// Leaves a document for the next sync, and stops.
    fn leave(&mut self, item: ListedDocument, outcome: DocumentOutcome, stop: StopReason) {
        self.unsettled.push((item, outcome));
        self.stop.get_or_insert(stop);
    }

    /// Lets the position pass the documents that are gone or can be recorded as failed.
    fn settle(&mut self, lists: &mut [DocumentList], progress: &mut DocumentLists) {
        for (item, outcome) in std::mem::take(&mut self.unsettled) {
            let document = &item.document;
            if outcome == DocumentOutcome::Gone {
                self.finish(lists, progress, &item);
            } else if progress.remember(item.list, document) {
                lists[item.at].queue.done(document);
            } else {
                self.unsettled.push((item, outcome));
            }
        }
    }

    fn finish(
        &self,
        lists: &mut [DocumentList],
        progress: &mut DocumentLists,
        item: &ListedDocument,
    ) {
        progress.forget(item.list, &item.document);
        lists[item.at].queue.done(&item.document);
    }

    fn write(&self, lists: &[DocumentList], progress: &mut DocumentLists) {
        for list in lists {
            progress.note(list.stream, list.queue.position());
        }
    }
}

#[cfg(test)]
mod tests;
