//! The promise, as properties.

use fastrand::Rng;
use proptest::prelude::*;

use super::super::super::model::{Bound, Manners, PAGE, Xero, one_of};
use super::super::*;
use super::trial::{Life, Trial};
use crate::cases::cases;

fn manners() -> impl Strategy<Value = Manners> {
    let bound = prop_oneof![
        Just(Bound::Inclusive),
        Just(Bound::Exclusive),
        Just(Bound::ExclusiveSeconds)
    ];
    bound.prop_map(|bound| Manners {
        bound,
        ..Manners::default()
    })
}

fn late_manners() -> impl Strategy<Value = Manners> {
    (manners(), any::<bool>(), prop_oneof![Just(0), Just(2000)]).prop_map(
        |(manners, replica, skew)| Manners {
            lag: 3000,
            late_rows: !replica,
            lagging_replica: replica,
            skew,
            ..manners
        },
    )
}

/// Pages of a size of our own, or of Xero's.
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

/// Both together. That a page of fixed size follows the one before can be shown
/// only where all answers come from one and the same list.
fn servers() -> impl Strategy<Value = (Manners, Pages)> {
    (prop_oneof![manners(), late_manners()], pages()).prop_map(|(manners, pages)| {
        match manners.lagging_replica {
            true => (manners, Pages::Sized(PAGE)),
            false => (manners, pages),
        }
    })
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn a_quiet_list_is_read_once_and_the_next_sync_reads_nothing(
        seed: u64, manners in manners(), pages in pages(),
    ) {
        let mut trial = Trial::new(seed, manners);
        trial.pages = pages;
        trial.settle();
        let first = trial.first(Life::Quiet);
        prop_assert_eq!(&trial.lost(&[&first]), &[]);
        // A window cannot move on inside a crowd of more than about half a page squared.
        let once = first.taken.len() == trial.xero.len();
        prop_assert!(once || first.gave_up.is_some(), "rows came twice");
        trial.settle();
        let next = trial.sync(first.last(), Life::Quiet, usize::MAX);
        prop_assert_eq!(next.taken, []);
    }

    #[test]
    fn a_sync_reads_every_version_that_was_there_when_it_asked_last(
        seed: u64, manners in manners(),
    ) {
        // Not for pages of fixed size: there the request after the last page proves the one before.
        let mut trial = Trial::new(seed, manners);
        let sync = trial.first(Life::Busy);
        let (mut lost, asked) = (trial.lost(&[&sync]), &trial.xero.asked);
        // What is stamped in the very millisecond of an answer is the lookback's business.
        lost.retain(|(_, stamp)| Some(stamp) < asked.last() && !asked.contains(stamp));
        // FullScan by page numbers promise it for the next sync only.
        prop_assert!(lost.is_empty() || sync.gave_up.is_some(), "{lost:?}");
    }

    #[test]
    fn a_list_that_is_edited_all_the_time_loses_no_version(
        seed: u64, (manners, pages) in servers(),
    ) {
        let mut trial = Trial::new(seed, manners);
        trial.pages = pages;
        let sync = trial.first(Life::Busy);
        trial.settle();
        let next = trial.sync(sync.last(), Life::Quiet, usize::MAX);
        prop_assert_eq!(trial.lost(&[&sync, &next]), []);
    }

    #[test]
    fn syncs_that_are_killed_lose_nothing_whichever_state_came_last(
        seed: u64, (manners, pages) in servers(),
    ) {
        let mut trial = Trial::new(seed, manners);
        trial.pages = pages;
        let (mut syncs, mut state) = (Vec::new(), trial.some_start());
        for _ in 0..4 {
            let answers = trial.rng.usize(1..12);
            let mut sync = trial.sync(state, Life::Busy, answers);
            let (rows, last) = sync.states[trial.rng.usize(..sync.states.len())].clone();
            sync.taken.truncate(rows);
            state = last;
            syncs.push(sync);
            trial.xero.now += one_of(&mut trial.rng, [0, 500, 90_000]);
        }
        for _ in 0..2 {
            trial.settle();
            let sync = trial.sync(state, Life::Quiet, usize::MAX);
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
        let sync = trial.sync(Checkpoint::at(0), Life::Quiet, answers);
        let state = sync.last();
        let ranges = state.open.len().max(1);
        let rest = trial.sync(state, Life::Quiet, usize::MAX);
        prop_assert_eq!(trial.lost(&[&sync, &rest]), []);
        let repeated = sync.taken.len() + rest.taken.len() - trial.xero.len();
        prop_assert!(repeated <= ranges * PAGE as usize, "{repeated} rows of {ranges} ranges");
    }

    #[test]
    fn a_list_whose_order_cannot_be_relied_on_is_whole_or_said_not_to_be(
        seed: u64, fault in 0..6, life in prop_oneof![Just(Life::Quiet), Just(Life::Busy)],
        pages in pages(), order in order(), ignores_order: bool, uncounted: bool,
    ) {
        let manners = Manners {
            ignores_filter: fault == 0,
            newest_first: fault == 1,
            turns_pages: fault == 2,
            grants: (fault == 3).then_some(5),
            shuffles_ties: fault == 4,
            shuffles: fault == 5,
            ignores_order,
            // Where nothing is counted, newest rows that come first cannot be told from the last ones.
            uncounted: uncounted && ![1, 2].contains(&fault),
            ..Manners::default()
        };
        let mut trial = Trial::new(seed, manners);
        trial.pages = pages;
        trial.clauses.order = order;
        let sync = trial.sync(Checkpoint::at(0), life, usize::MAX);
        trial.settle();
        let next = trial.sync(sync.last(), Life::Quiet, usize::MAX);
        let broken = sync.broken.is_some() || next.broken.is_some();
        prop_assert!(broken || trial.lost(&[&sync, &next]).is_empty());
        // Without an order that holds, chance decides how many passes it takes.
        let has_order = fault < 4 || (fault == 4 && order != Order::Refused && !ignores_order);
        let can_be_read = life == Life::Quiet && has_order;
        prop_assert!(!can_be_read || !broken, "a quiet list can be read");
    }

    #[test]
    fn a_crowd_of_one_stamp_in_an_order_of_its_own_at_each_request_lacks_no_row(
        seed: u64, rows in 41_i64..160, life in prop_oneof![Just(Life::Quiet), Just(Life::Busy)],
        order in order(), ignores_order: bool, uncounted: bool,
    ) {
        let mut rng = Rng::with_seed(seed);
        let mut xero = Xero::at(1_000_000);
        (0..rows).for_each(|_| xero.insert(&mut rng));
        xero.manners = Manners {
            shuffles_ties: true,
            ignores_order,
            uncounted,
            ..Manners::default()
        };
        let mut trial = Trial::of(xero);
        trial.rng = rng;
        trial.pages = Pages::Sized(40);
        trial.clauses.order = order;
        let sync = trial.sync(Checkpoint::at(0), life, usize::MAX);
        trial.settle();
        let next = trial.sync(sync.last(), Life::Quiet, usize::MAX);
        let broken = sync.broken.is_some() || next.broken.is_some();
        prop_assert!(broken || trial.lost(&[&sync, &next]).is_empty());
        let has_order = order != Order::Refused && !ignores_order;
        prop_assert!(!has_order || life == Life::Busy || !broken, "a quiet list can be read");
    }

    #[test]
    fn positions_never_go_back_but_where_the_order_is_given_up(seed: u64, (manners, _) in servers()) {
        let mut trial = Trial::new(seed, manners);
        let sync = trial.first(Life::Busy);
        let positions: Vec<_> = sync.states.iter().map(|(_, state)| state.from).collect();
        prop_assert!(sync.gave_up.is_some() || positions.is_sorted(), "{positions:?}");
    }
}

#[test]
fn a_page_that_comes_twice_because_rows_were_added_in_front_is_not_the_end() {
    // In this run exactly a page of rows is added in front while the list is read by the id.
    let manners = Manners {
        shuffles_ties: true,
        uncounted: true,
        ..Manners::default()
    };
    let mut trial = Trial::new(18_317_923_286_168_350_635, manners);
    trial.pages = Pages::Sized(16);
    trial.clauses.order = Order::Documented;
    let sync = trial.sync(Checkpoint::at(0), Life::Busy, usize::MAX);
    trial.settle();
    let next = trial.sync(sync.last(), Life::Quiet, usize::MAX);
    assert_eq!((&sync.broken, &next.broken), (&None, &None));
    assert_eq!(trial.lost(&[&sync, &next]), []);
}
