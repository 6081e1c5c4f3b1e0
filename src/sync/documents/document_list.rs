//! One list of documents, as one stream sees it.

use std::collections::BTreeMap;

use super::listing::Extent;
use crate::airbyte::protocol::now_millis;
use crate::rows::flags::Facts;
use crate::rows::rewrite::Marks;
use crate::streams::{Stream, Wanted};
use crate::walk::document_queue::{Document, Position, Queue};
use crate::walk::{Start, Walk};
use crate::xero::ids;

/// One list.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Where its documents are listed.
    pub(crate) list: &'static Stream,
    /// Which of them count.
    wanted: Wanted,
    /// Those that can be asked in this sync.
    pub(crate) queue: Queue,
    /// How much of the list was read.
    pub(crate) extent: Extent,
    /// Documents whose calls failed in an earlier sync, by their ids in the one spelling.
    pub(crate) failed: BTreeMap<String, Document>,
    /// How much of a walk was heard that was made for other streams.
    heard: Hearing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    Nothing,
    /// Its beginning.
    Part,
    Whole,
}

/// An answer to a walk over the list, row by row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    /// What the walk goes by.
    pub(crate) rows: &'a [Marks],
    /// Whether the walk has not seen it before.
    pub(crate) keep: &'a [bool],
    /// What it says about what hangs on it.
    pub(crate) facts: &'a [Facts],
    /// Xero's clock at the first answer, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

impl Kind {
    /// A list of which so many documents can be asked, from a position on.
    pub(crate) fn new(
        list: &'static Stream,
        wanted: Wanted,
        position: Position,
        room: usize,
        failed: BTreeMap<Box<str>, i64>,
    ) -> Kind {
        Kind {
            list,
            wanted,
            queue: Queue::new(position, room),
            extent: Extent::default(),
            failed: failed.into_iter().map(by_id).collect(),
            heard: Hearing::Nothing,
        }
    }

    /// Begins to hear a walk, if that goes through all that is new here.
    pub(crate) fn begin(&mut self, start: &Start) -> bool {
        let is_all = start.open.is_empty() && start.from <= self.queue.position().stamp;
        if is_all {
            self.heard = Hearing::Part;
        }
        is_all
    }

    /// Whether a walk is being heard.
    pub(crate) fn is_hearing(&self) -> bool {
        self.heard == Hearing::Part
    }

    /// Takes the documents of an answer.
    pub(crate) fn hear(&mut self, heard: Heard<'_>) {
        let daily = self.queue.daily(heard.clock.unwrap_or_else(now_millis));
        let rows = heard.rows.iter().zip(heard.keep).zip(heard.facts);
        for ((row, _), facts) in rows.filter(|((_, keep), _)| **keep) {
            self.extent.read += 1;
            let key = row.key.as_ref().filter(|_| facts.meet(self.wanted));
            if let Some(id) = key {
                let created = facts.created.filter(|_| self.list.is_stamped());
                let stamp = row.cursor.or(created).unwrap_or(daily);
                let id = id.clone();
                self.queue.hear(Document { stamp, id });
            }
        }
    }

    /// Ends with a walk that went through the whole list.
    pub(crate) fn end(&mut self, walk: &Walk, clock: Option<i64>, lookback: i64) {
        // Lists without a stamp tell no position of their own.
        let end = walk.checkpoint().map(|checkpoint| checkpoint.from);
        let end = end.unwrap_or_else(|| clock.unwrap_or_else(now_millis) - lookback);
        self.queue.settle(end);
        self.heard = Hearing::Whole;
    }

    /// Forgets what was heard of a list that was not heard to its end.
    pub(crate) fn forget_part(&mut self) {
        if self.heard == Hearing::Part {
            self.queue = self.queue.anew();
            (self.extent, self.heard) = (Extent::default(), Hearing::Nothing);
        }
    }

    /// Whether the list was heard to its end, so that it need not be walked.
    pub(crate) fn is_known(&self) -> bool {
        self.heard == Hearing::Whole
    }

    /// Whether a document has failed before and, as far as its stamp shows, not changed since.
    pub(crate) fn has_failed(&self, document: &Document) -> bool {
        let failed = self.failed.get(&ids::canonical(&document.id));
        failed.is_some_and(|failed| failed.stamp == document.stamp || !self.list.is_stamped())
    }

    /// About how many calls all its documents need, whether this sync may make them or not.
    pub(crate) fn calls(&self) -> u64 {
        self.extent.estimate(self.queue.found()) + self.passed().count() as u64
    }

    /// The documents that failed before and do not wait in the queue.
    pub(crate) fn passed(&self) -> impl Iterator<Item = &Document> {
        let failed = self.failed.values();
        failed.filter(|document| self.queue.stamp(&document.id).is_none())
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
    fn a_walk_is_heard_that_leaves_nothing_out() {
        let open = Span {
            from: 10,
            to: Some(20),
        };
        for (from, open, is_heard) in [
            (0, vec![], true),
            (100, vec![], true),
            (101, vec![], false),
            (0, vec![open], false),
        ] {
            let invoices = find("invoices").unwrap();
            let position = Position::at(100);
            let mut kind = Kind::new(invoices, Wanted::All, position, 5, BTreeMap::new());
            let start = Start {
                from,
                open,
                ..Start::default()
            };
            assert_eq!(kind.begin(&start), is_heard, "{start:?}");
            let key = Some("a".into());
            let rows = [Marks {
                key,
                cursor: Some(150),
                created: None,
            }];
            let facts = crate::rows::flags::read(br#"{"Invoices":[{}]}"#, invoices).unwrap();
            if kind.is_hearing() {
                kind.hear(Heard {
                    rows: &rows,
                    keep: &[true],
                    facts: &facts,
                    clock: None,
                });
            }
            assert_eq!(kind.queue.found(), u64::from(is_heard));
            // It never came to its end.
            kind.forget_part();
            assert!(!kind.is_known() && kind.queue.found() == 0 && kind.calls() == 0);
        }
    }
}
