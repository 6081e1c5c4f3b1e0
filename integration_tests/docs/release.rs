//! The files of a release agree: each one that repeats the version of Cargo.toml or the names of the
//! streams.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::protocol::discover;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rest of the only line that starts with this text.
fn after<'a>(text: &'a str, start: &str) -> &'a str {
    let mut found = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(start));
    let rest = found
        .next()
        .unwrap_or_else(|| panic!("no line with {start}"));
    assert!(found.next().is_none(), "more than one line with {start}");
    rest.trim_end_matches('\\').trim()
}

#[test]
fn every_file_that_repeats_the_version_has_the_current_one() {
    let dockerfile = text("Dockerfile");
    let metadata = text("metadata.yaml");
    assert_eq!(after(&dockerfile, "io.airbyte.version="), VERSION);
    assert_eq!(
        after(&dockerfile, "org.opencontainers.image.version="),
        VERSION
    );
    assert_eq!(after(&metadata, "dockerImageTag: "), VERSION);
    let changelog = text("CHANGELOG.md");
    let newest = changelog
        .lines()
        .find_map(|line| line.strip_prefix("## "))
        .expect("the changelog has a version");
    assert_eq!(newest.split(' ').next(), Some(VERSION));
}

#[test]
fn the_image_has_the_name_that_the_metadata_says() {
    let dockerfile = text("Dockerfile");
    let metadata = text("metadata.yaml");
    assert_eq!(
        after(&dockerfile, "LABEL io.airbyte.name="),
        after(&metadata, "dockerRepository: ")
    );
}

/// The platform starts what the variable says, Docker what the entrypoint says.
#[test]
fn the_platform_and_docker_start_the_same_program() {
    let dockerfile = text("Dockerfile");
    let program = after(&dockerfile, "ENV AIRBYTE_ENTRYPOINT=");
    assert!(Path::new(program).is_absolute());
    assert_eq!(
        after(&dockerfile, "ENTRYPOINT "),
        format!("[\"{program}\"]")
    );
}

/// The acceptance suites require each stream in a sample or in `empty_streams`.
#[test]
fn the_samples_of_the_acceptance_suites_name_every_stream() {
    let catalog = discover::everything();
    let (mut all, mut incremental) = (BTreeSet::new(), BTreeSet::new());
    for stream in streams_of(&catalog) {
        let name = stream["name"]
            .as_str()
            .expect("a stream has a name")
            .to_owned();
        // The keys of reports hold months, which move with the day. The simulator of the samples
        // grants no scope for reports and for payroll.
        if name.starts_with("report_") || name.starts_with("payroll_") {
            continue;
        }
        if stream["default_cursor_field"].is_array() {
            incremental.insert(name.clone());
        }
        all.insert(name);
    }
    assert!(!incremental.is_empty());

    let remedy = "python integration_tests/acceptance/samples.py updates the samples";
    let names = |samples: &[Value], pointer: &str| -> BTreeSet<String> {
        let name = |sample: &Value| Some(sample.pointer(pointer)?.as_str()?.to_owned());
        samples.iter().filter_map(name).collect()
    };
    for file in ["abnormal_state.json", "sample_state.json"] {
        let states = json(&text(&format!("integration_tests/{file}")));
        let states = states.as_array().expect("a list of states");
        let named = names(states, "/stream/stream_descriptor/name");
        assert_eq!(named, incremental, "{file}: {remedy}");
    }
    let configured = json(&text("integration_tests/configured_catalog.json"));
    let streams = configured["streams"].as_array().expect("a catalog");
    assert_eq!(names(streams, "/stream/name"), all, "{remedy}");

    let records = text("integration_tests/expected_records.jsonl");
    let records: Vec<Value> = records.lines().map(json).collect();
    let expected = names(&records, "/stream");
    // connector-acceptance-test finds an expected record by its stream's whole primary key.
    for stream in streams_of(&catalog) {
        let key = stream["source_defined_primary_key"].as_array();
        let key: Vec<_> = key.into_iter().flatten().map(|path| &path[0]).collect();
        for record in records.iter().filter(|it| it["stream"] == stream["name"]) {
            let lacks = |field: &&&Value| record["data"][field.as_str().unwrap_or("")].is_null();
            assert_eq!(
                key.iter().find(lacks),
                None,
                "{record} lacks a key field: {remedy}"
            );
        }
    }
    for config in [
        "acceptance-test-config.yml",
        "acceptance-test-config-older.yml",
    ] {
        let config = text(config);
        let empty = config
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("- name: "))
            .map(str::to_owned);
        let covered: BTreeSet<String> = expected.iter().cloned().chain(empty).collect();
        assert_eq!(
            covered, all,
            "{remedy}, or the stream goes to empty_streams"
        );
    }
}

fn streams_of(catalog: &Value) -> impl Iterator<Item = &Value> {
    catalog["streams"].as_array().into_iter().flatten()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
