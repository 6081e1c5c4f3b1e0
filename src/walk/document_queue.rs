//! Keeps the documents of one list that are still to be requested, oldest first. The queue is a
//! plain value without clock or socket.
//!
//! A position is a stamp and the id of the last document finished at that stamp, because thousands
//! of documents may share one stamp. The queue keeps only as many documents after the position as
//! one sync can request, so that memory does not grow with the list.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use crate::xero::ids;

/// A document, ordered by its stamp and then by its id. Spellings of one id are equal.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The time of its last change, in milliseconds since the epoch.
    pub(crate) stamp: i64,
    /// Its GUID.
    pub(crate) id: Box<str>,
}

impl Ord for Document {
    fn cmp(&self, other: &Document) -> Ordering {
        let stamps = self.stamp.cmp(&other.stamp);
        stamps.then_with(|| ids::compare(&self.id, &other.id))
    }
}

impl PartialOrd for Document {
    fn partial_cmp(&self, other: &Document) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Document) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Document {}

/// Up to where all documents are finished. The earlier of two positions is the smaller one.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueuePosition {
    /// Documents with earlier stamps are finished. In milliseconds since the epoch.
    pub(crate) stamp: i64,
    /// The last finished id among the documents with exactly this stamp. `None` if none of them is
    /// finished.
    pub(crate) after: Option<Box<str>>,
}

impl QueuePosition {
    /// Creates a position after which every document is open.
    pub(crate) fn at(stamp: i64) -> QueuePosition {
        QueuePosition { stamp, after: None }
    }

    /// Whether the document is after the position.
    pub(crate) fn is_before(&self, document: &Document) -> bool {
        match document.stamp.cmp(&self.stamp) {
            Ordering::Equal => {
                let after = self.after.as_deref();
                after.is_none_or(|after| ids::compare(&document.id, after).is_gt())
            }
            order => order.is_gt(),
        }
    }
}

impl Ord for QueuePosition {
    fn cmp(&self, other: &QueuePosition) -> Ordering {
        let stamps = self.stamp.cmp(&other.stamp);
        let ids = || match (&self.after, &other.after) {
            (Some(one), Some(other)) => ids::compare(one, other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        };
        stamps.then_with(ids)
    }
}

impl PartialEq for QueuePosition {
    fn eq(&self, other: &QueuePosition) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for QueuePosition {}

impl PartialOrd for QueuePosition {
    fn partial_cmp(&self, other: &QueuePosition) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The documents of one list of one organisation that a sync can request.
#[derive(Debug, Default)]
pub(crate) struct DocumentQueue {
    position: QueuePosition,
    /// Maximum number of documents kept.
    capacity: usize,
    waiting: BTreeSet<Document>,
    /// The stamp of each waiting document, by its id in the canonical spelling.
    stamps: HashMap<String, i64>,
    /// Finished documents that stand after an unfinished one.
    done: BTreeSet<Document>,
    /// The oldest document that is left to the next sync. Either the queue was full, or the list
    /// was not read to its end.
    left_for_next_sync: Option<Document>,
    /// Every document with an earlier stamp is known, and no other one can appear.
    settled_until: i64,
    /// Number of documents found after the position.
    found: u64,
}

impl DocumentQueue {
    /// Creates an empty queue that starts at a position and keeps at most `capacity` documents.
    pub(crate) fn new(position: QueuePosition, capacity: usize) -> DocumentQueue {
        DocumentQueue {
            settled_until: position.stamp,
            position,
            capacity,
            ..DocumentQueue::default()
        }
    }

    /// Returns the queue without the documents added to it.
    pub(crate) fn emptied(&self) -> DocumentQueue {
        DocumentQueue::new(self.position.clone(), self.capacity)
    }

    /// Returns the position up to which all documents are finished.
    pub(crate) fn position(&self) -> &QueuePosition {
        &self.position
    }

    /// Returns the stamp of documents that have none. It is the midnight of the day, so that they
    /// are requested once a day. A round in progress keeps its stamp until it ends.
    pub(crate) fn daily(&self, clock: i64) -> i64 {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        match self.position.after {
            Some(_) => self.position.stamp,
            None => clock.div_euclid(DAY) * DAY,
        }
    }

    /// Adds a document of the list, unless it is finished.
    pub(crate) fn add(&mut self, document: Document) {
        if !self.position.is_before(&document) {
            return;
        }
        let id = ids::canonical(&document.id);
        if let Some(known) = self.stamps.get(&id).copied() {
            if known >= document.stamp {
                return;
            }
            self.waiting.remove(&Document {
                stamp: known,
                id: document.id.clone(),
            });
        } else {
            self.found += 1;
        }
        if self
            .left_for_next_sync
            .as_ref()
            .is_some_and(|left| document >= *left)
        {
            self.stamps.remove(&id);
            return; // it stands after a document that is left to the next sync
        }
        self.stamps.insert(id, document.stamp);
        self.waiting.insert(document);
        while self.waiting.len() > self.capacity
            && let Some(newest) = self.waiting.pop_last()
        {
            self.stamps.remove(&ids::canonical(&newest.id));
            self.left_for_next_sync = Some(newest);
        }
    }

    /// Records that every document with an earlier stamp is known.
    pub(crate) fn settle(&mut self, until: i64) {
        self.settled_until = self.settled_until.max(until);
    }

    /// Returns whether this sync can request none of the documents still to come, whose stamps
    /// start at `from`.
    pub(crate) fn is_full(&self, from: i64) -> bool {
        let is_before = |document: &Document| document.stamp < from;
        let is_at_capacity = self.waiting.len() >= self.capacity;
        is_at_capacity && self.waiting.last().is_none_or(is_before)
            || self.left_for_next_sync.as_ref().is_some_and(is_before)
    }

    /// Removes the documents after the part of the list that was read to its end.
    pub(crate) fn drop_unsettled(&mut self) {
        let first = Document {
            stamp: self.settled_until,
            id: Box::default(),
        };
        let mut behind = self.waiting.split_off(&first);
        for document in &behind {
            self.stamps.remove(&ids::canonical(&document.id));
        }
        self.left_for_next_sync = behind.pop_first().or(self.left_for_next_sync.take());
    }

    /// Returns the number of documents found, including those that did not fit.
    pub(crate) fn found(&self) -> u64 {
        self.found
    }

    /// Returns the documents that can be requested, oldest first.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.waiting.iter()
    }

    /// Returns the stamp of a waiting document.
    pub(crate) fn stamp(&self, id: &str) -> Option<i64> {
        self.stamps.get(&ids::canonical(id)).copied()
    }

    /// Records that a document is finished. The position moves up to the oldest unfinished
    /// document.
    pub(crate) fn done(&mut self, document: &Document) {
        if !self.waiting.remove(document) {
            return; // the position has passed it
        }
        self.done.insert(document.clone());
        while let Some(first) = self.done.first()
            && first.stamp < self.settled_until
            && self.oldest_open().is_none_or(|open| first < open)
            && let Some(Document { stamp, id }) = self.done.pop_first()
        {
            let after = Some(id);
            self.position = QueuePosition { stamp, after };
        }
    }

    /// Moves the position to the end of the known part, if all documents before it are finished.
    pub(crate) fn close(&mut self) {
        // From `until` on, a document may still appear before a finished one.
        let is_reached = self
            .done
            .last()
            .is_some_and(|last| last.stamp >= self.settled_until);
        let is_done = match self.oldest_open() {
            Some(open) => is_reached && open.stamp >= self.settled_until,
            None => true,
        };
        if is_done && self.settled_until > self.position.stamp {
            self.position = QueuePosition::at(self.settled_until);
        }
    }

    /// Returns the oldest unfinished document.
    fn oldest_open(&self) -> Option<&Document> {
        self.waiting.first().or(self.left_for_next_sync.as_ref())
    }
}

#[cfg(test)]
mod tests;
