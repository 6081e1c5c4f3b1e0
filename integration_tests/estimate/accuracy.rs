//! An estimate is compared with the read that it is about.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xero_sim::{Entity, TenantId, World};

use super::{estimate, streams_of};
use crate::support::connector::Run;
use crate::support::organisations::Organisations;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;

/// Calls without repeated ones, and bytes as they were received and unpacked, of the last line of a
/// read. A slow machine repeats calls.
fn usage(run: &Run) -> (u64, f64, f64) {
    let lines = run.logs("INFO");
    let line = lines
        .iter()
        .find_map(|line| line.strip_prefix("read ended: "));
    let numbers: Vec<f64> = line
        .expect("a read ends with its usage")
        .split([' ', '('])
        .filter_map(|word| word.parse().ok())
        .collect();
    let warnings = run.logs("WARN");
    let retries = warnings
        .iter()
        .filter(|line| line.contains("trying again in"));
    let calls = numbers[0] as u64 - retries.count() as u64;
    (calls, numbers[1], numbers[2])
}

/// The records of each list, by tenant.
fn rows(run: &Run, stream: &str) -> BTreeMap<String, usize> {
    let mut rows = BTreeMap::new();
    for tenant in run.column(stream, "TenantID") {
        *rows.entry(tenant.to_owned()).or_default() += 1;
    }
    rows
}

/// A start date.
fn days_ago(days: i64) -> Value {
    let date = chrono::Utc::now() - chrono::TimeDelta::days(days);
    json!(date.format("%Y-%m-%d").to_string())
}

fn is_within(estimated: f64, real: f64, part: f64) -> bool {
    (estimated - real).abs() <= real * part
}

/// A ledger is read in ranges if its calls take long, and each range costs calls to find its bounds. A
/// busy machine may have ranges at the estimate and none at the read.
const CALLS_OF_RANGES: f64 = 10.0;

/// Compares the totals: calls within a tenth, but for the ranges of a ledger, and bytes within a fifth.
fn hold_totals(answer: &Value, read: &Run) {
    let (calls, received, unpacked) = usage(read);
    let first = &answer["first_sync"];
    let number = |name: &str| first[name].as_f64().expect("a number");
    let figures = format!("{first} and {calls} calls, {received} MB, {unpacked} MB");
    let calls = calls as f64;
    let off = (number("calls") - calls).abs();
    assert!(off <= (calls * 0.1).max(CALLS_OF_RANGES), "{figures}");
    assert!(is_within(number("bytes") / 1e6, received, 0.2), "{figures}");
    assert!(
        is_within(number("bytes_unpacked") / 1e6, unpacked, 0.2),
        "{figures}"
    );
}

fn long_lists(world: &mut World, tenant: &TenantId) {
    world.unlimited();
    for (entity, rows) in [
        (Entity::Contacts, 300),
        (Entity::Invoices, 3_400),
        (Entity::Payments, 2_300),
        (Entity::Quotes, 730),
        (Entity::LinkedTransactions, 420),
        (Entity::Journals, 2_600),
    ] {
        world.fill(tenant, entity, rows);
    }
}

#[test]
fn every_list_is_estimated_as_it_is_read() {
    let scene = Scene::new();
    scene.sim.world(World::unlimited);
    let config = scene.flat();
    let names = streams::lists().join(",");
    let run = estimate(&scene, &config, &["--streams", &names]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let answer = run.answer();
    let read = scene.read(&config, streams::lists(), None);
    for stream in streams_of(&answer, 0) {
        let (name, rows) = (stream["name"].as_str().expect("a name"), &stream["rows"]);
        let emitted = read.records(name).len() as f64;
        let estimated = rows.as_f64().expect("a number of rows");
        match stream["rows_certainty"].as_str() {
            Some("exact") => assert_eq!(estimated, emitted, "{name}"),
            certainty => {
                assert_eq!(certainty, Some("about"), "{name}");
                assert!(
                    is_within(estimated, emitted, 0.2),
                    "{name}: {estimated} and {emitted}"
                );
            }
        }
    }
    hold_totals(&answer, &read);
}

#[test]
fn long_lists_are_counted_by_xero_and_uncounted_ones_are_found_in_few_calls() {
    let scene = Scene::with(SCOPES, long_lists);
    let config = scene.flat();
    let names = [
        "invoices",
        "payments",
        "quotes",
        "linked_transactions",
        "journals",
    ];
    let run = estimate(&scene, &config, &["--streams", &names.join(",")]);
    let spent = scene.calls().len();
    assert!(spent <= 40, "{spent} calls");
    let answer = run.answer();
    let read = scene.read(&config, &names, None);
    for (stream, certainty) in streams_of(&answer, 0)
        .iter()
        .zip(["exact", "exact", "exact", "exact", "about"])
    {
        assert_eq!(stream["rows_certainty"], certainty, "{stream}");
        let emitted = read.records(stream["name"].as_str().expect("a name")).len() as f64;
        let estimated = stream["rows"].as_f64().expect("a number of rows");
        // The density of a ledger is that of a few of its pages: journals of the cash basis have numbers
        // between those of the others.
        let part = if certainty == "exact" { 0.0 } else { 0.15 };
        assert!(is_within(estimated, emitted, part), "{stream}: {emitted}");
    }
    hold_totals(&answer, &read);
}

#[test]
fn a_later_start_date_counts_fewer_rows_and_what_it_saves_is_true() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Contacts, 300);
        world.fill(tenant, Entity::Invoices, 5_400);
    });
    let mut config = scene.flat();
    let ask = |config: &Value| estimate(&scene, config, &["--streams", "invoices"]).answer();
    // The history of the simulator begins two years ago.
    config["start_date"] = days_ago(1_250);
    let early = ask(&config);
    let savings = early["start_date_savings"]
        .as_array()
        .expect("a list")
        .clone();
    assert_eq!(savings.len(), 3, "{early}");
    let mut rows_before = streams_of(&early, 0)[0]["rows"].as_u64().expect("a number");
    for (at, saving) in savings.iter().enumerate() {
        config["start_date"] = saving["start_date"].clone();
        let later = ask(&config);
        let read = scene.read(&config, &["invoices"], None);
        let rows = streams_of(&later, 0)[0]["rows"].as_u64().expect("a number");
        assert_eq!(rows, read.records("invoices").len() as u64);
        assert!(rows <= rows_before, "{rows}");
        rows_before = rows;
        // The middle date was asked about.
        if at == 1 {
            let calls = |answer: &Value| answer["first_sync"]["calls"].as_u64().expect("a number");
            let saved = calls(&early) - calls(&later);
            assert_eq!(
                (&saving["calls"], &saving["calls_certainty"]),
                (&json!(saved), &json!("exact"))
            );
        }
    }
}

#[test]
fn ten_organisations_are_estimated_side_by_side_and_an_empty_one_among_them() {
    let organisations = Organisations::new(10, |world, tenant, number| {
        world.unlimited();
        if number != 4 {
            world.fill(tenant, Entity::Contacts, 40 * number);
            world.fill(tenant, Entity::Invoices, 120 * number);
            world.fill(tenant, Entity::Items, 25);
        }
    });
    let (scene, config) = (&organisations.scene, organisations.config());
    let names = ["invoices", "items", "contacts", "accounts"];
    let answer = estimate(scene, &config, &["--streams", &names.join(",")]).answer();
    let read = scene.read(&config, &names, None);
    let found = rows(&read, "invoices");
    for (at, tenant) in organisations.tenants.iter().enumerate() {
        let stream = &streams_of(&answer, at)[0];
        let emitted = found.get(tenant.as_str()).copied().unwrap_or(0);
        assert_eq!(
            (&stream["name"], &stream["rows"]),
            (&json!("invoices"), &json!(emitted))
        );
        if at == 3 {
            assert_eq!((emitted, &stream["calls"]), (0, &json!(1)));
        }
    }
    hold_totals(&answer, &read);
}

#[test]
fn reports_and_documents_are_computed_as_they_are_read() {
    let scene = Scene::new();
    scene.sim.world(World::unlimited);
    let mut config = scene.flat();
    config["start_date"] = days_ago(650);
    let names = [streams::reports(), streams::per_document()].concat();
    let run = estimate(&scene, &config, &["--streams", &names.join(",")]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let answer = run.answer();
    let read = scene.read(&config, &names, None);
    let (calls, ..) = usage(&read);
    let estimated = answer["first_sync"]["calls"].as_f64().expect("a number");
    assert!(is_within(estimated, calls as f64, 0.1), "{answer}: {calls}");
    for stream in streams_of(&answer, 0) {
        assert!(stream["rows"].is_null(), "{stream}");
    }
}
