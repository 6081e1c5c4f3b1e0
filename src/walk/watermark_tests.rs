//! The walk against a model of Xero in which somebody edits, adds and bulk-adds
//! rows between any two requests.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use proptest::prelude::*;

use super::*;

#[path = "model.rs"]
mod model;
use model::{PAGE, Xero};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_quiet_list_is_read_once_and_the_next_sync_reads_nothing(seed: u64) {
        let mut xero = Xero::fill(&mut Rng::with_seed(seed));
        let (taken, position) = xero.sync(0, |_| {});
        let expected: HashMap<_, _> = taken.iter().copied().collect();
        // A window cannot move on inside a crowd of more than about half a page squared.
        prop_assert!(taken.len() == expected.len() || xero.fell_back.is_some(), "rows came twice");
        prop_assert_eq!(&expected, &xero.rows);
        prop_assert_eq!(xero.sync(position, |_| {}).0, []);
    }

    #[test]
    fn a_list_that_is_edited_all_the_time_loses_no_version(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let mut xero = Xero::fill(&mut rng);
        let mut steps = 60;
        let (taken, position) = xero.sync(0, |xero| {
            steps -= 1;
            if steps > 0 { xero.disturb(&mut rng) }
        });
        xero.now += 10_000;
        let next = xero.sync(position, |_| {}).0;
        let seen: HashSet<_> = taken.into_iter().chain(next).collect();
        for row in xero.rows {
            prop_assert!(seen.contains(&row), "lost {row:?}");
        }
    }
}

#[test]
fn a_list_without_order_or_filter_is_read_whole_all_the_same() {
    type Spoil = fn(&mut Xero);
    let faults: [(&str, Spoil); 3] = [
        ("ignores the filter", |xero| xero.ignores_filter = true),
        ("newest first", |xero| xero.newest_first = true),
        ("ignores page and filter", |xero| {
            (xero.ignores_page, xero.ignores_filter) = (true, true)
        }),
    ];
    for (name, spoil) in faults {
        let mut xero = Xero::at(5_000_000);
        for _ in 0..PAGE * 3 {
            xero.now += 2500;
            xero.insert();
        }
        spoil(&mut xero);
        let mut rows: Vec<_> = xero.rows.clone().into_iter().collect();
        rows.sort_unstable();
        if xero.ignores_page {
            rows.truncate(PAGE as usize); // there is no way to the others, and no count that tells of them
        }
        let (mut taken, _) = xero.sync(5_001_000, |_| {});
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken, rows, "{name}");
        assert!(xero.fell_back.is_some(), "{name}");
    }
}

#[test]
fn crowds_of_one_stamp_and_dense_seconds_cost_hardly_more_calls_than_pages() {
    for (name, rows, share) in [
        ("5,000 in one millisecond", 5000, 0),
        ("5,000 in one second", 5000, 5),
        ("700 a second", 100_000, 7),
    ] {
        let mut xero = Xero::at(1_000_000);
        for row in 0..rows {
            // So many rows share a stamp; a hundred stamps a second, or a thousand.
            let moves = share > 0 && row % share == 0;
            xero.now += if !moves {
                0
            } else if share == 7 {
                10
            } else {
                1
            };
            xero.insert();
        }
        xero.now += 1;
        let taken = xero.sync_pages_of(PAGE_SIZE.into(), 0, |_| {}).0;
        assert_eq!(taken.len() as u64, rows, "{name}");
        let most = rows.div_ceil(1000) * 115 / 100 + 5;
        assert!(
            xero.calls <= most,
            "{name}: {} calls, wanted {most}",
            xero.calls
        );
    }
}

#[test]
fn no_position_passes_the_servers_clock_less_the_lookback() {
    let mut walk = Watermark::with_pages_of(
        2,
        Start {
            from: 0,
            lookback: 300_000,
        },
    );
    let page = |rows: [(&str, i64); 2], pages| {
        Page::of(
            rows.map(|(id, at)| (id.to_owned(), at)),
            pages,
            Some(1_000_000),
        )
    };
    walk.take(&page([("a", 600_000), ("b", 650_000)], 3))
        .unwrap();
    assert_eq!(walk.position(), Some(650_000));
    walk.take(&page([("c", 690_000), ("d", 900_000)], 3))
        .unwrap();
    assert_eq!(walk.position(), None, "900,000 may still change its mind");
    walk.take(&Page::of([("e".to_owned(), 950_000)], 1, Some(2_000_000)))
        .unwrap();
    assert_eq!((walk.ask(), walk.position()), (None, Some(700_000)));
}

#[test]
fn a_position_from_the_future_stays_as_it_is() {
    let mut walk = Watermark::new(Start {
        from: 9_000_000,
        lookback: 300_000,
    });
    walk.take(&Page::of([], 0, Some(1_000_000))).unwrap();
    assert_eq!((walk.ask(), walk.position()), (None, Some(9_000_000)));
}

#[test]
fn a_list_that_ends_short_is_not_taken_for_whole() {
    let empty = |page_count, item_count| {
        let mut page = Page::of([], 0, Some(1_000_000));
        page.pagination = Some(crate::page::Pagination {
            page_count,
            item_count,
        });
        page
    };
    let start = Start {
        from: 0,
        lookback: 0,
    };
    for (page_count, item_count, taken) in [
        (
            Some(5),
            Some(5000),
            Err(Short {
                read: 0,
                told: 5000,
            }),
        ),
        (None, Some(1), Err(Short { read: 0, told: 1 })),
        (Some(0), Some(0), Ok(vec![])),
        (Some(1), None, Ok(vec![])),
    ] {
        let mut walk = Watermark::new(start);
        assert_eq!(walk.take(&empty(page_count, item_count)), taken);
    }
}

/// Reads lists of `(seconds, key)` from a server that grants `granted` rows a page.
fn read_from(list: &[(i64, u64)], granted: usize, counts: bool) -> (Vec<(i64, u64)>, u64) {
    let mut walk = Watermark::new(Start {
        from: 0,
        lookback: 0,
    });
    let (mut taken, mut calls) = (Vec::new(), 0);
    while let Some(ask) = walk.ask() {
        calls += 1;
        assert!(calls < 200, "the walk does not end");
        let since = ask.modified_since.unwrap_or(0);
        let (page, size) = ask.page.unwrap();
        let size = granted.min(size as usize);
        let asked: Vec<_> = list.iter().filter(|(at, _)| *at >= since).collect();
        let rows = asked.iter().skip((page as usize - 1) * size).take(size);
        let mut answer = Page::of(
            rows.map(|(at, key)| (key.to_string(), at * 1000)),
            asked.len().div_ceil(size) as u64,
            Some(1_000_000_000),
        );
        answer.pagination = counts.then_some(Pagination {
            page_count: Some(0),
            item_count: Some(asked.len() as u64),
        });
        let keep = walk.take(&answer).unwrap();
        let kept = answer.rows.iter().zip(keep).filter(|(_, keep)| *keep);
        taken.extend(kept.map(|(row, _)| {
            let key = row.marks.key.as_deref().unwrap();
            (row.marks.cursor.unwrap() / 1000, key.parse().unwrap())
        }));
    }
    taken.sort_unstable();
    taken.dedup();
    (taken, calls)
}

#[test]
fn servers_that_grant_less_than_is_asked_or_count_nothing_are_read_whole() {
    let spread: Vec<_> = (1..=350).map(|row| (row, row as u64)).collect();
    let crowd: Vec<_> = (1..=450)
        .map(|row| (if row <= 150 { 1 } else { row }, row as u64))
        .collect();
    let dense: Vec<_> = (1..=2500).map(|row| (1 + row / 200, row as u64)).collect();
    let few: Vec<_> = (1..=3).map(|row| (row, row as u64)).collect();
    for (name, list) in [
        ("spread", spread),
        ("crowd", crowd),
        ("dense", dense),
        ("few", few),
        ("none", vec![]),
    ] {
        for (granted, counts, most) in [
            (100, true, 60),
            (100, false, 60),
            (1000, true, 5),
            (1000, false, 7),
        ] {
            let (taken, calls) = read_from(&list, granted, counts);
            assert_eq!(taken, list, "{name}, {granted} a page, counts: {counts}");
            assert!(
                calls <= most,
                "{name}, {granted} a page, counts: {counts}: {calls} calls"
            );
        }
    }
}
