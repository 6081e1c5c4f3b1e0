//! Rows with fields that the connector itself adds, invalid ids, and answers in unusual forms.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::support::connector::{self, Run};
use crate::support::scene::{SCOPES, Scene};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    record: Option<Record<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    stream: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Returns the stream of each record and the names of its top-level fields, in their order.
fn fields(run: &Run) -> Vec<(&str, Vec<String>)> {
    let lines = run.stdout.lines();
    let lines = lines.map(|line| serde_json::from_str::<Line<'_>>(line).expect("a message"));
    let records = lines.filter_map(|line| line.record);
    let names = |data: &RawValue| {
        let (mut names, mut depth, mut rest) = (Vec::new(), 0, data.get());
        while let Some(at) = rest.find(['{', '}', '[', ']', '"']) {
            let what = rest.as_bytes()[at];
            rest = &rest[at + 1..];
            match what {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {
                    let end = rest.find('"').expect("no text here has an escaped quote");
                    let is_name = depth == 1 && rest[end + 1..].starts_with(':');
                    names.extend(is_name.then(|| rest[..end].to_owned()));
                    rest = &rest[end + 1..];
                }
            }
        }
        names
    };
    records
        .map(|record| (record.stream, names(record.data)))
        .collect()
}

/// Answers the calls whose path ends with `path` with this body.
fn answer(scene: &Scene, path: &'static str, body: &Value) {
    let body = body.to_string();
    scene.sim.intercept(move |request, _| {
        let is_it = request.path.ends_with(path);
        is_it.then(|| Answer::json(200, body.clone()))
    });
}

const STAMP: &str = "/Date(1600000000000+0000)/";
const ID: &str = "11111111-0000-4000-8000-000000000001";

#[test]
fn fields_of_the_connector_occur_once_in_each_row() {
    let scene = Scene::with(SCOPES, |world, _| world.unlimited());
    let invoice = json!({
        "InvoiceID": ID,
        "TenantID": "x",
        "UpdatedDateUTC": STAMP,
        "HasAttachments": true,
        "LineItems": [{
            "TenantID": "x", "InvoiceID": "x", "InvoiceUpdatedDateUTC": "x", "Position": 9,
            "LineItemID": "l", "Tracking": [{"TenantID": "x", "LineItemID": "x", "LinePosition": 9, "Position": 9, "Name": "n"}],
        }],
    });
    let about_document = json!({
        "TenantID": "x", "ParentType": "x", "ParentID": "x", "UpdatedDateUTC": "x", "Position": 9,
        "FileStatus": "x", "FilePath": "/etc/passwd", "FileSize": 1, "FileSHA256": "x",
        "DateUTC": STAMP, "AttachmentID": ID,
    });
    let rows = |key: &str, row: &Value| {
        json!({"DateTimeUTC": "/Date(1700000000000)/", key: [row]}).to_string()
    };
    let bodies = [
        ("/Invoices", rows("Invoices", &invoice)),
        ("/History", rows("HistoryRecords", &about_document)),
        ("/Attachments", rows("Attachments", &about_document)),
    ];
    scene.sim.intercept(move |request, _| {
        let (_, body) = bodies
            .iter()
            .find(|(path, _)| request.path.ends_with(path))?;
        Some(Answer::json(200, body.clone()))
    });
    let streams = [
        "invoices",
        "invoice_line_items",
        "invoice_line_item_tracking",
        "history",
        "attachments",
    ];
    let run = scene.read(&scene.flat(), &streams, None);
    for stream in streams {
        let rows = run.records(stream);
        assert_eq!(rows.len(), 1, "{stream}: {:?}", run.errors());
        for field in [
            "TenantID",
            "ParentID",
            "ParentType",
            "InvoiceID",
            "UpdatedDateUTC",
        ] {
            assert_ne!(rows[0][field], "x", "{stream}.{field}");
        }
    }
    for (stream, mut names) in fields(&run) {
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{stream} has a field twice: {names:?}");
    }
    assert_eq!(run.records("attachments")[0]["FilePath"], Value::Null);
    assert_eq!(run.records("history")[0]["Position"], 0);
}

#[test]
fn ids_of_rows_are_encoded_in_request_paths() {
    const ODD: &str = "a/../../Users?x=1#y";
    const ENCODED: &str = "a%2F..%2F..%2FUsers%3Fx%3D1%23y";
    for (stream, list, key, id, expected) in [
        (
            "budgets",
            "/Budgets",
            "Budgets",
            "BudgetID",
            format!("/Budgets/{ENCODED}"),
        ),
        (
            "history",
            "/Invoices",
            "Invoices",
            "InvoiceID",
            format!("/Invoices/{ENCODED}/History"),
        ),
        (
            "report_tax",
            "/Reports",
            "Reports",
            "ReportID",
            format!("/Reports/{ENCODED}"),
        ),
    ] {
        let scene = Scene::with(SCOPES, |world, _| world.unlimited());
        let row = json!({id: ODD, "UpdatedDateUTC": STAMP, "ReportName": "Return"});
        answer(
            &scene,
            list,
            &json!({"DateTimeUTC": "/Date(1700000000000)/", key: [row]}),
        );
        scene.read(&scene.flat(), &[stream], None);
        let calls = scene.calls();
        assert!(calls.contains(&expected), "{stream}: {calls:?}");
        assert!(
            calls.iter().all(|call| !call.starts_with("/Users")),
            "{stream}: {calls:?}"
        );
    }
}

#[test]
fn ids_of_a_state_are_encoded_in_request_paths() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 1);
    });
    let place = json!({"invoices": {
        "UpdatedDateUTC": "2099-01-01T00:00:00.000Z",
        "failed": {"../../Users#": 1_600_000_000_000_i64},
    }});
    let state = json!([{"type": "STREAM", "stream": {
        "stream_descriptor": {"name": "history"},
        "stream_state": {"UpdatedDateUTC": "2099-01-01T00:00:00.000Z", "tenants": {scene.tenant.as_str(): place}},
    }}]);
    scene.read(&scene.flat(), &["history"], Some(&state));
    let calls = scene.calls();
    let expected = "/Invoices/..%2F..%2FUsers%23/History".to_owned();
    assert!(calls.contains(&expected), "{calls:?}");
}

#[test]
fn a_gzip_response_is_decompressed_for_every_spelling_of_its_encoding() {
    for coding in ["gzip", "GZIP", "x-gzip", "X-GZip"] {
        let scene = Scene::with(SCOPES, |world, _| world.unlimited());
        let body = json!({"DateTimeUTC": "/Date(1700000000000)/", "Items": [{"ItemID": ID, "UpdatedDateUTC": STAMP}]});
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = encoder.write_all(body.to_string().as_bytes());
        packed.expect("a vector takes every byte");
        let packed = encoder.finish().expect("a vector takes every byte");
        scene.sim.intercept(move |request, _| {
            let is_it = request.path.ends_with("/Items");
            is_it.then(|| Answer::json(200, packed.clone()).header("Content-Encoding", coding))
        });
        let run = scene.read(&scene.flat(), &["items"], None);
        assert_eq!(
            run.column("items", "ItemID"),
            [ID],
            "{coding}: {:?}",
            run.errors()
        );
    }
}

/// Serves endless responses: one byte every 5 ms, so that no silence is too long.
fn drip() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = client.read(&mut [0; 4096]);
                let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
                let mut sent = client.write_all(head);
                // Until the client hangs up.
                while sent.is_ok() {
                    std::thread::sleep(Duration::from_millis(5));
                    sent = client.write_all(b" ");
                }
            });
        }
    });
    format!("http://{address}")
}

#[test]
fn an_endless_response_fails_within_the_timeout_cap() {
    let scene = Scene::new();
    let mut config = scene.flat();
    config["api_url"] = drip().into();
    let config = scene.file("config.json", &config);
    let mut command = connector::command(&["check", "--config", &config]);
    command.env("XERO_SOURCE_TIMEOUT_CAP_MS", "50");
    let began = Instant::now();
    let run = Run::of(command.output().expect("the binary starts"));
    let (kind, _, words) = run.errors()[0];
    assert_eq!(kind, "transient_error");
    assert!(words.contains("no response in time"), "{words}");
    // Three attempts of half a second each; without the cap it is 18 s each.
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_position_in_the_future_is_kept_with_a_warning() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 3);
    });
    let streams = [
        "invoices",
        "invoice_line_items",
        "history",
        "report_profit_and_loss",
    ];
    let state = |stream: &&str| {
        let (cursor, at) = match stream.starts_with("report") {
            true => ("PeriodEnd", "2099-12-31"),
            false => ("UpdatedDateUTC", "2099-12-31T23:59:59.999Z"),
        };
        json!({"type": "STREAM", "stream": {
            "stream_descriptor": {"name": stream},
            "stream_state": {cursor: at},
        }})
    };
    let states: Value = streams.iter().map(state).collect();
    let run = scene.read(&scene.flat(), &streams, Some(&states));
    for stream in streams {
        assert!(run.records(stream).is_empty(), "{stream}");
        let words =
            format!("the state says that {stream} of the organisation was read up to 2099-12-31");
        let warnings = run.logs("WARN");
        assert_eq!(
            warnings.iter().filter(|it| it.contains(&words)).count(),
            1,
            "{warnings:?}"
        );
    }
    let quiet = scene.read(&scene.flat(), &["invoices"], None);
    let quiet = scene.read(&scene.flat(), &["invoices"], Some(&quiet.last_states()));
    assert!(quiet.logs("WARN").is_empty(), "{:?}", quiet.logs("WARN"));
}
