//! Organisations side by side, and the minute of the app over all of them.

mod sync;

use super::*;
use sync::Sync;

/// A sync of some organisations with a small app minute, so that few calls reach each limit.
fn several() -> impl Strategy<Value = Sync> {
    (
        proptest::collection::vec(windows(), 1..9),
        prop_oneof![1..20_usize, Just(61), 1..130_usize],
        (windows(), 20..300_usize),
        1..50_usize,
        calls(),
        any::<bool>(),
    )
        .prop_map(|(organisations, pages, app, at_once, calls, header)| Sync {
            organisations,
            pages,
            app,
            at_once,
            calls,
            header,
            others: Vec::new(),
        })
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn organisations_side_by_side_cause_no_429(sync in several()) {
        prop_assert_eq!(sync::run(&sync).refused, 0);
    }

    #[test]
    fn beside_other_programs_of_the_app_a_sync_ends_in_time(
        sync in several(),
        share in 2..20_usize,
    ) {
        // They take half of the app's calls at most.
        let every = share as u64 * WINDOW / sync.app.1 as u64;
        let ends = 20_000 * SECOND;
        let others = (1..ends / every).map(|nth| (nth * every) as i64).collect();
        let sync = Sync { others, ..sync };
        let total = sync.pages * sync.organisations.len();
        // A fifth of the app's calls at least, and of the time of a slot.
        let minutes = 4 + total / (sync.app.1 / 5).max(1) + total / (sync.at_once * 60 / 8 / 5).max(1);
        let finish = sync::run(&sync);
        prop_assert!(finish.at <= minutes as u64 * WINDOW, "{:?}", finish);
    }
}

#[test]
fn two_hundred_organisations_take_the_time_that_the_limits_allow() {
    let rolling = (vec![Windows::Rolling; 200], Windows::Rolling);
    let phases = (0..200).map(|nth| Windows::Fixed(nth * 7 * SECOND % WINDOW));
    let fixed = (phases.collect(), Windows::Fixed(17 * SECOND));
    // 20,000 calls are two minutes of the app. At 50 ms the second half of them takes the last 10 s,
    // at 300 ms with five calls at once for each organisation 3 s. Otherwise the slots are the limit.
    for (millis, at_once, seconds) in [
        (50, 50, 70),
        (300, 50, 120),
        (1_000, 50, 400),
        (300, 1_000, 63),
    ] {
        // 30 % around the mean, in no order.
        let takes = |nth: u64| (850 + nth * 61 % 97 * 300 / 96) * millis;
        for (organisations, windows) in [rolling.clone(), fixed.clone()] {
            let finish = sync::run(&Sync {
                organisations,
                pages: 100,
                app: (windows, 10_000),
                at_once,
                calls: (0..97).map(|nth| (takes(nth), 500)).collect(),
                header: true,
                others: Vec::new(),
            });
            assert_eq!(
                finish.refused, 0,
                "{millis} ms, {at_once} calls, {windows:?}"
            );
            let excess = finish.at as f64 / (seconds * SECOND) as f64 - 1.0;
            assert!(
                excess.abs() < 0.03,
                "{millis} ms, {at_once} calls, {windows:?}: {finish:?} instead of {seconds} s"
            );
        }
    }
}
