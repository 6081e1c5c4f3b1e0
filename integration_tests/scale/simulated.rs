//! The model beside a sync of 20 simulated organisations under Xero's limits.

use std::collections::BTreeMap;

use serde_json::Value;
use xero_sim::{Entity, TenantId, World};

use super::model::{Cost, LISTS, Organisation};
use crate::support::connector::Run;
use crate::support::organisations::Organisations;
use crate::support::streams;

const COUNT: usize = 20;
/// Tables of the simulator that grow, and how fast. Others come with them, such as payments with their batches.
const TABLES: [(Entity, usize); 9] = [
    (Entity::Contacts, 40),
    (Entity::Invoices, 120),
    (Entity::BankTransactions, 90),
    (Entity::Payments, 80),
    (Entity::CreditNotes, 20),
    (Entity::ManualJournals, 20),
    (Entity::PurchaseOrders, 30),
    (Entity::Quotes, 12),
    (Entity::Items, 15),
];

fn fill(world: &mut World, tenant: &TenantId, number: usize) {
    for (table, rows) in TABLES {
        world.fill(tenant, table, rows * number);
    }
}

/// The lists of the model without the ledger, the other lists, and their children.
fn names() -> Vec<&'static str> {
    let is_ledger = |name: &&str| name.starts_with("journal");
    let lists = streams::lists().iter().copied();
    let children = streams::children().iter().copied();
    lists
        .chain(children)
        .filter(|name| !is_ledger(name))
        .collect()
}

/// The organisations as the simulator has them.
fn modelled(organisations: &Organisations) -> BTreeMap<String, Organisation> {
    let rows = |tenant: &TenantId| {
        let lists = LISTS.iter().filter(|list| list.stream != "journals");
        let rows = lists.map(|list| {
            let entity = xero_sim::ENDPOINTS.iter().find(|it| it.name == list.stream);
            let entity = entity.expect("a table of the simulator").entity;
            let count = organisations
                .scene
                .sim
                .world(|world| world.rows(tenant, entity).len());
            (list.stream, count as u64)
        });
        Organisation {
            rows: rows.collect(),
        }
    };
    let tenants = organisations.tenants.iter();
    tenants
        .map(|tenant| (tenant.as_str().to_owned(), rows(tenant)))
        .collect()
}

/// The calls of each organisation since the last time, after asserting that none was refused.
fn counted(organisations: &Organisations, from: usize) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for request in &organisations.scene.sim.requests()[from..] {
        assert_ne!(request.status, 429, "{}", request.path);
        if let Some(tenant) = request.header("xero-tenant-id") {
            *calls.entry(tenant.to_owned()).or_default() += 1;
        }
    }
    calls
}

/// The millions of bytes as they were received, of the last line of a read.
fn received(run: &Run) -> f64 {
    let lines = run.logs("INFO");
    let line = lines
        .iter()
        .find_map(|line| line.strip_prefix("read ended: "));
    let words = line
        .expect("a read ends with its usage")
        .split(' ')
        .collect::<Vec<_>>();
    let at = words
        .iter()
        .position(|word| word.starts_with("MB"))
        .expect("the line has bytes");
    words[at - 1].parse().expect("a number")
}

fn total(costs: impl Iterator<Item = Cost>) -> Cost {
    costs.fold(Cost::default(), |sum, cost| Cost {
        calls: sum.calls + cost.calls,
        bytes: sum.bytes + cost.bytes,
        records: sum.records + cost.records,
    })
}

/// Compares calls exactly to one in each organisation, and bytes and records as totals.
fn hold(model: &BTreeMap<String, Cost>, calls: &BTreeMap<String, u64>, run: &Run) {
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(calls.len(), COUNT);
    for (tenant, cost) in model {
        let off = cost.calls.abs_diff(calls[tenant]);
        assert!(
            off <= 2,
            "{tenant}: {} calls and not {}",
            calls[tenant],
            cost.calls
        );
    }
    let total = total(model.values().copied());
    let records = names()
        .iter()
        .map(|name| run.records(name).len())
        .sum::<usize>();
    let figures = format!("{total:?}: {} MB, {records} records", received(run));
    assert!(is_near(total.bytes / 1e6, received(run)), "{figures}");
    assert!(is_near(total.records, records as f64), "{figures}");
}

fn is_near(modelled: f64, counted: f64) -> bool {
    (modelled - counted).abs() <= counted * 0.2
}

#[test]
fn the_calls_bytes_and_records_of_twenty_organisations_are_those_of_the_model() {
    let organisations = Organisations::new(COUNT, fill);
    let model = modelled(&organisations);
    let mut config = organisations.config();
    config["max_calls_per_sync"] = Value::from(0);
    let before = organisations.scene.sim.requests().len();
    let first = organisations.scene.read(&config, &names(), None);
    let costs = model
        .iter()
        .map(|(tenant, it)| (tenant.clone(), it.first()))
        .collect();
    hold(&costs, &counted(&organisations, before), &first);
}
