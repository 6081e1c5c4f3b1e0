//! The walk against a model of Xero in which somebody edits, adds and bulk-edits
//! rows between any two requests, several of which are under way at once.
//!
//! The promise, the unit being a row's id and its stamp: every version that is
//! older than the lookback when a sync ends has been read by it, and every other
//! one by the next; the rows of a quiet list are read exactly once; and a sync
//! that is killed can go on from any state that it sent.

use std::collections::HashSet;
use std::time::Duration;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::model::{Bound, Manners, PAGE, Xero, one_of};
use super::*;
use crate::cases::cases;
use crate::page::Pagination;
use crate::streams::PAGE_SIZE;

/// How somebody disturbs the list between two requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Quiet,
    /// For the first sixty requests: the list must come to an end some time.
    Busy,
}

/// What a sync did.
#[derive(Debug, Default)]
struct Sync {
    /// The rows that counted, as (id, stamp).
    taken: Vec<(u64, i64)>,
    /// The checkpoints, each with the number of rows taken before it.
    states: Vec<(usize, Checkpoint)>,
    gave_up: Option<&'static str>,
    broken: Option<Broken>,
    /// The most ranges that were open at once.
    ranges: usize,
}

impl Sync {
    fn last(&self) -> Checkpoint {
        self.states
            .last()
            .expect("there is the first state")
            .1
            .clone()
    }
}

/// A walk of a model, in one configuration.
struct Trial {
    xero: Xero,
    rng: Rng,
    pages: Pages,
    lookback: i64,
}

impl Trial {
    fn new(seed: u64, manners: Manners) -> Trial {
        let mut rng = Rng::with_seed(seed);
        let lookback = manners.lag + manners.skew;
        Trial {
            xero: Xero::fill(&mut rng, manners),
            rng,
            pages: Pages::Sized(PAGE),
            lookback,
        }
    }

    fn of(xero: Xero) -> Trial {
        Trial {
            xero,
            rng: Rng::with_seed(7),
            pages: Pages::Sized(PAGE),
            lookback: 0,
        }
    }

    fn first(&mut self, life: Life) -> Sync {
        self.sync(Checkpoint::at(0), life, usize::MAX)
    }

    /// Walks from a checkpoint to the end, or until so many answers came.
    fn sync(&mut self, from: Checkpoint, life: Life, answers: usize) -> Sync {
        let mut sync = Sync {
            states: vec![(0, from.clone())],
            ..Sync::default()
        };
        let mut walk = Watermark::new(
            self.pages,
            Start {
                from: from.from,
                lookback: self.lookback,
                open: from.open,
            },
        );
        let (mut flying, mut requests, mut taken) = (Vec::new(), 0, 0);
        let mut recent: Vec<u64> = Vec::new();
        while taken < answers {
            match life {
                Life::Busy if requests < 60 => self.xero.disturb(&mut self.rng, &recent),
                _ => self.xero.now += one_of(&mut self.rng, [0, 1, 200]),
            }
            let pace = Pace {
                slots: 5,
                calls_now: 0,
                latency: Duration::ZERO,
            };
            let sends = flying.len() < 5 && (flying.is_empty() || self.rng.f64() < 0.6);
            let request = sends.then(|| walk.ask(pace)).flatten();
            if let Some((ticket, ask)) = request {
                requests += 1;
                assert!(requests < 5000, "the walk does not end");
                flying.push((ticket, self.xero.answer(&ask, &mut self.rng)));
                continue;
            }
            if flying.is_empty() {
                assert!(walk.is_over(), "the walk is stuck");
                break;
            }
            let (ticket, page) = flying.swap_remove(self.rng.usize(..flying.len()));
            match walk.take(ticket, page) {
                Ok(kept) => sync.take(kept, &mut recent),
                Err(broken) => {
                    sync.broken = Some(broken);
                    break;
                }
            }
            taken += 1;
            sync.ranges = sync.ranges.max(walk.ranges.len());
            sync.gave_up = sync.gave_up.or(walk.warning());
            let states = walk.checkpoint().map(|state| (sync.taken.len(), state));
            sync.states.extend(states);
        }
        sync
    }

    /// Lets everything settle that lags.
    fn settle(&mut self) {
        self.xero.now += 10_000 + 3 * self.lookback;
    }

    /// Of the versions in the list now, those that none of the syncs read.
    fn lost(&self, syncs: &[&Sync]) -> Vec<(u64, i64)> {
        let taken: HashSet<_> = syncs.iter().flat_map(|sync| &sync.taken).collect();
        let newest = self.xero.newest();
        newest.filter(|row| !taken.contains(row)).collect()
    }
}

impl Sync {
    fn take(&mut self, kept: Option<Kept>, recent: &mut Vec<u64>) {
        let Some(Kept { page, keep }) = kept else {
            return;
        };
        let id = |row: &crate::rewrite::Marks| row.key.as_deref().and_then(|key| key.parse().ok());
        recent.extend(page.rows.iter().filter_map(id));
        recent.drain(..recent.len().saturating_sub(12));
        let rows = page.rows.iter().zip(keep).filter(|(_, keep)| *keep);
        self.taken
            .extend(rows.filter_map(|(row, _)| Some((id(row)?, row.cursor?))));
    }
}

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
        // Passes by page numbers promise it for the next sync only.
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
        let (mut syncs, mut state) = (Vec::new(), Checkpoint::at(0));
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
        seed: u64, fault in 0..4, life in prop_oneof![Just(Life::Quiet), Just(Life::Busy)],
    ) {
        let manners = Manners {
            ignores_filter: fault == 0,
            newest_first: fault == 1,
            turns_pages: fault == 2,
            grants: (fault == 3).then_some(5),
            ..Manners::default()
        };
        let mut trial = Trial::new(seed, manners);
        let sync = trial.first(life);
        trial.settle();
        let next = trial.sync(sync.last(), Life::Quiet, usize::MAX);
        let broken = sync.broken.is_some() || next.broken.is_some();
        prop_assert!(broken || trial.lost(&[&sync, &next]).is_empty());
        prop_assert!(life == Life::Busy || !broken, "a quiet list can be read");
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
fn crowds_of_one_stamp_and_dense_seconds_cost_hardly_more_calls_than_pages() {
    for (name, rows, share, step) in [
        ("5,000 in one millisecond", 5000, 5000, 1),
        ("5,000 in one second", 5000, 5, 1),
        ("700 a second", 100_000, 7, 10),
        ("spread over years", 295_000, 1, 200_000),
    ] {
        let mut xero = Xero::at(1_000_000);
        let mut rng = Rng::with_seed(1);
        for row in 0..rows {
            // So many rows share a stamp.
            xero.now += if row % share == 0 { step } else { 0 };
            xero.insert(&mut rng);
        }
        let mut trial = Trial::of(xero);
        trial.pages = Pages::Sized(PAGE_SIZE.into());
        trial.settle();
        let sync = trial.first(Life::Quiet);
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
        assert!(calls <= most, "{name}: {calls} calls, wanted {most}");
        let ranges = if rows > 10_000 { 5 } else { 1 };
        assert_eq!(sync.ranges, ranges, "{name}");
    }
}

#[test]
fn edits_inside_a_crowd_lose_nothing() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let mut xero = Xero::at(1_000_000);
        for row in 0..600 {
            // A second so dense that it straddles many pages, with ties in it.
            xero.now += i64::from(row % 7 == 0);
            xero.insert(&mut rng);
        }
        let mut trial = Trial::of(xero);
        trial.rng = rng;
        let sync = trial.first(Life::Busy);
        trial.settle();
        let next = trial.sync(sync.last(), Life::Quiet, usize::MAX);
        assert_eq!(trial.lost(&[&sync, &next]), [], "seed {seed}");
    }
}

#[test]
fn a_short_walk_is_not_cut_and_neither_is_one_that_is_soon_over() {
    for (rows, calls_now, latency, ranges) in [
        (9 * PAGE, 0, 3000, 1),
        (30 * PAGE, 60, 50, 1),
        (30 * PAGE, 60, 100, 5),
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
        let mut walk = Watermark::new(Pages::Sized(PAGE), Start::default());
        let pace = Pace {
            slots: 5,
            calls_now,
            latency: Duration::from_millis(latency),
        };
        let mut most = 0;
        while !walk.is_over() {
            let asked: Vec<_> = std::iter::from_fn(|| walk.ask(pace)).collect();
            for (ticket, ask) in asked {
                let page = xero.answer(&ask, &mut rng);
                walk.take(ticket, page).unwrap();
                most = most.max(walk.ranges.len());
            }
        }
        assert_eq!(most, ranges, "{rows} rows, {calls_now} calls, {latency} ms");
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
    let states = trial.first(Life::Quiet).states;
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
    let sync = trial.sync(future.clone(), Life::Quiet, usize::MAX);
    assert_eq!((sync.last(), trial.xero.calls), (future, 1));
}

#[test]
fn a_list_that_ends_short_is_not_taken_for_whole() {
    for (page_count, item_count, short) in [
        (Some(5), Some(5000), Some(5000)),
        (None, Some(1), Some(1)),
        (Some(0), Some(0), None),
        (Some(1), None, None),
    ] {
        let mut walk = Watermark::new(Pages::Sized(1000), Start::default());
        let pace = Pace {
            slots: 5,
            calls_now: 60,
            latency: Duration::ZERO,
        };
        let (ticket, _) = walk.ask(pace).unwrap();
        let counts = Some(Pagination {
            page_count,
            item_count,
        });
        let taken = walk.take(ticket, Page::of([], counts, Some(1_000_000)));
        let told = short.map(|told| Broken::Short { read: 0, told });
        assert_eq!(taken.err(), told, "{page_count:?} {item_count:?}");
        assert_eq!(walk.is_over(), told.is_none());
    }
}

#[test]
fn servers_that_grant_less_than_is_asked_or_count_nothing_are_read_whole() {
    let spread: Vec<_> = (1..=350).collect();
    let crowd: Vec<_> = (1..=450)
        .map(|row| if row <= 150 { 1 } else { row })
        .collect();
    let dense: Vec<_> = (1..=2500).map(|row| 1 + row / 200).collect();
    for (name, seconds) in [
        ("spread", spread),
        ("crowd", crowd),
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
            trial.xero.manners = Manners {
                grants: Some(grants),
                uncounted,
                ..Manners::default()
            };
            trial.settle();
            let sync = trial.first(Life::Quiet);
            let what = format!("{name}, {grants} a page, uncounted: {uncounted}");
            assert_eq!(trial.lost(&[&sync]), [], "{what}");
            let calls = trial.xero.calls;
            assert!(calls <= most, "{what}: {calls} calls");
        }
    }
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
    let mut walk = Watermark::new(Pages::Sized(PAGE), Start::default());
    let pace = Pace {
        slots: 1,
        calls_now: 60,
        latency: Duration::ZERO,
    };
    let (mut sync, mut refusals) = (Sync::default(), 0);
    while let Some((ticket, ask)) = walk.ask(pace) {
        let page = xero.answer(&ask, &mut rng);
        let told = page.pagination.and_then(|counts| counts.item_count);
        if told.is_some_and(|told| told > REFUSED as u64) {
            refusals += 1;
            assert!(walk.narrow(ticket, xero.now), "{ask:?} can be narrower");
            continue;
        }
        sync.take(walk.take(ticket, page).unwrap(), &mut Vec::new());
    }
    assert_eq!(sync.taken.len(), rows.len(), "each row once");
    assert_eq!(sync.taken.into_iter().collect::<HashSet<_>>(), rows);
    assert!(walk.is_over() && refusals > 3);
}

#[test]
fn what_cannot_be_made_narrower_is_given_up() {
    let from = 20_000 * DAY;
    let start = Start {
        from,
        ..Start::default()
    };
    let mut walk = Watermark::new(Pages::Sized(PAGE), start);
    let pace = Pace {
        slots: 1,
        calls_now: 60,
        latency: Duration::ZERO,
    };
    let (ticket, _) = walk.ask(pace).unwrap();
    assert!(!walk.narrow(ticket, from + DAY));
}

#[test]
fn a_crowd_whose_order_changes_is_whole_or_said_not_to_be() {
    for seed in 0..5 {
        let mut rng = Rng::with_seed(seed);
        let mut xero = Xero::at(1_000_000);
        (0..3000).for_each(|_| xero.insert(&mut rng));
        xero.manners.shuffles_ties = true;
        let mut trial = Trial::of(xero);
        trial.pages = Pages::Sized(PAGE_SIZE.into());
        trial.rng = rng;
        trial.settle();
        let sync = trial.first(Life::Quiet);
        let is_whole = trial.lost(&[&sync]).is_empty();
        assert!(is_whole || sync.broken.is_some(), "seed {seed}");
        assert!(sync.gave_up.is_some(), "seed {seed}");
    }
}
