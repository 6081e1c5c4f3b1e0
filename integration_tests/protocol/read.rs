//! The first `read` emits every row once and unchanged. Later ones emit only new rows.

use std::collections::HashSet;

use serde_json::Value;
use xero_sim::{Entity, Row};

use crate::support::conformance::Conformance;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;
use crate::support::tables::tables;

#[test]
fn every_row_of_every_stream_is_emitted_once_and_complete() {
    let scene = Scene::new();
    let run = scene.read(&scene.flat(), streams::lists(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for (stream, entity) in tables() {
        let mut truth = match entity {
            Entity::Journals => journals(&scene, false),
            _ => scene.ids(entity),
        };
        assert!(!truth.is_empty(), "the scene has no {stream}");
        assert_eq!(run.records(stream).len(), truth.len(), "{stream}");
        let key = entity.endpoint().id;
        if !key.ends_with("ID") {
            continue; // the simulator knows ids; these rows have a natural key or none
        }
        let mut read = run.column(stream, key);
        read.sort_unstable();
        truth.sort_unstable();
        assert_eq!(read, truth, "{stream}");
    }
    assert_eq!(scene.token_calls(), 0, "the token was good");
}

#[test]
fn the_cash_ledger_is_a_stream_of_its_own() {
    let scene = Scene::new();
    let run = scene.read(&scene.flat(), &["journals", "journals_cash"], None);
    let [accrual, cash] = [("journals", false), ("journals_cash", true)].map(|(stream, cash)| {
        let read = run.column(stream, "JournalID").into_iter();
        let mut read: Vec<_> = read.map(str::to_owned).collect();
        let mut truth = journals(&scene, cash);
        read.sort_unstable();
        truth.sort_unstable();
        assert_eq!(read, truth, "{stream}");
        HashSet::<String>::from_iter(read)
    });
    // What money moves without a document to be paid counts on both bases.
    assert!(accrual.intersection(&cash).next().is_some());
    assert!(accrual.difference(&cash).next().is_some());
    assert!(cash.difference(&accrual).next().is_some());
}

/// The ids of the journals on the list of a basis.
fn journals(scene: &Scene, cash: bool) -> Vec<String> {
    scene.sim.world(|world| {
        let rows = world.journals(&scene.tenant, cash).into_iter();
        rows.map(Row::guid).collect()
    })
}

#[test]
fn a_row_without_an_id_has_its_organisation_as_key() {
    let scene = Scene::new();
    let run = scene.read(&scene.flat(), &["invoice_reminders"], None);
    assert_eq!(
        run.column("invoice_reminders", "TenantID"),
        [scene.tenant.as_str()]
    );
}

#[test]
fn a_deleted_bank_transfer_comes_at_the_next_read() {
    let scene = Scene::new();
    let config = scene.flat();
    let first = scene.read(&config, &["bank_transfers"], None);
    let is_live = |row: &&Value| row["Status"] == "AUTHORISED";
    let live = first.records("bank_transfers").into_iter().find(is_live);
    let id = live.expect("one is not deleted")["BankTransferID"].clone();
    scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::BankTransfers);
        let row = rows.iter().find(|row| id == row.guid());
        let number = row.expect("it came from there").number;
        world.set_status(&scene.tenant, Entity::BankTransfers, number, "DELETED");
    });
    let next = scene.read(&config, &["bank_transfers"], Some(&first.last_states()));
    let rows = next.records("bank_transfers");
    let row = rows.iter().find(|row| row["BankTransferID"] == id);
    assert_eq!(row.expect("it is read again")["Status"], "DELETED");
}

#[test]
fn every_row_fits_the_schema_that_discover_gives() {
    // The tax systems of these countries have their own fields.
    for scene in ["NZD", "USD", "GBP"].map(Scene::abroad) {
        let discovered = scene.discover(&scene.flat());
        let mut catalogs = discovered.payloads("CATALOG", "catalog");
        let catalog = catalogs.next().expect("there is a catalog");
        let names = [streams::lists(), streams::children(), streams::of_counts()];
        let run = scene.read(&scene.flat(), &names.concat(), None);
        let streams = catalog["streams"].as_array();
        for stream in streams.expect("a catalog has streams") {
            let name = stream["name"].as_str().expect("a stream has a name");
            let conformance = Conformance::new(&stream["json_schema"]);
            let rows = run.records(name);
            if streams::reports().contains(&name) || streams::per_document().contains(&name) {
                continue; // they have tests of their own
            }
            // Xero's list of receipts contains none of their lines.
            let is_empty = name.starts_with("receipt_");
            assert_eq!(rows.is_empty(), is_empty, "{name}");
            for row in rows {
                let faults = conformance.faults(row);
                assert!(faults.is_empty(), "{name}: {faults:?}");
            }
        }
    }
}

#[test]
fn requests_have_the_parameters_that_make_rows_complete() {
    let scene = Scene::new();
    scene.read(
        &scene.flat(),
        &[
            "invoices",
            "contacts",
            "bank_transactions",
            "items",
            "manual_journals",
            "overpayments",
            "payments",
        ],
        None,
    );
    let requests = scene.sim.requests();
    let request = |path: &str| {
        requests
            .iter()
            .find(|request| request.path.ends_with(path))
            .expect(path)
    };
    for (path, parameter, value) in [
        ("/Invoices", "unitdp", Some("4")),
        ("/BankTransactions", "unitdp", Some("4")),
        ("/Items", "unitdp", Some("4")),
        ("/Contacts", "includeArchived", Some("true")),
        ("/Invoices", "pageSize", Some("1000")),
        ("/Invoices", "page", Some("1")),
        // Xero documents the order of payments without `order`: by stamp, then by ID.
        ("/Payments", "order", None),
        ("/Overpayments", "order", Some("UpdatedDateUTC ASC")),
        ("/ManualJournals", "order", None),
        ("/Items", "page", None),
    ] {
        assert_eq!(request(path).param(parameter), value, "{path} {parameter}");
    }
    for path in ["/Invoices", "/Items"] {
        assert_eq!(
            request(path).if_modified_since.as_deref(),
            Some("2019-12-31T23:59:59Z"),
            "{path}"
        );
    }
}

#[test]
fn voided_deleted_and_archived_rows_are_emitted_with_their_status() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 3);
        world.fill(tenant, Entity::Contacts, 3);
        world.set_status(tenant, Entity::Invoices, 1, "VOIDED");
        world.set_status(tenant, Entity::Invoices, 2, "DELETED");
        world.set_status(tenant, Entity::Contacts, 3, "ARCHIVED");
    });
    let run = scene.read(&scene.flat(), &["invoices", "contacts"], None);
    let invoices: HashSet<_> = run.column("invoices", "Status").into_iter().collect();
    assert!(
        invoices.contains("VOIDED") && invoices.contains("DELETED"),
        "{invoices:?}"
    );
    assert!(
        run.column("contacts", "ContactStatus")
            .contains(&"ARCHIVED")
    );
    assert_eq!(
        (run.records("invoices").len(), run.records("contacts").len()),
        (3, 3)
    );
}

#[test]
fn dates_are_dates_and_numbers_keep_their_digits() {
    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        request.path.ends_with("/Invoices").then(|| {
            xero_sim::Answer::json(200, r#"{"DateTimeUTC":"\/Date(1758708209213)\/","pagination":{"page":1,"pageSize":1000,"pageCount":1,"itemCount":1},
                "Invoices":[{"InvoiceID":"i","Date":"\/Date(1540080000000+0000)\/","UpdatedDateUTC":"\/Date(1758708209213+0000)\/","Total":99999999999999.990,"CurrencyRate":1.0000000000}]}"#)
        })
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    for text in [
        r#""Date":"2018-10-21""#,
        r#""UpdatedDateUTC":"2025-09-24T10:03:29.213Z""#,
        r#""Total":99999999999999.990,"#,
        r#""CurrencyRate":1.0000000000"#,
    ] {
        assert!(run.stdout.contains(text), "{text} is missing");
    }
}

#[test]
fn unpaged_endpoints_are_requested_once_for_any_number_of_rows() {
    for rows in [1000, 1001, 2500] {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.fill(tenant, Entity::Items, rows)
        });
        let run = scene.read(&scene.flat(), &["items"], None);
        assert_eq!(run.records("items").len(), rows);
        assert_eq!(scene.calls(), ["/Currencies", "/Items"]);
    }
}
