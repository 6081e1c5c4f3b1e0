//! The bounds of `docs/reliability.md`: what a server does without end has an end here. The kernel
//! enforces the limits of memory, sockets and files, see `ulimit`.
//!
//! The binary under test is a debug build. It needs more memory than the numbers for people say.

use std::io::{self, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity, Limit};

use crate::support::connector::{Run, command, limited, megabytes, read_arguments};
use crate::support::file_scene::{FileScene, pdf, statuses};
use crate::support::organisations::Organisations;
use crate::support::relay::Relay;
use crate::support::scene::{SCOPES, Scene, catalog};
use crate::support::streams::lists;

/// Megabytes of address space that suffice for everything but a list of 256 MiB.
const USUAL: usize = 300;

/// The longest line of the log, in bytes.
const LONGEST_LINE: usize = 2_048;

/// An answer that a test writes byte by byte.
type Bytes = fn(&mut TcpStream) -> io::Result<()>;

/// Writes a beginning, and then the same bytes until the client goes.
fn without_end(client: &mut TcpStream, start: &str, again: &[u8]) -> io::Result<()> {
    client.write_all(start.as_bytes())?;
    let block = again.repeat((1 << 16) / again.len());
    loop {
        client.write_all(&block)?;
    }
}

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

fn scene() -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Items, 3);
    })
}

/// Reads items and currencies under a limit of memory. The bytes answer all requests for a path.
fn read_hostile(path: &'static str, bytes: Bytes, limit: usize, silence: &str) -> Run {
    let scene = scene();
    let relay = Relay::start(&scene.sim, move |requested, client| {
        let is_it = requested.ends_with(path);
        is_it.then(|| bytes(client)).transpose().map(|_| is_it)
    });
    let mut config = scene.flat();
    config["api_url"] = relay.url().into();
    config["identity_url"] = relay.url().into();
    if path == "/connections" {
        config["tenant_id"] = Value::Null;
    }
    if path == "/connect/token" {
        config["access_token"] = Value::Null;
    }
    let config = scene.file("config.json", &config);
    let catalog = scene.file("catalog.json", &catalog(&["items", "currencies"]));
    let mut command = limited(&[megabytes(limit)], &read_arguments(&config, &catalog));
    command.env("XERO_SOURCE_TIMEOUT_CAP_MS", silence);
    Run::of(command.output().expect("the binary starts"))
}

#[test]
fn an_answer_without_end_fails_its_stream_within_the_bounds() {
    let cases: [(&str, Bytes, usize, &str); 7] = [
        (
            "header lines",
            |it| {
                without_end(
                    it,
                    "HTTP/1.1 200 OK\r\n",
                    b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                )
            },
            USUAL,
            "transient_error",
        ),
        (
            "one header line",
            |it| without_end(it, "HTTP/1.1 200 OK\r\nX-A: ", b"a"),
            USUAL,
            "transient_error",
        ),
        (
            "a status line",
            |it| without_end(it, "HTTP/1.1 200 ", b"OK"),
            USUAL,
            "transient_error",
        ),
        (
            "a list",
            |it| without_end(it, &format!("{JSON}{{\"Items\":["), b"{\"ItemID\":\"a\"},"),
            1_024,
            "config_error",
        ),
        (
            "a list of spaces",
            |it| without_end(it, JSON, b" "),
            1_024,
            "config_error",
        ),
        (
            "chunks with extensions",
            |it| {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";
                without_end(it, head, b"a=b;")
            },
            USUAL,
            "transient_error",
        ),
        (
            "an error",
            |it| {
                without_end(
                    it,
                    "HTTP/1.1 500 Oh\r\nContent-Type: text/plain\r\n\r\n",
                    b"no ",
                )
            },
            USUAL,
            "transient_error",
        ),
    ];
    for (name, bytes, limit, kind) in cases {
        let run = read_hostile("/Items", bytes, limit, "60000");
        let errors = run.errors();
        assert_eq!(errors.len(), 1, "{name}: {errors:?} {}", run.stderr);
        assert_eq!(
            (errors[0].0, errors[0].1),
            (kind, "items"),
            "{name}: {errors:?}"
        );
        assert_eq!(run.status("currencies"), "COMPLETE", "{name}");
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{name}");
        lines_are_short(&run, name);
    }
}

#[test]
fn interim_answers_without_end_are_left_after_the_time_of_a_response() {
    let bytes: Bytes = |it| without_end(it, "", b"HTTP/1.1 103 Early Hints\r\n\r\n");
    // The whole response may take 0.5 s.
    let run = read_hostile("/Items", bytes, USUAL, "50");
    let errors = run.errors();
    assert_eq!(
        (errors.len(), errors[0].0),
        (1, "transient_error"),
        "{errors:?}"
    );
    assert_eq!(run.status("items"), "INCOMPLETE");
}

#[test]
fn answers_about_tokens_and_connections_without_end_stop_the_sync() {
    for path in ["/connect/token", "/connections"] {
        let tokens: Bytes = |it| without_end(it, &format!("{JSON}{{\"access_token\":\""), b"a");
        let list: Bytes = |it| without_end(it, &format!("{JSON}["), b"{\"tenantId\":\"a\"},");
        for bytes in [tokens, list] {
            let run = read_hostile(path, bytes, USUAL, "60000");
            let errors = run.errors();
            assert_eq!((errors.len(), run.code), (1, Some(1)), "{path}: {errors:?}");
            assert!(
                errors[0].2.contains("larger than 1 MiB"),
                "{path}: {errors:?}"
            );
            assert_eq!(run.stderr, "", "{path}");
            lines_are_short(&run, path);
        }
    }
}

#[test]
fn a_file_without_end_takes_no_more_of_the_disk_than_the_setting_allows() {
    let file_scene = FileScene::new(&[vec![pdf(4_000)], vec![pdf(4_000)]]);
    let endless = file_scene.files(1)[0].id();
    let received = Arc::new(AtomicUsize::new(0));
    let (sent, hostile) = (Arc::clone(&received), endless.clone());
    let relay = Relay::start(&file_scene.scene.sim, move |path, client| {
        if !path.ends_with(&hostile) {
            return Ok(false);
        }
        client.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n")?;
        loop {
            sent.fetch_add(client.write(&[b'a'; 1 << 16])?, Ordering::Relaxed);
        }
    });
    let mut config = file_scene.config();
    config["attachments_max_megabytes"] = 1.into();
    config["api_url"] = relay.url().into();
    let scene = &file_scene.scene;
    let config = scene.file("config.json", &config);
    let catalog = scene.file("catalog.json", &catalog(&["attachments"]));
    // The kernel ends the program if it writes a file of more than 2 MiB. The unit is 512 bytes.
    let limits = [megabytes(USUAL), format!("-f {}", (2 << 20) / 512)];
    let run = limited(&limits, &read_arguments(&config, &catalog)).output();
    let run = Run::of(run.expect("the binary starts"));
    assert_eq!(run.code, Some(0), "{:?} {}", run.errors(), run.stderr);
    assert_eq!(statuses(&run)[&endless], "too_large");
    assert_eq!(
        file_scene.found().len(),
        1,
        "{:?}",
        file_scene.found().keys()
    );
    // What the kernel buffers on both sides of the connection is sent, but not received.
    let received = received.load(Ordering::Relaxed);
    assert!(received < 64 << 20, "{received} bytes were sent");
}

#[test]
fn a_retry_after_of_a_year_is_not_waited_for() {
    const YEAR: &str = "31536000";
    type Make = fn() -> Answer;
    let cases: [(&str, Make); 4] = [
        ("503", || Answer::unavailable().header("Retry-After", YEAR)),
        ("503 offline", || {
            Answer::organisation_offline().header("Retry-After", YEAR)
        }),
        ("429 minute", || {
            Answer::too_many(Limit::Minute, Some(31_536_000))
        }),
        ("429", || {
            Answer::text(429, "").bare().header("Retry-After", YEAR)
        }),
    ];
    for (name, answer) in cases {
        for path in ["/Items", "/connect/token"] {
            let scene = scene();
            scene
                .sim
                .intercept(move |request, _| request.path.ends_with(path).then(answer));
            let mut config = scene.flat();
            if path == "/connect/token" {
                config["access_token"] = Value::Null;
            }
            let run = scene.read(&config, &["items"], None);
            let requests = scene.sim.requests();
            let calls = requests.iter().filter(|it| it.path.ends_with(path)).count();
            assert_eq!(
                (calls, run.status("items")),
                (1, "INCOMPLETE"),
                "{name} {path}"
            );
            assert_eq!(run.errors()[0].0, "transient_error", "{name} {path}");
        }
    }
}

#[test]
fn without_a_page_for_an_hour_no_further_request_is_sent() {
    // With a silence of 50 ms, the hour lasts 2 s. The 8 attempts of a request take longer.
    let scene = Scene::with(SCOPES, |_, _| ());
    scene.sim.intercept(|request, _| {
        let is_probe = request.path.ends_with("/Currencies");
        (request.path.starts_with("/api.xro") && !is_probe).then(Answer::silent)
    });
    let mut streams = lists().to_vec();
    // The check has read the first one, and the second one is no list of the API.
    streams.retain(|stream| !["currencies", "connections"].contains(stream));
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&streams));
    let mut command = command(&read_arguments(&config, &catalog));
    command.env("XERO_SOURCE_TIMEOUT_CAP_MS", "50");
    command.env("XERO_SOURCE_PAUSE_CAP_MS", "900");
    let run = Run::of(command.output().expect("the binary starts"));
    let errors = run.errors();
    assert_eq!(errors.len(), streams.len(), "{errors:?}");
    assert!(
        errors.iter().all(|it| it.0 == "transient_error"),
        "{errors:?}"
    );
    let unsent = errors
        .iter()
        .filter(|it| it.2.contains("no page for an hour"));
    assert!(unsent.count() >= streams.len() - 5, "{errors:?}");
    // Five lists are requested at once, 8 times each. The others are not requested any more.
    assert!(scene.calls().len() <= 1 + 5 * 8, "{:?}", scene.calls());
}

/// 200 organisations with these rows of a few lists.
fn two_hundred() -> Organisations {
    Organisations::new(200, |world, tenant, _| {
        world.unlimited();
        world.fill(tenant, Entity::Contacts, 3);
        world.fill(tenant, Entity::Items, 3);
    })
}

const LISTS: [&str; 3] = ["contacts", "items", "tax_rates"];

/// Reads the lists of the organisations under the documented limits.
fn read_of(group: &Organisations) -> Run {
    let scene = &group.scene;
    let config = scene.file("config.json", &group.config());
    let catalog = scene.file("catalog.json", &catalog(&LISTS));
    let limits = [megabytes(500), "-n 140".to_owned()];
    let output = limited(&limits, &read_arguments(&config, &catalog)).output();
    Run::of(output.expect("the binary starts"))
}

/// Asserts that no line of the log and no error is longer than the bound.
fn lines_are_short(run: &Run, what: &str) {
    let lines = run.stdout.lines();
    let mut lines = lines.filter(|it| it.contains(r#""LOG""#) || it.contains(r#""ERROR""#));
    let long = lines.find(|line| line.len() > 2 * LONGEST_LINE);
    assert_eq!(long, None, "{what}");
    let logs = run.payloads("LOG", "log").map(Value::to_string);
    let longest = logs.map(|line| line.len()).max().unwrap_or_default();
    assert!(longest <= LONGEST_LINE, "{what}: {longest} bytes");
}

#[test]
fn two_hundred_organisations_that_fail_alike_print_little() {
    let words = "The server is out of order. ".repeat(100);
    type Make = fn(&str) -> Answer;
    let cases: [(&str, Make, usize); 2] = [
        ("500", |words| Answer::text(500, words.to_owned()), 8),
        ("400", |words| Answer::text(400, words.to_owned()), 1),
    ];
    for (name, answer, attempts) in cases {
        let group = two_hundred();
        let words = words.clone();
        group.scene.sim.intercept(move |request, _| {
            let is_list = request.path.ends_with("/Contacts") || request.path.ends_with("/Items");
            is_list.then(|| answer(&words))
        });
        let run = read_of(&group);
        let statuses = LISTS.map(|stream| run.status(stream));
        assert_eq!(statuses, ["INCOMPLETE", "INCOMPLETE", "COMPLETE"], "{name}");
        assert_eq!((run.errors().len(), run.stderr.as_str()), (2, ""), "{name}");
        lines_are_short(&run, name);
        let logs = run.payloads("LOG", "log").map(|log| log.to_string().len());
        let logs: usize = logs.sum();
        // One line for each attempt that is repeated, and a few for each organisation.
        let most = 200 * (2 * attempts * 512 + 1_024);
        assert!(logs < most, "{name}: {logs} bytes of at most {most}");
        assert!(logs < 10 << 20, "{name}: {logs} bytes");
    }
}

#[test]
fn states_grow_with_the_organisations_only() {
    let group = two_hundred();
    let run = group.read(&[Entity::Contacts, Entity::Items], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for stream in ["contacts", "items"] {
        let states = run.states(stream);
        let size = |state: &Value| state.to_string().len();
        let last = states.last().map(|state| size(state));
        let last = last.expect("the stream has a state");
        assert!(last < 200 * 100, "{stream}: {last} bytes");
        // One at once, one each ten seconds, one at the end, and a tenth of the bytes of the rows.
        let all: usize = states.iter().map(|state| size(state)).sum();
        let rows: usize = run.records(stream).iter().map(|row| size(row)).sum();
        assert!(
            all < 4 * last + rows / 10,
            "{stream}: {all} bytes in {} states",
            states.len()
        );
    }
}

#[test]
fn sockets_and_files_stay_below_the_documented_number() {
    // 100 calls at once, and a connection that was opened while another one became free.
    let group = two_hundred();
    group
        .scene
        .sim
        .world(|world| world.latency(Duration::from_millis(30)));
    let run = read_of(&group);
    assert_eq!(run.code, Some(0), "{:?} {}", run.errors(), run.stderr);
    let failed: Vec<_> = run
        .logs("WARN")
        .into_iter()
        .filter(|it| it.contains("trying again"))
        .collect();
    assert!(failed.is_empty(), "{failed:?}");

    // `sync` has a file for each stream as well.
    let scene = Scene::new();
    scene.sim.world(|world| world.unlimited());
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let out = folder.path().join("out").display().to_string();
    let config = scene.file("config.json", &scene.flat());
    let arguments = ["sync", "--all", "--config", &config, "--out", &out];
    let output = limited(&[megabytes(500), "-n 120".to_owned()], &arguments).output();
    let output = output.expect("the binary starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(!stderr.contains("open files"), "{stderr}");
}

#[test]
fn a_reader_that_stops_keeps_the_connector_from_reading_on() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 3);
    });
    // Pages of new rows without end, 1 MB each. `calls` gets a message for each of them.
    let (called, calls) = mpsc::channel();
    let text = "w".repeat(9_000);
    let mut page = 0_i64;
    scene.sim.intercept(move |request, _| {
        request.path.ends_with("/Invoices").then(|| {
            let _ = called.send(());
            page += 1;
            let row = |at: i64| {
                let stamp = 1_600_000_000_000 + (page * 100 + at) * 1_000;
                json!({"InvoiceID": format!("i-{page}-{at}"), "x": text,
                    "UpdatedDateUTC": format!("/Date({stamp}+0000)/")})
            };
            let rows: Vec<_> = (0..100).map(row).collect();
            let counts = json!({"page": 1, "pageSize": 100, "pageCount": 10_000_000, "itemCount": 1_000_000_000});
            Answer::json(200, json!({"pagination": counts, "Invoices": rows}).to_string())
        })
    });
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["invoices"]));
    let mut command = limited(&[megabytes(500)], &read_arguments(&config, &catalog));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let wait = Duration::from_secs(60);
    calls.recv_timeout(wait).expect("the list is requested");
    // Nobody reads stdout. The calls stop by themselves.
    let mut count = 1;
    while calls.recv_timeout(Duration::from_secs(2)).is_ok() {
        count += 1;
    }
    assert!(count <= 60, "{count} pages of 1 MB");
    child.kill().expect("the child was started here");
    child.wait().expect("the child was started here");
}
