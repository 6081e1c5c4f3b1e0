//! Tests the search for late journals in a list without most numbers, as Xero numbers the journals of
//! both lists in one sequence.

use std::collections::HashMap;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::search::{DAY, MAX_DUE_SEARCHES, MAX_SEARCHES};
use super::super::*;
use super::ledger::{Ledger, NOW, missing};
use crate::cases::cases;
use crate::walk::MAX_GAPS;

const HOUR: i64 = DAY / 24;

/// A connection that reads the ledger again and again.
struct Connection {
    ledger: Ledger,
    state: Checkpoint,
    /// How often each journal came.
    came: HashMap<i64, u32>,
    /// The calls of the last sync beyond those for new journals and the end.
    searches: usize,
}

impl Connection {
    fn to(ledger: Ledger) -> Connection {
        Connection {
            ledger,
            state: Checkpoint::at(0),
            came: HashMap::new(),
            searches: 0,
        }
    }

    /// Runs a sync after some time. Returns the journals that it read.
    fn sync(&mut self, later: i64) -> Vec<i64> {
        self.ledger.now += later;
        let from = self.state.from;
        let (rows, state) = self.ledger.sync(&self.state);
        for number in &rows {
            *self.came.entry(*number).or_default() += 1;
        }
        self.state = state;
        let asked = self.ledger.asked.iter();
        self.searches = asked.filter(|offset| **offset < from).count();
        rows
    }

    fn has_all_once(&self) -> bool {
        let all = self.ledger.journals.keys();
        all.clone().all(|number| self.came.get(number) == Some(&1)) && all.len() == self.came.len()
    }
}

/// Adds numbers to the ledger, of which one in three belongs to a journal. Some of these become
/// visible within a day.
fn add(ledger: &mut Ledger, last: &mut i64, numbers: i64, late: usize, rng: &mut Rng) {
    let mut new: Vec<_> = (*last + 1..=*last + numbers).collect();
    new.retain(|_| rng.u8(0..3) == 0);
    for number in &new {
        ledger.journals.insert(*number, (ledger.now, 0));
    }
    for _ in 0..late.min(new.len()) {
        let number = new[rng.usize(..new.len())];
        let visible = ledger.now + rng.i64(0..DAY);
        ledger.journals.insert(number, (ledger.now, visible));
    }
    *last += numbers;
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_journal_that_becomes_visible_within_a_day_comes_once_whenever_syncs_run(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let is_short = rng.bool();
        let mut it = Connection::to(Ledger { is_short, ..Ledger::of([]) });
        let mut last = 0;
        for _ in 0..rng.usize(1..12) {
            let numbers = rng.i64(0..2_500);
            add(&mut it.ledger, &mut last, numbers, rng.usize(0..=16), &mut rng);
            it.sync(0);
            prop_assert!(it.searches <= MAX_DUE_SEARCHES, "{} searches", it.searches);
            it.ledger.now += [1_000, 60_000, HOUR, 6 * HOUR, 12 * HOUR, DAY, 3 * DAY][rng.usize(..7)];
        }
        let mut days = 0;
        while !missing(&it.state).is_empty() {
            it.sync(DAY + HOUR);
            days += 1;
            prop_assert!(days < 6, "numbers are never given up");
        }
        prop_assert!(it.has_all_once());
    }

    #[test]
    fn a_few_syncs_search_the_whole_day_with_five_calls_each(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let (mut ledger, mut last) = (Ledger::of([]), 0);
        add(&mut ledger, &mut last, 3_000, 16, &mut rng);
        let mut it = Connection::to(ledger);
        it.sync(0);
        for (_, visible) in it.ledger.journals.values_mut() {
            *visible = (*visible).min(NOW + 60_000);
        }
        // Ten or eleven searches, and one more for each page that late journals fill.
        for sync in 0..7 {
            it.sync(if rng.bool() { 60_000 } else { 10 * 60_000 });
            prop_assert!(it.searches <= MAX_SEARCHES, "{} searches", it.searches);
            prop_assert!(sync < 6 || it.has_all_once());
        }
    }
}

/// A stream of a family: its state, and how often each journal came.
struct Member {
    state: Checkpoint,
    came: HashMap<i64, u32>,
}

/// Reads the ledger for streams that share a walk.
fn sync_of_family(ledger: &mut Ledger, members: &mut [&mut Member]) {
    let states = members.iter().map(|member| member.state.clone());
    let start = states.reduce(Checkpoint::union).unwrap_or_default();
    let (rows, end) = ledger.sync(&start);
    for member in members {
        let (floor, gaps) = (member.state.from, &member.state.gaps);
        for number in &rows {
            if *number > floor || gaps.contains(*number) {
                *member.came.entry(*number).or_default() += 1;
            }
        }
        member.state = Checkpoint {
            gaps: end.gaps.of_member(floor, gaps),
            ..end.clone().not_before(floor)
        };
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn late_journals_come_once_to_each_stream_of_a_family(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let (mut ledger, mut last) = (Ledger::of([]), 0);
        let [mut one, mut other] = [(); 2].map(|()| Member {
            state: Checkpoint::at(0),
            came: HashMap::new(),
        });
        for _ in 0..rng.usize(1..12) {
            add(&mut ledger, &mut last, rng.i64(0..2_000), 16, &mut rng);
            match rng.u8(0..4) {
                0 => sync_of_family(&mut ledger, &mut [&mut one]),
                1 => sync_of_family(&mut ledger, &mut [&mut other]),
                _ => sync_of_family(&mut ledger, &mut [&mut one, &mut other]),
            }
            ledger.now += [1_000, 60_000, HOUR, 6 * HOUR, 12 * HOUR][rng.usize(..5)];
        }
        ledger.now += DAY;
        for _ in 0..6 {
            sync_of_family(&mut ledger, &mut [&mut one, &mut other]);
            ledger.now += DAY + HOUR;
        }
        for member in [one, other] {
            prop_assert_eq!(missing(&member.state), []);
            let all: HashMap<_, _> = ledger.journals.keys().map(|number| (*number, 1)).collect();
            prop_assert!(member.came == all, "a journal is lost or came twice");
        }
    }
}

#[test]
fn a_sync_searches_the_newest_part_and_those_whose_search_is_longest_ago() {
    let mut it = Connection::to(Ledger::of((1..=1_000).map(|at| at * 3)));
    it.sync(0);
    assert_eq!(missing(&it.state).len(), 1_000);
    let part = |nth: i64| 3_000 - 300 * nth;
    for parts in [
        [1, 2, 3, 4, 5],
        [1, 6, 7, 8, 9],
        [1, 10, 2, 3, 4],
        [1, 5, 6, 7, 8],
    ] {
        // The clock of responses may stand still between two syncs.
        it.sync(0);
        let searched = it.ledger.asked.iter().skip(1).copied();
        assert_eq!(searched.collect::<Vec<_>>(), parts.map(part), "{parts:?}");
    }
    it.ledger.journals.insert(4, (NOW, 0));
    let mut syncs = 0;
    while it.sync(60_000).is_empty() {
        syncs += 1;
    }
    assert!(syncs < 3, "{syncs} syncs did not find it");
}

#[test]
fn what_a_sync_leaves_undone_is_known() {
    let mut ledger = Ledger::of((1..=1_000).map(|at| at * 3));
    let unsearched = |ledger: &mut Ledger, from: &Checkpoint| {
        let mut walk = Offset::new(super::ledger::start(from));
        while let Some((id, request)) = walk.next_request(super::super::super::model::ONE_SLOT) {
            let page = ledger.answer(request.offset.expect("journals are asked for by offset"));
            super::ledger::take(&mut walk, id, &page);
        }
        (
            walk.unsearched(),
            walk.checkpoint().expect("it has a position"),
        )
    };
    let (first, state) = unsearched(&mut ledger, &Checkpoint::at(0));
    assert_eq!(first, Unsearched::default());
    let (second, state) = unsearched(&mut ledger, &state);
    assert_eq!(
        second,
        Unsearched {
            calls: 5,
            ..Unsearched::default()
        }
    );
    ledger.now += DAY + HOUR;
    let (third, state) = unsearched(&mut ledger, &state);
    assert_eq!(
        third,
        Unsearched {
            expired: 2_000,
            ..Unsearched::default()
        }
    );
    assert_eq!(state, Checkpoint::at(3_000));

    // Four gaps are more than the state keeps.
    let count = MAX_GAPS as i64 + 4;
    let mut ledger = Ledger::of((1..=count).map(|at| at * 2));
    let (first, state) = unsearched(&mut ledger, &Checkpoint::at(0));
    assert_eq!(
        first,
        Unsearched {
            dropped: Some(7),
            ..Unsearched::default()
        }
    );
    assert_eq!(missing(&state).len(), MAX_GAPS);
    let (second, _) = unsearched(&mut ledger, &state);
    assert_eq!(second.dropped, None);
}

#[test]
fn times_ahead_of_the_clock_do_not_keep_a_gap_for_long() {
    let mut it = Connection::to(Ledger::of([1, 3, 5]));
    it.ledger.now = NOW + 1_000 * DAY;
    for journal in it.ledger.journals.values_mut() {
        journal.0 = it.ledger.now;
    }
    it.sync(0);
    assert_eq!(missing(&it.state), [(2, 2), (4, 4)]);
    it.ledger.now = NOW;
    it.sync(0);
    it.sync(DAY + HOUR);
    assert_eq!(missing(&it.state), []);
}
