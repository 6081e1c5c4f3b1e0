//! What people see of a read: the progress on stderr and the report.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;
use xero_sim::{Answer, Entity, Limit};

use crate::faults::retries::with_fault;
use crate::protocol::stopping;
use crate::support::connector::{self, Run, command, read_arguments, redirected};
use crate::support::fixed_clock::FixedScene;
use crate::support::scene::{SCOPES, Scene, catalog};
use crate::support::sync_folder::SyncFolder;
use crate::support::terminal::Terminal;
use crate::support::{invariants, tables};

const STREAMS: [&str; 5] = [
    "invoices",
    "invoice_line_items",
    "contacts",
    "accounts",
    "history",
];

/// The usual organisation, without limits.
fn unlimited() -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        for (entity, rows) in tables::books() {
            world.fill(tenant, entity, rows);
        }
    })
}

/// A config with few calls for documents, so that a test takes a second.
fn config(scene: &Scene) -> Value {
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 5.into();
    config
}

/// Runs `read` over the streams with further flags.
fn read(scene: &Scene, streams: &[&str], flags: &[&str]) -> Run {
    let config = scene.file("config.json", &config(scene));
    let catalog = scene.file("catalog.json", &catalog(streams));
    let run = connector::run(&[&read_arguments(&config, &catalog)[..], flags].concat());
    invariants::a_read_is_well_formed(&run, streams);
    run
}

/// The number of records of each stream.
fn records(run: &Run) -> BTreeMap<&str, usize> {
    let counts = STREAMS.map(|stream| (stream, run.records(stream).len()));
    counts.into()
}

/// The number before a word, such as `1,204` before `rows`.
fn number_before(line: &str, word: &str) -> usize {
    let words: Vec<_> = line.split(' ').collect();
    let at = words.iter().position(|it| it.starts_with(word));
    let at = at.unwrap_or_else(|| panic!("{word} in {line}"));
    words[at - 1].replace(',', "").parse().expect(line)
}

#[test]
fn lines_of_progress_agree_with_stdout() {
    let scene = unlimited();
    let run = read(&scene, &STREAMS, &["--progress", "always"]);
    let lines: Vec<_> = run.stderr.lines().collect();
    for (stream, rows) in records(&run) {
        let start = format!("{stream}: ");
        let own: Vec<_> = lines.iter().filter(|it| it.starts_with(&start)).collect();
        assert_eq!(own.len(), 2, "{lines:#?}");
        assert!(own[0].ends_with(": started"), "{lines:#?}");
        assert!(own[1].ends_with(", complete"), "{lines:#?}");
        assert_eq!(number_before(own[1], "row"), rows, "{lines:#?}");
    }
    let last = lines.last().expect("there is a summary");
    assert!(last.starts_with("5 of 5 streams, "), "{last}");
    let all = run.payloads("RECORD", "record").count();
    assert_eq!(number_before(last, "row"), all, "{last}");
    // Renewals of the token are no calls.
    let calls = scene.calls().len();
    assert_eq!(number_before(last, "call"), calls, "{last}");
    assert_eq!(lines.len(), 2 * STREAMS.len() + 1, "{lines:#?}");
}

#[test]
fn without_a_terminal_nothing_is_shown_unless_it_is_wanted() {
    let scene = unlimited();
    for flags in [&[][..], &["--progress", "auto"], &["--progress", "never"]] {
        assert_eq!(read(&scene, &STREAMS, flags).stderr, "", "{flags:?}");
    }
}

#[test]
fn progress_and_report_leave_stdout_as_it_is() {
    let scene = FixedScene::new(|world, tenant| {
        for (entity, rows) in tables::books() {
            world.fill(tenant, entity, rows);
        }
    });
    let report = scene.folder.path().join("report.html");
    let config = scene.config();
    // One stream, because the order of messages between streams may differ from run to run.
    for stream in ["invoices", "journals", "accounts"] {
        let catalog = catalog(&[stream]);
        let plain = scene.read(&config, &catalog, None);
        let mut shown = scene.reading(&config, &catalog, None);
        let shown = shown
            .args(["--progress", "always", "--report"])
            .arg(&report);
        let shown = Run::of(shown.output().expect("the binary starts"));
        assert_eq!(plain.status(stream), "COMPLETE");
        assert!(shown.stderr.contains(stream) && report.exists());
        let lines = shown.stdout.lines();
        let lines = lines.filter(|line| !line.contains("wrote the report of this sync"));
        assert_eq!(
            lines.collect::<Vec<_>>(),
            plain.stdout.lines().collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_closed_or_full_stderr_neither_blocks_nor_fails_a_read() {
    let scene = unlimited();
    let config = scene.file("config.json", &config(&scene));
    let catalog = scene.file("catalog.json", &catalog(&STREAMS));
    let arguments = read_arguments(&config, &catalog);
    let arguments = [&arguments[..], &["--progress", "always"]].concat();
    let expected = read(&scene, &STREAMS, &[]);

    let closed = redirected(&arguments, "2>&-").output();
    let broken = {
        let (reader, writer) = std::io::pipe().expect("there is a pipe");
        drop(reader);
        command(&arguments).stderr(writer).output()
    };
    // Nobody reads this pipe, and it has no room.
    let (_reader, writer) = std::io::pipe().expect("there is a pipe");
    fill(&writer);
    let full = command(&arguments).stderr(writer).output();
    for output in [closed, broken, full] {
        let run = Run::of(output.expect("the binary starts"));
        invariants::a_read_is_well_formed(&run, &STREAMS);
        assert_eq!(records(&run), records(&expected));
    }
}

/// Fills a pipe, so that the next write to it blocks.
fn fill(writer: &std::io::PipeWriter) {
    let copy: OwnedFd = writer.try_clone().expect("a pipe can be cloned").into();
    let mut filler = std::process::Command::new("sh");
    // `dd` ends with an error once the pipe has no room.
    let script = "exec dd if=/dev/zero bs=4096 count=4096 oflag=nonblock 2>/dev/null";
    let filled = filler
        .args(["-c", script])
        .stdout(Stdio::from(copy))
        .status();
    assert!(!filled.expect("dd starts").success(), "the pipe is full");
}

/// The elements of a page with this name.
fn elements<'a>(page: &'a Document, name: &'a str) -> Vec<Node<'a, 'a>> {
    page.descendants()
        .filter(|it| it.has_tag_name(name))
        .collect()
}

fn text(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(|it| it.is_text());
    let texts = texts.filter_map(|it| it.text());
    texts.collect()
}

/// The number in the element with this id.
fn figure(page: &Document, id: &str) -> u64 {
    let found = page.descendants().find(|it| it.attribute("id") == Some(id));
    let found = found.unwrap_or_else(|| panic!("{id} is missing"));
    let data = found.descendants().find_map(|it| it.attribute("value"));
    data.expect(id).parse().expect(id)
}

/// Reads with a report and returns the page. Asserts what holds for every page.
fn reported(scene: &Scene, streams: &[&str]) -> (Run, String) {
    let path = scene.file("report.html", &Value::Null);
    std::fs::write(&path, "<!DOCTYPE html>an older report").expect("the folder is writable");
    let run = read(scene, streams, &["--report", &path]);
    let page = std::fs::read_to_string(&path).expect("there is a report");
    let config = scene.flat();
    for name in [
        "access_token",
        "refresh_token",
        "client_secret",
        "client_id",
        "tenant_id",
    ] {
        let secret = config[name].as_str().expect("the config has it");
        assert!(!page.contains(secret), "{name} shows");
    }
    for outside in ["<script", "http://", "https://", "url(", "@import", " src="] {
        assert!(!page.contains(outside), "{outside} is on the page");
    }
    (run, page)
}

fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(page, options).expect("the page is well-formed")
}

#[test]
fn the_figures_of_a_report_are_those_of_the_messages() {
    let scene = unlimited();
    let (run, html) = reported(&scene, &STREAMS);
    let page = parsed(&html);
    assert_eq!(
        figure(&page, "rows"),
        run.payloads("RECORD", "record").count() as u64
    );
    assert_eq!(figure(&page, "calls"), scene.calls().len() as u64);
    assert_eq!(figure(&page, "organisations"), 1);
    assert!(html.contains(r#"<span id="result" class="badge good">Complete</span>"#));
    let rows = elements(&page, "tr");
    for (stream, records) in records(&run) {
        let row = rows.iter().find(|row| {
            row.first_element_child()
                .is_some_and(|it| text(it) == stream)
        });
        let row = row.unwrap_or_else(|| panic!("{stream} has no row"));
        let data = row.descendants().find_map(|it| it.attribute("value"));
        assert_eq!(data, Some(records.to_string().as_str()), "{stream}");
    }
    assert!(!elements(&page, "svg").is_empty());
    assert!(html.contains("No request waited for a limit or was repeated."));
}

#[test]
fn a_report_explains_waits_retries_and_failures() {
    let too_many: fn() -> Answer = || Answer::too_many(Limit::Minute, Some(37));
    // Texts from outside are no HTML.
    let busy: fn() -> Answer = || Answer::json(503, r#"{"Detail":"<b>busy & \"tired\"</b>"}"#);
    for (answer, class, words) in [
        (too_many, "wait minute", "the minute&#39;s limit"),
        (busy, "wait fault", "&lt;b&gt;busy &amp; &quot;tired"),
    ] {
        let scene = with_fault(1, answer);
        let (run, html) = reported(&scene, &["invoices"]);
        let page = parsed(&html);
        let waits = page
            .descendants()
            .filter(|it| it.attribute("class") == Some(class));
        assert!(waits.count() > 0 && html.contains(words), "{html}");
        assert_eq!(run.code, Some(0));
    }
    let scene = unlimited();
    scene.sim.intercept(|request, _| {
        let is_contacts = request.path.ends_with("/Contacts");
        is_contacts.then(|| Answer::json(403, "{}"))
    });
    let (run, html) = reported(&scene, &["contacts", "accounts"]);
    let page = parsed(&html);
    let errors = run.errors();
    assert_eq!(errors.len(), 1);
    let failures = elements(&page, "li")
        .into_iter()
        .filter(|it| text(*it).contains(errors[0].2));
    assert_eq!(failures.count(), 1, "{html}");
    assert!(html.contains(r#"<span id="result" class="badge bad">Incomplete</span>"#));
}

#[test]
fn a_sync_that_fails_or_is_interrupted_has_a_report() {
    let scene = unlimited();
    scene.sim.intercept(|request, _| {
        let is_probe = request.path.ends_with("/Currencies");
        is_probe.then(|| Answer::json(403, "{}"))
    });
    let (_, html) = reported(&scene, &["accounts"]);
    parsed(&html);
    assert!(html.contains(">Failed</span>"), "{html}");

    let scene = unlimited();
    let (requested, requests) = std::sync::mpsc::channel();
    scene.sim.intercept(move |request, _| {
        let is_invoices = request.path.ends_with("/Invoices");
        is_invoices.then(|| {
            let _ = requested.send(());
            Answer::honest().delayed(Duration::from_secs(60))
        })
    });
    let config = scene.file("config.json", &config(&scene));
    let catalog = scene.file("catalog.json", &catalog(&["accounts", "invoices"]));
    let report = scene.file("report.html", &Value::Null);
    std::fs::remove_file(&report).expect("it was just written");
    let arguments = read_arguments(&config, &catalog);
    let mut child = command(&[&arguments[..], &["--report", &report]].concat())
        .env_remove("XERO_SOURCE_TIMEOUT_CAP_MS")
        .spawn()
        .expect("the binary starts");
    requests.recv().expect("the list is requested");
    stopping::send("TERM", &child.id().to_string());
    child.wait().expect("it ends");
    let html = std::fs::read_to_string(&report).expect("there is a report");
    parsed(&html);
    assert!(
        html.contains(">Interrupted</span>") && html.contains(">Unfinished</span>"),
        "{html}"
    );
}

#[test]
fn a_report_that_cannot_be_written_fails_before_the_first_request() {
    let scene = unlimited();
    let config = scene.file("config.json", &config(&scene));
    let catalog = scene.file("catalog.json", &catalog(&["accounts"]));
    let folder = std::env::temp_dir();
    let folder = folder.to_str().expect("the path is UTF-8");
    for (report, why) in [
        (folder, "which is a directory"),
        (
            "/there/is/no/such/folder/report.html",
            "Check that its directory exists",
        ),
    ] {
        let arguments = read_arguments(&config, &catalog);
        let run = connector::run(&[&arguments[..], &["--report", report]].concat());
        let errors = run.errors();
        assert!(
            matches!(errors[..], [("config_error", "", text)] if text.contains(why)),
            "{errors:?}"
        );
        assert_eq!((run.code, scene.sim.requests().len()), (Some(1), 0));
    }
}

#[test]
fn an_estimate_of_the_rows_comes_before_the_first_record() {
    let scene = unlimited();
    let streams = ["invoices", "invoice_line_items", "contacts"];
    let run = scene.read(&scene.flat(), &streams, None);
    let estimates: Vec<_> = run
        .messages
        .iter()
        .enumerate()
        .filter(|(_, message)| message["trace"]["type"] == "ESTIMATE")
        .map(|(at, message)| (at, &message["trace"]["estimate"]))
        .collect();
    // The number of child rows is not known.
    assert_eq!(estimates.len(), 2);
    for (at, estimate) in estimates {
        let name = estimate["name"].as_str().expect("it names a stream");
        let first = run
            .messages
            .iter()
            .position(|it| it["record"]["stream"] == name);
        assert!(Some(at) < first, "{name}");
        let rows = run.records(name);
        assert_eq!(estimate["row_estimate"], rows.len(), "{name}");
        assert_eq!(estimate["type"], "STREAM");
        let bytes: usize = rows.iter().map(|row| row.to_string().len()).sum();
        let estimated = estimate["byte_estimate"].as_u64().expect("it is a number");
        // The order and the form of numbers differ from those of the records.
        assert!(
            estimated.abs_diff(bytes as u64) < bytes as u64 / 20,
            "{estimated} {bytes}"
        );
    }
    let again = scene.read(&scene.flat(), &streams, Some(&run.last_states()));
    let again = again
        .messages
        .iter()
        .filter(|it| it["trace"]["type"] == "ESTIMATE");
    let rows = again.map(|it| it["trace"]["estimate"]["row_estimate"].as_u64());
    let invoices = scene.ids(Entity::Invoices).len() as u64;
    assert!(
        rows.into_iter().all(|it| it < Some(invoices)),
        "only changes are estimated"
    );
}

#[test]
fn sync_shows_its_progress_and_writes_a_report() {
    let scene = unlimited();
    let folder = SyncFolder::new(&scene, &config(&scene));
    let report = scene.file("report.html", &Value::Null);
    std::fs::remove_file(&report).expect("it was just written");
    let streams = ["invoices", "accounts"];
    let flags = ["--progress", "always", "--report", &report];
    let output = folder.sync(&streams, &flags);
    assert!(output.status.success(), "{output:?}");
    let stderr = String::from_utf8(output.stderr).expect("it is text");
    let html = std::fs::read_to_string(&report).expect("there is a report");
    let page = parsed(&html);
    let mut rows = 0;
    for stream in streams {
        let start = format!("{stream}: ");
        let mut lines = stderr.lines().filter(|it| it.starts_with(&start));
        let end = lines.next_back().expect("the stream has lines");
        assert!(end.ends_with(", complete"), "{stderr}");
        rows += number_before(end, "row");
    }
    assert_eq!(figure(&page, "rows"), rows as u64);
    let written: usize = streams.iter().map(|it| folder.rows(it).len()).sum();
    assert_eq!(written, rows);
}

#[test]
fn a_terminal_shows_the_progress_of_a_sync_while_it_runs() {
    let scene = unlimited();
    // The list is on the screen for two refreshes at least.
    scene.sim.intercept(|request, _| {
        let is_list = request.path.ends_with("/Contacts");
        is_list.then(|| Answer::honest().delayed(Duration::from_millis(600)))
    });
    let folder = SyncFolder::new(&scene, &config(&scene));
    let mut terminal = Terminal::start(&mut folder.command(&["contacts", "accounts"], &[]));
    terminal.until("1 of 2 streams");
    terminal.until("accounts");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    // The block is drawn again in its place, and the table follows it.
    let is_redrawn = shown.contains("\u{1b}[");
    let table = shown.rfind("Saved ").expect("the table ends the sync");
    let block = shown.rfind("1 of 2 streams").expect("it was shown");
    assert!(is_redrawn && block < table, "{shown}");
}
