//! The fallback for a server that ignores the order of UpdatedDateUTC, the order within ties, or
//! the filter: passes over the list by plain page numbers.
//!
//! If the list takes `order`, the scan requests its pages in the order of the id, one after the
//! other. An edit leaves a row in its place, and a new row moves others to later pages, so no row
//! is missed. The scan then requests the changes since the pass began in the same way. It stops
//! when one response holds all changes, or when a pass returns no new row.
//!
//! The proof is a count and not the order, which a server may ignore. Rows never leave these lists.
//! If `itemCount` is N, then N different ids of rows that existed at the count are all ids. If a list
//! carries no count, its length is the position of the last row before an empty page. A pass
//! with fewer ids is repeated, and the ids of all passes add up.

use std::collections::HashMap;

use super::window::Pages;
use super::{BrokenList, NewRows, PageRequest, RequestId, SortBy, anchor, check_keys};
use crate::rows::page::PageFacts;
use crate::rows::rewrite::RowKey;

/// Maximum number of passes over the list or a part of it. It is below 64, because `Seen::parts`
/// holds one bit per part. A long list whose order changes with each request takes about 15 passes.
const MAX_PASSES: u32 = 60;

/// Maximum number of consecutive incomplete passes without a new row.
const MAX_PASSES_WITHOUT_PROGRESS: u32 = 6;

/// After this many repetitions of one page in a row, the server ignores `page`.
const MAX_REPEATS: u32 = 2;

/// Time after which every response counts a newly stamped row, in milliseconds.
const COUNT_DELAY: i64 = 10_000;

/// A pass that has read this many times the number of known rows repeats itself.
const MAX_READ_FACTOR: u64 = 3;

/// The passes over one list.
#[derive(Debug)]
pub(super) struct FullScan {
    /// Why the list is read in passes.
    reason: &'static str,
    pages: Pages,
    /// The order that requests name, if the list takes one.
    order: Option<SortBy>,
    /// The cursor at which the walk starts.
    from: i64,
    /// Time after which every response counts a newly stamped row, in milliseconds.
    delay: i64,
    /// The parts of the list. The first one is the whole list; each later one holds the changes
    /// since the previous part began. The scan reads the last one.
    parts: Vec<Part>,
    /// The rows read, by id.
    seen: HashMap<Box<str>, Seen>,
    pass: Pass,
    /// Number of rows on a full page: the largest number on any page so far.
    full_size: u64,
    passes: u32,
    passes_without_progress: u32,
    /// The request in flight.
    pub(super) request_id: Option<RequestId>,
    /// The newest cursor read.
    pub(super) newest: i64,
    pub(super) is_over: bool,
}

/// The rows that changed since a moment.
#[derive(Debug, Default)]
struct Part {
    since: i64,
    /// Xero's clock in the first response.
    began: Option<i64>,
    /// The largest `itemCount` of any response. If responses carry no count, the position of the
    /// last row of a pass that read an empty page. A lagging replica counts fewer rows.
    item_count: Option<u64>,
    /// A time at or before the count, by Xero's clock.
    counted_at: Option<i64>,
    /// Number of different ids read in this part.
    ids_read: u64,
}

/// A row that was read.
#[derive(Debug)]
struct Seen {
    cursor: Option<i64>,
    /// The parts known to contain the row, one bit per part.
    parts: u64,
}

/// One pass over a part.
#[derive(Debug, Default)]
struct Pass {
    /// Number of pages read.
    page: u64,
    /// Number of rows on them.
    read: u64,
    /// Number of rows of the list up to its last page with new content. A page that was short when
    /// it was read counts as full if rows followed, because the list grew in between.
    position: u64,
    /// The rows of the last page.
    last: Vec<RowKey>,
    /// Number of times the last page was repeated.
    repeats: u32,
    /// Xero's clock in the last page.
    last_clock: Option<i64>,
    /// Number of different ids read in this part before this pass.
    ids_read_before: u64,
    has_new_rows: bool,
}

impl FullScan {
    pub(super) fn new(
        reason: &'static str,
        pages: Pages,
        order: Option<SortBy>,
        from: i64,
        lookback: i64,
    ) -> FullScan {
        FullScan {
            reason,
            pages,
            order,
            from,
            delay: lookback.min(COUNT_DELAY),
            parts: vec![Part::since(from)],
            seen: HashMap::new(),
            pass: Pass::default(),
            full_size: 0,
            passes: 0,
            passes_without_progress: 0,
            request_id: None,
            newest: from,
            is_over: false,
        }
    }

    pub(super) fn next_request(&mut self, request_id: RequestId) -> Option<PageRequest> {
        if self.is_over || self.request_id.is_some() {
            return None;
        }
        let part = self.parts.last()?;
        self.request_id = Some(request_id);
        let (page, size) = (self.pass.page + 1, self.pages.full_size());
        Some(PageRequest {
            order: self.order,
            ..self.pages.request(anchor(part.since), page, size)
        })
    }

    pub(super) fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<NewRows, BrokenList> {
        self.request_id = None;
        self.pass.page += 1;
        let is_new: Vec<_> = page.rows.iter().map(|row| self.is_new(row)).collect();
        self.pass.has_new_rows |= is_new.contains(&true);
        check_keys(self.seen.len(), self.pages.full_size())?;
        let counted = page.counted();
        let pages = page.pagination.and_then(|counts| counts.page_count);
        // A server that ignores `page` sends the same page again and again. One repetition may be
        // chance: somebody may have inserted a full page of rows before it.
        let is_same = !page.rows.is_empty() && page.rows == self.pass.last;
        self.pass.repeats = if is_same { self.pass.repeats + 1 } else { 0 };
        let is_repeated = self.pass.repeats == MAX_REPEATS;
        let is_past_end = page.rows.is_empty() || is_repeated;
        if let Some(pages) = pages.filter(|pages| *pages > 1)
            && (is_repeated || page.rows.is_empty() && self.pass.page < pages)
        {
            let page = self.pass.page;
            return Err(BrokenList::Gap { page, pages });
        }
        if !is_same && !is_past_end {
            self.pass.read += page.rows.len() as u64;
            self.full_size = self.full_size.max(page.rows.len() as u64);
            self.pass.position = (self.pass.page - 1) * self.full_size + page.rows.len() as u64;
            self.pass.last.clone_from(&page.rows);
            self.pass.last_clock = page.clock;
        }
        let read = self.pass.read;
        let item_count = counted.or(is_past_end.then_some(self.pass.position));
        let at = self.parts.len() - 1;
        if let Some(part) = self.parts.last_mut() {
            part.began = part.began.or(page.clock);
            if item_count.is_some() && item_count >= part.item_count {
                // The count of an empty page belongs to the page before it.
                (part.item_count, part.counted_at) = (item_count, self.pass.last_clock);
            }
            if self.pass.page == 1 {
                // Assigns the known rows that existed at this count to the part.
                for seen in self.seen.values_mut() {
                    if seen.parts & (1 << at) == 0 && part.includes(seen.cursor, self.delay) {
                        seen.parts |= 1 << at;
                        part.ids_read += 1;
                    }
                }
            }
            let is_whole = item_count.is_some() && part.is_whole();
            let is_last = counted.is_some_and(|item_count| read >= item_count);
            // An uncounted list returns known rows without end.
            let is_looping = read > MAX_READ_FACTOR * part.ids_read;
            if is_whole || is_last || is_past_end || is_looping {
                self.end_pass(is_whole)?;
            }
        }
        Ok(NewRows::new(request_id, is_new))
    }

    /// Decides what follows a pass: the changes since it began, another pass over a part with
    /// missing rows, or the end.
    fn end_pass(&mut self, is_whole: bool) -> Result<(), BrokenList> {
        let at = self.parts.len() - 1;
        let last = &self.parts[at];
        self.passes += 1;
        if !is_whole {
            self.passes_without_progress = match last.ids_read > self.pass.ids_read_before {
                true => 0,
                false => self.passes_without_progress + 1,
            };
        }
        if self.passes == MAX_PASSES || self.passes_without_progress == MAX_PASSES_WITHOUT_PROGRESS
        {
            return Err(BrokenList::Unstable {
                passes: self.passes,
                reason: self.reason,
            });
        }
        // One response with all rows shows the list at a single moment.
        let is_one_answer = self.pass.page == 1 && last.item_count <= Some(self.pass.read);
        let is_quiet = is_one_answer || !self.pass.has_new_rows;
        let began = last.began;
        if at > 0 && is_whole && is_quiet {
            // All parts after the incomplete one are complete, so every change before the last part
            // began is known.
            match self.parts.iter().rposition(|part| !part.is_whole()) {
                Some(part) => self.repeat_part(part, began),
                None => self.is_over = true,
            }
        } else if is_whole || self.order.is_some() {
            // In the order of the id only new rows can be missing, and the next part returns them.
            let since = began.unwrap_or(last.since);
            self.parts.push(Part::since(since));
            self.pass = Pass::default();
        } else {
            self.repeat_part(at, began);
        }
        Ok(())
    }

    /// Repeats a part. The next part then requests the changes since `began`.
    fn repeat_part(&mut self, at: usize, began: Option<i64>) {
        self.parts.truncate(at + 1);
        let known = u64::MAX >> (u64::BITS as usize - 1 - at);
        self.seen.values_mut().for_each(|seen| seen.parts &= known);
        self.parts[at].began = began;
        self.pass = Pass {
            ids_read_before: self.parts[at].ids_read,
            ..Pass::default()
        };
    }

    /// Returns whether this version of the row is new and not before the start of the walk.
    fn is_new(&mut self, row: &RowKey) -> bool {
        let cursor = row.cursor;
        self.newest = self.newest.max(cursor.unwrap_or(self.newest));
        let Some(key) = &row.key else {
            return true;
        };
        let last = self.parts.len() - 1;
        let is_known = self.seen.contains_key(key);
        let seen = self
            .seen
            .entry(key.clone())
            .or_insert(Seen { cursor, parts: 0 });
        // Stamps only grow: an older stamp comes from a lagging replica.
        let is_newer = !is_known || seen.cursor < cursor;
        seen.cursor = seen.cursor.max(cursor);
        for (at, part) in self.parts.iter_mut().enumerate() {
            let belongs = at == last || part.includes(cursor, self.delay);
            if belongs && seen.parts & (1 << at) == 0 {
                seen.parts |= 1 << at;
                part.ids_read += 1;
            }
        }
        is_newer && cursor.is_none_or(|cursor| cursor >= self.from)
    }
}

impl Part {
    fn since(since: i64) -> Part {
        Part {
            since,
            ..Part::default()
        }
    }

    /// Returns whether this part's count includes a row that was read in another part.
    fn includes(&self, cursor: Option<i64>, delay: i64) -> bool {
        let before = self.counted_at.map(|at| at.saturating_sub(delay));
        cursor.is_some_and(|cursor| self.since <= cursor && Some(cursor) < before)
    }

    fn is_whole(&self) -> bool {
        self.item_count
            .is_some_and(|item_count| self.ids_read >= item_count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::envelope::Pagination;
    use crate::walk::most_keys;

    /// Builds a page of rows with these ids, from a list that counts `item_count` rows.
    fn page(ids: &[u32], item_count: u64) -> PageFacts {
        let rows = ids.iter().map(|id| (id.to_string(), 1000));
        let counts = Pagination {
            page_count: None,
            item_count: Some(item_count),
        };
        PageFacts::of(rows, Some(counts), Some(2000))
    }

    #[test]
    fn a_pass_is_not_whole_by_the_count_of_a_replica_that_lags() {
        let mut scan = FullScan::new("of a test", Pages::Sized(2), None, 0, 0);
        // Row 3 moved before the second page, and the last response comes from a replica that does
        // not count it.
        for (at, ids, item_count) in [(1, &[1, 2][..], 5), (2, &[4, 5], 5), (3, &[], 4)] {
            let request = scan.next_request(RequestId(at)).expect("the pass goes on");
            assert_eq!(request.page, Some(at));
            scan.take(RequestId(at), &page(ids, item_count)).unwrap();
        }
        let again = scan
            .next_request(RequestId(4))
            .expect("there is a second pass");
        assert_eq!(
            (again.page, again.modified_since),
            (Some(1), Some(anchor(0)))
        );
        let new_rows = scan.take(RequestId(4), &page(&[1, 2, 3, 4, 5], 5)).unwrap();
        assert_eq!(new_rows.is_new, [false, false, true, false, false]);
        let changes = scan
            .next_request(RequestId(5))
            .expect("the pass is looked back at");
        assert_eq!(changes.modified_since, Some(anchor(2000)));
        scan.take(RequestId(5), &page(&[], 0)).unwrap();
        assert!(scan.is_over);
    }

    #[test]
    fn a_page_that_fills_up_during_a_pass_counts_as_full() {
        // A list of 6 rows without counts, in another order at each request. Rows 7 to 11 appear
        // after the second page was read, and row 6 never comes.
        let page = |ids: &[u32]| {
            let rows = ids.iter().map(|id| {
                let stamp = if *id <= 6 { 1000 } else { 2500 };
                (id.to_string(), stamp)
            });
            let clock = if ids.len() == 4 { 2000 } else { 3000 };
            PageFacts::of(rows, None, Some(clock))
        };
        let mut scan = FullScan::new("of a test", Pages::Sized(4), Some(SortBy::Id), 0, 0);
        let pages = [&[1, 2, 3, 4][..], &[1, 5], &[7, 8, 9], &[]];
        let changes = [&[7, 8, 9, 10][..], &[11], &[], &[]];
        let mut since = Vec::new();
        for (at, ids) in pages.into_iter().chain(changes).enumerate() {
            let request_id = RequestId(at as u64);
            let request = scan.next_request(request_id).expect("the scan goes on");
            since.extend(request.modified_since);
            scan.take(request_id, &page(ids)).unwrap();
        }
        let [list, changes] = [anchor(0), anchor(2000)];
        assert_eq!(
            since[..7],
            [list, list, list, list, changes, changes, changes]
        );
        // The three pages have places for 11 rows, and 10 came.
        let again = scan.next_request(RequestId(8)).expect("row 6 is missing");
        assert_eq!((again.page, again.modified_since), (Some(1), Some(list)));
    }

    #[test]
    fn a_scan_fails_after_passes_without_a_missing_row() {
        let mut scan = FullScan::new("of a test", Pages::Sized(2), Some(SortBy::Id), 0, 0);
        let mut asked = 0;
        let broken = loop {
            let request = scan
                .next_request(RequestId(asked))
                .expect("there is no end");
            asked += 1;
            assert_eq!(request.order, Some(SortBy::Id));
            let is_whole_list = request.modified_since == Some(anchor(0));
            let answer = match (is_whole_list, request.page) {
                (true, Some(1)) => page(&[1, 2], 4),
                (true, Some(2)) => page(&[2, 3], 4),
                _ => page(&[], 0),
            };
            if let Err(broken) = scan.take(RequestId(asked - 1), &answer) {
                break broken;
            }
        };
        // The first pass and six passes without a new row have two pages each. Six requests for
        // changes lie between them.
        assert!(matches!(broken, BrokenList::Unstable { .. }) && asked == 7 * 2 + 6);
    }

    #[test]
    fn a_list_that_never_ends_is_an_error() {
        let mut scan = FullScan::new("of a test", Pages::Sized(1), None, 0, 0);
        let most = most_keys(1);
        for at in 0..=most {
            let request_id = RequestId(at as u64);
            scan.next_request(request_id).expect("there is no end");
            let page = PageFacts::of([(at.to_string(), 1000)], None, None);
            let broken = scan.take(request_id, &page).err();
            let expected = (at == most).then_some(BrokenList::Endless { rows: most });
            assert_eq!(broken, expected, "page {at}");
        }
    }

    #[test]
    fn the_number_of_passes_is_limited() {
        for order in [None, Some(SortBy::Id)] {
            let mut scan = FullScan::new("of a test", Pages::Sized(2), order, 0, 0);
            // Each pass brings one row that is new, and none reaches the count.
            let broken = (0..1_000).find_map(|at| {
                let request_id = RequestId(at);
                let request = scan.next_request(request_id).expect("there is no end");
                let ids = [at as u32];
                let is_first = request.page == Some(1);
                let answer = page(if is_first { &ids } else { &[] }, 1_000);
                scan.take(request_id, &answer).err()
            });
            let reason = "of a test";
            let passes = MAX_PASSES;
            assert_eq!(broken, Some(BrokenList::Unstable { passes, reason }));
        }
    }
}
