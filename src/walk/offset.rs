//! Walks the journals: `offset=N` requests the journals whose number is greater than N.
//!
//! A journal may become visible after a journal with a higher number. The walk therefore records
//! the numbers missing between journals of the last day. A later sync searches for them after it
//! has read all new journals.

use super::gaps::{Gap, Gaps, Look};
use super::{BrokenList, Checkpoint, NewRows, PageRequest, RequestId, WalkStart};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;

/// How long the walk searches for a missing number, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Maximum number of calls per sync that search for missing numbers. The highest numbers come
/// first.
const LOOKS: u32 = 5;

/// A walk by journal number.
#[derive(Debug)]
pub(crate) struct Offset {
    /// The offset at which the walk started.
    from: i64,
    offset: i64,
    /// Xero's clock in the first response.
    clock: Option<i64>,
    /// Numbers missing up to `offset`.
    gaps: Gaps,
    /// Numbers after `from` that are missing for streams of the family that are further ahead. The
    /// walk reads this part of the list anyway.
    ahead: Gaps,
    /// The next search for missing numbers, or the one in flight.
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
                // Pages may be short in the middle of the list; only an empty page is the end.
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

    /// Records the numbers that are missing before journals of the last day.
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
            // A journal without a creation date counts as recent if it is new since the last sync.
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

    /// Plans the next search for numbers up to `number`. After the last search, forgets the gaps
    /// older than a day. They must survive until then, so that daily syncs search for them once.
    fn look_up_to(&mut self, number: i64) {
        self.look = self.gaps.look(number).filter(|_| self.looks < LOOKS);
        self.over = self.look.is_none();
        if let Some(clock) = self.clock.filter(|_| self.over) {
            self.gaps.expire(clock.saturating_sub(DAY));
        }
    }

    /// Continues after a response to a search. `newest` is its highest number.
    fn looked(&mut self, look: Look, newest: Option<i64>) {
        self.looks += 1;
        // The page is short although journals follow.
        let rest = newest.filter(|newest| *newest > look.offset && *newest < look.top);
        match rest {
            Some(offset) if self.looks < LOOKS => self.look = Some(Look { offset, ..look }),
            _ => self.look_up_to(look.bottom),
        }
    }

    /// Returns whether the row's number was missing, and removes it from the gaps.
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
