//! A world that changes while it is read: every change shows in a stamp or a version.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use xero_sim::entity::history;
use xero_sim::{ENDPOINTS, Entity, Size, World};

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
fn linked_transactions_keep_their_documents() {
    let fixture = fixture(|world, demo| {
        for entity in [Entity::Invoices, Entity::BankTransactions] {
            world.fill(demo, entity, 300);
        }
        world.fill(demo, Entity::LinkedTransactions, 100);
    });
    let links = || {
        let body = fixture.get("/LinkedTransactions?page=1").json();
        let rows = body["LinkedTransactions"].as_array().expect("a list");
        let links = rows.iter().map(|row| {
            let documents = ["SourceLineItemID", "TargetLineItemID", "ContactID"];
            let documents = documents.map(|field| row[field].to_string());
            (row["LinkedTransactionID"].to_string(), documents)
        });
        links.collect::<BTreeMap<_, _>>()
    };
    let before = links();
    fixture.sim.world(|world| {
        let rows = world.rows(&fixture.demo, Entity::Invoices).iter();
        let rows: Vec<_> = rows.map(|row| (row.number, row.status)).collect();
        for (number, status) in rows {
            match status {
                "DRAFT" => world.remove_line(&fixture.demo, Entity::Invoices, number),
                "ONHOLD" => world.set_status(&fixture.demo, Entity::Invoices, number, "VOIDED"),
                _ => {}
            }
        }
        world.create(&fixture.demo, Entity::Receipts, 3);
    });
    assert_eq!(links(), before);
}

#[test]
fn an_edit_shows_and_is_stamped() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Invoices, 2));
    let before = invoices(&fixture);
    fixture.sim.world(|world| {
        world.touch(&fixture.demo, Entity::Invoices, 1);
        world.set_status(&fixture.demo, Entity::Invoices, 2, "VOIDED");
    });
    assert_eq!(changes(&before, &invoices(&fixture)), [2, 0]);
}

#[test]
fn a_draft_can_lose_its_lines_and_its_sums_follow() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Invoices, 60));
    let before = invoices(&fixture);
    let drafts = fixture.sim.world(|world| {
        let rows = world.rows(&fixture.demo, Entity::Invoices).iter();
        let drafts = rows.filter(|row| row.status == "DRAFT");
        let drafts: Vec<_> = drafts.map(|row| row.number).collect();
        for number in &drafts {
            world.remove_line(&fixture.demo, Entity::Invoices, *number);
        }
        drafts.len()
    });
    let after = invoices(&fixture);
    assert!(drafts > 1);
    assert_eq!(changes(&before, &after), [drafts, 0]);
    let lines = |invoice: &Value| invoice["LineItems"].as_array().expect("lines").clone();
    for (id, old) in before.iter().filter(|(id, old)| after[*id] != **old) {
        let (mut lines_before, lines_after) = (lines(old), lines(&after[id]));
        lines_before.pop();
        assert_eq!(lines_before, lines_after);
        let sum = lines_after
            .iter()
            .filter_map(|line| line["LineAmount"].as_f64());
        let (sum, sub_total) = (sum.sum::<f64>(), after[id]["SubTotal"].as_f64());
        let is_inclusive = old["LineAmountTypes"] == "Inclusive";
        assert!(
            is_inclusive || (sum - sub_total.unwrap_or(f64::NAN)).abs() < 0.005,
            "{id}"
        );
    }
}

/// The names of the fields in which two documents differ. One of them may lack a field.
fn differing<'a>(before: &'a Value, after: &'a Value) -> BTreeSet<&'a str> {
    let documents = [before, after].map(|it| it.as_object().expect("a document"));
    let names = documents.iter().flat_map(|document| document.keys());
    let changed = names.filter(|name| before.get(name) != after.get(name));
    changed.map(String::as_str).collect()
}

#[test]
fn a_silent_edit_changes_only_what_xero_does_not_stamp() {
    let fixture = fixture(|world, demo| {
        world.fill(demo, Entity::Contacts, 40);
        world.fill(demo, Entity::Invoices, 200);
        world.fill(demo, Entity::Payments, 200);
    });
    let list = |entity: &str| {
        let query = "page=1&pageSize=1000&includeArchived=true";
        let body = fixture.get(&format!("/{entity}?{query}"));
        body.json()[entity].as_array().expect("a list").clone()
    };
    let before = [list("Invoices"), list("Contacts")];
    let part_paid = |invoice: &&Value| {
        invoice["Status"] == "AUTHORISED" && invoice["AmountPaid"].as_f64() > Some(0.0)
    };
    let ids = before[0].iter().filter(part_paid);
    let ids: Vec<_> = ids.map(|invoice| &invoice["InvoiceID"]).collect();
    assert!(ids.len() > 3, "{} part-paid invoices", ids.len());
    fixture.sim.world(|world| {
        let rows = world.rows(&fixture.demo, Entity::Invoices).iter();
        let edited = rows.filter(|row| ids.iter().any(|id| **id == row.guid()));
        for number in edited.map(|row| row.number).collect::<Vec<_>>() {
            world.touch_silently(&fixture.demo, Entity::Invoices, number);
        }
        for number in 1..=40 {
            world.touch_silently(&fixture.demo, Entity::Contacts, number);
        }
    });
    let after = [list("Invoices"), list("Contacts")];
    let blind = [
        &["DueDate", "DueDateString", "SentToContact"][..],
        &["Balances", "IsCustomer", "IsSupplier"],
    ];
    for (((before, after), blind), edits) in
        before.iter().zip(&after).zip(blind).zip([ids.len(), 40])
    {
        let rows = before.iter().zip(after);
        let changed: Vec<_> = rows
            .map(|(before, after)| differing(before, after))
            .collect();
        let shown = changed.iter().filter(|fields| fields.contains(&blind[0]));
        assert_eq!(shown.count(), edits, "{}", blind[0]);
        for field in changed.iter().flatten() {
            assert!(blind.contains(field), "{field}");
        }
    }
}

#[test]
#[should_panic(expected = "Xero stamps every edit of number 1 of Items")]
fn what_xero_stamps_cannot_be_edited_silently() {
    let mut world = World::new(7);
    let demo = world.add_tenant("Demo Company (NZ)", "NZD");
    world.fill(&demo, Entity::Items, 1);
    world.touch_silently(&demo, Entity::Items, 1);
}

#[test]
fn a_removal_changes_only_the_documents_that_name_the_row() {
    let fixture = fixture(|world, demo| {
        world.fill(demo, Entity::Items, 50);
        world.fill(demo, Entity::Invoices, 200);
    });
    let before = invoices(&fixture);
    let removed = |world: &mut World| world.remove(&fixture.demo, Entity::Items, 7);
    fixture.sim.world(removed);
    let [_, silent] = changes(&before, &invoices(&fixture));
    // Each invoice has a few lines. One line in three names one of the fifty items.
    assert!((1..20).contains(&silent), "{silent}");
}

#[test]
fn lists_and_reports_stay_readable_after_deletions() {
    let mut fixture = fixture(|world, demo| {
        for (entity, rows) in history(&[], 20) {
            world.fill(demo, entity, rows);
        }
    });
    let scopes = "accounting.transactions accounting.contacts accounting.settings \
                  accounting.classicexpenses accounting.reports.read";
    let demo = [fixture.demo.clone()];
    fixture.tokens = fixture.sim.world(|world| {
        world.unlimited();
        world.consent(&fixture.app, &demo, scopes)
    });
    let big = ENDPOINTS.iter().filter(|table| table.size == Size::Grows);
    let deletable = big.filter(|table| table.entity != Entity::Journals);
    for table in deletable.clone() {
        fixture.sim.world(|world| {
            world.create(&fixture.demo, table.entity, 2);
            for number in [1, 10, 21] {
                world.delete(&fixture.demo, table.entity, number);
            }
        });
    }
    for table in deletable {
        let hidden = table.hidden.map_or("page", |(_, parameter)| parameter);
        let value = if hidden == "page" { "1" } else { "true" };
        let answer = fixture.get(&format!("{}?{hidden}={value}&pageSize=1000", table.path));
        assert_eq!(answer.status, 200, "{}", table.path);
        let rows = answer.json()[table.key].as_array().map(Vec::len);
        let statuses = fixture.sim.world(|world| {
            let rows = world.rows(&fixture.demo, table.entity).iter();
            rows.map(|row| row.status).collect::<Vec<_>>()
        });
        assert_eq!(rows, Some(statuses.len()), "{}: {statuses:?}", table.path);
    }
    for report in ["BalanceSheet", "ProfitAndLoss", "TrialBalance"] {
        let answer = fixture.get(&format!("/Reports/{report}"));
        assert_eq!(answer.status, 200, "{report}");
    }
}
