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
const TABLES: [(Entity, usize); 10] = [
    (Entity::Contacts, 10),
    (Entity::Invoices, 55),
    (Entity::BankTransactions, 25),
    (Entity::Payments, 20),
    (Entity::CreditNotes, 5),
    (Entity::ManualJournals, 5),
    (Entity::PurchaseOrders, 8),
    (Entity::Quotes, 8),
    (Entity::Items, 4),
    (Entity::BankTransfers, 6),
];

/// Every fifth organisation is larger than the others, up to lists of more than a page.
fn fill(world: &mut World, tenant: &TenantId, number: usize) {
    let size = if number.is_multiple_of(5) { number } else { 2 };
    for (table, rows) in TABLES {
        world.fill(tenant, table, rows * size);
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

/// What one read cost: the calls of each organisation, the bytes on the wire, and the records.
struct Counted {
    calls: BTreeMap<String, u64>,
    bytes: f64,
    records: usize,
}

/// Reads the lists of all organisations, and asserts that no call was refused.
fn read(organisations: &Organisations, state: Option<&Value>) -> (Run, Counted) {
    let scene = &organisations.scene;
    let mut config = organisations.config();
    config["max_calls_per_sync"] = Value::from(0);
    let before = scene.sim.requests().len();
    scene.sim.take_served();
    let run = scene.read(&config, &names(), state);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let mut calls = BTreeMap::new();
    for request in &scene.sim.requests()[before..] {
        assert_ne!(request.status, 429, "{}", request.path);
        if let Some(tenant) = &request.tenant {
            *calls.entry(tenant.clone()).or_default() += 1;
        }
    }
    let counted = Counted {
        calls,
        bytes: scene.sim.take_served().sent_bytes as f64,
        records: run.payloads("RECORD", "record").count(),
    };
    (run, counted)
}

fn total(costs: impl Iterator<Item = Cost>) -> Cost {
    costs.fold(Cost::default(), |sum, cost| Cost {
        calls: sum.calls + cost.calls,
        bytes: sum.bytes + cost.bytes,
        records: sum.records + cost.records,
    })
}

/// Compares calls in each organisation, and bytes and records as totals. Whether a list that ends with a full page
/// costs one more call depends on its rows.
fn compare(modelled: &BTreeMap<&String, Cost>, counted: &Counted) {
    assert_eq!(counted.calls.len(), COUNT);
    for (tenant, cost) in modelled {
        let (modelled, counted) = (cost.calls, counted.calls[*tenant]);
        let off = modelled.abs_diff(counted);
        assert!(off <= 1, "{tenant}: {counted} calls and not {modelled}");
    }
    let total = total(modelled.values().copied());
    let (bytes, records) = (counted.bytes, counted.records);
    let figures = format!("{total:?} and not {bytes} bytes, {records} records");
    assert!(is_near(total.bytes, bytes), "{figures}");
    assert!(is_near(total.records, records as f64), "{figures}");
}

fn is_near(modelled: f64, counted: f64) -> bool {
    (modelled - counted).abs() <= counted * 0.15
}

#[test]
fn the_model_counts_what_twenty_organisations_cost_under_the_limits_of_xero() {
    let organisations = Organisations::new(COUNT, fill);
    let model = modelled(&organisations);
    let costs =
        |cost: fn(&Organisation) -> Cost| model.iter().map(|(id, it)| (id, cost(it))).collect();
    let (first, counted) = read(&organisations, None);
    compare(&costs(Organisation::first), &counted);

    // Both syncs would need more calls than a minute has.
    organisations.scene.sim.world(World::unlimited);
    let (_, counted) = read(&organisations, Some(&first.last_states()));
    compare(&costs(|it| it.later(0.0)), &counted);
}
