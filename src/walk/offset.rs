//! Journals: `offset=N` asks for journals whose number is greater than N.
//!
//! A journal may become visible after one of a higher number. So the numbers that are missing
//! between journals of the last day are remembered, and a later sync that has read all that is
//! new looks for them.

use super::gaps::{Gap, Gaps, Look};
use super::{BrokenList, Checkpoint, NewRows, PageRequest, RequestId, WalkStart};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;

/// How long a missing number is looked for, milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Calls of a sync that look for missing numbers at most, the newest numbers first.
const LOOKS: u32 = 5;

/// A walk by number.
#[derive(Debug)]
pub(crate) struct Offset {
    /// Where the walk began.
    from: i64,
    offset: i64,
    /// Xero's clock at the first answer.
    clock: Option<i64>,
    /// What is missing up to `offset`.
    gaps: Gaps,
    /// What was missing behind `from` to members of the family that have come further. The walk
    /// reads it anyway.
    ahead: Gaps,
    /// The request for missing numbers that is next or under way.
    look: Option<Look>,
    looks: u32,
    asked: bool,
    over: bool,
}

impl Offset {
    pub(crate) fn new(start: WalkStart) -> Offset {
        Offset {
            from: start.from,
            offset: start.from,
            clock: None,
            gaps: start.gaps.clone().up_to(start.from),
            ahead: start.gaps.behind(start.from),
            look: None,
            looks: 0,
            asked: false,
            over: false,
        }
    }

    pub(crate) fn ask(&mut self) -> Option<(RequestId, PageRequest)> {
        let idle = !self.over && !std::mem::replace(&mut self.asked, true);
        let ask = PageRequest {
            offset: Some(self.look.map_or(self.offset, |look| look.offset)),
            ..PageRequest::default()
        };
        idle.then_some((RequestId::default(), ask))
    }

    pub(crate) fn take(
        &mut self,
        ticket: RequestId,
        page: &PageFacts,
    ) -> Result<NewRows, BrokenList> {
        self.asked = false;
        self.clock = self.clock.or(page.clock);
        let numbers = || page.rows.iter().filter_map(|row| row.cursor);
        let newest = numbers().max();
        let is_new = match self.look.take() {
            Some(look) => {
                let keep = page.rows.iter().map(|row| self.was_missing(row)).collect();
                self.looked(look, newest);
                keep
            }
            None => {
                let asked = self.offset;
                self.find_gaps(&page.rows);
                // Pages may be short in the middle; only an empty one is the end.
                match newest {
                    Some(newest) if newest > asked => self.offset = newest,
                    Some(_) => return Err(BrokenList::Repeated { offset: asked }),
                    None => self.look_up_to(self.from),
                }
                let is_new = |row: &RowKey| row.cursor.is_none_or(|number| number > asked);
                page.rows.iter().map(is_new).collect()
            }
        };
        Ok(NewRows { of: ticket, is_new })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let ahead = self.ahead.clone().behind(self.offset);
        Checkpoint {
            gaps: self.gaps.clone().union(ahead),
            ..Checkpoint::at(self.offset)
        }
    }

    /// Remembers the numbers that are missing in front of the rows of the last day.
    fn find_gaps(&mut self, rows: &[RowKey]) {
        let Some(clock) = self.clock else {
            return; // nothing tells when to forget them
        };
        let mut rows: Vec<_> = rows
            .iter()
            .filter_map(|row| Some((row.cursor?, row.created)))
            .filter(|(number, _)| *number > self.offset)
            .collect();
        rows.sort_unstable();
        let mut before = self.offset;
        for (number, created) in rows {
            // Where a journal does not tell its age, it is new if it came since the last sync.
            let is_recent = created.map_or(self.from > 0, |created| {
                created >= clock.saturating_sub(DAY)
            });
            let (first, last) = (before.saturating_add(1), number.saturating_sub(1));
            if is_recent && first <= last {
                let seen = clock;
                self.gaps.add(Gap { first, last, seen });
            }
            before = number;
        }
    }

    /// Looks for what is missing up to `number`, and at the end forgets what was looked for
    /// long enough. Not before: where syncs are a day apart there is one look.
    fn look_up_to(&mut self, number: i64) {
        self.look = self.gaps.look(number).filter(|_| self.looks < LOOKS);
        self.over = self.look.is_none();
        if let Some(clock) = self.clock.filter(|_| self.over) {
            self.gaps.expire(clock.saturating_sub(DAY));
        }
    }

    /// Goes on from an answer whose highest number is `newest`.
    fn looked(&mut self, look: Look, newest: Option<i64>) {
        self.looks += 1;
        // Short in the middle.
        let rest = newest.filter(|newest| *newest > look.offset && *newest < look.top);
        match rest {
            Some(offset) if self.looks < LOOKS => self.look = Some(Look { offset, ..look }),
            _ => self.look_up_to(look.bottom),
        }
    }

    /// Whether the row's number was missing, which it is from now on no more.
    fn was_missing(&mut self, row: &RowKey) -> bool {
        let number = row.cursor.filter(|number| *number <= self.from);
        let number = number.filter(|number| self.gaps.contains(*number));
        if let Some(number) = number {
            self.gaps.fill(number);
        }
        number.is_some()
    }
}

#[cfg(test)]
mod tests;
