//! Attachments are downloaded whole, once, under safe names, within the calls of a sync, into the configured
//! directory.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Attachment};

use crate::support::conformance::Conformance;
use crate::support::connector::{self, Run, read_arguments};
use crate::support::file_scene::{FileScene, MEGABYTE, pdf, sha256, statuses};
use crate::support::invariants;
use crate::support::scene::catalog;

const ODD_NAMES: [&str; 8] = [
    "../../../../etc/passwd",
    "..\\..\\x.EXE",
    "Kōrero \u{202e}whakamutunga.docx",
    "no extension",
    "a \"quoted\"\u{7} name.pdf",
    ".pdf",
    "x.averylongextension",
    "100%25.p/df?x=1#y.Jpg",
];

#[test]
fn files_are_downloaded_whole_under_safe_names() {
    let odd = |name: &&str| Attachment::new(name, "application/octet-stream", 1_000);
    let file_scene = FileScene::new(&[
        vec![],
        vec![pdf(0), pdf(1), pdf(70_000)],
        ODD_NAMES.iter().map(odd).collect(),
        vec![Attachment::new(&"x".repeat(300), "", 10)],
    ]);
    let run = file_scene.read(&file_scene.config(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let discovered = file_scene.scene.discover(&file_scene.config());
    let catalog = discovered.payloads("CATALOG", "catalog").next();
    let streams = catalog.and_then(|it| it["streams"].as_array());
    let mut streams = streams.expect("streams").iter();
    let stream = streams.find(|it| it["name"] == "attachments");
    let stream = stream.expect("the stream is offered");
    // The connector keeps these files itself.
    assert_eq!(stream["is_file_based"], Value::Null);
    let conformance = Conformance::new(&stream["json_schema"]);

    let (rows, mut found) = (run.records("attachments"), file_scene.found());
    let files: Vec<_> = (1..=4)
        .flat_map(|number| file_scene.files(number))
        .collect();
    assert_eq!(rows.len(), files.len());
    for file in &files {
        let row = rows.iter().find(|row| row["AttachmentID"] == file.id());
        let row = row.expect("each file has a row");
        assert_eq!(conformance.faults(row), [] as [&str; 0]);
        assert_eq!(row["FileName"], file.attachment.name);
        let path = row["FilePath"].as_str().expect("a path");
        let (base, extension) = match path.rsplit_once('.') {
            Some((base, extension)) => (base, extension),
            None => (path, ""),
        };
        let parent = row["ParentID"].as_str().expect("a document");
        assert_eq!(base, format!("attachments/{parent}/{}", file.id()));
        assert!(
            ["", "pdf", "exe", "docx", "jpg"].contains(&extension),
            "{path}"
        );
        let bytes = found.remove(path).expect("the file is where its row says");
        assert!(bytes == file.bytes(), "{path} has other bytes");
        let found = (&row["FileStatus"], &row["FileSize"], &row["FileSHA256"]);
        let expected = (
            &json!("downloaded"),
            &json!(bytes.len()),
            &json!(sha256(&bytes)),
        );
        assert_eq!(found, expected);
    }
    assert!(
        found.is_empty(),
        "nothing else lies there: {:?}",
        found.keys()
    );
    // Xero's OpenAPI wants it so for files.
    let requests = file_scene.scene.sim.requests().into_iter();
    let accepted = requests.filter(|it| it.path.contains("/Attachments/"));
    let accepted: BTreeSet<_> = accepted.filter_map(|it| it.accept).collect();
    assert_eq!(accepted, ["application/octet-stream".to_owned()].into());
}

#[test]
fn an_existing_file_is_not_downloaded_again() {
    let file_scene = FileScene::new(&[vec![pdf(1_000), pdf(2_000)], vec![pdf(3_000)]]);
    let first = file_scene.read(&file_scene.config(), None);
    assert_eq!(file_scene.asked().len(), 3);
    // Somebody damaged one of them.
    let path = first.column("attachments", "FilePath")[0];
    std::fs::write(file_scene.path().join(path), "short").expect("the file can be written");
    let second = file_scene.read(&file_scene.config(), None);
    assert_eq!(file_scene.asked().values().sum::<usize>(), 3 + 1);
    let digests = |run: &Run| run.column("attachments", "FileSHA256").join(" ");
    assert_eq!(digests(&first), digests(&second));
}

#[test]
fn files_count_as_calls_of_the_sync() {
    let files = vec![pdf(1_000), pdf(1_001), pdf(1_002)];
    let file_scene = FileScene::new(&vec![files; 10]);
    let mut config = file_scene.config();
    config["max_calls_per_sync"] = 10.into();
    let (mut state, mut rows, mut syncs) = (None, BTreeSet::new(), 0);
    while rows.len() < 30 {
        let before = list_and_file_calls(&file_scene);
        let run = file_scene.read(&config, state.as_ref());
        let calls = list_and_file_calls(&file_scene) - before;
        // The last document's files may go beyond the part.
        assert!((4..=13).contains(&calls), "{calls} calls");
        rows.extend(
            run.column("attachments", "FileSHA256")
                .iter()
                .map(|it| it.to_string()),
        );
        state = Some(run.last_states());
        syncs += 1;
        assert!(syncs <= 4, "{} of 30 files after {syncs} syncs", rows.len());
    }
    assert_eq!(file_scene.found().len(), 30);
    let run = file_scene.read(&config, state.as_ref());
    assert!(run.records("attachments").is_empty());
    let needed = "and one more for each file";
    let first = file_scene.read(&config, None);
    let is_logged = first.logs("INFO").into_iter().any(|it| it.contains(needed));
    assert!(is_logged, "{:?}", first.logs("INFO"));
}

fn list_and_file_calls(file_scene: &FileScene) -> usize {
    let calls = file_scene.scene.calls();
    calls
        .iter()
        .filter(|it| it.contains("/Attachments"))
        .count()
}

/// Reads as Airbyte's platform does, whose catalog says whether files are to be copied.
pub(crate) fn read_staged(
    file_scene: &FileScene,
    include_files: Option<bool>,
    staging: &str,
) -> Run {
    let mut config = file_scene.scene.flat();
    config["download_attachments"] = true.into();
    let mut catalog = catalog(&["attachments"]);
    catalog["streams"][0]["include_files"] = include_files.into();
    let config = file_scene.scene.file("config.json", &config);
    let catalog = file_scene.scene.file("catalog.json", &catalog);
    let mut command = connector::command(&read_arguments(&config, &catalog));
    command.env("AIRBYTE_STAGING_DIRECTORY", staging);
    let run = Run::of(command.output().expect("the binary starts"));
    invariants::a_read_is_well_formed(&run, &["attachments"]);
    run
}

#[test]
fn records_tell_airbyte_where_to_find_the_files() {
    let file_scene = FileScene::new(&[vec![pdf(1_000)], vec![pdf(2_000), pdf(3_000)]]);
    let mut config = file_scene.scene.flat();
    config["download_attachments"] = true.into();
    let discovered = file_scene.scene.discover(&config);
    let catalog = discovered.payloads("CATALOG", "catalog").next();
    let streams = catalog
        .and_then(|it| it["streams"].as_array())
        .expect("streams");
    let based: Vec<_> = streams
        .iter()
        .filter(|it| it["is_file_based"] == true)
        .collect();
    assert_eq!((based.len(), &based[0]["name"]), (1, &json!("attachments")));

    let staging = file_scene.path().display().to_string();
    let run = read_staged(&file_scene, Some(true), &staging);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let records: Vec<_> = run.payloads("RECORD", "record").collect();
    assert_eq!(records.len(), 3);
    for record in records {
        let path = record["data"]["FilePath"].as_str().expect("a path");
        assert_eq!(
            record["file_reference"],
            json!({
                "staging_file_url": format!("{staging}/{path}"),
                "source_file_relative_path": path,
                "file_size_bytes": record["data"]["FileSize"],
            })
        );
    }
    assert_eq!(file_scene.found().len(), 3);
}

#[test]
fn without_a_directory_for_files_the_stream_says_what_to_do() {
    let file_scene = FileScene::new(&[vec![pdf(1_000)]]);
    let unwanted = read_staged(&file_scene, Some(false), "/nowhere");
    assert_eq!(unwanted.code, Some(0), "{:?}", unwanted.errors());
    assert_eq!(
        unwanted.records("attachments")[0]["FileStatus"],
        Value::Null
    );
    let unplaced = read_staged(&file_scene, None, "/nowhere");
    let (kind, stream, words) = unplaced.errors()[0];
    assert_eq!((kind, stream), ("config_error", "attachments"));
    assert!(words.contains("set attachments_directory"), "{words}");

    let file = file_scene.path().join("file");
    std::fs::write(&file, "").expect("a file can be written");
    let mut config = file_scene.config();
    config["attachments_directory"] = file.display().to_string().into();
    let run = file_scene
        .scene
        .read(&config, &["attachments", "currencies"], None);
    let (kind, stream, words) = run.errors()[0];
    assert_eq!((kind, stream), ("config_error", "attachments"));
    assert!(words.contains(&file.display().to_string()), "{words}");
    assert_eq!(run.status("currencies"), "COMPLETE");
    assert!(file_scene.asked().is_empty());
}

/// Its peak in memory so far, in bytes.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.expect("the process runs");
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|it| it.trim().strip_suffix(" kB"));
    let kilobytes = kilobytes.and_then(|it| it.parse::<u64>().ok());
    kilobytes.expect("Linux reports it") * 1024
}

#[test]
fn a_large_file_is_never_held_whole() {
    let file_scene = FileScene::new(&[vec![pdf(25 * MEGABYTE); 4], vec![pdf(1)]]);
    let last = file_scene.files(2)[0].id();
    // The process lives on while its memory is looked at.
    file_scene.scene.sim.intercept(move |request, _| {
        let is_last = request.path.ends_with(&last);
        is_last.then(|| Answer::honest().delayed(Duration::from_millis(700)))
    });
    let config = file_scene.scene.file("config.json", &file_scene.config());
    let catalog = file_scene
        .scene
        .file("catalog.json", &catalog(&["attachments"]));
    let mut command = connector::command(&read_arguments(&config, &catalog));
    let mut child = command.spawn().expect("the binary starts");
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut lines = stdout.lines().map(|line| line.expect("a pipe can be read"));
    let record = lines.find(|line| line.contains("\"RECORD\""));
    assert!(record.is_some_and(|it| it.contains("downloaded")));
    let peak = peak(child.id());
    assert_eq!(
        lines.filter(|line| line.contains("\"downloaded\"")).count(),
        4
    );
    assert!(child.wait().expect("the child was started here").success());
    assert!(
        peak < 60 * MEGABYTE,
        "four files of 25 MB took {} MB",
        peak / MEGABYTE
    );
    println!("peak: {} MB", peak / MEGABYTE);
    assert_eq!(
        statuses(&file_scene.read(&file_scene.config(), None)).len(),
        5
    );
}
