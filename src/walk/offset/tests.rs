//! Tests the walk by journal number. Journals become visible in any order.

use std::collections::{BTreeMap, HashMap};

use fastrand::Rng;
use proptest::prelude::*;

use super::super::model::ONE_SLOT;
use super::*;
use crate::cases::cases;

const NOW: i64 = 1_800_000_000_000;

/// Journals by number: the time of creation, and the time from which they are visible.
#[derive(Default)]
struct Ledger {
    journals: BTreeMap<i64, (i64, i64)>,
    now: i64,
    /// Whether some pages are short in the middle of the list.
    is_short: bool,
    tells_creation: bool,
    asked: Vec<i64>,
}

impl Ledger {
    /// Creates visible journals with these numbers, created an hour ago.
    fn of(numbers: impl IntoIterator<Item = i64>) -> Ledger {
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

    fn answer(&mut self, offset: i64) -> PageFacts {
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

    /// Runs a sync from a checkpoint, and returns the numbers read and the final checkpoint.
    fn sync(&mut self, from: &Checkpoint) -> (Vec<i64>, Checkpoint) {
        let mut walk = Offset::new(WalkStart {
            from: from.from,
            gaps: from.gaps.clone(),
            ..WalkStart::default()
        });
        let mut came = Vec::new();
        self.asked.clear();
        while let Some((request_id, request)) = walk.next_request(ONE_SLOT) {
            let page = self.answer(request.offset.expect("journals are asked for by offset"));
            let keep = walk
                .take(request_id, &page)
                .expect("the server heeds offset")
                .expect("it decides about each page")
                .is_new;
            let new_rows = page.rows.iter().zip(keep).filter(|(_, keep)| *keep);
            came.extend(new_rows.filter_map(|(row, _)| row.cursor));
        }
        assert!(walk.is_over());
        (came, walk.checkpoint().expect("it has a position"))
    }
}

fn missing(checkpoint: &Checkpoint) -> Vec<(i64, i64)> {
    let gaps = checkpoint.gaps.iter();
    gaps.map(|gap| (gap.first, gap.last)).collect()
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn every_journal_comes_once_whenever_it_becomes_visible(seed: u64, is_short: bool) {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger { now: NOW, is_short, tells_creation: true, ..Ledger::default() };
        let mut number = 0;
        let mut came: HashMap<i64, u32> = HashMap::new();
        let mut at = Checkpoint::at(0);
        for _ in 0..8 {
            for _ in 0..rng.usize(0..20) {
                number += if rng.u8(0..8) == 0 { rng.i64(1..6) } else { 1 };
                let delay = if rng.u8(0..6) == 0 { rng.i64(0..4_000_000) } else { 0 };
                ledger.journals.insert(number, (ledger.now, ledger.now + delay));
            }
            let (rows, next) = ledger.sync(&at);
            rows.into_iter().for_each(|number| *came.entry(number).or_default() += 1);
            at = next;
            ledger.now += rng.i64(0..2_000_000);
        }
        ledger.now += 5_000_000;
        let (rows, at) = ledger.sync(&at);
        rows.into_iter().for_each(|number| *came.entry(number).or_default() += 1);
        let all: HashMap<_, _> = ledger.journals.keys().map(|number| (*number, 1)).collect();
        prop_assert_eq!(came, all);
        prop_assert!(ledger.sync(&at).0.is_empty());
    }
}

#[test]
fn only_gaps_of_the_last_day_are_kept_and_searched() {
    let mut ledger = Ledger::of((1..=50).filter(|number| number % 5 != 0));
    for number in 1..=30 {
        ledger.journals.insert(number, (NOW - DAY - 1, 0));
    }
    ledger.journals.remove(&20);
    let (came, first) = ledger.sync(&Checkpoint::at(0));
    assert_eq!(came.len(), 45);
    // 20 lies between journals older than a day, so it is not kept. 50 has no journal after it, so
    // it is not a gap.
    assert_eq!(missing(&first), [(35, 35), (40, 40), (45, 45)]);
    ledger.journals.insert(40, (NOW, 0));
    let (came, second) = ledger.sync(&first);
    assert_eq!(
        (came, missing(&second)),
        (vec![40], vec![(35, 35), (45, 45)])
    );
    assert_eq!(ledger.asked, [49, 34]);
    // The walk searches for them for a day, then once more, and then forgets them. With daily syncs
    // there is no other search.
    ledger.now += DAY;
    let (_, third) = ledger.sync(&second);
    assert_eq!(
        (missing(&third), &ledger.asked[..]),
        (missing(&second), &[49, 34][..])
    );
    ledger.now += 1;
    ledger.journals.insert(35, (NOW, 0));
    let (came, last) = ledger.sync(&third);
    assert_eq!((came, missing(&last)), (vec![35], vec![]));
    assert_eq!(ledger.asked, [49, 34]);
    ledger.journals.insert(45, (NOW, 0));
    assert_eq!(ledger.sync(&last), (vec![], last));
    assert_eq!(ledger.asked, [49]);
}

#[test]
fn gaps_before_a_journal_without_creation_time_are_kept_after_the_first_sync() {
    let mut ledger = Ledger::of([1, 4]);
    ledger.tells_creation = false;
    let (_, first) = ledger.sync(&Checkpoint::at(0));
    assert_eq!(missing(&first), []);
    ledger.journals.insert(7, (NOW, 0));
    let (came, second) = ledger.sync(&first);
    assert_eq!((came, missing(&second)), (vec![7], vec![(5, 6)]));
}

#[test]
fn a_sync_searches_the_newest_gaps_first_with_at_most_five_calls() {
    let mut ledger = Ledger::of((1..=4_000).filter(|number| number % 400 != 0));
    let (came, first) = ledger.sync(&Checkpoint::at(0));
    assert_eq!((came.len(), first.gaps.iter().len()), (3_990, 9));
    for number in (400..4_000).step_by(400) {
        ledger.journals.insert(number, (NOW, 0));
    }
    let (came, second) = ledger.sync(&first);
    assert_eq!(came, [3_600, 3_200, 2_800, 2_400, 2_000]);
    assert_eq!(ledger.asked, [3_999, 3_599, 3_199, 2_799, 2_399, 1_999]);
    let (came, third) = ledger.sync(&second);
    assert_eq!(
        (came, missing(&third)),
        (vec![1_600, 1_200, 800, 400], vec![])
    );
    // The limit of five calls also covers lists with short pages in the middle.
    let numbers = (1..=100).filter(|number| ![11, 91].contains(number));
    let mut ledger = Ledger::of(numbers);
    ledger.is_short = true;
    let (_, first) = ledger.sync(&Checkpoint::at(0));
    ledger.journals.insert(91, (NOW, 0));
    let (came, _) = ledger.sync(&first);
    assert_eq!(ledger.asked[..2], [100, 10]);
    assert!(
        came == [91] && ledger.asked.len() <= 6,
        "{:?}",
        ledger.asked
    );
}

#[test]
fn a_search_ends_even_if_the_server_returns_other_journals() {
    for answer in [&[][..], &[2], &[5_000]] {
        let gap = |at: i64| Gap {
            first: at * 1_000,
            last: at * 1_000,
            seen: NOW,
        };
        let gaps = Gaps::of((1..=20).map(gap).collect()).unwrap();
        let start = WalkStart {
            from: 30_000,
            gaps,
            ..WalkStart::default()
        };
        let mut walk = Offset::new(start);
        let mut calls = 0;
        while walk.next_request(ONE_SLOT).is_some() {
            // No journal is new; the later calls search for missing ones.
            let answer = if calls == 0 { &[][..] } else { answer };
            let rows = answer.iter().map(|number| (number.to_string(), *number));
            let new_rows = walk.take(RequestId::default(), &PageFacts::of(rows, None, Some(NOW)));
            let new_rows = new_rows.expect("an empty page is the end");
            let keep = new_rows.expect("it decides about each page").is_new;
            calls += 1;
            let is_missing = answer == [5_000] && calls == 2;
            assert!(keep.iter().all(|keep| *keep == is_missing));
        }
        assert_eq!(calls, 6, "{answer:?}");
    }
}

#[test]
fn gaps_of_a_stream_ahead_of_the_walk_survive_an_interruption() {
    let mut ledger = Ledger::of((1..=300).filter(|number| ![50, 250].contains(number)));
    let (_, further) = ledger.sync(&Checkpoint::at(0));
    let mut walk = Offset::new(WalkStart {
        gaps: further.gaps.clone(),
        ..WalkStart::default()
    });
    for at in [0, 101, 201] {
        assert_eq!(
            missing(&walk.checkpoint().unwrap()).last(),
            Some(&(250, 250)),
            "{at}"
        );
        let (request_id, _) = walk.next_request(ONE_SLOT).expect("there are three pages");
        walk.take(request_id, &ledger.answer(at))
            .expect("the ledger heeds offset");
    }
    assert_eq!(walk.checkpoint(), Some(further));
}

#[test]
fn a_response_without_a_higher_number_is_an_error() {
    let mut walk = Offset::new(WalkStart::default());
    for (page, expected) in [
        (vec![1, 2, 3], None),
        // The server ignores the offset and sends the same page again.
        (vec![1, 2, 3], Some(BrokenList::Repeated { offset: 3 })),
    ] {
        let (request_id, _) = walk.next_request(ONE_SLOT).expect("it is not over");
        let rows = page.into_iter().map(|number| (number.to_string(), number));
        let taken = walk.take(request_id, &PageFacts::of(rows, None, Some(NOW)));
        assert_eq!(taken.err(), expected);
        assert!(!walk.is_over());
    }
}
