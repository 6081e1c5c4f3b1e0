//! The documents of one list that are still to be asked, oldest first: a plain value.
//!
//! A position is a stamp and the id of the last document that is done with at that
//! stamp, because thousands of documents may share one. Of the documents behind it
//! only as many are kept as a sync can ask, so that memory does not grow with the list.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use crate::xero::ids;

/// A document, ordered by its stamp and then by its id, however that is spelled.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Its last change, milliseconds since the epoch.
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

/// Up to where all documents are done with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueuePosition {
    /// Documents with earlier stamps are done with, milliseconds since the epoch.
    pub(crate) stamp: i64,
    /// Of those with this very stamp, the ones up to this id; none of them without it.
    pub(crate) after: Option<Box<str>>,
}

impl QueuePosition {
    /// Everything from a moment on is to be done.
    pub(crate) fn at(stamp: i64) -> QueuePosition {
        QueuePosition { stamp, after: None }
    }

    fn is_before(&self, document: &Document) -> bool {
        match document.stamp.cmp(&self.stamp) {
            Ordering::Equal => {
                let after = self.after.as_deref();
                after.is_none_or(|after| ids::compare(&document.id, after).is_gt())
            }
            order => order.is_gt(),
        }
    }
}

/// The documents of one list of one organisation that a sync can ask.
#[derive(Debug)]
pub(crate) struct DocumentQueue {
    position: QueuePosition,
    /// So many documents are kept.
    room: usize,
    waiting: BTreeSet<Document>,
    /// The stamp under which each of them waits, by its id in the one spelling.
    stamps: HashMap<String, i64>,
    /// Documents that are done with, while one before them is not.
    done: BTreeSet<Document>,
    /// The oldest document that is left to another sync: there was no room for it, or the
    /// list broke off before it.
    left: Option<Document>,
    /// All documents with earlier stamps were heard of, and none can come any more.
    until: i64,
    /// Documents that were found behind the position.
    found: u64,
}

impl DocumentQueue {
    /// An empty queue from a position on, with room for so many documents.
    pub(crate) fn new(position: QueuePosition, room: usize) -> DocumentQueue {
        DocumentQueue {
            until: position.stamp,
            position,
            room,
            waiting: BTreeSet::new(),
            stamps: HashMap::new(),
            done: BTreeSet::new(),
            left: None,
            found: 0,
        }
    }

    /// The same queue before anything was heard.
    pub(crate) fn anew(&self) -> DocumentQueue {
        DocumentQueue::new(self.position.clone(), self.room)
    }

    /// Up to where all is done.
    pub(crate) fn position(&self) -> &QueuePosition {
        &self.position
    }

    /// The stamp of documents that have none: each day's midnight, so that they are
    /// asked once a day; that of the round under way, until it is over.
    pub(crate) fn daily(&self, clock: i64) -> i64 {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        match self.position.after {
            Some(_) => self.position.stamp,
            None => clock.div_euclid(DAY) * DAY,
        }
    }

    /// Takes a document of the list, if it is not done with.
    pub(crate) fn hear(&mut self, document: Document) {
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
        if self.left.as_ref().is_some_and(|left| document >= *left) {
            self.stamps.remove(&id);
            return; // it comes behind one that is left to another sync
        }
        self.stamps.insert(id, document.stamp);
        self.waiting.insert(document);
        while self.waiting.len() > self.room
            && let Some(newest) = self.waiting.pop_last()
        {
            self.stamps.remove(&ids::canonical(&newest.id));
            self.left = Some(newest);
        }
    }

    /// Notes that every document with an earlier stamp was heard of.
    pub(crate) fn settle(&mut self, until: i64) {
        self.until = self.until.max(until);
    }

    /// Whether nothing that is still to be heard of, from the stamp `from` on, could be asked in this sync.
    pub(crate) fn is_full(&self, from: i64) -> bool {
        let is_before = |document: &Document| document.stamp < from;
        let has_no_room = self.waiting.len() >= self.room;
        has_no_room && self.waiting.last().is_none_or(is_before)
            || self.left.as_ref().is_some_and(is_before)
    }

    /// Forgets what lies behind the part of the list that was heard, where it broke off.
    pub(crate) fn cut(&mut self) {
        let first = Document {
            stamp: self.until,
            id: Box::default(),
        };
        let mut behind = self.waiting.split_off(&first);
        for document in &behind {
            self.stamps.remove(&ids::canonical(&document.id));
        }
        self.left = behind.pop_first().or(self.left.take());
    }

    /// How many documents were found to be asked, whether they fit or not.
    pub(crate) fn found(&self) -> u64 {
        self.found
    }

    /// The documents that can be asked, oldest first.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.waiting.iter()
    }

    /// The stamp under which a document waits.
    pub(crate) fn stamp(&self, id: &str) -> Option<i64> {
        self.stamps.get(&ids::canonical(id)).copied()
    }

    /// Notes that a document is done with. The position follows as far as no document before
    /// it is open.
    pub(crate) fn done(&mut self, document: &Document) {
        if !self.waiting.remove(document) {
            return; // the position has passed it
        }
        self.done.insert(document.clone());
        while let Some(first) = self.done.first()
            && first.stamp < self.until
            && self.open().is_none_or(|open| first < open)
            && let Some(Document { stamp, id }) = self.done.pop_first()
        {
            let after = Some(id);
            self.position = QueuePosition { stamp, after };
        }
    }

    /// Moves to the end of what was heard, if all before it is done with.
    pub(crate) fn close(&mut self) {
        // From `until` on documents may still appear in front of one that is done with.
        let is_reached = self
            .done
            .last()
            .is_some_and(|last| last.stamp >= self.until);
        let is_done = match self.open() {
            Some(open) => is_reached && open.stamp >= self.until,
            None => true,
        };
        if is_done && self.until > self.position.stamp {
            self.position = QueuePosition::at(self.until);
        }
    }

    /// The oldest document that is not done with.
    fn open(&self) -> Option<&Document> {
        self.waiting.first().or(self.left.as_ref())
    }
}

#[cfg(test)]
mod tests;
