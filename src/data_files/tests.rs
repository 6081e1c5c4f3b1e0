//! Tests the order of a save: a step that fails leaves the later steps undone.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::rows::record_lines::RecordLines;
use crate::terminal::TextLines;

const PART: &str = "invoices/000001-0001.jsonl";
const MANIFEST: &str = "manifest.json";

fn open(folder: &TempDir) -> DataFiles<TextLines<io::Sink>> {
    let options = Options {
        is_full_refresh: false,
        is_gzip: false,
    };
    let opened = DataFiles::open(folder.path(), options, TextLines::new(io::sink()));
    opened.expect("the directory can be used")
}

/// One row of a stream, and the state that covers it.
fn batch(stream: &'static str, state: Option<Value>) -> Batch {
    let mut lines = RecordLines::new(stream, "t", 0);
    lines.line(|out| out.extend_from_slice(br#","ID":1"#));
    lines.end_row();
    let records = lines.all();
    Batch {
        stream,
        lines: records.lines,
        records: records.count,
        state,
    }
}

/// Whether the part is a file, the manifest names it, and the states are a file.
fn found(folder: &TempDir) -> [bool; 3] {
    let is_file = |name: &str| folder.path().join(name).is_file();
    let manifest = fs::read_to_string(folder.path().join(MANIFEST)).unwrap_or_default();
    [is_file(PART), manifest.contains(PART), is_file(STATE)]
}

#[test]
fn rows_are_saved_before_the_manifest_and_the_manifest_before_the_states() {
    for (blocked, expected) in [
        (Some(PART), [false, false, false]),
        (Some(MANIFEST), [true, false, false]),
        (Some(STATE), [true, true, false]),
        (None, [true, true, true]),
    ] {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let mut files = open(&folder);
        // A folder in the place of a file cannot be replaced, not even by root.
        let old = blocked.and_then(|it| fs::read(folder.path().join(it)).ok());
        if let Some(blocked) = blocked {
            let _ = fs::remove_file(folder.path().join(blocked));
            fs::create_dir_all(folder.path().join(blocked)).expect("the folder is writable");
        }
        let written = files.append(batch("invoices", Some(json!({"at": 1}))));
        written.expect("the folder is writable");
        assert_eq!(files.save().is_ok(), blocked.is_none(), "{blocked:?}");
        assert_eq!(found(&folder), expected, "{blocked:?}");
        drop(files);
        // The next sync keeps what the manifest names, and nothing else.
        if let Some(blocked) = blocked {
            let path = folder.path().join(blocked);
            fs::remove_dir(&path).expect("it is empty");
            if let Some(old) = old {
                fs::write(&path, old).expect("the folder is writable");
            }
        }
        drop(open(&folder));
        let [_, is_named, _] = expected;
        assert_eq!(folder.path().join(PART).exists(), is_named, "{blocked:?}");
        let stream = fs::read_dir(folder.path().join("invoices")).expect("a folder");
        assert_eq!(stream.count(), usize::from(is_named), "{blocked:?}");
    }
}

#[test]
fn a_full_read_is_saved_with_its_state_once_it_is_complete() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let is_there = |name: &str| folder.path().join(name).exists();
    for (sync, is_complete) in [(1, true), (2, false), (3, true)] {
        let mut files = open(&folder);
        let written = files.append(batch("currencies", Some(json!({"sync": sync}))));
        written.expect("the folder is writable");
        files.save().expect("the folder is writable");
        let part = format!("currencies/{sync:06}-0001.jsonl");
        assert!(!is_there(&part), "the read has not ended");
        let status = match is_complete {
            true => StreamStatus::Complete,
            false => StreamStatus::Incomplete,
        };
        let ended = files.message(&Message::status("currencies", status));
        ended.expect("a status writes nothing");
        files.save().expect("the folder is writable");
        drop(files);
        assert_eq!(is_there(&part), is_complete);
        // Only one sync is current: the last complete one.
        let current = if sync == 2 { 1 } else { sync };
        let stream = fs::read_dir(folder.path().join("currencies")).expect("a folder");
        assert_eq!(stream.count(), 1);
        assert!(is_there(&format!("currencies/{current:06}-0001.jsonl")));
        let states = fs::read_to_string(folder.path().join(STATE)).expect("states");
        assert!(
            states.contains(&format!(r#"{{"sync":{current}}}"#)),
            "{states}"
        );
    }
}
