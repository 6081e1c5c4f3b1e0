//! `/{Parent}/{id}/History` beside the document's own stamps and statuses.

use serde_json::Value;
use xero_sim::Entity;

use crate::client::{Fixture, fixture};

/// The milliseconds of `/Date(1511893792813+0000)/`.
fn millis(date: &Value) -> i64 {
    let text = date.as_str().expect("a date");
    let inner = text.strip_prefix("/Date(").expect("a date");
    inner[..13].parse().expect("milliseconds")
}

/// The entries of an invoice, newest first.
fn history(fixture: &Fixture, id: &str) -> Vec<Value> {
    let answer = fixture.get(&format!("/Invoices/{id}/History"));
    assert_eq!(answer.status, 200);
    let records = answer.json()["HistoryRecords"].clone();
    records.as_array().expect("entries").clone()
}

fn invoices(fixture: &Fixture) -> Vec<Value> {
    let body = fixture.get("/Invoices?page=1").json();
    body["Invoices"].as_array().expect("a list").clone()
}

fn id(invoice: &Value) -> &str {
    invoice["InvoiceID"].as_str().expect("an id")
}

#[test]
fn entries_end_with_what_the_status_says() {
    let fixture = fixture(|world, demo| {
        world.unlimited();
        world.fill(demo, Entity::Invoices, 60);
    });
    for invoice in invoices(&fixture) {
        let entries = history(&fixture, id(&invoice));
        let stamps: Vec<_> = entries.iter().map(|it| millis(&it["DateUTC"])).collect();
        assert!(stamps.is_sorted_by(|newer, older| newer >= older));
        assert!(stamps[0] <= millis(&invoice["UpdatedDateUTC"]));
        let names: Vec<_> = entries.iter().map(|it| it["Changes"].as_str()).collect();
        assert_eq!(names.last(), Some(&Some("Created")));
        let expected = match invoice["Status"].as_str() {
            Some("PAID") => "Paid",
            Some("VOIDED") => "Voided",
            Some("DELETED") => "Deleted",
            _ => continue,
        };
        assert_eq!(names[0], Some(expected));
        let sent = names.contains(&Some("Sent"));
        assert_eq!(sent, invoice["SentToContact"] == true, "{invoice}");
        for entry in &entries {
            let text = entry["DateUTCString"].as_str().expect("a date");
            assert_eq!(text.len(), "2018-11-08T15:01:21".len());
            assert!(
                entry["User"]
                    .as_str()
                    .is_some_and(|user| user.contains(' '))
            );
        }
    }
}

#[test]
fn a_history_only_grows() {
    let fixture = fixture(|world, demo| {
        world.unlimited();
        world.fill(demo, Entity::Invoices, 20);
        world.create(demo, Entity::Invoices, 5);
    });
    let invoices = invoices(&fixture);
    let all = || {
        invoices
            .iter()
            .map(|invoice| history(&fixture, id(invoice)))
    };
    let before: Vec<_> = all().collect();
    fixture.sim.world(|world| {
        for number in 1..=25 {
            world.touch(&fixture.demo, Entity::Invoices, number);
        }
        for number in 1..=25 {
            world.attach(&fixture.demo, Entity::Invoices, number, 2);
        }
        for number in 1..=25 {
            world.set_status(&fixture.demo, Entity::Invoices, number, "VOIDED");
        }
    });
    for (before, after) in before.into_iter().zip(all()) {
        assert_eq!(after[after.len() - before.len()..], before);
        let added: Vec<_> = after[..after.len() - before.len()].iter().collect();
        assert!(
            added.iter().any(|it| it["Changes"] == "Edited"),
            "{added:?}"
        );
    }
}
