//! Tests the walk by journal number. Journals become visible in any order.

mod costs;
mod ledger;
mod parallel;
mod sparse;

use std::collections::HashMap;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::model::ONE_SLOT;
use super::*;
use crate::cases::cases;
use crate::walk::Span;
use ledger::{FIVE_SLOTS, Ledger, NOW, missing, take};

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn every_journal_comes_once_whenever_it_becomes_visible(seed: u64, is_short: bool) {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger { is_short, ..Ledger::of([]) };
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
            searched: None,
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
fn a_search_through_short_pages_ends_after_five_calls() {
    let gap = Gap {
        first: 1,
        last: 1_000,
        seen: NOW,
        searched: None,
    };
    let mut walk = Offset::new(WalkStart {
        from: 30_000,
        gaps: Gaps::of(vec![gap]).unwrap(),
        ..WalkStart::default()
    });
    let mut calls = 0;
    while let Some((request_id, request)) = walk.next_request(ONE_SLOT) {
        // No journal is new. Each page of the search holds one journal.
        let next = request
            .offset
            .filter(|_| calls > 0)
            .map(|offset| offset + 1);
        let rows = next.map(|number| (number.to_string(), number));
        take(&mut walk, request_id, &PageFacts::of(rows, None, Some(NOW)));
        calls += 1;
    }
    assert_eq!(calls, 1 + search::MAX_SEARCHES);
}

#[test]
fn a_journal_at_or_before_the_offset_opens_no_gap() {
    let mut walk = Offset::new(WalkStart {
        from: 10,
        ..WalkStart::default()
    });
    let (request_id, _) = walk.next_request(ONE_SLOT).expect("the walk begins");
    let rows = [5, 12].map(|number| (number.to_string(), number));
    let came = take(&mut walk, request_id, &PageFacts::of(rows, None, Some(NOW)));
    let checkpoint = walk.checkpoint().expect("a page is read");
    assert_eq!((came, missing(&checkpoint)), (vec![12], vec![(11, 11)]));
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

#[test]
fn a_range_that_ends_with_an_empty_page_stays_open_for_the_next_sync() {
    let mut ledger = Ledger::of(1..=3_000);
    let mut walk = Offset::new(WalkStart::default());
    let (mut came, mut broken) = (Vec::new(), None);
    while !walk.is_over() {
        let asked: Vec<_> = std::iter::from_fn(|| walk.next_request(FIVE_SLOTS)).collect();
        assert!(!asked.is_empty(), "the walk is stuck");
        for (request_id, request) in asked {
            let offset = request.offset.expect("journals are asked for by offset");
            let open = walk.checkpoint().expect("it has a position").open;
            if open.len() > 2 && open[0].from == offset {
                broken = broken.or(Some(open[0]));
            }
            // From some time on, the server returns nothing after this number.
            let page = match broken.filter(|broken| broken.from == offset) {
                Some(_) => PageFacts::of([], None, Some(NOW)),
                None => ledger.answer(offset),
            };
            came.extend(take(&mut walk, request_id, &page));
        }
    }
    let broken = broken.expect("there were three ranges");
    let last = walk.checkpoint().expect("it has a position");
    let tail = Span {
        from: 3_000,
        to: None,
    };
    assert_eq!(
        (last.from, &last.open[..]),
        (broken.from, &[broken, tail][..])
    );
    let (rest, last) = ledger.sync(&last);
    let missing = broken.from + 1..=broken.to.expect("it is not the tail");
    assert_eq!(rest, missing.collect::<Vec<_>>());
    assert_eq!(came.len() + rest.len(), 3_000);
    assert_eq!(last, Checkpoint::at(3_000));
}

#[test]
fn numbers_missing_on_both_sides_of_a_range_border_are_one_gap() {
    let numbers = (1..=90).chain([105]);
    let mut ledger = Ledger::of(numbers);
    let open = vec![
        Span {
            from: 0,
            to: Some(100),
        },
        Span {
            from: 100,
            to: None,
        },
    ];
    let mut walk = Offset::new(WalkStart {
        open,
        ..WalkStart::default()
    });
    let [below, above] = [(); 2].map(|()| walk.next_request(FIVE_SLOTS).expect("a range").0);
    let came = take(&mut walk, below, &ledger.answer(0));
    assert_eq!(came, (1..=90).collect::<Vec<_>>());
    // Only the gap up to the border is known. The range above has not been read.
    assert_eq!(missing(&walk.checkpoint().unwrap()), [(91, 100)]);
    ledger.journals.insert(103, (NOW, 0));
    assert_eq!(take(&mut walk, above, &ledger.answer(100)), [103, 105]);
    assert_eq!(
        missing(&walk.checkpoint().unwrap()),
        [(91, 102), (104, 104)]
    );
}

#[test]
fn a_gap_of_a_stream_ahead_is_closed_by_the_walk_that_reads_its_number() {
    let mut ledger = Ledger::of((1..=300).filter(|number| ![50, 250].contains(number)));
    let (_, ahead) = ledger.sync(&Checkpoint::at(0));
    assert_eq!(missing(&ahead), [(50, 50), (250, 250)]);
    ledger.journals.insert(250, (NOW, 0));
    let behind = Checkpoint {
        gaps: ahead.gaps,
        ..Checkpoint::at(100)
    };
    let (came, last) = ledger.sync(&behind);
    assert_eq!(came, (101..=300).collect::<Vec<_>>());
    assert_eq!(missing(&last), [(50, 50)]);
}
