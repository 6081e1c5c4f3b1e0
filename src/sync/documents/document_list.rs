//! Tracks which documents of one list a document stream still has to request.

use std::collections::BTreeMap;

use crate::airbyte::protocol::now_millis;
use crate::failure::Failure;
use crate::rows::rewrite::{Flags, RowKey};
use crate::streams::{DocumentFilter, Stream};
use crate::walk::document_queue::{Document, DocumentQueue, QueuePosition};
use crate::walk::{Walk, WalkStart};
use crate::xero::ids;

/// One list of one organisation, for one stream.
#[derive(Debug)]
pub(crate) struct DocumentList {
    /// The stream of the list.
    pub(crate) stream: &'static Stream,
    /// Which documents are requested.
    filter: DocumentFilter,
    /// Whether the data of a document never changes after its creation.
    pub(crate) is_constant: bool,
    /// The documents that this sync can request.
    pub(crate) queue: DocumentQueue,
    /// How much of the list was read.
    pub(crate) extent: Extent,
    /// Documents whose request failed in an earlier sync, by their canonical ids.
    pub(crate) failed: BTreeMap<String, Document>,
    /// How much of a walk over the list was observed.
    coverage: Coverage,
    /// Why the walk broke off, if it did.
    pub(crate) failure: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coverage {
    None,
    /// A part, from its beginning on.
    Partial,
    /// As much as this sync needs.
    Complete,
}

/// A page of a walk over the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observed<'a> {
    /// The keys and flags of each row.
    pub(crate) rows: &'a [RowKey],
    /// Whether each row is new to the walk.
    pub(crate) is_new: &'a [bool],
    /// Xero's clock at the first response, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

/// How much of a list was read, and how much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The number of rows read.
    read: u64,
    /// `itemCount`, if Xero sent it and the read stopped before the end.
    item_count: Option<u64>,
}

impl Extent {
    /// Estimates the number of documents in the whole list from the `found` ones in the part read.
    fn estimate(self, found: u64) -> u64 {
        let rows = self.item_count.unwrap_or(self.read).max(self.read);
        match self.read {
            0 => found,
            read => (found as f64 * rows as f64 / read as f64).round() as u64,
        }
    }
}

impl DocumentList {
    /// Creates a list that begins at `position`. The queue keeps at most `room` documents.
    pub(crate) fn new(
        stream: &'static Stream,
        filter: DocumentFilter,
        position: QueuePosition,
        room: usize,
        failed: BTreeMap<Box<str>, i64>,
    ) -> DocumentList {
        DocumentList {
            stream,
            filter,
            is_constant: false,
            queue: DocumentQueue::new(position, room),
            extent: Extent::default(),
            failed: failed.into_iter().map(by_id).collect(),
            coverage: Coverage::None,
            failure: None,
        }
    }

    /// Begins to observe a walk, if the walk covers every document after the position.
    pub(crate) fn begin(&mut self, start: &WalkStart) -> bool {
        let is_all = start.open.is_empty() && start.from <= self.queue.position().stamp;
        if is_all {
            self.coverage = Coverage::Partial;
        }
        is_all
    }

    /// Whether a walk is being observed.
    pub(crate) fn is_observing(&self) -> bool {
        self.coverage == Coverage::Partial
    }

    /// Adds the documents of a page to the queue.
    pub(crate) fn observe(&mut self, observed: Observed<'_>) {
        let daily = self.queue.daily(observed.clock.unwrap_or_else(now_millis));
        let rows = observed.rows.iter().zip(observed.is_new);
        for row in rows.filter_map(|(row, is_new)| is_new.then_some(row)) {
            self.extent.read += 1;
            let key = row.key.as_ref().filter(|_| meets(row.flags, self.filter));
            if let Some(id) = key {
                let created = row.created.filter(|_| self.is_stamped());
                let stamp = row.cursor.or(created).unwrap_or(daily);
                let id = id.clone();
                self.queue.add(Document { stamp, id });
            }
        }
    }

    /// Ends the observation of a walk that read the whole list.
    pub(crate) fn end(&mut self, walk: &Walk, clock: Option<i64>, lookback: i64) {
        // Rows without a timestamp give the walk no position.
        let end = walk.checkpoint().map(|checkpoint| checkpoint.from);
        let end = end.unwrap_or_else(|| clock.unwrap_or_else(now_millis) - lookback);
        self.queue.settle(end);
        self.coverage = Coverage::Complete;
    }

    /// Stops the observation in the middle of the list if this sync cannot request more documents.
    /// `item_count` is how many rows the list has, if Xero said so.
    pub(crate) fn end_if_full(&mut self, walk: &Walk, item_count: Option<u64>) {
        self.extent.item_count = self.extent.item_count.or(item_count);
        if let Some(checkpoint) = walk.checkpoint() {
            self.queue.settle(checkpoint.from);
            if !walk.is_over() && self.queue.is_full(checkpoint.from) {
                self.stop();
            }
        }
    }

    /// Stops the observation in the middle of the list. The documents found so far count, and a
    /// later sync reads the rest.
    pub(crate) fn stop(&mut self) {
        self.queue.drop_unsettled();
        self.coverage = Coverage::Complete;
    }

    /// Forgets the documents of a walk that broke off.
    pub(crate) fn forget_part(&mut self) {
        if self.coverage == Coverage::Partial {
            self.queue = self.queue.emptied();
            (self.extent, self.coverage) = (Extent::default(), Coverage::None);
        }
    }

    /// Whether no further walk over the list is needed.
    pub(crate) fn is_known(&self) -> bool {
        self.coverage == Coverage::Complete
    }

    /// Whether a document failed before and has not changed since, as far as its timestamp shows.
    pub(crate) fn has_failed(&self, document: &Document) -> bool {
        let failed = self.failed.get(&ids::canonical(&document.id));
        failed.is_some_and(|failed| failed.stamp == document.stamp || !self.is_stamped())
    }

    /// Whether each document has a time after which its data does not change.
    fn is_stamped(&self) -> bool {
        self.is_constant || self.stream.is_stamped()
    }

    /// Estimates how many requests all documents of the list need, in this sync and later ones.
    pub(crate) fn calls(&self) -> u64 {
        self.extent.estimate(self.queue.found()) + self.passed().count() as u64
    }

    /// The documents that failed before and are not in the queue.
    pub(crate) fn passed(&self) -> impl Iterator<Item = &Document> {
        let failed = self.failed.values();
        failed.filter(|document| self.queue.stamp(&document.id).is_none())
    }
}

/// Whether the filter selects a document with these flags.
pub(crate) fn meets(flags: Flags, filter: DocumentFilter) -> bool {
    match filter {
        DocumentFilter::All => true,
        DocumentFilter::WithAttachments => flags.has_attachments(),
        DocumentFilter::Online => flags.is_online(),
    }
}

fn by_id((id, stamp): (Box<str>, i64)) -> (String, Document) {
    (ids::canonical(&id), Document { stamp, id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;
    use crate::walk::Span;

    #[test]
    fn only_a_walk_that_covers_every_later_document_is_observed() {
        let open = Span {
            from: 10,
            to: Some(20),
        };
        for (from, open, is_observed) in [
            (0, vec![], true),
            (100, vec![], true),
            (101, vec![], false),
            (0, vec![open], false),
        ] {
            let invoices = find("invoices").unwrap();
            let position = QueuePosition::at(100);
            let mut list =
                DocumentList::new(invoices, DocumentFilter::All, position, 5, BTreeMap::new());
            let start = WalkStart {
                from,
                open,
                ..WalkStart::default()
            };
            assert_eq!(list.begin(&start), is_observed, "{start:?}");
            let key = Some("a".into());
            let rows = [RowKey {
                key,
                cursor: Some(150),
                ..RowKey::default()
            }];
            if list.is_observing() {
                list.observe(Observed {
                    rows: &rows,
                    is_new: &[true],
                    clock: None,
                });
            }
            assert_eq!(list.queue.found(), u64::from(is_observed));
            // The walk broke off.
            list.forget_part();
            assert!(!list.is_known() && list.queue.found() == 0 && list.calls() == 0);
        }
    }

    #[test]
    fn bank_transfers_use_their_creation_time_as_stamp() {
        let created = 1_476_737_161_173;
        let clock = 1_700_000_000_000;
        for (list, stamp) in [("bank_transfers", created), ("repeating_invoices", 0)] {
            let list = find(list).unwrap();
            let position = QueuePosition::at(-1);
            let mut list =
                DocumentList::new(list, DocumentFilter::All, position, 5, BTreeMap::new());
            let rows = [RowKey {
                key: Some("a".into()),
                created: Some(created),
                ..RowKey::default()
            }];
            list.observe(Observed {
                rows: &rows,
                is_new: &[true],
                clock: Some(clock),
            });
            let expected = if stamp > 0 {
                stamp
            } else {
                list.queue.daily(clock)
            };
            let found: Vec<_> = list.queue.documents().map(|it| it.stamp).collect();
            assert_eq!(found, [expected]);
        }
    }

    #[test]
    fn the_number_of_documents_is_estimated_from_the_part_read() {
        for (read, item_count, found, estimate) in [
            (1000, Some(10_000), 30, 300),
            (1000, Some(10_000), 1000, 10_000),
            (10, None, 3, 3),
            (10, Some(4), 3, 3),
            (0, Some(9), 0, 0),
        ] {
            assert_eq!(Extent { read, item_count }.estimate(found), estimate);
        }
    }
}
