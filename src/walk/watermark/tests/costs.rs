//! Tests the number of calls of a walk.

use std::time::Duration;

use fastrand::Rng;

use super::super::super::model::{PAGE, Xero};
use super::super::*;
use super::trial::{Activity, BOTH, Trial};
use crate::streams::PAGE_SIZE;

#[test]
fn many_rows_of_one_stamp_or_second_cost_few_extra_calls() {
    for (name, rows, share, step) in [
        ("5,000 in one millisecond", 5000, 5000, 1),
        ("5,000 in one second", 5000, 5, 1),
        ("700 a second", 100_000, 7, 10),
        ("spread over years", 295_000, 1, 200_000),
    ] {
        let mut xero = Xero::at(1_000_000);
        let mut rng = Rng::with_seed(1);
        for row in 0..rows {
            // `share` consecutive rows have the same stamp.
            xero.now += if row % share == 0 { step } else { 0 };
            xero.insert(&mut rng);
        }
        let mut trial = Trial::of(xero);
        trial.pages = Pages::Sized(PAGE_SIZE.into());
        trial.settle();
        let sync = trial.sync(Checkpoint::at(0), Activity::Quiet, usize::MAX);
        assert_eq!(
            (trial.lost(&[&sync]), sync.gave_up),
            (vec![], None),
            "{name}"
        );
        assert_eq!(sync.taken.len() as u64, rows, "{name}");
        let most = match share {
            1 => 300,
            _ => rows.div_ceil(1000) * 115 / 100 + 5,
        };
        let calls = trial.xero.calls;
        assert!(calls <= most, "{name}: {calls} calls, target {most}");
        let ranges = if rows > 10_000 { 5 } else { 1 };
        assert_eq!(sync.ranges, ranges, "{name}");
    }
}

#[test]
fn short_walks_are_not_split() {
    for (rows, calls_now, latency, ranges) in [
        (9 * PAGE, 0, 3000, 1),
        (30 * PAGE, 60, 15, 1),
        (30 * PAGE, 60, 50, 5),
        (30 * PAGE, 20, 50, 5),
        (12 * PAGE, 0, 3000, 2),
    ] {
        let mut rng = Rng::with_seed(3);
        let mut xero = Xero::at(1_000_000);
        for _ in 0..rows {
            xero.now += 2000;
            xero.insert(&mut rng);
        }
        xero.now += 10_000;
        let mut walk = Watermark::new(Pages::Sized(PAGE), BOTH, WalkStart::default());
        let capacity = SendCapacity {
            slots: 5,
            calls_now,
            latency: Duration::from_millis(latency),
        };
        let mut most = 0;
        while walk.proof().is_none() {
            let asked: Vec<_> = std::iter::from_fn(|| walk.next_request(capacity)).collect();
            for (request_id, request) in asked {
                let page = xero.answer(&request, &mut rng);
                walk.take(request_id, &page).unwrap();
                most = most.max(walk.ranges.len());
            }
        }
        assert_eq!(most, ranges, "{rows} rows, {calls_now} calls, {latency} ms");
    }
}
