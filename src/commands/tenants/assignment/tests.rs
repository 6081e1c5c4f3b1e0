//! Tests that shards are even and that few organisations move.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::cases::cases;

/// Organisations with these calls. Their ids do not depend on the others.
fn loads(calls: &[u64]) -> Vec<Load> {
    let load = |(at, calls): (usize, &u64)| Load {
        id: format!("{at:08}-0000-4000-8000-000000000000"),
        calls: *calls,
    };
    calls.iter().enumerate().map(load).collect()
}

/// The calls of each shard.
fn sums(loads: &[Load], assigned: &[usize], shards: usize) -> Vec<u64> {
    let mut sums = vec![0; shards];
    for (load, shard) in loads.iter().zip(assigned) {
        sums[*shard] += load.calls;
    }
    sums
}

/// The number of organisations in other shards after the one at `gone` has left.
fn moved_without(loads: &[Load], shards: usize, gone: usize) -> usize {
    let mut before = anew(loads, shards);
    let mut fewer = loads.to_vec();
    fewer.remove(gone);
    before.remove(gone);
    let after = anew(&fewer, shards);
    after.iter().zip(&before).filter(|(a, b)| a != b).count()
}

/// The calls of organisations that differ by up to a factor of 150, most of them small.
fn uneven(organisations: usize, seed: u64) -> Vec<Load> {
    let mut random = fastrand::Rng::with_seed(seed);
    let calls = (0..organisations).map(|_| (10.0 * (random.f64() * 5.0).exp()) as u64);
    loads(&calls.collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_shard_exceeds_the_even_share_by_more_than_a_tenth_or_one_organisation(
        calls in vec(1_u64..2_000, 1..120),
        shards in 1_usize..12,
    ) {
        let loads = loads(&calls);
        let assigned = anew(&loads, shards);
        prop_assert_eq!(assigned.len(), loads.len());
        prop_assert!(assigned.iter().all(|shard| *shard < shards));
        let even = calls.iter().sum::<u64>() as f64 / shards as f64;
        let heaviest = calls.iter().copied().max().unwrap_or_default() as f64;
        for sum in sums(&loads, &assigned, shards) {
            let most = even + (even * 0.1).max(heaviest);
            prop_assert!(sum as f64 <= most, "{sum} of {even}");
        }
    }

    #[test]
    fn the_order_of_the_organisations_does_not_matter(
        calls in vec(1_u64..2_000, 1..60),
        shards in 1_usize..12,
    ) {
        let mut loads = loads(&calls);
        let mut expected = anew(&loads, shards);
        loads.reverse();
        expected.reverse();
        prop_assert_eq!(anew(&loads, shards), expected);
    }

    #[test]
    fn nobody_of_a_previous_assignment_moves_and_new_ones_even_out_the_shards(
        before in vec((1_u64..2_000, 0_usize..6), 0..40),
        new in vec(1_u64..2_000, 0..40),
    ) {
        let known = loads(&before.iter().map(|it| it.0).collect::<Vec<_>>());
        let ids = known.iter().map(|it| it.id.clone());
        let mut previous: BTreeMap<_, _> = ids.zip(before.iter().map(|it| it.1)).collect();
        previous.insert("gone".to_owned(), 5);
        let all: Vec<u64> = before.iter().map(|it| it.0).chain(new.iter().copied()).collect();
        let all = loads(&all);
        let assigned = with_previous(&all, 6, &previous);
        for (load, shard) in all.iter().zip(&assigned) {
            prop_assert!(*shard < 6);
            prop_assert!(previous.get(&load.id).is_none_or(|known| known == shard));
        }
        // The last organisation of a shard came when the shard was the lightest.
        let sums = sums(&all, &assigned, 6);
        let least = sums.iter().copied().min().unwrap_or_default();
        for (shard, sum) in sums.into_iter().enumerate() {
            let own = all.iter().zip(&assigned).skip(known.len());
            let own = own.filter(|(_, other)| **other == shard);
            if let Some(last) = own.map(|(load, _)| load.calls).min() {
                prop_assert!(sum - last <= least, "shard {shard}");
            }
        }
    }
}

/// Of 200 organisations in 20 shards, a change of one moves at most 30, and fewer than 10 on average.
#[test]
fn few_organisations_move_when_one_leaves() {
    let equal = [195, 200, 201, 205].map(|organisations| loads(&vec![100; organisations]));
    let uneven = [0, 1, 2, 3, 4].map(|seed| uneven(200, seed));
    let mut moved = Vec::new();
    for loads in equal.iter().chain(&uneven) {
        moved.extend((0..40).map(|gone| moved_without(loads, 20, gone)));
    }
    let average = moved.iter().sum::<usize>() as f64 / moved.len() as f64;
    assert!(average < 10.0, "{average}");
    assert!(moved.iter().all(|it| *it <= 30), "{moved:?}");
}

#[test]
fn an_organisation_has_the_same_shard_in_every_version() {
    let assigned = anew(&loads(&[1, 1, 1, 5, 1, 1, 1, 1]), 3);
    assert_eq!(assigned, [1, 0, 0, 2, 0, 0, 0, 1]);
}

#[test]
fn each_of_a_few_organisations_has_a_shard_of_its_own() {
    let mut assigned = anew(&loads(&[7; 5]), 9);
    assigned.sort_unstable();
    assigned.dedup();
    assert_eq!(assigned.len(), 5);
}

#[test]
fn an_organisation_as_heavy_as_all_others_has_a_shard_of_its_own() {
    let mut calls = vec![50; 9];
    for heavy in 0..9 {
        calls.fill(50);
        calls[heavy] = 400;
        let loads = loads(&calls);
        assert_eq!(sums(&loads, &anew(&loads, 2), 2), [400, 400]);
    }
}
