//! Tests single rules of the walk at their limits.

use std::collections::HashSet;
use std::time::Duration;

use fastrand::Rng;

use super::super::super::model::{PAGE, Xero};
use super::super::*;
use super::trial::{Activity, BOTH, Sync, Trial};

#[test]
fn edits_of_rows_with_one_stamp_lose_nothing() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let mut xero = Xero::at(1_000_000);
        for row in 0..600 {
            // One second spans many pages and contains ties.
            xero.now += i64::from(row % 7 == 0);
            xero.insert(&mut rng);
        }
        let mut trial = Trial::of(xero);
        trial.rng = rng;
        let sync = trial.first(Activity::Busy);
        trial.settle();
        let next = trial.sync(sync.last(), Activity::Quiet, usize::MAX);
        assert_eq!(trial.lost(&[&sync, &next]), [], "seed {seed}");
    }
}

#[test]
fn no_position_passes_the_servers_clock_less_the_lookback() {
    let mut trial = Trial::of(Xero::at(0));
    for at in [600_000, 650_000, 690_000, 900_000, 950_000] {
        trial.xero.now = at;
        trial.xero.insert(&mut trial.rng);
    }
    trial.xero.now = 1_000_000;
    trial.pages = Pages::Sized(2);
    trial.lookback = 300_000;
    let states = trial.first(Activity::Quiet).states;
    assert_eq!(states[1].1, Checkpoint::at(650_000));
    let last = states.last().unwrap().1.from;
    assert!((700_000..701_000).contains(&last), "{last}");
    assert!(states.iter().all(|(_, state)| state.from <= last));
}

#[test]
fn a_position_from_the_future_stays_as_it_is() {
    let mut trial = Trial::of(Xero::at(1_000_000));
    trial.lookback = 300_000;
    let future = Checkpoint::at(9_000_000);
    let sync = trial.sync(future.clone(), Activity::Quiet, usize::MAX);
    assert_eq!((sync.last(), trial.xero.calls), (future, 1));
}

#[test]
fn a_refused_request_is_made_narrower_until_xero_takes_it() {
    const REFUSED: usize = 40;
    let mut rng = Rng::with_seed(5);
    let mut xero = Xero::at(1_000_000);
    for _ in 0..300 {
        xero.now += DAY / 10;
        xero.insert(&mut rng);
    }
    let rows: HashSet<_> = xero.newest().collect();
    let mut walk = Watermark::new(Pages::Sized(PAGE), BOTH, WalkStart::default());
    let capacity = SendCapacity {
        slots: 1,
        calls_now: 60,
        latency: Duration::ZERO,
    };
    let (mut sync, mut refusals) = (Sync::default(), 0);
    while let Some((request_id, request)) = walk.next_request(capacity) {
        let page = xero.answer(&request, &mut rng);
        let item_count = page.pagination.and_then(|counts| counts.item_count);
        if item_count.is_some_and(|item_count| item_count > REFUSED as u64) {
            refusals += 1;
            assert!(
                walk.narrow(request_id, xero.now),
                "{request:?} can be narrower"
            );
            continue;
        }
        let new_rows = walk
            .take(request_id, &page)
            .unwrap()
            .expect("the rows count");
        sync.take(&page, &new_rows.is_new, &mut Vec::new());
    }
    assert_eq!(sync.taken.len(), rows.len(), "each row once");
    assert_eq!(sync.taken.into_iter().collect::<HashSet<_>>(), rows);
    assert!(walk.proof().is_some() && refusals > 3);
}

#[test]
fn a_refused_request_that_cannot_be_narrowed_is_an_error() {
    let from = 20_000 * DAY;
    let start = WalkStart {
        from,
        ..WalkStart::default()
    };
    let mut walk = Watermark::new(Pages::Sized(PAGE), BOTH, start);
    let capacity = SendCapacity {
        slots: 1,
        calls_now: 60,
        latency: Duration::ZERO,
    };
    let (request_id, _) = walk.next_request(capacity).unwrap();
    assert!(!walk.narrow(request_id, from + DAY));
}

#[test]
fn a_refused_request_is_given_an_order_and_then_made_narrower_as_the_list_allows() {
    let capacity = SendCapacity {
        slots: 1,
        calls_now: 60,
        latency: Duration::ZERO,
    };
    let from = 20_000 * DAY;
    let ordered = Some(SortBy::Cursor);
    // What the first requests name, each of them refused: an order, a bound.
    for (order, filter, asked) in [
        (
            Order::Documented,
            true,
            &[(None, false), (ordered, false), (ordered, true)][..],
        ),
        (Order::Documented, false, &[(None, false), (ordered, false)]),
        (
            Order::Undocumented,
            true,
            &[(ordered, false), (ordered, true)],
        ),
        (Order::Undocumented, false, &[(ordered, false)]),
        (Order::Refused, true, &[(None, false), (None, true)]),
        (Order::Refused, false, &[(None, false)]),
    ] {
        let start = WalkStart {
            from,
            ..WalkStart::default()
        };
        let mut walk = Watermark::new(Pages::Sized(PAGE), QuerySupport { order, filter }, start);
        let mut seen = Vec::new();
        while seen.len() < asked.len() {
            let (request_id, request) = walk.next_request(capacity).expect("the walk goes on");
            seen.push((request.order, request.before.is_some()));
            let goes_on = walk.narrow(request_id, from + 100 * DAY);
            assert_eq!(
                goes_on,
                filter || seen.len() < asked.len(),
                "{order:?} {filter}"
            );
        }
        assert_eq!(seen, asked, "{order:?} {filter}");
    }
}

/// Sends every request that may be sent now, and answers it.
fn round(walk: &mut Watermark, xero: &mut Xero, rng: &mut Rng) -> Vec<PageRequest> {
    let capacity = SendCapacity {
        slots: 5,
        calls_now: 0,
        latency: Duration::ZERO,
    };
    let asked: Vec<_> = std::iter::from_fn(|| walk.next_request(capacity)).collect();
    for (request_id, request) in &asked {
        let page = xero.answer(request, rng);
        walk.take(*request_id, &page).unwrap();
    }
    asked.into_iter().map(|(_, request)| request).collect()
}

#[test]
fn the_last_page_of_the_tail_is_requested_once_after_all_other_ranges() {
    let mut rng = Rng::with_seed(4);
    let mut xero = Xero::at(1_000_000);
    for _ in 0..7 * PAGE {
        xero.now += 2000;
        xero.insert(&mut rng);
    }
    // One page and a half lie in the tail.
    let split_point = xero.now - 2000 * (PAGE + PAGE / 2) as i64;
    let open = [(0, Some(split_point)), (split_point, None)].map(|(from, to)| Span { from, to });
    let start = WalkStart {
        open: open.to_vec(),
        ..WalkStart::default()
    };
    let mut walk = Watermark::new(Pages::Sized(PAGE), BOTH, start);
    let (mut of_the_tail, mut asked_last) = (0, None);
    while walk.proof().is_none() {
        let open = walk.ranges.len();
        for request in round(&mut walk, &mut xero, &mut rng) {
            let is_of_the_tail = request.modified_since >= Some(split_point.div_euclid(1000) - 1);
            of_the_tail += usize::from(is_of_the_tail);
            asked_last = Some((is_of_the_tail, open));
        }
    }
    assert_eq!(of_the_tail, 2, "requests for two pages");
    assert_eq!(
        asked_last,
        Some((true, 1)),
        "the tail ends when it is is_only_range"
    );
}

#[test]
fn ranges_and_checkpoints_start_only_in_the_settled_part() {
    const LOOKBACK: i64 = 300_000;
    let mut rng = Rng::with_seed(9);
    let mut xero = Xero::at(1_000_000);
    for _ in 0..600 {
        xero.now += 100;
        xero.insert(&mut rng);
    }
    let start = WalkStart {
        lookback: LOOKBACK,
        ..WalkStart::default()
    };
    let mut walk = Watermark::new(Pages::Sized(PAGE), BOTH, start);
    let mut calls = 0;
    while walk.proof().is_none() && calls < 30 {
        round(&mut walk, &mut xero, &mut rng);
        assert_eq!(
            walk.ranges.len(),
            1,
            "all rows are younger than the lookback"
        );
        calls += 1;
    }

    // A tail that runs ahead of an open range, into rows that are not settled.
    let split_point = xero.now - 40_000;
    let open = [(0, Some(900_000)), (split_point, None)].map(|(from, to)| Span { from, to });
    let start = WalkStart {
        lookback: 30_000,
        open: open.to_vec(),
        ..WalkStart::default()
    };
    let mut walk = Watermark::new(Pages::Sized(PAGE), BOTH, start);
    let capacity = SendCapacity {
        slots: 1,
        calls_now: 60,
        latency: Duration::ZERO,
    };
    let settled_until = xero.now - 30_000;
    let (first, request) = walk.next_request(capacity).unwrap();
    let is_held_back = xero.answer(&request, &mut rng);
    walk.clock = is_held_back.clock;
    for _ in 0..12 {
        let (request_id, request) = walk.next_request(capacity).unwrap();
        let page = xero.answer(&request, &mut rng);
        walk.take(request_id, &page).unwrap();
        let state = walk.checkpoint().unwrap();
        let tail = state.open.last().unwrap();
        assert!(
            tail.from <= settled_until,
            "{} is behind {settled_until}",
            tail.from
        );
    }
    assert!(
        walk.ranges.last().unwrap().progress.newest > settled_until,
        "the tail ran ahead"
    );
    assert_eq!(walk.ranges.first().unwrap().request_id, Some(first));
}
