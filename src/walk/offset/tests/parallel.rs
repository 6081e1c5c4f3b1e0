//! Tests that a walk in parallel ranges keeps the promises of a walk page by page.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use proptest::prelude::*;

use super::super::*;
use super::ledger::{Ledger, Sync, missing};
use crate::cases::cases;
use crate::walk::MAX_GAPS;

/// Returns the journals of `expected` that none of the syncs read.
fn lost<'s>(expected: &HashSet<i64>, syncs: impl IntoIterator<Item = &'s Sync>) -> Vec<i64> {
    let came: HashSet<_> = syncs.into_iter().flat_map(|sync| &sync.came).collect();
    let lost = expected.iter().filter(|number| !came.contains(number));
    lost.copied().collect()
}

/// Returns why a checkpoint is not one that a state can keep.
fn flaw(checkpoint: &Checkpoint) -> Option<&'static str> {
    let open = &checkpoint.open;
    let ascends = open.windows(2).all(|pair| {
        pair[0]
            .to
            .is_some_and(|to| pair[0].from < to && to <= pair[1].from)
    });
    let gaps = checkpoint.gaps.iter().copied().collect();
    if open.len() == 1 {
        Some("a single range is what a position means")
    } else if !ascends || open.last().is_some_and(|tail| tail.to.is_some()) {
        Some("the ranges do not ascend to a tail")
    } else if open
        .first()
        .is_some_and(|first| first.from != checkpoint.from)
    {
        Some("the first range does not start at the position")
    } else if Gaps::of(gaps).is_none() {
        Some("the gaps do not ascend")
    } else {
        None
    }
}

/// Returns the missing numbers, without borders between gaps that touch.
fn numbers(checkpoint: &Checkpoint) -> Vec<(i64, i64)> {
    let mut gaps = missing(checkpoint);
    gaps.dedup_by(|(first, last), before| {
        let touches = before.1 + 1 == *first;
        before.1 = if touches { *last } else { before.1 };
        touches
    });
    gaps
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn every_journal_that_is_visible_at_the_start_comes_once(seed: u64, shrinks: bool) {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger { shrinks, ..Ledger::fill(&mut rng) };
        let mut visible = ledger.visible();
        let sync = ledger.sync_in_parallel(&Checkpoint::at(0), &mut rng, usize::MAX);
        visible.retain(|number| !ledger.vanished.contains(number));
        prop_assert!(sync.is_over);
        prop_assert_eq!(lost(&visible, [&sync]), [0; 0]);
        prop_assert!(sync.is_distinct(), "a row came twice");
        prop_assert_eq!(sync.states.iter().find_map(|(_, state)| flaw(state)), None);
        // A range may stay open if the ledger changed while its last response was in flight.
        let mut next = ledger.sync(sync.last());
        prop_assert!(shrinks || next.1.open.is_empty());
        next.0.retain(|number| sync.came.contains(number) && !ledger.vanished.contains(number));
        prop_assert_eq!(next.0, [0; 0]);
        let positions: Vec<_> = sync.states.iter().map(|(_, state)| state.from).collect();
        prop_assert!(positions.is_sorted());
    }

    #[test]
    fn syncs_that_are_killed_lose_nothing_whichever_state_came_last(
        seed: u64, shrinks: bool, is_old_build: bool,
    ) {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger { shrinks, ..Ledger::fill(&mut rng) };
        let mut visible = ledger.visible();
        let (mut syncs, mut state) = (Vec::new(), Checkpoint::at(0));
        for _ in 0..4 {
            let answers = rng.usize(1..40);
            let mut sync = ledger.sync_in_parallel(&state, &mut rng, answers);
            prop_assert!(sync.is_distinct(), "a row came twice");
            let (rows, last) = sync.states[rng.usize(..sync.states.len())].clone();
            prop_assert_eq!(flaw(&last), None);
            sync.came.truncate(rows);
            syncs.push(sync);
            state = last;
            if is_old_build {
                state.open.clear(); // an older build ignores ranges of numbers
            }
        }
        let last = ledger.sync_in_parallel(&state, &mut rng, usize::MAX);
        prop_assert!(last.is_over && last.is_distinct());
        syncs.push(last);
        visible.retain(|number| !ledger.vanished.contains(number));
        prop_assert_eq!(lost(&visible, &syncs), [0; 0]);
        // Rows that come again came after the last state.
        let rows = syncs.iter().map(|sync| sync.came.len()).sum::<usize>();
        let distinct: HashSet<_> = syncs.iter().flat_map(|sync| &sync.came).collect();
        let is_once = rows == distinct.len();
        prop_assert!(is_once || is_old_build || shrinks, "rows before a state came again");
    }

    #[test]
    fn a_walk_in_ranges_ends_with_the_state_of_a_walk_page_by_page(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger::fill(&mut rng);
        let visible = ledger.visible();
        ledger.journals.retain(|number, _| visible.contains(number));
        let (came, last) = ledger.sync(&Checkpoint::at(0));
        ledger.grows = false;
        let mut sync = Sync { states: vec![(0, Checkpoint::at(0))], ..Sync::default() };
        while !sync.is_over {
            let from = sync.last().clone();
            let answers = rng.usize(1..60);
            let part = ledger.sync_in_parallel(&from, &mut rng, answers);
            sync.came.extend(&part.came);
            sync.states.extend(part.states);
            sync.is_over = part.is_over;
        }
        sync.came.sort_unstable();
        prop_assert_eq!(&sync.came, &came);
        // A gap on the border of two ranges has two times if only one of its parts was searched. It
        // may also be the lowest one that a state keeps.
        if missing(&last).len() < MAX_GAPS {
            prop_assert!(numbers(sync.last()) == numbers(&last), "other numbers are missing");
        }
        prop_assert_eq!((sync.last().from, &sync.last().open), (last.from, &last.open));
    }

    #[test]
    fn a_journal_that_becomes_visible_late_comes_once_wherever_the_ranges_end(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger { grows: true, ..Ledger::of([]) };
        let (mut came, mut state) = (HashMap::<i64, u32>::new(), Checkpoint::at(0));
        for sync in 0..40 {
            if sync < 3 {
                ledger.add(rng.usize(0..1_000), &mut rng);
            } else {
                ledger.grows = false;
                ledger.now += 60_000;
            }
            let sync = ledger.sync_in_parallel(&state, &mut rng, usize::MAX);
            prop_assert!(missing(sync.last()).len() < MAX_GAPS, "gaps were dropped");
            sync.came.iter().for_each(|number| *came.entry(*number).or_default() += 1);
            state = sync.last().clone();
        }
        let all: HashMap<_, _> = ledger.journals.keys().map(|number| (*number, 1)).collect();
        prop_assert_eq!(came, all);
    }

    #[test]
    fn streams_of_a_family_at_different_positions_lose_nothing_in_a_walk_of_ranges(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger::fill(&mut rng);
        let visible = ledger.visible();
        let mut members = [Member::default(), Member::default()];
        // Each stream is read alone until its sync is killed. Then both share a walk.
        for member in &mut members {
            let answers = rng.usize(0..30);
            let sync = ledger.sync_in_parallel(&member.state, &mut rng, answers);
            member.take(&sync, sync.states.len() - 1);
        }
        for answers in [rng.usize(1..30), rng.usize(1..30), usize::MAX] {
            ledger.grows = answers < usize::MAX;
            let [one, other] = &members;
            let start = one.state.clone().union(other.state.clone());
            let sync = ledger.sync_in_parallel(&start, &mut rng, answers);
            let states = sync.states.len();
            let cut = if answers == usize::MAX { states - 1 } else { rng.usize(..states) };
            members.iter_mut().for_each(|member| member.take(&sync, cut));
        }
        for member in &members {
            let lost: Vec<_> = visible.difference(&member.came).collect();
            prop_assert_eq!(lost, Vec::<&i64>::new());
            prop_assert_eq!(&member.state.open, &[]);
        }
    }
}

/// A stream of a family: the journals that it has, and its state.
#[derive(Default)]
struct Member {
    came: HashSet<i64>,
    state: Checkpoint,
}

impl Member {
    /// Takes what a walk read until its state number `cut`.
    fn take(&mut self, sync: &Sync, cut: usize) {
        let (rows, checkpoint) = sync.states[cut].clone();
        let (floor, gaps) = (self.state.from, &self.state.gaps);
        let rows = sync.came[..rows].iter();
        self.came
            .extend(rows.filter(|number| **number > floor || gaps.contains(**number)));
        self.state = Checkpoint {
            gaps: checkpoint.gaps.of_member(floor, gaps),
            ..checkpoint.not_before(floor)
        };
    }
}
