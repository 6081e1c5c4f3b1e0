//! A world that changes while it is read: nothing may change without a sign of it.

use std::collections::BTreeMap;

use serde_json::Value;
use xero_sim::{Entity, World};

use crate::client::{Fixture, fixture};

/// All invoices by their ids.
fn invoices(fixture: &Fixture) -> BTreeMap<String, Value> {
    let body = fixture.get("/Invoices?page=1&pageSize=1000").json();
    let rows = body["Invoices"].as_array().expect("a list").iter();
    rows.map(|row| (row["InvoiceID"].to_string(), row.clone()))
        .collect()
}

/// How many invoices show something new, with and without a new stamp.
fn changes(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> [usize; 2] {
    let changed = before.iter().filter(|(id, old)| after[*id] != **old);
    let (stamped, silent): (Vec<_>, Vec<_>) =
        changed.partition(|(id, old)| after[*id]["UpdatedDateUTC"] != old["UpdatedDateUTC"]);
    [stamped.len(), silent.len()]
}

#[test]
fn new_documents_are_stamped_now_and_change_no_other() {
    let fixture = fixture(|world, demo| {
        for (entity, rows) in [
            (Entity::Contacts, 40),
            (Entity::CreditNotes, 20),
            (Entity::Items, 20),
            (Entity::Invoices, 200),
            (Entity::Payments, 150),
        ] {
            world.fill(demo, entity, rows);
        }
    });
    let before = invoices(&fixture);
    for entity in [
        Entity::Contacts,
        Entity::CreditNotes,
        Entity::Items,
        Entity::Invoices,
        Entity::Journals,
    ] {
        fixture.sim.world(|world| {
            let start = world.now();
            world.create(&fixture.demo, entity, 3);
            let rows = world.rows(&fixture.demo, entity);
            let newest = rows.last().expect("three new rows");
            assert!(newest.created >= start, "{entity:?}");
            assert!(newest.updated >= start, "{entity:?}");
        });
        let after = invoices(&fixture);
        assert_eq!(changes(&before, &after), [0, 0], "{entity:?}");
    }
}

#[test]
fn a_payment_that_comes_or_goes_stamps_what_it_pays() {
    let fixture = fixture(|world, demo| {
        world.fill(demo, Entity::Invoices, 30);
        world.fill(demo, Entity::Payments, 30);
    });
    let before = invoices(&fixture);
    fixture.sim.world(|world| {
        world.create(&fixture.demo, Entity::Payments, 30);
        for number in 1..=30 {
            world.set_status(&fixture.demo, Entity::Payments, number, "DELETED");
        }
    });
    let [stamped, silent] = changes(&before, &invoices(&fixture));
    assert!(stamped > 20, "{stamped}");
    assert_eq!(silent, 0);
}

#[test]
fn what_names_a_removed_row_is_all_that_changes_with_it() {
    let fixture = fixture(|world, demo| {
        world.fill(demo, Entity::Items, 50);
        world.fill(demo, Entity::Invoices, 200);
    });
    let before = invoices(&fixture);
    let removed = |world: &mut World| world.remove(&fixture.demo, Entity::Items, 7);
    fixture.sim.world(removed);
    let [_, silent] = changes(&before, &invoices(&fixture));
    // Each invoice has a few lines, one in three of which names one of the fifty items.
    assert!((1..20).contains(&silent), "{silent}");
}
