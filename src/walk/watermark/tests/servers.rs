//! Tests servers that send smaller pages than requested, send no counts, or end before their count.

use std::time::Duration;

use fastrand::Rng;

use super::super::super::model::{ServerBehaviour, Xero};
use super::super::*;
use super::trial::{Activity, BOTH, Trial};
use crate::rows::envelope::Pagination;
use crate::streams::PAGE_SIZE;

#[test]
fn a_list_that_ends_before_its_count_is_broken() {
    let short = |item_count| {
        Some(BrokenList::Short {
            read: 0,
            item_count,
        })
    };
    let gap = |pages| Some(BrokenList::Gap { page: 1, pages });
    for (page_count, item_count, broken) in [
        (Some(5), Some(5000), short(5000)),
        (None, Some(1), short(1)),
        (Some(5), None, gap(5)),
        (Some(5), Some(0), gap(5)),
        (Some(0), Some(0), None),
        (Some(1), None, None),
    ] {
        let mut walk = Watermark::new(Pages::Sized(1000), BOTH, WalkStart::default());
        let capacity = SendCapacity {
            slots: 5,
            calls_now: 60,
            latency: Duration::ZERO,
        };
        let (request_id, _) = walk.next_request(capacity).unwrap();
        let counts = Some(Pagination {
            page_count,
            item_count,
        });
        let taken = walk.take(request_id, &PageFacts::of([], counts, Some(1_000_000)));
        assert_eq!(walk.proof().is_some(), broken.is_none());
        assert_eq!(taken.err(), broken, "{page_count:?} {item_count:?}");
    }
}

#[test]
fn a_count_that_fits_one_page_does_not_end_a_list_of_several_pages() {
    let mut walk = Watermark::new(Pages::Sized(1000), BOTH, WalkStart::default());
    let capacity = SendCapacity {
        slots: 1,
        calls_now: 60,
        latency: Duration::ZERO,
    };
    let (request_id, _) = walk.next_request(capacity).unwrap();
    let counts = Pagination {
        page_count: Some(3),
        item_count: Some(2),
    };
    let rows = [("a".to_owned(), 10_000), ("b".to_owned(), 20_000)];
    let page = PageFacts::of(rows, Some(counts), Some(1_000_000));
    let new_rows = walk
        .take(request_id, &page)
        .unwrap()
        .expect("the page is decided");
    assert_eq!((new_rows.is_new, walk.proof()), (vec![true, true], None));
}

#[test]
fn servers_with_smaller_pages_or_without_counts_are_read_completely() {
    let spread: Vec<_> = (1..=350).collect();
    let tie: Vec<_> = (1..=450)
        .map(|row| if row <= 150 { 1 } else { row })
        .collect();
    let dense: Vec<_> = (1..=2500).map(|row| 1 + row / 200).collect();
    for (name, seconds) in [
        ("spread", spread),
        ("tie", tie),
        ("dense", dense),
        ("few", vec![1, 2, 3]),
        ("none", vec![]),
    ] {
        for (grants, uncounted, most) in [
            (100, false, 60),
            (100, true, 90),
            (1000, false, 5),
            (1000, true, 7),
        ] {
            let mut trial = Trial::of(Xero::at(0));
            for second in &seconds {
                trial.xero.now = second * 1000;
                trial.xero.insert(&mut trial.rng);
            }
            trial.pages = Pages::Sized(1000);
            trial.xero.behaviour = ServerBehaviour {
                grants: Some(grants),
                uncounted,
                ..ServerBehaviour::default()
            };
            trial.settle();
            let sync = trial.first(Activity::Quiet);
            let what = format!("{name}, {grants} a page, uncounted: {uncounted}");
            assert_eq!(trial.lost(&[&sync]), [], "{what}");
            let calls = trial.xero.calls;
            assert!(calls <= most, "{what}: {calls} calls");
        }
    }
}

#[test]
fn many_rows_of_one_stamp_in_changing_order_are_complete_or_reported() {
    for seed in 0..5 {
        let mut rng = Rng::with_seed(seed);
        let mut xero = Xero::at(1_000_000);
        (0..3000).for_each(|_| xero.insert(&mut rng));
        xero.behaviour.shuffles_ties = true;
        let mut trial = Trial::of(xero);
        trial.pages = Pages::Sized(PAGE_SIZE.into());
        trial.rng = rng;
        trial.settle();
        let sync = trial.first(Activity::Quiet);
        let is_whole = trial.lost(&[&sync]).is_empty();
        assert!(is_whole || sync.broken.is_some(), "seed {seed}");
        assert!(sync.gave_up.is_some(), "seed {seed}");
    }
}

#[test]
fn rows_of_one_stamp_in_random_order_are_all_read() {
    for (rows, grants) in [(1050, 1000), (120, 100)] {
        for uncounted in [false, true] {
            for seed in 0..60 {
                let mut rng = Rng::with_seed(seed);
                let mut xero = Xero::at(1_000_000);
                (0..rows).for_each(|_| xero.insert(&mut rng));
                xero.behaviour = ServerBehaviour {
                    shuffles_ties: true,
                    grants: Some(grants),
                    uncounted,
                    ..ServerBehaviour::default()
                };
                let mut trial = Trial::of(xero);
                trial.pages = Pages::Sized(PAGE_SIZE.into());
                trial.rng = rng;
                trial.settle();
                let sync = trial.first(Activity::Quiet);
                let what =
                    format!("{rows} rows, {grants} a page, uncounted: {uncounted}, seed {seed}");
                assert_eq!(sync.broken, None, "{what}");
                assert_eq!(trial.lost(&[&sync]), [], "{what}");
            }
        }
    }
}
