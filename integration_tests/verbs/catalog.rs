//! `streams` and `catalog`: what a person chooses, `read` reads.

use serde_json::Value;

use crate::support::connector::{command, read_arguments, run};
use crate::support::scene::Scene;

/// Runs a verb for people and returns its exit code, stdout and stderr.
fn answer(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command(arguments).output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Returns the catalog that the arguments print.
fn catalog(arguments: &[&str]) -> Value {
    let (code, catalog, errors) = answer(&[&["catalog"], arguments].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    serde_json::from_str(&catalog).expect("the catalog is JSON")
}

#[test]
fn a_printed_catalog_reads_the_chosen_streams() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat());
    let chosen = ["invoices", "contact_phones", "currencies"];
    let catalog = catalog(&["--streams", &chosen.join(",")]);
    let path = scene.file("catalog.json", &catalog);
    let run = run(&read_arguments(&config, &path));
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for stream in chosen {
        assert_eq!(run.status(stream), "COMPLETE");
        assert!(!run.records(stream).is_empty(), "{stream}");
    }
    let started = run.payloads("TRACE", "trace");
    let started = started.filter(|it| it["stream_status"]["status"] == "STARTED");
    assert_eq!(started.count(), chosen.len());
}

#[test]
fn payroll_is_chosen_by_its_flag_or_by_name_only() {
    let names = |arguments: &[&str]| {
        let catalog = catalog(arguments);
        let streams = catalog["streams"].as_array().expect("a list").iter();
        let names = streams.map(|it| it["stream"]["name"].as_str().expect("a name").to_owned());
        names.filter(|it| it.starts_with("payroll_")).count()
    };
    assert_eq!(names(&["--all"]), 0);
    assert_eq!(names(&["--streams", "payroll_nz_employees"]), 1);
    assert!(names(&["--all", "--payroll"]) > 50);
}

#[test]
fn every_stream_gets_the_best_sync_mode_that_it_supports() {
    let (_, names, _) = answer(&["streams", "--json"]);
    let streams: Value = serde_json::from_str(&names).expect("the list is JSON");
    let streams = streams.as_array().expect("a list");
    for full_refresh in [false, true] {
        let flags = ["--all", "--payroll", "--full-refresh"];
        let catalog = catalog(if full_refresh { &flags } else { &flags[..2] });
        let configured = catalog["streams"].as_array().expect("a list");
        assert_eq!(configured.len(), streams.len());
        for (entry, stream) in configured.iter().zip(streams) {
            let name = &stream["name"];
            assert_eq!(&entry["stream"]["name"], name);
            let is_incremental = stream["cursor_field"].is_string() && !full_refresh;
            let (mode, destination) = match is_incremental {
                true => ("incremental", "append_dedup"),
                false => ("full_refresh", "overwrite"),
            };
            assert_eq!(entry["sync_mode"], mode, "{name}");
            assert_eq!(entry["destination_sync_mode"], destination, "{name}");
            let modes = entry["stream"]["supported_sync_modes"].as_array();
            assert!(modes.expect("a list").contains(&entry["sync_mode"]));
        }
    }
}

#[test]
fn a_wrong_choice_prints_no_catalog_and_says_what_to_do() {
    for (arguments, words) in [
        (&["catalog"][..], "Give --streams"),
        (
            &["catalog", "--streams", "invoces"],
            "Did you mean invoices?",
        ),
    ] {
        let (code, catalog, errors) = answer(arguments);
        assert_eq!((code, catalog.as_str()), (Some(1), ""));
        assert!(errors.contains(words), "{errors}");
    }
    let (code, _, errors) = answer(&["catalog", "--all", "--streams", "items"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("cannot be used with"), "{errors}");
}
