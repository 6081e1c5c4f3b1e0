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
    (Entity::Contacts, 10),
    (Entity::Invoices, 55),
    (Entity::BankTransactions, 25),
    (Entity::Payments, 20),
    (Entity::CreditNotes, 5),
    (Entity::ManualJournals, 5),
    (Entity::PurchaseOrders, 8),
    (Entity::Quotes, 8),
    (Entity::Items, 4),
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

/// The calls of each organisation since the last time, after asserting that none was refused.
fn counted(organisations: &Organisations, from: usize) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for request in &organisations.scene.sim.requests()[from..] {
        assert_ne!(request.status, 429, "{}", request.path);
        if let Some(tenant) = &request.tenant {
            *calls.entry(tenant.clone()).or_default() += 1;
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

/// Compares calls in each organisation, and bytes and records as totals. Whether a list that ends with a page
/// costs one more call depends on its rows.
fn hold(model: &BTreeMap<String, Cost>, calls: &BTreeMap<String, u64>, run: &Run) {
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(calls.len(), COUNT);
    for (tenant, cost) in model {
        let (modelled, counted) = (cost.calls, calls[tenant]);
        let off = modelled.abs_diff(counted);
        assert!(off <= 1, "{tenant}: {counted} calls and not {modelled}");
    }
    let total = total(model.values().copied());
    let records = run.payloads("RECORD", "record").count();
    let figures = format!("{total:?}: {} MB, {records} records", received(run));
    assert!(is_near(total.bytes / 1e6, received(run)), "{figures}");
    assert!(is_near(total.records, records as f64), "{figures}");
}

fn is_near(modelled: f64, counted: f64) -> bool {
    (modelled - counted).abs() <= counted * 0.15
}

#[test]
fn the_model_counts_what_twenty_organisations_cost_under_the_limits_of_xero() {
    let organisations = Organisations::new(COUNT, fill);
    let scene = &organisations.scene;
    let model = modelled(&organisations);
    let costs = |cost: fn(&Organisation) -> Cost| {
        let costs = model.iter().map(|(tenant, it)| (tenant.clone(), cost(it)));
        costs.collect()
    };
    let names = names();
    let mut config = organisations.config();
    config["max_calls_per_sync"] = Value::from(0);
    let before = scene.sim.requests().len();
    let first = scene.read(&config, &names, None);
    let calls = counted(&organisations, before);
    hold(&costs(Organisation::first), &calls, &first);

    // Both syncs would need more calls than a minute has.
    scene.sim.world(World::unlimited);
    let before = scene.sim.requests().len();
    let second = scene.read(&config, &names, Some(&first.last_states()));
    let calls = counted(&organisations, before);
    let costs: BTreeMap<_, _> = costs(|it| it.later(0.0));
    assert_eq!(second.code, Some(0), "{:?}", second.errors());
    for (tenant, cost) in &costs {
        let (modelled, counted) = (cost.calls, calls[tenant]);
        assert!(
            modelled.abs_diff(counted) <= 1,
            "{tenant}: {counted} calls and not {modelled}"
        );
    }
}
