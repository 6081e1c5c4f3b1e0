//! The stream of Xero's own counts of the lists.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity, Request};

use crate::apis::lists as other_apis;
use crate::support::connector::Run;
use crate::support::organisations::Organisations;
use crate::support::scene::{SCOPES, Scene};

const COUNTS: &str = "list_counts";

/// The lists of Accounting that Xero counts.
const COUNTED: [&str; 9] = [
    "bank_transactions",
    "contacts",
    "credit_notes",
    "invoices",
    "manual_journals",
    "overpayments",
    "payments",
    "prepayments",
    "purchase_orders",
];

/// The count of each list, by its stream.
fn counts(run: &Run) -> BTreeMap<String, u64> {
    let rows = run.records(COUNTS).into_iter();
    let count = |row: &Value| {
        let stream = row["StreamName"].as_str().expect("a stream");
        let count = row["ItemCount"].as_u64().expect("a count");
        (stream.to_owned(), count)
    };
    rows.map(count).collect()
}

/// The requests of a list since the first `before` ones.
fn requests(scene: &Scene, before: usize, path: &str) -> Vec<Request> {
    let requests = scene.sim.requests().split_off(before);
    let of_list = requests.into_iter().filter(|it| it.path.ends_with(path));
    of_list.collect()
}

#[test]
fn the_counts_are_those_of_the_rows_that_are_read() {
    let scene = Scene::new();
    let mut streams = COUNTED.to_vec();
    streams.extend(["accounts", "quotes", COUNTS]);
    let first = scene.read(&scene.flat(), &streams, None);
    assert_eq!(first.code, Some(0), "{:?}", first.errors());
    let rows = |stream: &&str| ((*stream).to_owned(), first.records(stream).len() as u64);
    let all: BTreeMap<_, _> = COUNTED.iter().map(rows).collect();
    assert_eq!(counts(&first), all);
    let is_archived = |row: &&&Value| row["ContactStatus"] == "ARCHIVED";
    assert!(first.records("contacts").iter().filter(is_archived).count() > 0);

    // The second sync reads only changes, and counts everything.
    let before = scene.sim.requests().len();
    let second = scene.read(&scene.flat(), &streams, Some(&first.last_states()));
    assert!(second.records("invoices").is_empty());
    assert_eq!(counts(&second), all);
    let asked = requests(&scene, before, "/Invoices");
    let sizes: Vec<_> = asked.iter().map(|it| it.param("pageSize")).collect();
    assert_eq!(sizes, [Some("1"), Some("1000")], "the count comes first");
}

#[test]
fn a_row_says_what_was_counted_and_when() {
    let scene = Scene::new();
    let run = scene.read(&scene.flat(), &["contacts", COUNTS], None);
    let rows = run.records(COUNTS);
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let at = row["CountedDateUTC"].as_str().expect("an instant");
    chrono::DateTime::parse_from_rfc3339(at).expect(at);
    assert_eq!(row["TenantID"], scene.tenant.as_str());
    assert_eq!(row["ModifiedSinceUTC"], "2020-01-01T00:00:00.000Z");
    assert_eq!(row["QueryParameters"], "includeArchived=true");
}

#[test]
fn rows_that_are_added_after_the_count_are_read_all_the_same() {
    let scene = Scene::new();
    let before = scene.ids(Entity::Invoices).len() as u64;
    let tenant = scene.tenant.clone();
    let mut calls = 0;
    scene.sim.intercept(move |request, world| {
        calls += u32::from(request.path.ends_with("/Invoices"));
        if calls == 2 {
            calls += 1;
            world.create(&tenant, Entity::Invoices, 3);
        }
        None
    });
    let run = scene.read(&scene.flat(), &["invoices", COUNTS], None);
    assert_eq!(counts(&run)["invoices"], before);
    assert_eq!(run.records("invoices").len() as u64, before + 3);
    let rows = run.records(COUNTS);
    let counted_at = rows[0]["CountedDateUTC"].as_str().expect("an instant");
    let is_before = |row: &&&Value| row["UpdatedDateUTC"].as_str() <= Some(counted_at);
    let until_count = run.records("invoices").iter().filter(is_before).count();
    assert_eq!(until_count as u64, before);
}

#[test]
fn without_other_lists_all_that_the_token_opens_are_counted() {
    let scopes = SCOPES.replace("accounting.contacts.read ", "");
    for (scopes, expected) in [
        (SCOPES, COUNTED.to_vec()),
        (
            &scopes,
            COUNTED.into_iter().filter(|it| *it != "contacts").collect(),
        ),
    ] {
        let scene = Scene::with(scopes, |world, tenant| {
            world.fill(tenant, Entity::Invoices, 1_234);
        });
        let run = scene.read(&scene.flat(), &[COUNTS], None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        let counts = counts(&run);
        let streams: Vec<_> = counts.keys().map(String::as_str).collect();
        assert_eq!(streams, expected);
        assert_eq!(counts["invoices"], 1_234);
        // Currencies prove access.
        assert_eq!(scene.calls().len(), expected.len() + 1);
    }
}

#[test]
fn rows_before_the_start_date_are_not_counted() {
    let scene = Scene::new();
    let rows = scene.ids(Entity::Invoices).len() as i64;
    let start = chrono::DateTime::parse_from_rfc3339("2026-02-01T00:00:00Z").expect("a date");
    // A third is far older, a third less than a second older, and a third newer.
    scene.sim.world(|world| {
        world.restamp(&scene.tenant, Entity::Invoices, |number| {
            let thirds = 3 * number as i64 / rows;
            let shift = [-90_000_000, -1_000, 1_000][thirds.min(2) as usize];
            start.timestamp_millis() + shift + number as i64 % 900
        });
    });
    let mut config = scene.flat();
    config["start_date"] = json!("2026-02-01");
    let run = scene.read(&config, &["invoices", COUNTS], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let read = run.records("invoices").len() as u64;
    assert!(read > 0 && read < rows as u64);
    assert_eq!(counts(&run)["invoices"], read);
}

#[test]
fn a_list_that_is_forbidden_does_not_lose_the_other_counts() {
    let scene = Scene::new();
    scene
        .sim
        .intercept(|request, _| request.path.ends_with("/Contacts").then(Answer::forbidden));
    let streams = ["contacts", "invoices", "payments", COUNTS];
    let run = scene.read(&scene.flat(), &streams, None);
    let counts = counts(&run);
    let streams: Vec<_> = counts.keys().map(String::as_str).collect();
    assert_eq!(streams, ["invoices", "payments"]);
    assert_eq!(run.status(COUNTS), "INCOMPLETE");
    assert_eq!(run.status("invoices"), "COMPLETE");
    let errors = run.errors();
    let (_, _, words) = errors.iter().find(|it| it.1 == COUNTS).expect("an error");
    assert!(words.contains("reading contacts of"), "{words}");
}

#[test]
fn an_answer_without_a_count_makes_no_row() {
    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        let is_count =
            request.path.ends_with("/Contacts") && request.param("pageSize") == Some("1");
        is_count.then(|| Answer::json(200, r#"{"Status":"OK","Contacts":[]}"#))
    });
    let run = scene.read(&scene.flat(), &["contacts", "payments", COUNTS], None);
    assert_eq!(run.status(COUNTS), "COMPLETE", "{:?}", run.errors());
    let counts = counts(&run);
    assert!(counts.contains_key("payments") && !counts.contains_key("contacts"));
    let warnings = run.logs("WARN");
    let is_named = |line: &&&str| line.contains("contacts") && line.contains("count");
    assert_eq!(warnings.iter().filter(is_named).count(), 1, "{warnings:?}");
}

#[test]
fn lists_of_other_apis_are_counted_as_they_are_read() {
    let scene = other_apis::scene(|world, tenant| {
        for table in ["assets", "projects", "files"] {
            world.fill_api(tenant, table, 601);
        }
    });
    let streams = ["assets", "projects", "project_users", "files", COUNTS];
    let run = scene.read(&scene.flat(), &streams, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let counts = counts(&run);
    for stream in &streams[..4] {
        assert_eq!(
            counts[*stream],
            run.records(stream).len() as u64,
            "{stream}"
        );
    }
    assert_eq!(other_apis::undocumented(&scene), [""; 0]);
    let parts = requests(&scene, 0, "/Assets");
    let counting = parts.iter().filter(|it| it.param("pageSize") == Some("1"));
    let parts: Vec<_> = counting.filter_map(|it| it.param("status")).collect();
    assert_eq!(parts, ["DRAFT", "REGISTERED", "DISPOSED"]);
}

#[test]
fn every_organisation_is_counted() {
    let organisations = Organisations::new(3, |world, tenant, number| {
        world.fill(tenant, Entity::Invoices, 10 * number);
    });
    let config = organisations.config();
    let run = organisations
        .scene
        .read(&config, &["invoices", COUNTS], None);
    assert_eq!(run.status(COUNTS), "COMPLETE", "{:?}", run.errors());
    let rows = run.records(COUNTS).into_iter();
    let mut found: Vec<_> = rows.map(|row| row["ItemCount"].as_u64()).collect();
    found.sort_unstable();
    assert_eq!(found, [Some(10), Some(20), Some(30)]);
}

#[test]
fn payroll_is_counted_only_if_its_lists_are_selected() {
    let scopes = format!("{SCOPES} payroll.employees.read payroll.settings.read");
    let scene = Scene::of_country(&scopes, "GBP");
    let employees = "payroll_uk_employees";
    scene
        .sim
        .world(|world| world.fill_api(&scene.tenant, employees, 130));
    let all = scene.read(&scene.flat(), &[COUNTS], None);
    assert!(
        counts(&all)
            .keys()
            .all(|name| COUNTED.contains(&name.as_str()))
    );
    // The other country has no such list, and its own stream says so.
    let streams = [employees, "payroll_nz_employees", COUNTS];
    let run = scene.read(&scene.flat(), &streams, None);
    assert_eq!(run.status(COUNTS), "COMPLETE", "{:?}", run.errors());
    assert_eq!(counts(&run), BTreeMap::from([(employees.to_owned(), 130)]));
    assert_eq!(run.records(employees).len(), 130);
}
