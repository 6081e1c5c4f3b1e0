//! A model of Xero for tests of the walk. Anybody may edit its rows between two requests. Its
//! server can publish rows late, lag, or ignore parameters.

use std::time::Duration;

use fastrand::Rng;

use super::{PageRequest, SendCapacity, SortBy};
use crate::rows::envelope::Pagination;
use crate::rows::page::PageFacts;

/// The capacity of a caller that sends one request at a time.
pub(super) const ONE_SLOT: SendCapacity = SendCapacity {
    slots: 1,
    calls_now: 60,
    latency: Duration::ZERO,
};

/// Rows per page. Small, so that ties and dense seconds span several pages.
pub(super) const PAGE: u64 = 16;

/// How the server interprets `If-Modified-Since`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bound {
    /// Rows at or after it.
    #[default]
    Inclusive,
    /// Rows after it.
    Exclusive,
    /// Rows after it, compared by whole seconds.
    ExclusiveSeconds,
}

/// The faults and variations of the server.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerBehaviour {
    pub(super) bound: Bound,
    /// Maximum delay of late rows and lagging replicas, in milliseconds.
    pub(super) lag: i64,
    /// Whether half of the new versions appear late.
    pub(super) late_rows: bool,
    /// Whether half of the responses come from a lagging replica.
    pub(super) lagging_replica: bool,
    /// Milliseconds by which the clock in responses is ahead.
    pub(super) skew: i64,
    /// Returns rows with equal stamps in random order.
    pub(super) shuffles_ties: bool,
    /// Returns all rows in random order.
    pub(super) shuffles: bool,
    pub(super) ignores_order: bool,
    pub(super) ignores_filter: bool,
    pub(super) ignores_page: bool,
    pub(super) newest_first: bool,
    /// Returns ordered pages in reverse sequence.
    pub(super) turns_pages: bool,
    /// Returns no counts.
    pub(super) uncounted: bool,
    /// Maximum page size, whatever the request says.
    pub(super) grants: Option<u64>,
}

/// A row, sorted as in the list: its stamp, its place within a tie, its id.
type Row = (i64, u64, u64);

/// The rows by id, which anybody may edit.
#[derive(Default)]
pub(super) struct Xero {
    pub(super) now: i64,
    pub(super) behaviour: ServerBehaviour,
    /// The newest version of each row by id, whether visible or not.
    rows: Vec<Row>,
    /// The visible version of each row by id.
    shown: Vec<Option<Row>>,
    /// The visible rows in the order of the list.
    list: Vec<Row>,
    /// Versions that are not visible yet, with the time at which they become visible.
    late: Vec<(i64, Row)>,
    /// Older lists, with the time at which each became outdated.
    replicas: Vec<(i64, Vec<Row>)>,
    pub(super) calls: u64,
    /// The times of the responses, by the true clock.
    pub(super) asked: Vec<i64>,
}

impl Xero {
    /// Creates an empty list at `now`.
    pub(super) fn at(now: i64) -> Xero {
        Xero {
            now,
            ..Xero::default()
        }
    }

    /// Creates a list with large ties, dense seconds and quiet times.
    pub(super) fn fill(rng: &mut Rng, behaviour: ServerBehaviour) -> Xero {
        let mut xero = Xero::at(1_000_000);
        for _ in 0..pick(rng, [0, 1, 8, 20, 40]) {
            xero.now += pick(rng, [0, 1, 300, 999, 1000, 5000, 100_000]);
            let tie = pick(rng, [1, 1, 2, 5, 17, 33, 60]);
            let step = pick(rng, [0, 0, 1, 15]);
            for _ in 0..tie {
                xero.now += step;
                xero.insert(rng);
            }
        }
        xero.behaviour = behaviour;
        xero.now += 1 + pick(rng, [0, 1, 1000, 100_000]);
        xero
    }

    pub(super) fn insert(&mut self, rng: &mut Rng) {
        let id = self.rows.len() as u64;
        self.rows.push((0, rng.u64(..), id));
        self.shown.push(None);
        self.stamp(id, rng);
    }

    fn stamp(&mut self, id: u64, rng: &mut Rng) {
        let row = &mut self.rows[id as usize];
        row.0 = self.now;
        let row = *row;
        if self.behaviour.lagging_replica {
            self.replicas.push((self.now, self.list.clone()));
        }
        if self.behaviour.late_rows && rng.bool() {
            let at = self.now + rng.i64(0..self.behaviour.lag);
            self.late.push((at, row));
        } else {
            self.show(row);
        }
    }

    fn show(&mut self, row: Row) {
        let shown = self.shown[row.2 as usize].replace(row);
        if let Some(Ok(at)) = shown.map(|shown| self.list.binary_search(&shown)) {
            self.list.remove(at);
        }
        if let Err(at) = self.list.binary_search(&row) {
            self.list.insert(at, row);
        }
    }

    /// Makes late versions visible that are due, unless a newer version is visible.
    fn catch_up(&mut self) {
        let now = self.now;
        let (mut due, late): (Vec<_>, Vec<_>) = self.late.drain(..).partition(|(at, _)| *at <= now);
        self.late = late;
        due.sort_unstable_by_key(|(_, row)| *row);
        for (_, row) in due {
            if self.shown[row.2 as usize].is_none_or(|shown| shown < row) {
                self.show(row);
            }
        }
    }

    /// Edits, inserts and bulk-edits rows. `recent` are the rows read last.
    pub(super) fn disturb(&mut self, rng: &mut Rng, recent: &[u64]) {
        self.now += pick(rng, [0, 0, 1, 3, 50, 400, 1500]);
        if rng.f64() > 0.6 {
            return;
        }
        for _ in 0..pick(rng, [1, 1, 1, 2, 5]) {
            match rng.u8(0..100) {
                0..35 if !recent.is_empty() => self.stamp(recent[rng.usize(..recent.len())], rng),
                0..75 => self.edit(1, rng),
                75..85 => self.edit(pick(rng, [3, 9, 25]), rng),
                _ => (0..pick(rng, [1, 4, 14, 30])).for_each(|_| self.insert(rng)),
            }
            self.now += pick(rng, [0, 0, 1, 20]);
        }
    }

    fn edit(&mut self, rows: i64, rng: &mut Rng) {
        let count = self.rows.len() as u64;
        for _ in 0..rows.min(count as i64) {
            self.stamp(rng.u64(0..count), rng);
        }
    }

    /// Returns the list that a response is taken from.
    fn list(&mut self, rng: &mut Rng) -> Vec<Row> {
        self.catch_up();
        let oldest = self.now - self.behaviour.lag;
        self.replicas.retain(|(at, _)| *at > oldest);
        let replica = self.behaviour.lagging_replica && rng.bool();
        let replicas = self.replicas.len();
        let mut list = match replica && replicas > 0 {
            true => self.replicas[rng.usize(..replicas)].1.clone(),
            false => self.list.clone(),
        };
        if self.behaviour.shuffles_ties {
            list.iter_mut().for_each(|row| row.1 = rng.u64(..));
            list.sort_unstable();
        }
        list
    }

    pub(super) fn answer(&mut self, request: &PageRequest, rng: &mut Rng) -> PageFacts {
        self.calls += 1;
        self.asked.push(self.now);
        let mut list = self.list(rng);
        if let Some(before) = request.before {
            list.truncate(list.partition_point(|row| row.0 < before));
        }
        if !self.behaviour.ignores_filter {
            let since = request
                .modified_since
                .map_or(i64::MIN, |since| since * 1000);
            let first = match self.behaviour.bound {
                Bound::Inclusive => since,
                Bound::Exclusive => since.saturating_add(1),
                Bound::ExclusiveSeconds => since.saturating_add(1000),
            };
            list.drain(..list.partition_point(|row| row.0 < first));
        }
        if request.order == Some(SortBy::Id) && !self.behaviour.ignores_order {
            list.sort_unstable_by_key(|(_, _, id)| by_id(*id));
        }
        if self.behaviour.newest_first {
            list.reverse();
        }
        if self.behaviour.shuffles {
            rng.shuffle(&mut list);
        }
        let count = list.len() as u64;
        let size = request.page_size.unwrap_or(PAGE);
        let size = size.min(self.behaviour.grants.unwrap_or(size));
        let mut page = match self.behaviour.ignores_page {
            true => 1,
            false => request.page.expect("this walk asks for pages"),
        };
        let pages = count.div_ceil(size);
        if self.behaviour.turns_pages && page <= pages {
            page = pages + 1 - page;
        }
        let from = ((page - 1) * size).min(count) as usize;
        let to = (page * size).min(count) as usize;
        let rows = list[from..to].iter();
        let rows = rows.map(|(stamp, _, id)| (id.to_string(), *stamp));
        let counts = (!self.behaviour.uncounted).then_some(Pagination {
            page_count: Some(pages),
            item_count: Some(count),
        });
        PageFacts::of(rows, counts, Some(self.now + self.behaviour.skew))
    }

    /// Returns the newest version of every row, which a complete sync must have read.
    pub(super) fn newest(&self) -> impl Iterator<Item = (u64, i64)> {
        self.rows.iter().map(|(stamp, _, id)| (*id, *stamp))
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Returns the sort key of an id. The order of the keys differs from the order of creation.
fn by_id(id: u64) -> u64 {
    id.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Picks one of the values.
pub(super) fn pick<const N: usize>(rng: &mut Rng, choices: [i64; N]) -> i64 {
    choices[rng.usize(..N)]
}
