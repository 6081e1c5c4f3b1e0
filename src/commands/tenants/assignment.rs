//! Assigns organisations to shards, evenly by their expected calls.
//!
//! - [`anew`]: without an earlier assignment. Most organisations get the same shard when others come and
//!   go.
//! - [`with_previous`]: organisations of an earlier assignment keep their shard.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};

/// By how much a shard may exceed the even share, in percent.
const EXCESS: u64 = 10;

/// An organisation and its expected calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) id: String,
    pub(super) calls: u64,
}

/// Returns the shard of each organisation, from 0, in the order of `loads`.
///
/// Each organisation takes the shard that it prefers among those with room. Its id alone decides its
/// preferences (rendezvous hashing) and its turn, so a change of one organisation moves only some of those
/// that found a shard full. Organisations that fill half a shard or more come first, because they would
/// find no room later. A shard exceeds the even share by at most a tenth, or by the calls of the heaviest
/// organisation if these are more.
pub(super) fn anew(loads: &[Load], shards: usize) -> Vec<usize> {
    let total: u64 = loads.iter().map(|load| load.calls).sum();
    let first = |load: &Load| match load.calls * 2 * shards as u64 >= total {
        true => load.calls,
        false => 0,
    };
    let mut turns: Vec<usize> = (0..loads.len()).collect();
    turns.sort_by_cached_key(|at| (Reverse(first(&loads[*at])), hash(&loads[*at].id)));
    let limit = limit(loads, total, shards);
    let mut calls = vec![0_u64; shards];
    let mut assigned = vec![0; loads.len()];
    for at in turns {
        let load = &loads[at];
        let with_room = (0..shards).filter(|shard| calls[*shard] + load.calls <= limit);
        let preferred = with_room.max_by_key(|shard| hash(&format!("{}/{shard}", load.id)));
        let shard = preferred.unwrap_or_else(|| lightest(&calls));
        assigned[at] = shard;
        calls[shard] += load.calls;
    }
    assigned
}

/// Returns the shard of each organisation, from 0, in the order of `loads`. Organisations of `previous`
/// stay in their shard. Each other one takes the shard with the fewest calls, the heaviest first.
pub(super) fn with_previous(
    loads: &[Load],
    shards: usize,
    previous: &BTreeMap<String, usize>,
) -> Vec<usize> {
    let known: Vec<_> = loads.iter().map(|it| previous.get(&it.id)).collect();
    let mut calls = vec![0_u64; shards];
    for (load, shard) in loads.iter().zip(&known) {
        if let Some(shard) = shard {
            calls[**shard] += load.calls;
        }
    }
    let mut new: Vec<usize> = (0..loads.len()).filter(|at| known[*at].is_none()).collect();
    new.sort_by_key(|at| (Reverse(loads[*at].calls), &loads[*at].id));
    let mut assigned: Vec<usize> = known.into_iter().map(|it| *it.unwrap_or(&0)).collect();
    for at in new {
        assigned[at] = lightest(&calls);
        calls[assigned[at]] += loads[at].calls;
    }
    assigned
}

/// Returns the calls up to which organisations choose a shard freely.
fn limit(loads: &[Load], total: u64, shards: usize) -> u64 {
    let share = total * (100 + EXCESS) / (100 * shards as u64);
    let heaviest = loads.iter().map(|load| load.calls).max();
    share.max(heaviest.unwrap_or_default())
}

/// Returns the shard with the fewest calls, the first of them.
fn lightest(calls: &[u64]) -> usize {
    let lightest = calls.iter().enumerate().min_by_key(|(_, calls)| **calls);
    lightest.map_or(0, |(shard, _)| shard)
}

/// Returns a number that looks random and is the same in every version of the program. Otherwise
/// organisations would move with a new version.
fn hash(text: &str) -> u64 {
    let hash = digest(&SHA256, text.as_bytes());
    let first = hash.as_ref().iter().take(size_of::<u64>());
    first.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests;
