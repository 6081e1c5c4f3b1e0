//! Journals: `offset=N` asks for journals whose number is greater than N.

use super::Ask;
use crate::page::Page;

/// A walk by number.
#[derive(Debug)]
pub(crate) struct Offset {
    offset: i64,
    done: bool,
}

impl Offset {
    pub(crate) fn new(from: i64) -> Offset {
        Offset {
            offset: from,
            done: false,
        }
    }

    pub(crate) fn ask(&self) -> Option<Ask> {
        (!self.done).then(|| Ask {
            offset: Some(self.offset),
            ..Ask::default()
        })
    }

    pub(crate) fn take(&mut self, page: &Page) -> Vec<bool> {
        let asked = self.offset;
        let numbers = || page.rows.iter().map(|row| row.marks.cursor);
        let newest = numbers().flatten().max().unwrap_or(asked);
        // Pages may be short in the middle; only an empty one is the end. A
        // page without a greater number would be asked for again for ever.
        self.done = newest <= asked;
        self.offset = newest.max(asked);
        numbers()
            .map(|number| number.is_none_or(|number| number > asked))
            .collect()
    }

    pub(crate) fn position(&self) -> i64 {
        self.offset
    }
}
