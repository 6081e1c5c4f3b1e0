//! A model of Xero for tests of the walk: rows that anybody may edit between
//! any two requests, and a server that may ignore what it is asked.

use std::collections::HashMap;

use fastrand::Rng;

use super::super::*;

/// Small pages, so that ties and dense seconds straddle them.
pub(super) const PAGE: u64 = 32;

/// Rows by id: when each was edited last. The order of a tie is the id's.
#[derive(Default)]
pub(super) struct Xero {
    pub(super) now: i64,
    pub(super) rows: HashMap<u64, i64>,
    /// The same in the order of the list, unless a row has changed since.
    list: Option<Vec<(i64, u64)>>,
    pub(super) calls: u64,
    pub(super) ignores_filter: bool,
    pub(super) ignores_page: bool,
    pub(super) newest_first: bool,
    /// Why the walk fell back to page numbers, if it did.
    pub(super) fell_back: Option<&'static str>,
}

impl Xero {
    /// An empty list at `now`.
    pub(super) fn at(now: i64) -> Xero {
        Xero {
            now,
            ..Xero::default()
        }
    }

    /// A list with crowds of one stamp, dense seconds and quiet times.
    pub(super) fn fill(rng: &mut Rng) -> Xero {
        let mut xero = Xero::at(1_000_000);
        for _ in 0..*rng.choice(&[0, 1, 8, 20, 40]).unwrap() {
            xero.now += rng.choice([0, 1, 300, 999, 1000, 5000, 100_000]).unwrap();
            let crowd = rng.choice([1, 1, 1, 2, 5, 17, 33, 60]).unwrap();
            let step = rng.choice([0, 0, 1, 15]).unwrap();
            for _ in 0..crowd {
                xero.now += step;
                xero.insert();
            }
        }
        xero.now += 1 + rng.choice([0, 1, 1000, 100_000]).unwrap();
        xero
    }

    pub(super) fn insert(&mut self) {
        let id = self.rows.len() as u64;
        self.stamp(id);
    }

    fn stamp(&mut self, id: u64) {
        self.rows.insert(id, self.now);
        self.list = None;
    }

    pub(super) fn disturb(&mut self, rng: &mut Rng) {
        self.now += rng.choice([0, 1, 50, 400, 1500]).unwrap();
        let edits = rng
            .choice([0, 0, 1, 2, 9, 25])
            .unwrap()
            .min(self.rows.len());
        for _ in 0..edits {
            let id = rng.u64(0..self.rows.len() as u64);
            self.stamp(id);
        }
        for _ in 0..rng.choice([0, 0, 1, 14, 30]).unwrap() {
            self.insert();
        }
        self.now += rng.choice([0, 0, 1, 20]).unwrap();
    }

    fn answer(&mut self, ask: &Ask) -> Page {
        self.calls += 1;
        let since = ask.modified_since.unwrap_or(0) * 1000;
        let list = self.list.get_or_insert_with(|| {
            let mut list: Vec<_> = self.rows.iter().map(|(id, at)| (*at, *id)).collect();
            list.sort_unstable();
            if self.newest_first {
                list.reverse();
            }
            list
        });
        let asked = |at: &i64| self.ignores_filter || *at >= since;
        let count = list.iter().filter(|(at, _)| asked(at)).count() as u64;
        let (page, size) = ask.page.expect("this walk asks for pages");
        let page = if self.ignores_page { 1 } else { page };
        let rows = list
            .iter()
            .filter(|(at, _)| asked(at))
            .skip(((page - 1) * size) as usize);
        let rows = rows
            .take(size as usize)
            .map(|(at, id)| (id.to_string(), *at));
        Page::of(rows, count.div_ceil(size), Some(self.now))
    }

    /// Walks to the end and returns what counted and where the next sync begins.
    pub(super) fn sync(
        &mut self,
        from: i64,
        disturb: impl FnMut(&mut Xero),
    ) -> (Vec<(u64, i64)>, i64) {
        self.sync_pages_of(PAGE, from, disturb)
    }

    pub(super) fn sync_pages_of(
        &mut self,
        full: u64,
        from: i64,
        mut disturb: impl FnMut(&mut Xero),
    ) -> (Vec<(u64, i64)>, i64) {
        let mut walk = Watermark::with_pages_of(full, Start { from, lookback: 0 });
        let (mut taken, mut positions) = (Vec::new(), vec![from]);
        while let Some(ask) = walk.ask() {
            let page = self.answer(&ask);
            let keep = walk.take(&page).expect("this list counts no rows");
            self.fell_back = self.fell_back.or(walk.warning());
            let kept = page.rows.iter().zip(keep).filter(|(_, keep)| *keep);
            taken.extend(
                kept.filter_map(|(row, _)| identity(row))
                    .map(|(key, at)| (key.parse().unwrap(), at)),
            );
            positions.extend(walk.position());
            disturb(self);
            assert!(self.calls < 5000, "the walk does not end");
        }
        assert!(positions.is_sorted(), "a position went back: {positions:?}");
        (taken, *positions.last().unwrap())
    }
}
