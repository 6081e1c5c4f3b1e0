//! What several targets check or read.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::excerpt::controls_output;
use crate::failure::Failure;
use crate::rows::rewrite::reference;
use crate::streams::TENANT;

/// Reads a JSON object, which the parser of an envelope guarantees for each row.
pub(super) fn object(data: &[u8]) -> Option<&RawValue> {
    let row: &RawValue = serde_json::from_slice(data).ok()?;
    row.get().starts_with('{').then_some(row)
}

/// A message for people is one line without control characters.
pub(super) fn is_message(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(!text.contains(controls_output), "{text:?}");
}

/// Both texts of a failure are messages.
pub(super) fn is_failure(failure: &Failure) {
    is_message(&failure.to_string());
    is_message(&failure.internal());
}

#[derive(Deserialize)]
struct Line<'l> {
    r#type: String,
    #[serde(borrow)]
    record: Record<'l>,
}

#[derive(Deserialize)]
struct Record<'l> {
    stream: String,
    #[serde(borrow)]
    data: &'l RawValue,
}

/// Reads the data of RECORD lines. Each line is one message of the stream.
pub(super) fn data_of<'l>(lines: &'l [u8], stream: &str) -> Vec<&'l RawValue> {
    let Some(lines) = lines.strip_suffix(b"\n") else {
        assert!(lines.is_empty(), "the last line has no end");
        return Vec::new();
    };
    let data = lines.split(|byte| *byte == b'\n').map(|line| {
        let line: Line = serde_json::from_slice(line).expect("a line is a message");
        assert_eq!(
            (line.r#type.as_str(), line.record.stream.as_str()),
            ("RECORD", stream)
        );
        line.record.data
    });
    data.collect()
}

/// The names that the connector adds to a row appear once, and the first one is the organisation.
pub(super) fn has_once(data: &RawValue, ours: &[&str]) {
    let names = reference::names(data);
    assert_eq!(names.first().map(String::as_str), Some(TENANT));
    for name in ours.iter().chain(&[TENANT]) {
        let count = names.iter().filter(|it| it == name).count();
        assert!(count == 1, "{name} appears {count} times in {data}");
    }
}

/// The keys are distinct, so that no row replaces another.
pub(super) fn are_distinct(keys: impl IntoIterator<Item = String>) {
    let mut known = HashSet::new();
    for key in keys {
        assert!(!known.contains(&key), "two rows have the key {key:?}");
        known.insert(key);
    }
}
