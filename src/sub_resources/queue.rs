//! The documents of one list that are still to be asked, oldest first: a plain value.
//!
//! A position is a stamp and the id of the last document that is done with at that
//! stamp, because thousands of documents may share one. Of the documents behind it
//! only as many are kept as a sync can ask, so that memory does not grow with the list.

use std::collections::{BTreeSet, HashMap};

/// A document, ordered by its stamp and then by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Document {
    /// Its last change, milliseconds since the epoch.
    pub(crate) stamp: i64,
    /// Its GUID.
    pub(crate) id: Box<str>,
}

/// Up to where all documents are done with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// Documents with earlier stamps are done with, milliseconds since the epoch.
    pub(crate) stamp: i64,
    /// Of those with this very stamp, the ones up to this id; none of them without it.
    pub(crate) after: Option<Box<str>>,
}

impl Position {
    /// Everything from a moment on is to be done.
    pub(crate) fn at(stamp: i64) -> Position {
        Position { stamp, after: None }
    }

    fn is_before(&self, document: &Document) -> bool {
        match document.stamp.cmp(&self.stamp) {
            std::cmp::Ordering::Equal => {
                let after = self.after.as_deref();
                after.is_none_or(|after| *document.id > *after)
            }
            order => order.is_gt(),
        }
    }
}

/// The documents of one list of one organisation that a sync can ask.
#[derive(Debug)]
pub(crate) struct Queue {
    position: Position,
    /// So many documents are kept.
    room: usize,
    waiting: BTreeSet<Document>,
    /// The stamp under which each of them waits.
    stamps: HashMap<Box<str>, i64>,
    /// Documents were passed over for want of room.
    overflowed: bool,
    /// All documents with earlier stamps were heard of, and none can come any more.
    until: i64,
    /// Everything before that is done with.
    reached: bool,
    /// Documents that were found behind the position.
    found: u64,
}

impl Queue {
    /// An empty queue from a position on, with room for so many documents.
    pub(crate) fn new(position: Position, room: usize) -> Queue {
        Queue {
            until: position.stamp,
            position,
            room,
            waiting: BTreeSet::new(),
            stamps: HashMap::new(),
            overflowed: false,
            reached: false,
            found: 0,
        }
    }

    /// The same queue before anything was heard.
    pub(crate) fn anew(&self) -> Queue {
        Queue::new(self.position.clone(), self.room)
    }

    /// Up to where all is done.
    pub(crate) fn position(&self) -> &Position {
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
        if let Some(known) = self.stamps.get(&document.id).copied() {
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
        self.stamps.insert(document.id.clone(), document.stamp);
        self.waiting.insert(document);
        while self.waiting.len() > self.room {
            let newest = self.waiting.pop_last();
            newest.and_then(|newest| self.stamps.remove(&newest.id));
            self.overflowed = true;
        }
    }

    /// Notes that every document with an earlier stamp was heard of.
    pub(crate) fn settle(&mut self, until: i64) {
        self.until = self.until.max(until);
    }

    /// Whether nothing that is still to be heard of, from the stamp `from` on, could be asked in this sync.
    pub(crate) fn is_full(&self, from: i64) -> bool {
        let newest = self.waiting.last().map(|newest| newest.stamp);
        self.waiting.len() >= self.room && newest.is_none_or(|newest| newest < from)
    }

    /// Forgets what lies behind the part of the list that was heard, where it broke off.
    pub(crate) fn cut(&mut self) {
        let until = self.until;
        let before = self.waiting.len();
        self.waiting.retain(|document| document.stamp < until);
        self.overflowed |= self.waiting.len() < before;
    }

    /// How many documents were found to be asked, whether they fit or not.
    pub(crate) fn found(&self) -> u64 {
        self.found
    }

    /// The documents that can be asked, oldest first.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.waiting.iter()
    }

    /// Notes that all documents up to this one are done with.
    pub(crate) fn done(&mut self, document: &Document) {
        self.waiting.remove(document);
        if document.stamp < self.until {
            self.position = Position {
                stamp: document.stamp,
                after: Some(document.id.clone()),
            };
        } else {
            // From there on documents may still appear in front of it.
            self.reached = true;
        }
    }

    /// Moves to the end of what was heard, if all before it is done with.
    pub(crate) fn close(&mut self) {
        let is_done = self.reached || self.waiting.is_empty() && !self.overflowed;
        if is_done && self.until > self.position.stamp {
            self.position = Position::at(self.until);
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
