//! Tests the walk's promise as properties.

use fastrand::Rng;
use proptest::prelude::*;

use super::super::super::model::{Bound, PAGE, ServerBehaviour, Xero, pick};
use super::super::*;
use super::trial::{Activity, Trial};
use crate::cases::cases;

fn behaviour() -> impl Strategy<Value = ServerBehaviour> {
    let bound = prop_oneof![
        Just(Bound::Inclusive),
        Just(Bound::Exclusive),
        Just(Bound::ExclusiveSeconds)
    ];
    bound.prop_map(|bound| ServerBehaviour {
        bound,
        ..ServerBehaviour::default()
    })
}

fn late_behaviour() -> impl Strategy<Value = ServerBehaviour> {
    (behaviour(), any::<bool>(), prop_oneof![Just(0), Just(2000)]).prop_map(
        |(behaviour, replica, skew)| ServerBehaviour {
            lag: 3000,
            late_rows: !replica,
            lagging_replica: replica,
            skew,
            ..behaviour
        },
    )
}

/// Returns page sizes that the request chooses or that Xero fixes.
fn pages() -> impl Strategy<Value = Pages> {
    prop_oneof![4 => Just(Pages::Sized(PAGE)), 1 => Just(Pages::Fixed(PAGE))]
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![
        Just(Order::Refused),
        Just(Order::Documented),
        Just(Order::Undocumented)
    ]
}

/// Combines servers and page sizes. A page of fixed size can be confirmed only if all responses
/// come from the same list, so lagging replicas get chosen sizes.
fn servers() -> impl Strategy<Value = (ServerBehaviour, Pages)> {
    (prop_oneof![behaviour(), late_behaviour()], pages()).prop_map(|(behaviour, pages)| {
        match behaviour.lagging_replica {
            true => (behaviour, Pages::Sized(PAGE)),
            false => (behaviour, pages),
        }
    })
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn a_quiet_list_is_read_once_and_the_next_sync_reads_nothing(
        seed: u64, behaviour in behaviour(), pages in pages(),
    ) {
        let mut trial = Trial::new(seed, behaviour);
        trial.pages = pages;
        trial.settle();
        let first = trial.first(Activity::Quiet);
        prop_assert_eq!(&trial.lost(&[&first]), &[]);
        // A window cannot move inside a tie of more rows than about half the square of the page
        // size.
        let once = first.taken.len() == trial.xero.len();
        prop_assert!(once || first.gave_up.is_some(), "rows came twice");
        trial.settle();
        let next = trial.sync(first.last(), Activity::Quiet, usize::MAX);
        prop_assert_eq!(next.taken, []);
    }

    #[test]
    fn a_sync_reads_every_version_that_was_there_when_it_asked_last(
        seed: u64, behaviour in behaviour(),
    ) {
        // Not for pages of fixed size: there the request after the last page proves the one before.
        let mut trial = Trial::new(seed, behaviour);
        let sync = trial.first(Activity::Busy);
        let (mut lost, asked) = (trial.lost(&[&sync]), &trial.xero.asked);
        // The lookback covers versions stamped in the millisecond of a response.
        lost.retain(|(_, stamp)| Some(stamp) < asked.last() && !asked.contains(stamp));
        // A full scan promises them for the next sync only.
        prop_assert!(lost.is_empty() || sync.gave_up.is_some(), "{lost:?}");
    }

    #[test]
    fn a_list_that_is_edited_all_the_time_loses_no_version(
        seed: u64, (behaviour, pages) in servers(),
    ) {
        let mut trial = Trial::new(seed, behaviour);
        trial.pages = pages;
        let sync = trial.first(Activity::Busy);
        trial.settle();
        let next = trial.sync(sync.last(), Activity::Quiet, usize::MAX);
        prop_assert_eq!(trial.lost(&[&sync, &next]), []);
    }

    #[test]
    fn syncs_that_are_killed_lose_nothing_whichever_state_came_last(
        seed: u64, (behaviour, pages) in servers(),
    ) {
        let mut trial = Trial::new(seed, behaviour);
        trial.pages = pages;
        let (mut syncs, mut state) = (Vec::new(), trial.some_start());
        for _ in 0..4 {
            let answers = trial.rng.usize(1..12);
            let mut sync = trial.sync(state, Activity::Busy, answers);
            let (rows, last) = sync.states[trial.rng.usize(..sync.states.len())].clone();
            sync.taken.truncate(rows);
            state = last;
            syncs.push(sync);
            trial.xero.now += pick(&mut trial.rng, [0, 500, 90_000]);
        }
        for _ in 0..2 {
            trial.settle();
            let sync = trial.sync(state, Activity::Quiet, usize::MAX);
            state = sync.last();
            syncs.push(sync);
        }
        let syncs: Vec<_> = syncs.iter().collect();
        prop_assert_eq!(trial.lost(&syncs), []);
    }

    #[test]
    fn a_kill_repeats_at_most_a_page_for_each_open_range(seed: u64, answers in 1_usize..40) {
        // No ties: rows at the position itself come again, however many there are.
        let mut xero = Xero::at(1_000_000);
        let mut rng = Rng::with_seed(seed);
        for _ in 0..rng.u64(0..800) {
            xero.now += rng.i64(1..3000);
            xero.insert(&mut rng);
        }
        let mut trial = Trial::of(xero);
        trial.rng = rng;
        trial.settle();
        let sync = trial.sync(Checkpoint::at(0), Activity::Quiet, answers);
        let state = sync.last();
        let ranges = state.open.len().max(1);
        let rest = trial.sync(state, Activity::Quiet, usize::MAX);
        prop_assert_eq!(trial.lost(&[&sync, &rest]), []);
        let repeated = sync.taken.len() + rest.taken.len() - trial.xero.len();
        prop_assert!(repeated <= ranges * PAGE as usize, "{repeated} rows of {ranges} ranges");
    }

    #[test]
    fn a_list_in_unreliable_order_is_complete_or_reported(
        seed: u64, fault in 0..6, activity in prop_oneof![Just(Activity::Quiet), Just(Activity::Busy)],
        pages in pages(), order in order(), ignores_order: bool, uncounted: bool,
    ) {
        let behaviour = ServerBehaviour {
            ignores_filter: fault == 0,
            newest_first: fault == 1,
            turns_pages: fault == 2,
            grants: (fault == 3).then_some(5),
            shuffles_ties: fault == 4,
            shuffles: fault == 5,
            ignores_order,
            // Without counts, pages that start with the newest rows look like the last page.
            uncounted: uncounted && ![1, 2].contains(&fault),
            ..ServerBehaviour::default()
        };
        let mut trial = Trial::new(seed, behaviour);
        trial.pages = pages;
        trial.query_support.order = order;
        let sync = trial.sync(Checkpoint::at(0), activity, usize::MAX);
        trial.settle();
        let next = trial.sync(sync.last(), Activity::Quiet, usize::MAX);
        let broken = sync.broken.is_some() || next.broken.is_some();
        prop_assert!(broken || trial.lost(&[&sync, &next]).is_empty());
        // Without a reliable order, the number of passes depends on chance.
        let has_order = fault < 4 || (fault == 4 && order != Order::Refused && !ignores_order);
        let can_be_read = activity == Activity::Quiet && has_order;
        prop_assert!(!can_be_read || !broken, "a quiet list can be read");
    }

    #[test]
    fn many_rows_of_one_stamp_in_random_order_lose_no_row(
        seed: u64, rows in 41_i64..160, activity in prop_oneof![Just(Activity::Quiet), Just(Activity::Busy)],
        order in order(), ignores_order: bool, uncounted: bool,
    ) {
        let mut rng = Rng::with_seed(seed);
        let mut xero = Xero::at(1_000_000);
        (0..rows).for_each(|_| xero.insert(&mut rng));
        xero.behaviour = ServerBehaviour {
            shuffles_ties: true,
            ignores_order,
            uncounted,
            ..ServerBehaviour::default()
        };
        let mut trial = Trial::of(xero);
        trial.rng = rng;
        trial.pages = Pages::Sized(40);
        trial.query_support.order = order;
        let sync = trial.sync(Checkpoint::at(0), activity, usize::MAX);
        trial.settle();
        let next = trial.sync(sync.last(), Activity::Quiet, usize::MAX);
        let broken = sync.broken.is_some() || next.broken.is_some();
        prop_assert!(broken || trial.lost(&[&sync, &next]).is_empty());
        let has_order = order != Order::Refused && !ignores_order;
        prop_assert!(!has_order || activity == Activity::Busy || !broken, "a quiet list can be read");
    }

    #[test]
    fn positions_go_back_only_at_the_switch_to_a_full_scan(seed: u64, (behaviour, _) in servers()) {
        let mut trial = Trial::new(seed, behaviour);
        let sync = trial.first(Activity::Busy);
        let positions: Vec<_> = sync.states.iter().map(|(_, state)| state.from).collect();
        prop_assert!(sync.gave_up.is_some() || positions.is_sorted(), "{positions:?}");
    }
}

/// In these two runs a page of a list without counts fills up during a pass.
#[test]
fn a_list_without_counts_that_grows_in_an_order_of_its_own_loses_no_version() {
    let shuffled = ServerBehaviour {
        shuffles: true,
        uncounted: true,
        ..ServerBehaviour::default()
    };
    let list = Trial::new(9_670_514_034_672_273_430, shuffled);
    let mut rng = Rng::with_seed(16_870_472_542_958_617_500);
    let mut xero = Xero::at(1_000_000);
    (0..117).for_each(|_| xero.insert(&mut rng));
    xero.behaviour = ServerBehaviour {
        shuffles_ties: true,
        ignores_order: true,
        uncounted: true,
        ..ServerBehaviour::default()
    };
    let mut tie = Trial::of(xero);
    tie.rng = rng;
    tie.pages = Pages::Sized(40);
    for mut trial in [list, tie] {
        trial.query_support.order = Order::Documented;
        assert_that_two_syncs_lose_nothing(&mut trial);
    }
}

/// Runs a sync while rows change and a second one afterwards. Fails if one of them ends without the
/// whole list, or if a version of a row is lost.
fn assert_that_two_syncs_lose_nothing(trial: &mut Trial) {
    let sync = trial.sync(Checkpoint::at(0), Activity::Busy, usize::MAX);
    trial.settle();
    let next = trial.sync(sync.last(), Activity::Quiet, usize::MAX);
    assert_eq!((&sync.broken, &next.broken), (&None, &None));
    assert_eq!(trial.lost(&[&sync, &next]), []);
}

#[test]
fn a_page_that_repeats_after_insertions_is_not_the_end() {
    // In this run exactly a page of rows is added in front while the list is read by the id.
    let behaviour = ServerBehaviour {
        shuffles_ties: true,
        uncounted: true,
        ..ServerBehaviour::default()
    };
    let mut trial = Trial::new(18_317_923_286_168_350_635, behaviour);
    trial.pages = Pages::Sized(16);
    trial.query_support.order = Order::Documented;
    assert_that_two_syncs_lose_nothing(&mut trial);
}
