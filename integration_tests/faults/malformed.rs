//! Answers that Xero never sends. Each fails its own stream with a message or is read as it is. None causes a
//! panic, a hang or the end of other streams.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::support::connector::{Run, command, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};

/// Reads items, for which every call is answered so, beside currencies.
fn read(answer: impl Fn() -> Answer + Send + 'static) -> Run {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Items, 3);
    });
    scene.sim.intercept(move |request, _| {
        let is_it = request.path.ends_with("/Items");
        is_it.then(&answer)
    });
    let run = scene.read(&scene.flat(), &["items", "currencies"], None);
    assert_eq!(run.status("currencies"), "COMPLETE");
    assert!(!run.stdout.contains("panic"), "{}", run.stdout);
    run
}

fn items(rows: &str) -> String {
    format!(r#"{{"DateTimeUTC":"\/Date(1700000000000)\/","Items":[{rows}]}}"#)
}

const STAMP: &str = r#""UpdatedDateUTC":"\/Date(1600000000000+0000)\/""#;

#[test]
fn a_response_that_is_no_list_of_rows_fails_its_stream_with_a_message() {
    for (name, body) in [
        ("no id", items(&format!("{{{STAMP}}}"))),
        (
            "id is an object",
            items(&format!(r#"{{"ItemID":{{}},{STAMP}}}"#)),
        ),
        ("a row is a number", items("7")),
        (
            "the list comes twice",
            r#"{"Items":[],"Items":[]}"#.to_owned(),
        ),
        ("the list is a text", r#"{"Items":"x"}"#.to_owned()),
        ("cut", items(r#"{"ItemID":"a""#).replace("]}", "")),
        ("more behind it", items("") + "{}"),
        (
            "not closed",
            items(&format!(r#"{{"ItemID":"a","x":{}}}"#, "[".repeat(200_000))),
        ),
    ] {
        let run = read(move || Answer::json(200, body.clone()));
        assert_eq!(run.status("items"), "INCOMPLETE", "{name}");
        let errors = run.errors();
        let [(kind, stream, words)] = errors[..] else {
            panic!("{name}: {errors:?}")
        };
        assert_eq!((kind, stream), ("transient_error", "items"), "{name}");
        assert!(words.contains("an unusable response"), "{words}");
        assert!(words.len() < 500, "{name}: {words}");
        assert!(run.records("items").is_empty());
    }
}

#[test]
fn odd_values_are_read_as_they_stand() {
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    for (name, member, expected) in [
        ("a huge number", r#""x":1e999"#.to_owned(), "1e999"),
        (
            "many digits",
            r#""x":0.1000000000000000000000000000001"#.to_owned(),
            "0.1000000000000000000000000000001",
        ),
        ("half a pair", r#""x":"\ud800""#.to_owned(), "\\ufffd"),
        ("a zero byte", r#""x":"\u0000""#.to_owned(), "\\u0000"),
        ("nesting", format!(r#""x":{deep}"#), &deep),
        (
            "a date of long ago",
            r#""xUTC":"\/Date(-99999999999999)\/""#.to_owned(),
            "xUTC",
        ),
        (
            "a date of no calendar",
            r#""xUTC":"\/Date(99999999999999999999)\/""#.to_owned(),
            "xUTC",
        ),
    ] {
        let body = items(&format!(r#"{{"ItemID":"a",{member},{STAMP}}}"#));
        let scene = Scene::with(SCOPES, |world, _| world.unlimited());
        scene.sim.intercept(move |request, _| {
            let is_it = request.path.ends_with("/Items");
            is_it.then(|| Answer::json(200, body.clone()))
        });
        // Not by the scene, whose reader has no place for every number.
        let config = scene.file("config.json", &scene.flat());
        let catalog = scene.file("catalog.json", &catalog(&["items"]));
        let mut command = command(&read_arguments(&config, &catalog));
        let output = command.output().expect("the binary starts");
        let text = String::from_utf8(output.stdout).expect("stdout is UTF-8");
        let record = text.lines().find(|line| line.contains("\"RECORD\""));
        let record = record.unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(record.contains(expected), "{name}: {record}");
        assert_eq!(output.status.code(), Some(0), "{name}: {text}");
    }
}

#[test]
fn a_body_that_decompresses_without_end_is_an_error() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..300 {
        encoder
            .write_all(&block)
            .expect("a vector takes every byte");
    }
    let bomb = encoder.finish().expect("a vector takes every byte");
    assert!(bomb.len() < 1 << 20);
    let run = read(move || Answer::json(200, bomb.clone()).header("Content-Encoding", "gzip"));
    assert_eq!(run.status("items"), "INCOMPLETE");
    let (_, stream, words) = run.errors()[0];
    assert_eq!(stream, "items");
    assert!(words.contains("too many rows for one request"), "{words}");
}

#[test]
fn wrong_counts_lose_no_row_and_the_read_ends() {
    for (name, pagination) in [
        (
            "nothing",
            json!({"page": 1, "pageCount": 0, "itemCount": 0}),
        ),
        (
            "very much",
            json!({"page": 1, "pageCount": 1_000_000_000_000_000_000_u64, "itemCount": u64::MAX}),
        ),
        (
            "less than nothing",
            json!({"page": -1, "pageCount": -5, "itemCount": -7}),
        ),
        (
            "no numbers",
            json!({"page": [], "pageCount": {}, "itemCount": "many"}),
        ),
    ] {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.unlimited();
            world.fill(tenant, Entity::Invoices, 1_500);
        });
        let counts = pagination.clone();
        scene.sim.intercept(move |request, _| {
            let counts = counts.clone();
            request.path.ends_with("/Invoices").then(|| {
                Answer::honest().rewritten(move |body| {
                    let mut body: Value = serde_json::from_str(&body).expect("JSON");
                    body["pagination"] = counts;
                    body.to_string()
                })
            })
        });
        let run = scene.read(&scene.flat(), &["invoices"], None);
        let rows: BTreeSet<_> = run.column("invoices", "InvoiceID").into_iter().collect();
        assert!(run.code.is_some(), "{name}");
        match run.status("invoices") {
            "COMPLETE" => assert_eq!(rows.len(), 1_500, "{name}"),
            _ => assert!(!run.errors().is_empty(), "{name}"),
        }
    }
}

#[test]
fn a_server_clock_that_is_far_ahead_moves_no_cursor_past_the_rows_read() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 3);
    });
    let mut is_ahead = true;
    scene.sim.intercept(move |request, _| {
        let is_it = request.path.ends_with("/Invoices");
        let is_first = is_it && std::mem::take(&mut is_ahead);
        is_first.then(|| {
            Answer::honest().rewritten(|body| {
                let mut body: Value = serde_json::from_str(&body).expect("JSON");
                body["DateTimeUTC"] = json!("/Date(253402300799999)/");
                body.to_string()
            })
        })
    });
    let first = scene.read(&scene.flat(), &["invoices"], None);
    assert_eq!(first.records("invoices").len(), 3);
    scene
        .sim
        .world(|world| world.touch(&scene.tenant, Entity::Invoices, 2));
    let next = scene.read(&scene.flat(), &["invoices"], Some(&first.last_states()));
    let edited = &scene.ids(Entity::Invoices)[1];
    assert!(
        next.column("invoices", "InvoiceID")
            .contains(&edited.as_str()),
        "{first:?}"
    );
}
