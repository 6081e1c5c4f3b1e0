//! Journals: `offset=N` asks for journals whose number is greater than N.

use super::{Ask, Kept, Ticket};
use crate::page::Page;

/// A walk by number.
#[derive(Debug)]
pub(crate) struct Offset {
    offset: i64,
    asked: bool,
    over: bool,
}

impl Offset {
    pub(crate) fn new(from: i64) -> Offset {
        Offset {
            offset: from,
            asked: false,
            over: false,
        }
    }

    pub(crate) fn ask(&mut self) -> Option<(Ticket, Ask)> {
        let idle = !self.over && !std::mem::replace(&mut self.asked, true);
        let ask = Ask {
            offset: Some(self.offset),
            ..Ask::default()
        };
        idle.then_some((Ticket::default(), ask))
    }

    pub(crate) fn take(&mut self, page: Page) -> Kept {
        self.asked = false;
        let asked = self.offset;
        let numbers = || page.rows.iter().map(|row| row.cursor);
        let newest = numbers().flatten().max().unwrap_or(asked);
        // Pages may be short in the middle; only an empty one is the end. A
        // page without a greater number would be asked for again for ever.
        self.over = newest <= asked;
        self.offset = newest.max(asked);
        let keep = numbers()
            .map(|number| number.is_none_or(|number| number > asked))
            .collect();
        Kept { page, keep }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn position(&self) -> i64 {
        self.offset
    }
}
