//! The files of `sync` hold what `read` prints, and each sync adds what has changed.

use serde_json::{Value, json};
use xero_sim::Entity;

use crate::support::connector::{command, run};
use crate::support::organisations::Organisations;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;
use crate::support::sync_folder::{SyncFolder, by_key};

/// The keys of the streams of invoices.
const INVOICE: &[&str] = &["InvoiceID"];
const LINE: &[&str] = &["InvoiceID", "LineItemID"];
const FAMILY: [&str; 2] = ["invoices", "invoice_line_items"];

/// The streams that a sync reads by default, with all scopes.
fn defaults() -> Vec<&'static str> {
    let special = |stream: &&str| {
        let names = ["report_aged", "report_tax", "report_ten_ninety_nine"];
        names.iter().any(|name| stream.starts_with(name))
    };
    let all = [streams::lists(), streams::children(), streams::reports()].concat();
    all.into_iter().filter(|stream| !special(stream)).collect()
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.sim.world(|world| world.unlimited());
    scene
}

/// The rows of a stream as text, sorted, without the time at which they were read.
fn texts(mut rows: Vec<Value>) -> Vec<String> {
    for row in &mut rows {
        let fields = row.as_object_mut().expect("a row is an object");
        fields.remove("_extracted_at");
    }
    let mut texts: Vec<_> = rows.iter().map(Value::to_string).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn the_files_hold_every_row_that_a_read_prints() {
    let scene = scene();
    let folder = SyncFolder::new(&scene, &scene.flat());
    let summary = folder.completed(&[], &[]);
    let read = scene.read(&scene.flat(), &defaults(), None);
    let manifest = folder.manifest();
    for stream in defaults() {
        let (rows, records) = (folder.rows(stream), read.records(stream));
        assert_eq!(rows.len(), records.len(), "{stream}");
        // Reports name the time at which they were read.
        if !stream.starts_with("report_") {
            let records = records.into_iter().cloned().collect();
            assert_eq!(texts(rows.clone()), texts(records), "{stream}");
        }
        let entry = &manifest["streams"][stream];
        assert_eq!(entry["rows"], rows.len(), "{stream}");
        assert_eq!(entry["complete"], true, "{stream}");
        assert!(entry["last_complete"].is_string(), "{stream}");
        assert!(entry["primary_key"][0].is_string(), "{stream}");
        let has_cursor = entry["cursor_field"].is_string();
        let mode = if has_cursor { "append" } else { "overwrite" };
        assert_eq!(entry["mode"], mode, "{stream}");
        assert!(summary.contains(&format!("\n{stream} ")), "{summary}");
    }
    let names = manifest["streams"].as_object().expect("streams by name");
    assert_eq!(names.len(), defaults().len());
    assert!(summary.contains("Saved "), "{summary}");
    folder.has_no_other_files();
}

#[test]
fn compressed_files_hold_the_same_rows_and_follow_plain_ones() {
    let scene = scene();
    let folder = SyncFolder::new(&scene, &scene.flat());
    folder.completed(&["contacts"], &[]);
    scene
        .sim
        .world(|world| world.create(&scene.tenant, Entity::Contacts, 2));
    folder.completed(&["contacts", "currencies"], &["--gzip"]);
    let key = &["ContactID"];
    let read = scene.read(&scene.flat(), &["contacts", "currencies"], None);
    let contacts = by_key(read.records("contacts"), key);
    assert_eq!(folder.newest("contacts", key), contacts);
    let currencies = read.records("currencies").into_iter().cloned().collect();
    assert_eq!(texts(folder.rows("currencies")), texts(currencies));
    let files = folder.files();
    assert!(files.contains("contacts/000001-0001.jsonl"), "{files:?}");
    assert!(files.contains("contacts/000002-0001.jsonl.gz"), "{files:?}");
    folder.has_no_other_files();
}

#[test]
fn a_second_sync_reads_what_has_changed_and_replaces_streams_without_a_cursor() {
    let scene = scene();
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let folder = SyncFolder::new(&scene, &config);
    let streams = ["invoices", "invoice_line_items", "currencies"];
    folder.completed(&streams, &[]);
    let first = folder.files();
    let edited = scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Invoices).iter();
        let draft = rows
            .filter(|row| row.status == "DRAFT")
            .map(|row| row.number);
        let drafts: Vec<_> = draft.take(2).collect();
        for number in &drafts {
            world.remove_line(&scene.tenant, Entity::Invoices, *number);
        }
        world.create(&scene.tenant, Entity::Invoices, 3);
        drafts.len()
    });
    folder.completed(&streams, &[]);
    let truth = scene.read(&config, &streams, None);
    assert_eq!(
        folder.newest("invoices", INVOICE),
        by_key(truth.records("invoices"), INVOICE)
    );
    // The current lines are those of the newest version of their invoice.
    let invoices = folder.newest("invoices", INVOICE);
    let mut lines = folder.newest("invoice_line_items", LINE);
    let known = lines.len();
    lines.retain(|_, line| {
        let invoice = &invoices[&line["InvoiceID"].to_string()];
        invoice["UpdatedDateUTC"] == line["UpdatedDateUTC"]
    });
    assert_eq!(lines, by_key(truth.records("invoice_line_items"), LINE));
    assert!(lines.len() < known, "no line was removed");
    // The second sync brought the changes only, and one new file of the currencies.
    let manifest = folder.manifest();
    let files = manifest["streams"]["invoices"]["files"].as_array();
    let newest = files
        .and_then(|files| files.last())
        .expect("there is a file");
    let changed = edited + 3;
    let rows = newest["rows"].as_u64().expect("a number");
    // The row at the position of the first sync comes again.
    assert!(
        (changed as u64..=changed as u64 + 1).contains(&rows),
        "{rows}"
    );
    let second = folder.files();
    let gone: Vec<_> = first.difference(&second).collect();
    assert_eq!(gone, ["currencies/000001-0001.jsonl"]);
    assert!(second.contains("currencies/000002-0001.jsonl"));
    folder.has_no_other_files();
}

#[test]
fn read_goes_on_from_the_states_of_a_sync() {
    let scene = scene();
    let folder = SyncFolder::new(&scene, &scene.flat());
    folder.completed(&FAMILY, &[]);
    let state = folder.out().join("state.json").display().to_string();
    let config = scene.file("config.json", &scene.flat());
    let catalog = command(&["catalog", "--streams", "invoices"]).output();
    let catalog = catalog.expect("the binary starts").stdout;
    let catalog: Value = serde_json::from_slice(&catalog).expect("a catalog is JSON");
    let catalog = scene.file("catalog.json", &catalog);
    scene
        .sim
        .world(|world| world.create(&scene.tenant, Entity::Invoices, 2));
    let read = run(&[
        "read",
        "--config",
        &config,
        "--catalog",
        &catalog,
        "--state",
        &state,
    ]);
    assert_eq!(read.code, Some(0), "{}", read.stdout);
    let rows = read.records("invoices").len();
    let all = scene.ids(Entity::Invoices).len();
    assert!((2..all / 2).contains(&rows), "{rows} of {all} rows");
}

#[test]
fn files_that_somebody_took_away_are_no_longer_named() {
    let scene = scene();
    let folder = SyncFolder::new(&scene, &scene.flat());
    folder.completed(&["invoices", "items"], &[]);
    let loaded = folder.out().join("invoices/000001-0001.jsonl");
    std::fs::remove_file(loaded).expect("the file is there");
    std::fs::write(folder.out().join("items/notes.txt"), "mine").expect("a file for the test");
    scene
        .sim
        .world(|world| world.create(&scene.tenant, Entity::Invoices, 2));
    folder.completed(&["invoices", "items"], &[]);
    let rows = folder.rows("invoices").len();
    assert!(rows < scene.ids(Entity::Invoices).len(), "{rows}");
    assert!(folder.files().contains("items/notes.txt"));
    assert_eq!(folder.rows("items").len(), scene.ids(Entity::Items).len());
}

#[test]
fn a_directory_without_its_manifest_is_refused() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let folder = SyncFolder::new(&scene, &scene.flat());
    folder.completed(&["currencies"], &[]);
    let calls = scene.calls().len();
    let manifest = folder.out().join("manifest.json");
    for content in [
        None,
        Some("{}"),
        Some("{\"version\":2,\"sync\":1,\"streams\":{}}"),
    ] {
        match content {
            None => std::fs::remove_file(&manifest).expect("there is a manifest"),
            Some(text) => std::fs::write(&manifest, text).expect("the directory is writable"),
        }
        let output = folder.sync(&["currencies"], &[]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{stderr}");
        assert!(stderr.contains("manifest.json"), "{stderr}");
    }
    assert_eq!(scene.calls().len(), calls, "a call was sent");
    assert!(folder.files().contains("currencies/000001-0001.jsonl"));
}

#[test]
fn files_of_others_are_never_deleted() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let folder = SyncFolder::new(&scene, &scene.flat());
    let out = folder.out();
    let write = |path: &str| {
        let path = out.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is ours");
        std::fs::write(path, "mine").expect("a file for the test");
    };
    // Files with names of this program, and no manifest: the sync must not take them for its own.
    write("invoices/000007-0001.jsonl");
    let output = folder.sync(&["currencies"], &[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{stderr}");
    assert!(stderr.contains("invoices/000007-0001.jsonl"), "{stderr}");
    std::fs::remove_dir_all(out.join("invoices")).expect("it is ours");

    // A link to a folder elsewhere, and names that no sync gives.
    let elsewhere = out.with_file_name("elsewhere");
    std::fs::create_dir(&elsewhere).expect("it is ours");
    std::fs::write(elsewhere.join("000007-0001.jsonl"), "mine").expect("it is ours");
    std::os::unix::fs::symlink(&elsewhere, out.join("journals")).expect("it is ours");
    for name in ["currencies/.notes.part", "currencies/notes.jsonl"] {
        write(name);
    }
    for _ in 0..2 {
        folder.completed(&["currencies"], &[]);
        assert!(out.join("currencies/.notes.part").exists());
        assert!(out.join("currencies/notes.jsonl").exists());
        assert!(elsewhere.join("000007-0001.jsonl").exists());
    }
}

#[test]
fn an_organisation_that_left_is_named_before_its_rows_leave_the_files() {
    let organisations = Organisations::new(2, |world, tenant, _| {
        world.fill(tenant, Entity::Items, 3);
    });
    let scene = &organisations.scene;
    let folder = SyncFolder::new(scene, &organisations.config());
    folder.completed(&["items", "currencies"], &[]);
    let left = organisations.tenants[1].clone();
    scene.sim.world(|world| world.disconnect(&scene.app, &left));
    for flags in [&[][..], &["--full-refresh"]] {
        let output = folder.sync(&["items", "currencies"], flags);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.contains("an organisation that this sync does not read"),
            "{stderr}"
        );
    }
}
