//! Tests the number of calls of a walk and its duration under Xero's limits, in virtual time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::super::*;
use super::ledger::{Ledger, take};
use crate::xero::rate_limit::budget::{Budget, CALLS_A_MINUTE, Decision, MINUTE, Quota};
use crate::xero::rate_limit::headers::LimitHeaders;

/// What a sync cost.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    rows: usize,
    calls: usize,
    seconds: u64,
    /// The largest number of ranges open at the same time.
    ranges: usize,
}

/// Reads the ledger from its beginning. Each call takes `latency`. Xero allows five calls at once
/// and 60 in each of its minutes, which begin at any time.
fn read(ledger: &mut Ledger, latency: Duration, slots: u64) -> Cost {
    let begin = Instant::now();
    let (mut now, window) = (begin, begin - Duration::from_secs(17));
    let minute = |now: Instant| now.duration_since(window).as_secs() / MINUTE.as_secs();
    let mut budget = Budget::new(Quota::of_organisation(0));
    let mut walk = Offset::new(WalkStart::default());
    let (mut waiting, mut flying) = (VecDeque::new(), VecDeque::new());
    let mut calls: Vec<u64> = Vec::new();
    let mut cost = Cost {
        rows: 0,
        calls: 0,
        seconds: 0,
        ranges: 1,
    };
    loop {
        let capacity = SendCapacity {
            slots,
            calls_now: budget.capacity(now).calls_now as u64,
            latency: budget.capacity(now).latency,
        };
        while ((waiting.len() + flying.len()) as u64) < slots
            && let Some(request) = walk.next_request(capacity)
        {
            waiting.push_back(request);
        }
        let mut granted_at = None;
        while !waiting.is_empty() {
            match budget.decide(now) {
                Decision::Granted => {
                    calls.push(minute(now));
                    let counted = calls.iter().filter(|at| **at == minute(now)).count();
                    assert!(counted <= CALLS_A_MINUTE, "a 429");
                    let left = (CALLS_A_MINUTE - counted) as u32;
                    flying.push_back((now, left, waiting.pop_front().expect("one waits")));
                    continue;
                }
                Decision::At(at) => granted_at = Some(at),
                Decision::AfterAnswer => {}
                decision => panic!("{decision:?}"),
            }
            break;
        }
        let answered_at = flying.front().map(|(sent, ..)| *sent + latency);
        let Some(next) = granted_at.into_iter().chain(answered_at).min() else {
            break;
        };
        now = next;
        if answered_at == Some(now) {
            let (sent, left, (request_id, request)) = flying.pop_front().expect("one is in flight");
            let headers = LimitHeaders {
                minute_remaining: Some(left),
                ..LimitHeaders::default()
            };
            budget.answered(sent, now, &headers);
            let page = ledger.answer(request.offset.expect("journals are asked for by offset"));
            cost.rows += take(&mut walk, request_id, &page).len();
            cost.ranges = cost.ranges.max(walk.ranges.spans().len());
        }
    }
    assert!(walk.is_over());
    cost.calls = calls.len();
    cost.seconds = now.duration_since(begin).as_secs();
    cost
}

const THREE_SECONDS: Duration = Duration::from_secs(3);

/// Returns numbers in ascending order. `step` returns the difference to the number before.
fn numbers(count: i64, mut step: impl FnMut(i64) -> i64) -> Vec<i64> {
    let mut number = 0;
    let next = |nth| {
        number += step(nth);
        number
    };
    (0..count).map(next).collect()
}

#[test]
fn six_hundred_pages_of_three_seconds_take_little_more_than_ten_minutes() {
    const ROWS: i64 = 60_000;
    let mut rng = Rng::with_seed(5);
    let one_by_one = read(&mut Ledger::of(1..=ROWS), THREE_SECONDS, 1);
    assert_eq!((one_by_one.calls, one_by_one.seconds), (601, 1_803));
    for (name, numbers) in [
        ("no gaps", numbers(ROWS, |_| 1)),
        (
            "a high first number",
            numbers(ROWS, |nth| if nth == 0 { 5_000_000 } else { 1 }),
        ),
        (
            "few gaps",
            numbers(ROWS, |_| 1 + i64::from(rng.u8(0..50) == 0)),
        ),
        ("many gaps", numbers(ROWS, |_| rng.i64(1..4))),
        ("gaps of all sizes", numbers(ROWS, |_| 1 << rng.u32(0..16))),
        (
            "a hole in the middle",
            numbers(ROWS, |nth| if nth == 30_000 { 1_000_000 } else { 1 }),
        ),
        (
            "a hole near the end",
            numbers(ROWS, |nth| if nth == 55_000 { 20_000 } else { 1 }),
        ),
        (
            "holes",
            numbers(ROWS, |nth| if nth % 9_000 == 0 { 70_000 } else { 1 }),
        ),
        (
            "dense and sparse parts",
            numbers(ROWS, |nth| if nth / 7_000 % 2 == 0 { 1 } else { 25 }),
        ),
    ] {
        let cost = read(&mut Ledger::of(numbers), THREE_SECONDS, 5);
        assert_eq!(cost.rows, 60_000, "{name}");
        assert!(cost.seconds <= 620, "{name}: {cost:?}");
        assert!(cost.calls <= 620, "{name}: {cost:?}");
        assert!(cost.ranges >= 5, "{name}: {cost:?}");
    }
}

#[test]
fn a_list_of_a_few_pages_costs_no_extra_call() {
    for (rows, is_short) in [0, 1, 99, 100, 101, 400, 500, 599]
        .map(|rows| (rows, false))
        .into_iter()
        .chain([70, 171, 300, 450].map(|rows| (rows, true)))
    {
        let ledger = || Ledger {
            is_short,
            ..Ledger::of(1..=rows)
        };
        let [one, five] = [1, 5].map(|slots| read(&mut ledger(), THREE_SECONDS, slots));
        assert_eq!(five, one, "{rows} rows");
    }
}

#[test]
fn few_calls_find_the_end_of_a_longer_list() {
    for rows in (600..12_000).step_by(50) {
        let [one, five] = [1, 5].map(|slots| read(&mut Ledger::of(1..=rows), THREE_SECONDS, slots));
        let pages = rows as usize / 100;
        // What probes may cost, and the response that proves the end.
        let most = pages.ilog2() as usize + pages / 50 + 1;
        let extra = five.calls - one.calls;
        assert!(extra <= most, "{rows} rows: {extra} extra calls");
        assert!(five.seconds <= one.seconds, "{rows} rows: {five:?}");
    }
}

#[test]
fn a_walk_that_is_soon_over_is_not_split() {
    for (calls_now, latency, is_split) in [
        (60, 50, false),
        (60, 200, true),
        (10, 50, true),
        (0, 0, true),
    ] {
        let mut ledger = Ledger::of(1..=2_000);
        let mut walk = Offset::new(WalkStart::default());
        let capacity = SendCapacity {
            slots: 5,
            calls_now,
            latency: Duration::from_millis(latency),
        };
        let mut most = 0;
        while !walk.is_over() {
            let asked: Vec<_> = std::iter::from_fn(|| walk.next_request(capacity)).collect();
            for (request_id, request) in asked {
                let page = ledger.answer(request.offset.expect("journals are asked for by offset"));
                take(&mut walk, request_id, &page);
                most = most.max(walk.ranges.spans().len());
            }
        }
        assert_eq!(most > 1, is_split, "{calls_now} calls, {latency} ms");
    }
}

/// Returns the calls of the first sync, and those of syncs in which nothing changed.
fn calls_without_changes(numbers: impl IntoIterator<Item = i64>, pause: i64) -> Vec<usize> {
    let mut ledger = Ledger::of(numbers);
    let mut state = Checkpoint::at(0);
    let sync = |_| {
        (_, state) = ledger.sync(&state);
        ledger.now += pause;
        ledger.asked.len()
    };
    (0..5).map(sync).collect()
}

#[test]
fn a_sync_without_changes_searches_for_late_journals_with_few_calls() {
    const HOUR: i64 = DAY / 24;
    for (name, numbers, pause, calls) in [
        ("no gaps", numbers(1_000, |_| 1), HOUR, [11, 1, 1, 1, 1]),
        (
            "one gap",
            numbers(1_000, |nth| 1 + i64::from(nth == 500)),
            HOUR,
            [11, 2, 2, 2, 2],
        ),
        (
            "ten gaps in a page",
            numbers(1_000, |nth| 1 + i64::from(nth > 990)),
            HOUR,
            [11, 2, 2, 2, 2],
        ),
        (
            "three gaps far apart",
            numbers(1_000, |nth| 1 + i64::from(nth % 300 == 299)),
            HOUR,
            [11, 4, 4, 4, 4],
        ),
        (
            "two of three numbers",
            numbers(1_000, |_| 3),
            HOUR,
            [11, 6, 6, 6, 6],
        ),
        (
            "two of three numbers, daily",
            numbers(1_000, |_| 3),
            DAY + 1,
            [11, 11, 1, 1, 1],
        ),
        (
            "two of three numbers in a huge ledger, daily",
            numbers(12_000, |_| 3),
            DAY + 1,
            [121, 41, 1, 1, 1],
        ),
    ] {
        assert_eq!(calls_without_changes(numbers, pause), calls, "{name}");
    }
}
