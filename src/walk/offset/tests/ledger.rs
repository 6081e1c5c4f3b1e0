//! A model of a ledger, and syncs that read it with one or several requests in flight.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use fastrand::Rng;

use super::super::super::model::{ONE_SLOT, pick};
use super::super::*;

pub(super) const NOW: i64 = 1_800_000_000_000;

/// A capacity at which long walks are split.
pub(super) const FIVE_SLOTS: SendCapacity = SendCapacity {
    slots: 5,
    calls_now: 0,
    latency: Duration::from_secs(3),
};

/// Journals by number: the time of creation, and the time from which they are visible.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) journals: BTreeMap<i64, (i64, i64)>,
    pub(super) now: i64,
    /// Whether some pages are short in the middle of the list.
    pub(super) is_short: bool,
    pub(super) tells_creation: bool,
    /// Whether journals are added while a sync reads the ledger.
    pub(super) grows: bool,
    /// Whether the newest journals vanish while a sync reads the ledger.
    pub(super) shrinks: bool,
    pub(super) vanished: HashSet<i64>,
    pub(super) asked: Vec<i64>,
}

/// The record of one sync.
#[derive(Debug, Default)]
pub(super) struct Sync {
    /// The numbers of the new rows, in the order in which they came.
    pub(super) came: Vec<i64>,
    /// The checkpoints, each with the number of rows that came before it.
    pub(super) states: Vec<(usize, Checkpoint)>,
    pub(super) is_over: bool,
}

impl Sync {
    pub(super) fn last(&self) -> &Checkpoint {
        &self.states.last().expect("there is the first state").1
    }

    /// Returns whether no row came twice.
    pub(super) fn is_distinct(&self) -> bool {
        let mut seen = HashSet::new();
        self.came.iter().all(|number| seen.insert(*number))
    }
}

impl Ledger {
    /// Creates visible journals with these numbers, created an hour ago.
    pub(super) fn of(numbers: impl IntoIterator<Item = i64>) -> Ledger {
        let old = NOW - 3_600_000;
        Ledger {
            journals: numbers
                .into_iter()
                .map(|number| (number, (old, 0)))
                .collect(),
            now: NOW,
            tells_creation: true,
            ..Ledger::default()
        }
    }

    /// Creates a ledger with dense parts, sparse parts and holes. Some journals are invisible at
    /// first.
    pub(super) fn fill(rng: &mut Rng) -> Ledger {
        let mut ledger = Ledger {
            is_short: rng.bool(),
            grows: true,
            ..Ledger::of([])
        };
        let mut number = 0;
        for _ in 0..rng.usize(0..6) {
            number += pick(rng, [0, 0, 1, 150, 5_000, 1_000_000_000]);
            let step = pick(rng, [1, 1, 2, 40]);
            let created = NOW - pick(rng, [0, 0, 2 * DAY]);
            for _ in 0..pick(rng, [1, 99, 100, 101, 450, 1_100, 2_500]) {
                number += rng.i64(1..=step);
                ledger.insert(number, created, rng);
            }
        }
        ledger
    }

    fn insert(&mut self, number: i64, created: i64, rng: &mut Rng) {
        let delay = if rng.u8(0..80) == 0 {
            rng.i64(0..60_000)
        } else {
            0
        };
        self.journals.insert(number, (created, self.now + delay));
    }

    /// Adds journals after all others.
    pub(super) fn add(&mut self, journals: usize, rng: &mut Rng) {
        let newest = self.journals.keys().next_back().copied().unwrap_or(0);
        for number in 1..=journals as i64 {
            self.insert(newest + number, self.now, rng);
        }
    }

    /// Advances the clock, and sometimes adds or removes journals.
    fn change(&mut self, rng: &mut Rng) {
        self.now += pick(rng, [0, 0, 1, 500, 4_000]);
        if self.shrinks && rng.u8(0..12) == 0 {
            for _ in 0..rng.usize(1..1_000) {
                let newest = self.journals.pop_last();
                self.vanished.extend(newest.map(|(number, _)| number));
            }
        }
        if rng.u8(0..8) > 0 {
            return;
        }
        let journals = pick(rng, [1, 1, 20, 130, 600]);
        self.add(journals as usize, rng);
    }

    /// Returns the numbers of the journals that are visible.
    pub(super) fn visible(&self) -> HashSet<i64> {
        let journals = self.journals.iter();
        let visible = journals.filter(|(_, (_, visible))| *visible <= self.now);
        visible.map(|(number, _)| *number).collect()
    }

    pub(super) fn answer(&mut self, offset: i64) -> PageFacts {
        self.asked.push(offset);
        let size = if self.is_short && offset % 3 == 1 {
            70
        } else {
            100
        };
        let behind = self.journals.range(offset + 1..);
        let visible = behind.filter(|(_, (_, visible))| *visible <= self.now);
        let rows: Vec<_> = visible.take(size).collect();
        let stamps = rows
            .iter()
            .map(|(number, _)| (number.to_string(), **number));
        let mut page = PageFacts::of(stamps, None, Some(self.now));
        for (row, (_, (created, _))) in page.rows.iter_mut().zip(&rows) {
            row.created = self.tells_creation.then_some(*created);
        }
        page
    }

    /// Runs a sync from a checkpoint with one request at a time, and returns the numbers read and
    /// the final checkpoint.
    pub(super) fn sync(&mut self, from: &Checkpoint) -> (Vec<i64>, Checkpoint) {
        let mut walk = Offset::new(start(from));
        let mut came = Vec::new();
        self.asked.clear();
        while let Some((request_id, request)) = walk.next_request(ONE_SLOT) {
            let page = self.answer(request.offset.expect("journals are asked for by offset"));
            came.extend(take(&mut walk, request_id, &page));
        }
        assert!(walk.is_over());
        (came, walk.checkpoint().expect("it has a position"))
    }

    /// Runs a sync with up to five requests in flight and responses in any order. It ends after
    /// `answers` responses at the latest.
    pub(super) fn sync_in_parallel(
        &mut self,
        from: &Checkpoint,
        rng: &mut Rng,
        answers: usize,
    ) -> Sync {
        let mut sync = Sync {
            states: vec![(0, from.clone())],
            ..Sync::default()
        };
        let mut walk = Offset::new(start(from));
        let mut flying: Vec<(RequestId, i64, Option<PageFacts>)> = Vec::new();
        self.asked.clear();
        for answered in 0..answers {
            if self.grows && answered < 40 {
                self.change(rng);
            }
            assert!(answered < 5_000, "the walk does not end");
            // Other walks take some of the slots at times.
            let slots = rng.usize(1..=5);
            let capacity = SendCapacity {
                slots: slots as u64,
                ..FIVE_SLOTS
            };
            while flying.len() < slots
                && let Some((request_id, request)) = walk.next_request(capacity)
            {
                let offset = request.offset.expect("journals are asked for by offset");
                // Xero reads the list at any time between the request and the response.
                let page = rng.bool().then(|| self.answer(offset));
                flying.push((request_id, offset, page));
            }
            if flying.is_empty() {
                assert!(walk.is_over(), "the walk is stuck");
                break;
            }
            let (request_id, offset, page) = flying.swap_remove(rng.usize(..flying.len()));
            let page = page.unwrap_or_else(|| self.answer(offset));
            sync.came.extend(take(&mut walk, request_id, &page));
            let state = walk.checkpoint().expect("it has a position");
            sync.states.push((sync.came.len(), state));
        }
        sync.is_over = walk.is_over();
        sync
    }
}

pub(super) fn start(from: &Checkpoint) -> WalkStart {
    WalkStart {
        from: from.from,
        open: from.open.clone(),
        gaps: from.gaps.clone(),
        ..WalkStart::default()
    }
}

/// Gives a response to the walk, and returns the numbers of its new rows.
pub(super) fn take(walk: &mut Offset, request_id: RequestId, page: &PageFacts) -> Vec<i64> {
    let new_rows = walk
        .take(request_id, page)
        .expect("the server heeds offset")
        .expect("it decides about each page");
    assert_eq!(new_rows.of, request_id);
    let rows = page.rows.iter().zip(new_rows.is_new);
    let rows = rows.filter(|(_, is_new)| *is_new);
    rows.filter_map(|(row, _)| row.cursor).collect()
}

pub(super) fn missing(checkpoint: &Checkpoint) -> Vec<(i64, i64)> {
    let gaps = checkpoint.gaps.iter();
    gaps.map(|gap| (gap.first, gap.last)).collect()
}
