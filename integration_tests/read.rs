//! `read`: every row, once, exactly; and then only what is new.

use std::collections::HashSet;

use serde_json::{Value, json};
use xero_sim::{Entity, Row};

use crate::scene::{SCOPES, STREAMS, Scene};

/// Where each stream's truth lies.
const TABLES: [(&str, Entity, &str); 9] = [
    ("accounts", Entity::Accounts, "AccountID"),
    (
        "bank_transactions",
        Entity::BankTransactions,
        "BankTransactionID",
    ),
    ("contacts", Entity::Contacts, "ContactID"),
    ("currencies", Entity::Currencies, "Code"),
    ("invoices", Entity::Invoices, "InvoiceID"),
    ("items", Entity::Items, "ItemID"),
    ("journals", Entity::Journals, "JournalID"),
    ("organisations", Entity::Organisations, "OrganisationID"),
    ("payments", Entity::Payments, "PaymentID"),
];

fn guid(row: &Row) -> String {
    let hex = format!("{:032x}", row.id);
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

fn ids(scene: &Scene, entity: Entity) -> Vec<String> {
    scene
        .sim
        .world(|world| world.rows(&scene.tenant, entity).iter().map(guid).collect())
}

#[test]
fn every_row_of_every_stream_comes_once_and_complete() {
    let scene = Scene::new();
    let run = scene.read(&scene.flat(), &STREAMS, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for (stream, entity, key) in TABLES {
        let mut read = run.column(stream, key);
        let mut truth = ids(&scene, entity);
        if stream == "currencies" {
            assert_eq!(read.len(), truth.len());
            continue;
        }
        read.sort_unstable();
        truth.sort_unstable();
        assert_eq!(read, truth, "{stream}");
    }
    assert_eq!(scene.token_calls(), 0, "the token was good");
}

#[test]
fn every_row_fits_the_schema_that_discover_gives() {
    let scene = Scene::new();
    let discovered = scene.discover(&scene.flat());
    let catalog = discovered
        .payloads("CATALOG", "catalog")
        .next()
        .expect("there is a catalog");
    let run = scene.read(&scene.flat(), &STREAMS, None);
    let mut seen = 0;
    for stream in catalog["streams"]
        .as_array()
        .expect("a catalog has streams")
    {
        let name = stream["name"].as_str().expect("a stream has a name");
        let mut schema = stream["json_schema"].clone();
        forget_zoneless_formats(&mut schema);
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema is a schema");
        for row in run.records(name) {
            let faults: Vec<_> = validator
                .iter_errors(row)
                .map(|fault| format!("{} at {}", fault, fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{name}: {faults:?}");
            let undeclared: Vec<_> = row
                .as_object()
                .expect("a row is an object")
                .keys()
                .filter(|key| schema["properties"].get(key).is_none())
                .collect();
            assert!(
                undeclared.is_empty(),
                "{name} has undeclared fields {undeclared:?}"
            );
            seen += 1;
        }
    }
    assert!(seen > 500, "only {seen} rows were looked at");
}

/// A timestamp without zone has the format date-time in Airbyte's types, but not by its RFC.
fn forget_zoneless_formats(schema: &mut Value) {
    if schema["airbyte_type"] == "timestamp_without_timezone" {
        schema.as_object_mut().map(|schema| schema.remove("format"));
    }
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    fields
        .into_iter()
        .flat_map(|fields| fields.values_mut())
        .for_each(forget_zoneless_formats);
    schema
        .get_mut("items")
        .into_iter()
        .for_each(forget_zoneless_formats);
}

#[test]
fn requests_ask_for_what_makes_rows_whole() {
    let scene = Scene::new();
    scene.read(
        &scene.flat(),
        &[
            "invoices",
            "contacts",
            "bank_transactions",
            "items",
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
        ("/Payments", "order", Some("UpdatedDateUTC ASC")),
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
fn voided_deleted_and_archived_rows_come_with_their_status() {
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
fn a_second_sync_brings_what_changed_and_nothing_else() {
    let scene = Scene::new();
    let first = scene.read(&scene.flat(), &STREAMS, None);
    let quiet = scene.read(&scene.flat(), &STREAMS, Some(&first.last_states()));
    for stream in STREAMS
        .into_iter()
        .filter(|stream| !matches!(*stream, "currencies" | "organisations" | "accounts"))
    {
        assert!(
            quiet.records(stream).len() < first.records(stream).len() / 10 + 1,
            "{stream} was read again"
        );
    }
    scene.sim.world(|world| {
        world.touch(&scene.tenant, Entity::Invoices, 17);
        world.set_status(&scene.tenant, Entity::Payments, 3, "DELETED");
        world.fill(&scene.tenant, Entity::Contacts, 2);
        for number in [41, 42] {
            world.touch(&scene.tenant, Entity::Contacts, number);
        }
        world.fill(&scene.tenant, Entity::Journals, 7);
    });
    let second = scene.read(&scene.flat(), &STREAMS, Some(&quiet.last_states()));
    let touched = ids(&scene, Entity::Invoices)[16].clone();
    assert!(
        second
            .column("invoices", "InvoiceID")
            .contains(&touched.as_str())
    );
    assert!(second.column("payments", "Status").contains(&"DELETED"));
    assert_eq!(second.records("journals").len(), 7);
    let contacts = ids(&scene, Entity::Contacts);
    for id in &contacts[40..] {
        assert!(
            second
                .column("contacts", "ContactID")
                .contains(&id.as_str())
        );
    }
}

#[test]
fn large_lists_are_paged_with_a_state_for_each_page_and_resume_from_any_of_them() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 4500)
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    let read: HashSet<_> = run
        .column("invoices", "InvoiceID")
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!((read.len(), run.records("invoices").len()), (4500, 4500));
    let states = run.states("invoices");
    assert_eq!(states.len(), 5, "a state for each page");
    for (nth, state) in states.iter().enumerate() {
        let message = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "invoices"}, "stream_state": state}}]);
        let rest = scene.read(&scene.flat(), &["invoices"], Some(&message));
        let before = records_before(&run.messages, nth + 1);
        let after: HashSet<_> = rest
            .column("invoices", "InvoiceID")
            .into_iter()
            .map(str::to_owned)
            .collect();
        let together: HashSet<_> = before.union(&after).cloned().collect();
        assert_eq!(together, read, "rows are missing after state {nth}");
        assert!(
            after.len() <= 4500 - before.len() + 5,
            "state {nth} reads too much again"
        );
    }
}

/// The invoices that came before the `nth` state.
fn records_before(messages: &[Value], nth: usize) -> HashSet<String> {
    let mut states = 0;
    let mut found = HashSet::new();
    for message in messages {
        states += usize::from(message["type"] == "STATE");
        if states == nth {
            break;
        }
        found.extend(
            message["record"]["data"]["InvoiceID"]
                .as_str()
                .map(str::to_owned),
        );
    }
    found
}

#[test]
fn rows_that_are_edited_while_they_are_read_are_not_lost() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 3500)
    });
    let tenant = scene.tenant.clone();
    let mut oldest = 0;
    scene.sim.intercept(move |request, world| {
        // Somebody edits three rows of the first page between any two pages.
        if request.path.ends_with("/Invoices") {
            for _ in 0..3 {
                oldest += 1;
                world.touch(&tenant, Entity::Invoices, oldest);
            }
        }
        None
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    let read: HashSet<_> = run
        .column("invoices", "InvoiceID")
        .into_iter()
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = ids(&scene, Entity::Invoices)
        .into_iter()
        .filter(|id| !read.contains(id))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn unpaged_endpoints_are_asked_once_whatever_the_number_of_rows() {
    for rows in [1000, 1001, 2500] {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.fill(tenant, Entity::Items, rows)
        });
        let run = scene.read(&scene.flat(), &["items"], None);
        assert_eq!(run.records("items").len(), rows);
        assert_eq!(scene.calls(), ["/Currencies", "/Items"]);
    }
}

#[test]
fn a_state_from_the_future_stays_as_it_came() {
    let scene = Scene::new();
    let state = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "invoices"}, "stream_state": {"UpdatedDateUTC": "2099-01-01T00:00:00"}}}]);
    let run = scene.read(&scene.flat(), &["invoices"], Some(&state));
    assert_eq!(run.records("invoices").len(), 0);
    assert_eq!(
        run.states("invoices")
            .last()
            .map(|state| &state["UpdatedDateUTC"]),
        Some(&json!("2099-01-01T00:00:00"))
    );
}

#[test]
fn a_state_that_makes_no_sense_fails_its_stream_alone() {
    let scene = Scene::new();
    let state = json!({"invoices": {"UpdatedDateUTC": "yesterday"}, "contacts": {"unknown": 1}});
    let run = scene.read(&scene.flat(), &["invoices", "contacts"], Some(&state));
    assert_eq!(
        (run.status("invoices"), run.status("contacts")),
        ("INCOMPLETE", "COMPLETE")
    );
    assert!(
        run.errors()[0].2.contains("Reset the stream"),
        "{:?}",
        run.errors()
    );
    assert_eq!(run.records("contacts").len(), 40);
}
