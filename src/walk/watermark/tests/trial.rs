//! Runs one walk on the model of Xero, with several requests in flight and responses in any order.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use fastrand::Rng;

use super::super::super::model::{PAGE, ServerBehaviour, Xero, pick};
use super::super::*;

/// Whether somebody changes the list between two requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    Quiet,
    /// Changes before the first sixty requests only, so that the list comes to an end.
    Busy,
}

/// The record of one sync.
#[derive(Debug, Default)]
pub(super) struct Sync {
    /// The new rows, as (id, stamp).
    pub(super) taken: Vec<(u64, i64)>,
    /// The checkpoints, each with the number of rows taken before it.
    pub(super) states: Vec<(usize, Checkpoint)>,
    pub(super) gave_up: Option<&'static str>,
    pub(super) broken: Option<BrokenList>,
    /// The largest number of ranges open at the same time.
    pub(super) ranges: usize,
}

impl Sync {
    pub(super) fn last(&self) -> Checkpoint {
        self.states
            .last()
            .expect("there is the first state")
            .1
            .clone()
    }
}

/// A walk of a model, in one configuration.
pub(super) struct Trial {
    pub(super) xero: Xero,
    pub(super) rng: Rng,
    pub(super) pages: Pages,
    pub(super) query_support: QuerySupport,
    pub(super) lookback: i64,
}

/// A list that takes `order`, which it needs, and `where`.
pub(super) const BOTH: QuerySupport = QuerySupport {
    order: Order::Undocumented,
    filter: true,
};

impl Trial {
    pub(super) fn new(seed: u64, behaviour: ServerBehaviour) -> Trial {
        let mut rng = Rng::with_seed(seed);
        let lookback = behaviour.lag + behaviour.skew;
        Trial {
            xero: Xero::fill(&mut rng, behaviour),
            rng,
            pages: Pages::Sized(PAGE),
            query_support: BOTH,
            lookback,
        }
    }

    pub(super) fn of(xero: Xero) -> Trial {
        Trial {
            xero,
            rng: Rng::with_seed(7),
            pages: Pages::Sized(PAGE),
            query_support: BOTH,
            lookback: 0,
        }
    }

    pub(super) fn first(&mut self, activity: Activity) -> Sync {
        let start = self.some_start();
        self.sync(start, activity, usize::MAX)
    }

    /// Returns the start of the list. Half of the time it has ranges that together cover
    /// everything.
    pub(super) fn some_start(&mut self) -> Checkpoint {
        let mut cuts = vec![0];
        if self.rng.bool() && self.lookback < self.xero.now - 1_000_000 {
            let settled_until = 1_000_000..self.xero.now - self.lookback;
            cuts.extend((0..self.rng.u8(0..4)).map(|_| self.rng.i64(settled_until.clone())));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let ends = cuts.iter().skip(1).copied().map(Some).chain([None]);
        let open = cuts
            .iter()
            .zip(ends)
            .map(|(from, to)| Span { from: *from, to });
        Checkpoint {
            open: open.collect(),
            ..Checkpoint::at(0)
        }
    }

    /// Walks from a checkpoint to the end, or until `answers` responses have arrived.
    pub(super) fn sync(&mut self, from: Checkpoint, activity: Activity, answers: usize) -> Sync {
        let mut sync = Sync {
            states: vec![(0, from.clone())],
            ..Sync::default()
        };
        let mut walk = Watermark::new(
            self.pages,
            self.query_support,
            WalkStart {
                from: from.from,
                lookback: self.lookback,
                open: from.open,
                ..WalkStart::default()
            },
        );
        let (mut flying, mut requests, mut taken) = (Vec::new(), 0, 0);
        let mut recent: Vec<u64> = Vec::new();
        let mut pages = HashMap::new();
        while taken < answers {
            match activity {
                Activity::Busy if requests < 60 => self.xero.disturb(&mut self.rng, &recent),
                _ => self.xero.now += pick(&mut self.rng, [0, 1, 200]),
            }
            let capacity = SendCapacity {
                slots: 5,
                calls_now: 0,
                latency: Duration::ZERO,
            };
            let sends = flying.len() < 5 && (flying.is_empty() || self.rng.f64() < 0.6);
            let request = sends.then(|| walk.next_request(capacity)).flatten();
            if let Some((request_id, request)) = request {
                requests += 1;
                assert!(requests < 5000, "the walk does not end");
                flying.push((request_id, self.xero.answer(&request, &mut self.rng)));
                continue;
            }
            if flying.is_empty() {
                assert!(walk.proof().is_some(), "the walk is stuck");
                break;
            }
            let (request_id, page) = flying.swap_remove(self.rng.usize(..flying.len()));
            let new_rows = walk.take(request_id, &page);
            pages.insert(request_id, page);
            match new_rows {
                Ok(Some(NewRows { of, is_new })) => {
                    let page = pages.remove(&of).expect("the page is held");
                    sync.take(&page, &is_new, &mut recent);
                }
                Ok(None) => {}
                Err(broken) => {
                    sync.broken = Some(broken);
                    break;
                }
            }
            pages.retain(|request_id, _| walk.holds(*request_id));
            taken += 1;
            sync.ranges = sync.ranges.max(walk.ranges.len());
            sync.gave_up = sync.gave_up.or(walk.warning());
            let states = walk.checkpoint().map(|state| (sync.taken.len(), state));
            sync.states.extend(states);
        }
        sync
    }

    /// Advances the clock until nothing lags any more.
    pub(super) fn settle(&mut self) {
        self.xero.now += 10_000 + 3 * self.lookback;
    }

    /// Returns the current versions that none of the syncs read.
    pub(super) fn lost(&self, syncs: &[&Sync]) -> Vec<(u64, i64)> {
        let taken: HashSet<_> = syncs.iter().flat_map(|sync| &sync.taken).collect();
        let newest = self.xero.newest();
        newest.filter(|row| !taken.contains(row)).collect()
    }
}

impl Sync {
    pub(super) fn take(&mut self, page: &PageFacts, is_new: &[bool], recent: &mut Vec<u64>) {
        let id = |row: &crate::rows::rewrite::RowKey| {
            row.key.as_deref().and_then(|key| key.parse().ok())
        };
        recent.extend(page.rows.iter().filter_map(id));
        recent.drain(..recent.len().saturating_sub(12));
        let rows = page.rows.iter().zip(is_new).filter(|(_, is_new)| **is_new);
        self.taken
            .extend(rows.filter_map(|(row, _)| Some((id(row)?, row.cursor?))));
    }
}
