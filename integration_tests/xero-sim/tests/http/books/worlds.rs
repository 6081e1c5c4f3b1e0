//! The worlds that every proof runs on, read once for all proofs.

use std::sync::OnceLock;
use std::time::Duration;

use chrono::{DateTime, NaiveDate};
use fastrand::Rng;
use xero_sim::World;
use xero_sim::entity::history;

use super::reader::Books;
use super::storm;
use crate::client::{Fixture, started};

/// Seeds, base currencies of two, none and three decimals, and rows of every table.
const SEEDS: [(u64, &str); 4] = [(7, "NZD"), (1, "USD"), (2, "JPY"), (20_240_229, "BHD")];
const SIZES: [usize; 3] = [4, 60, 260];

/// 15 June 2026, 10:00 UTC: in the middle of a month and of a fiscal year.
const NOW: i64 = 1_781_517_600_000;

/// Every scope that opens a list or a report.
const SCOPES: &str = "accounting.settings.read accounting.contacts.read \
    accounting.transactions.read accounting.classicexpenses.read accounting.journals.read \
    accounting.budgets.read accounting.reports.read paymentservices";

/// The books of one organisation at two moments.
pub struct Read {
    pub before: Books,
    pub after: Books,
}

/// The day on which the books were read.
pub fn today(books: &Books) -> NaiveDate {
    DateTime::from_timestamp_millis(books.read_at)
        .expect("a date")
        .date_naive()
}

/// All worlds.
pub fn all() -> &'static [Read] {
    static ALL: OnceLock<Vec<Read>> = OnceLock::new();
    ALL.get_or_init(|| {
        let worlds = SEEDS.into_iter();
        let sized = worlds.flat_map(|world| SIZES.map(|rows| (world, rows)));
        let read = sized.map(|((seed, base), rows)| read(seed, base, rows));
        read.collect()
    })
}

fn read(seed: u64, base: &str, rows: usize) -> Read {
    let mut fixture = start(seed, base, rows);
    let label = |moment| format!("seed {seed}, {base}, {rows} rows, {moment} the storm");
    let before = Books::read(&fixture, label("before"));
    let mut rng = Rng::with_seed(seed ^ rows as u64);
    fixture.sim.world(|world| {
        for _ in 0..rows.max(30) {
            world.advance(Duration::from_secs(rng.u64(60..7_200)));
            storm::step(world, &fixture.demo, &mut rng);
        }
    });
    // The access token of the first read has expired meanwhile.
    let demo = [fixture.demo.clone()];
    let renewed = |world: &mut World| world.consent(&fixture.app, &demo, SCOPES);
    fixture.tokens = fixture.sim.world(renewed);
    let after = Books::read(&fixture, label("after"));
    Read { before, after }
}

fn start(seed: u64, base: &str, rows: usize) -> Fixture {
    let mut world = World::new(seed);
    world.fix_clock(NOW);
    world.history_ends(NOW);
    world.unlimited();
    let demo = world.add_tenant("Demo Company", base);
    for (entity, rows) in history(&[], rows) {
        world.fill(&demo, entity, rows);
    }
    started(world, demo, SCOPES)
}
