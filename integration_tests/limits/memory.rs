//! Very large answers. Each fails at most its own stream, and memory stays below the documented bound.

use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::support::connector::{Run, limited, megabytes, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};

const MEGABYTE: usize = 1 << 20;

/// The documented memory bound of the process, in megabytes.
const BOUND: usize = 1024;

fn packed(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for piece in pieces {
        encoder
            .write_all(&piece)
            .expect("a vector takes every byte");
    }
    encoder.finish().expect("a vector takes every byte")
}

/// Returns some megabytes of JSON that take many times as much memory when parsed into values.
fn bomb(megabytes: usize) -> Vec<u8> {
    let list = (0..megabytes).map(|_| b"0,".repeat(MEGABYTE / 2));
    let list = std::iter::once(b"{\"Detail\":[".to_vec()).chain(list);
    packed(list.chain([b"0]}".to_vec()]))
}

#[test]
fn only_the_start_of_an_endless_error_body_is_read() {
    let bomb = bomb(64);
    assert!(bomb.len() < MEGABYTE);
    for (path, status, code) in [
        ("/Items", 500, 1),
        ("/Items", 403, 1),
        ("/connections", 500, 1),
        ("/connections", 200, 1),
        ("/connect/token", 200, 1),
        ("/connect/token", 400, 1),
        ("/connect/token", 503, 1),
    ] {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.unlimited();
            world.fill(tenant, Entity::Items, 3);
        });
        let body = bomb.clone();
        scene.sim.intercept(move |request, _| {
            let is_it = request.path.ends_with(path);
            is_it.then(|| Answer::json(status, body.clone()).header("Content-Encoding", "gzip"))
        });
        let mut config = scene.flat();
        match path {
            "/connections" => config["tenant_id"] = Value::Null,
            "/connect/token" => config["access_token"] = Value::Null,
            _ => {}
        }
        let config = scene.file("config.json", &config);
        let catalog = scene.file("catalog.json", &catalog(&["items", "currencies"]));
        let arguments = read_arguments(&config, &catalog);
        let output = limited(&[megabytes(300)], &arguments)
            .output()
            .expect("the binary starts");
        let run = Run::of(output);
        assert_eq!(run.code, Some(code), "{path} {status}: {}", run.stderr);
        assert!(!run.errors().is_empty(), "{path} {status}: {}", run.stdout);
        assert_eq!(run.stderr, "", "{path} {status}");
        if path == "/Items" {
            assert_eq!(run.status("currencies"), "COMPLETE", "{}", run.stdout);
        }
    }
}

/// Reads currencies and the stream items, whose list contains this item.
fn read_item(members: String) -> Run {
    let scene = Scene::with(SCOPES, |world, _| world.unlimited());
    scene.sim.intercept(move |request, _| {
        let row = r#"{"ItemID":"a","UpdatedDateUTC":"\/Date(1600000000000+0000)\/""#;
        let body = format!(r#"{{"Items":[{row}}},{row},{members}}}]}}"#);
        let is_it = request.path.ends_with("/Items");
        is_it.then(|| Answer::json(200, body))
    });
    scene.read(&scene.flat(), &["items", "currencies"], None)
}

#[test]
fn a_row_too_large_for_destinations_fails_its_stream_with_a_message() {
    for (name, member, words) in [
        (
            "a row",
            format!(r#""x":"{}""#, "w".repeat(20 * MEGABYTE)),
            "larger than 20 MB",
        ),
        (
            "levels",
            format!(r#""x":{}{}"#, "[".repeat(129), "]".repeat(129)),
            "128 levels",
        ),
        (
            "many levels",
            format!(
                r#""x":{}{}"#,
                r#"{"a":"#.repeat(100_000),
                "}".repeat(100_000)
            )
            .replace(":}", ":1}"),
            "128 levels",
        ),
        (
            "digits",
            format!(r#""x":{}"#, "7".repeat(301)),
            "more than 300 digits",
        ),
        (
            "digits of a fraction",
            format!(r#""x":[{{"y":-0.{}}}]"#, "7".repeat(2_000)),
            "more than 300 digits",
        ),
    ] {
        let run = read_item(member);
        let errors = run.errors();
        let [(kind, stream, said)] = errors[..] else {
            panic!("{name}: {errors:?}")
        };
        assert_eq!((kind, stream), ("system_error", "items"), "{name}");
        assert!(said.contains(words), "{name}: {said}");
        assert!(said.contains("items of the organisation"), "{name}: {said}");
        assert_eq!(run.status("items"), "INCOMPLETE", "{name}");
        assert_eq!(run.status("currencies"), "COMPLETE", "{name}");
        assert!(run.logs("WARN").is_empty(), "{name}: asked once");
    }
    // A row with 120 levels is accepted.
    let deep = format!(r#""x":{}{}"#, "[".repeat(120), "]".repeat(120));
    assert_eq!(read_item(deep).records("items").len(), 2);
}

#[test]
fn a_report_cell_too_large_for_destinations_fails_its_stream_with_a_message() {
    for (value, words) in [
        (json!("w".repeat(20 * MEGABYTE)), "larger than 20 MB"),
        (json!("7".repeat(301)), "more than 300 digits"),
    ] {
        let scene = Scene::with(SCOPES, |world, _| world.unlimited());
        let body = json!({"Reports": [{"ReportID": "TenNinetyNine", "ReportName": "1099",
            "Contacts": [{"Name": "A", "ContactId": "c-1", "Box1": value}]}]})
        .to_string();
        let organisation = r#"{"Organisations":[{"CountryCode":"US"}]}"#.to_owned();
        scene.sim.intercept(move |request, _| {
            let body = match request.path.rsplit('/').next() {
                Some("TenNinetyNine") => &body,
                Some("Organisation") => &organisation,
                _ => return None,
            };
            Some(Answer::json(200, body.clone()))
        });
        let streams = ["report_ten_ninety_nine", "currencies"];
        let run = scene.read(&scene.flat(), &streams, None);
        let errors = run.errors();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].2.contains(words), "{errors:?}");
        assert_eq!(run.status("report_ten_ninety_nine"), "INCOMPLETE");
        assert_eq!(run.status("currencies"), "COMPLETE");
    }
}

/// Rows of each list.
const ROWS: usize = 8;

/// Five lists without pages. Each row is just below the size limit of a row.
const LISTS: [(&str, &str, &str); 5] = [
    ("accounts", "Accounts", "AccountID"),
    ("batch_payments", "BatchPayments", "BatchPaymentID"),
    ("branding_themes", "BrandingThemes", "BrandingThemeID"),
    ("contact_groups", "ContactGroups", "ContactGroupID"),
    ("items", "Items", "ItemID"),
];

#[test]
fn five_large_answers_before_a_stuck_reader_stay_below_the_documented_bound() {
    let page = include_str!("../../docs/limits-and-cost.md");
    assert!(
        page.contains("at most 1 GiB of memory"),
        "the bound is in the documents"
    );
    let scene = Scene::with(SCOPES, |world, _| world.unlimited());
    let (asked, calls) = mpsc::channel();
    let text = "w".repeat(19_000_000);
    let bodies = LISTS.map(|(_, envelope, key)| {
        let stamp = r"\/Date(1600000000000+0000)\/";
        let row = |row| format!(r#"{{"{key}":"{row}","UpdatedDateUTC":"{stamp}","x":"{text}"}}"#);
        let rows: Vec<_> = (0..ROWS).map(row).collect();
        // The body is leaked, so that the server sends it without a copy.
        let body: &str = format!(r#"{{"{envelope}":[{}]}}"#, rows.join(",")).leak();
        body
    });
    scene.sim.intercept(move |request, _| {
        let list = request.path.rsplit('/').next()?;
        let at = LISTS
            .iter()
            .position(|(_, envelope, _)| *envelope == list)?;
        let _ = asked.send(());
        Some(Answer::json(200, bodies[at]))
    });
    let config = scene.file("config.json", &scene.flat());
    let streams = LISTS.map(|(stream, _, _)| stream);
    let catalog = scene.file("catalog.json", &catalog(&streams));
    let arguments = read_arguments(&config, &catalog);
    let mut child = limited(&[megabytes(BOUND)], &arguments)
        .spawn()
        .expect("the binary starts");
    // All five are requested while nobody reads stdout. Then the output is read line by line.
    for _ in LISTS {
        let call = calls.recv_timeout(Duration::from_secs(60));
        call.expect("the lists are asked for side by side");
    }
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut records, mut complete) = (0, 0);
    let (mut line, mut faults) = (Vec::new(), Vec::new());
    while stdout
        .read_until(b'\n', &mut line)
        .expect("stdout can be read")
        > 0
    {
        records += usize::from(line.starts_with(br#"{"type":"RECORD""#));
        complete += usize::from(line.ends_with(b"\"status\":\"COMPLETE\"}}}\n"));
        if line.starts_with(br#"{"type":"TRACE""#)
            && memchr::memmem::find(&line, b"\"ERROR\"").is_some()
        {
            faults.push(String::from_utf8_lossy(&line).into_owned());
        }
        line.clear();
    }
    assert_eq!(faults, [""; 0]);
    let status = child.wait().expect("the child was started here");
    let mut stderr = String::new();
    let mut errors = child.stderr.take().expect("stderr is piped");
    errors.read_to_string(&mut stderr).expect("stderr is text");
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    assert_eq!((records, complete), (5 * ROWS, 5));
}

#[test]
fn a_row_with_too_many_bytes_of_children_fails_only_its_stream() {
    // Each row has a few bytes, but its lines repeat the inherited values.
    let lines = vec!["{}"; 3_000_000].join(",");
    let row = format!(r#"{{"InvoiceID":"i","LineItems":[{lines}]}}"#);
    let body: &str = format!(r#"{{"Invoices":[{row}]}}"#).leak();
    let scene = Scene::with(SCOPES, |world, _| world.unlimited());
    scene.sim.intercept(move |request, _| {
        let is_it = request.path.ends_with("/Invoices");
        is_it.then(|| Answer::json(200, body))
    });
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file(
        "catalog.json",
        &catalog(&["invoice_line_items", "currencies"]),
    );
    let arguments = read_arguments(&config, &catalog);
    let run = Run::of(
        limited(&[megabytes(BOUND)], &arguments)
            .output()
            .expect("the binary starts"),
    );
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.status("invoice_line_items"), "INCOMPLETE");
    assert_eq!(run.status("currencies"), "COMPLETE");
    assert!(
        run.errors()[0].2.contains("too many rows"),
        "{:?}",
        run.errors()
    );
}
