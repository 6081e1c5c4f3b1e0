//! The command line: arguments, exit codes, and stdout that holds messages only.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::docs::command_line::verbs;
use crate::support::connector::{Run, command, read_arguments, run};
use crate::support::scene::{Scene, catalog};

#[test]
fn spec_prints_one_message_and_needs_nothing() {
    let run = run(&["spec"]);
    assert_eq!(
        (run.messages.len(), run.code, run.stderr.as_str()),
        (1, Some(0), "")
    );
    let spec = &run.messages[0]["spec"];
    assert_eq!(
        spec["connectionSpecification"]["required"],
        json!(["start_date"])
    );
    let file: Value =
        serde_json::from_str(include_str!("../../spec.json")).expect("spec.json is JSON");
    assert_eq!(spec, &file);
}

#[test]
fn invalid_arguments_are_explained_on_stderr_and_to_callers_of_the_protocol() {
    for (arguments, words, errors) in [
        (&["frobnicate"][..], "unrecognized subcommand", 0),
        (&["chek"], "Did you mean check?", 0),
        (&[], "Usage", 0),
        (&["check"], "--config", 1),
        (&["read", "--config", "c.json"], "--catalog", 1),
        (
            &["check", "--config", "/nonexistent/config.json", "--speed"],
            "unexpected argument",
            1,
        ),
    ] {
        let run = run(arguments);
        assert_eq!(
            (run.messages.len(), run.code),
            (errors, Some(2)),
            "{arguments:?}"
        );
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
        for (kind, _, message) in run.errors() {
            assert_eq!(kind, "config_error");
            assert!(run.stderr.contains(message), "{message}");
        }
    }
}

#[test]
fn values_typed_by_mistake_are_not_repeated() {
    let secret = "s3cret-t0ken-0123456789";
    let flag = format!("--refresh-token={secret}");
    for arguments in [
        &[secret][..],
        &["check", secret],
        &["check", "--config", "c.json", secret],
        &["check", &flag],
    ] {
        let run = run(arguments);
        assert_eq!(run.code, Some(2));
        for output in [&run.stdout, &run.stderr] {
            assert!(!output.contains(secret), "{output}");
        }
        assert!(run.stderr.contains("Usage: xero-source"), "{}", run.stderr);
    }
}

#[test]
fn a_config_that_other_users_can_read_gives_a_warning() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat());
    for (mode, variable, warnings) in [
        (0o600, None, 0),
        (0o640, None, 1),
        (0o644, None, 1),
        // In the image, files are mounted for a user who need not own them.
        (
            0o644,
            Some(("AIRBYTE_ENTRYPOINT", "/usr/local/bin/xero-source")),
            0,
        ),
    ] {
        let modes = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&config, modes).expect("the file is ours");
        let mut command = command(&["check", "--config", &config]);
        command.envs(variable);
        let run = Run::of(command.output().expect("the binary starts"));
        assert_eq!(run.checked("SUCCEEDED"), "");
        let logged = run.logs("WARN").into_iter();
        let logged = logged.filter(|it| it.contains("can read the config file"));
        assert_eq!(logged.count(), warnings, "{mode:o}: {:?}", run.logs("WARN"));
    }
}

#[test]
fn help_and_version_are_on_stdout() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["read", "--help"],
        &["man"],
    ] {
        let output = command(arguments).output().expect("the binary starts");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0));
        assert!(
            stdout.contains("xero-source") || stdout.contains("xero\\-source"),
            "{stdout}"
        );
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn every_verb_has_help_with_an_example() {
    let verbs = verbs();
    assert!(verbs.len() > 5, "{verbs:?}");
    for verb in verbs {
        let help = command(&[&verb, "--help"])
            .output()
            .expect("the binary starts");
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        let example = format!("  xero-source {verb}");
        let examples = help.split("Example").nth(1).unwrap_or_default();
        assert!(examples.contains(&example), "{help}");
    }
}

#[test]
fn flags_accept_an_equals_sign_and_every_verb_accepts_debug() {
    let scene = Scene::new();
    let config = format!("--config={}", scene.file("config.json", &scene.flat()));
    let run = run(&["check", &config, "--debug"]);
    assert_eq!(run.checked("SUCCEEDED"), "");
    assert_eq!(
        crate::support::connector::run(&["spec", "--debug"]).code,
        Some(0)
    );
}

#[test]
fn a_config_that_cannot_be_read_fails_the_check_and_the_other_verbs() {
    let scene = Scene::new();
    let catalog = scene.file("catalog.json", &catalog(&["invoices"]));
    for (name, content, words) in [
        ("missing", None, "does not exist"),
        (
            "broken",
            Some("{\"start_date\": "),
            "broken.json is not valid JSON: line 1, column",
        ),
        ("blank", Some(" \n"), "blank.json is empty."),
        ("list", Some("[]"), "must be a JSON object"),
        ("empty", Some("{}"), "start_date"),
        (
            "date",
            Some(r#"{"start_date":"2021-13-01","access_token":"x"}"#),
            "2021-13-01",
        ),
        (
            "future",
            Some(r#"{"start_date":"2199-01-01","access_token":"x"}"#),
            "future",
        ),
        (
            "tenant",
            Some(r#"{"start_date":"2021-01-01","access_token":"x","tenant_id":"acme"}"#),
            "tenant_id",
        ),
        (
            "http",
            Some(
                r#"{"start_date":"2021-01-01","access_token":"x","api_url":"http://example.com"}"#,
            ),
            "sends no token unencrypted",
        ),
    ] {
        let path = scene.file(&format!("{name}.json"), &Value::Null);
        match content {
            Some(content) => {
                std::fs::write(&path, content).expect("the temporary folder is writable")
            }
            None => std::fs::remove_file(&path).expect("the file was just written"),
        }
        let checked = run(&["check", "--config", &path]);
        assert!(
            checked.checked("FAILED").contains(words),
            "{name}: {}",
            checked.stdout
        );
        for arguments in [
            &["discover", "--config", &path][..],
            &read_arguments(&path, &catalog),
        ] {
            let run = run(arguments);
            let errors = run.errors();
            assert_eq!(
                (errors.len(), run.code),
                (1, Some(1)),
                "{name}: {}",
                run.stdout
            );
            assert_eq!(errors[0].0, "config_error");
            assert!(errors[0].2.contains(words), "{name}: {}", errors[0].2);
        }
    }
}

#[test]
fn a_catalog_with_an_unknown_stream_is_an_error() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat());
    let invalid = json!({"streams": [{
        "stream": {"name": "__AIRBYTE__stream_that_does_not_exist", "json_schema": {}, "supported_sync_modes": []},
        "sync_mode": "INVALID", "destination_sync_mode": "INVALID"}]});
    for (content, words) in [
        (invalid, "no stream called"),
        (json!({}), "configured catalog"),
        (json!([1]), "configured catalog"),
    ] {
        let path = scene.file("catalog.json", &content);
        let run = run(&read_arguments(&config, &path));
        assert_eq!(
            (run.errors().len(), run.code),
            (1, Some(1)),
            "{}",
            run.stdout
        );
        assert!(run.errors()[0].2.contains(words), "{}", run.stdout);
    }
}

#[test]
fn the_log_level_follows_the_platforms_variable() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["currencies"]));
    let logged = |level: &str| {
        let mut command = command(&read_arguments(&config, &catalog));
        let output = command
            .env("LOG_LEVEL", level)
            .output()
            .expect("the binary starts");
        crate::support::connector::Run::of(output)
            .logs("INFO")
            .len()
    };
    assert!(logged("INFO") > 0);
    assert_eq!(logged("ERROR"), 0);
}

#[test]
fn a_platform_that_requests_socket_mode_gets_a_message() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["currencies"]));
    for (medium, code) in [("SOCKET", 1), ("STDIO", 0)] {
        let mut command = command(&read_arguments(&config, &catalog));
        let output = command.env("DATA_CHANNEL_MEDIUM", medium).output();
        let run = crate::support::connector::Run::of(output.expect("the binary starts"));
        assert_eq!(
            (run.code, run.errors().len()),
            (Some(code), code as usize),
            "{medium}"
        );
    }
}

#[test]
fn a_config_with_a_byte_order_mark_is_read() {
    let scene = Scene::new();
    let path = scene.file("config.json", &Value::Null);
    std::fs::write(&path, format!("\u{feff}{}", scene.flat()))
        .expect("the temporary folder is writable");
    assert_eq!(run(&["check", "--config", &path]).checked("SUCCEEDED"), "");
}

#[test]
fn a_state_file_that_is_empty_or_cut_short_is_named_and_says_what_to_do() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["currencies"]));
    let state = scene.file("kept state.json", &Value::Null);
    let line = r#"{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"currencies"},"stream_state":{}}}}"#;
    for (text, words) in [
        (
            String::new(),
            "is empty. Give a file with the states of an earlier sync, or omit --state",
        ),
        ("\n \n".to_owned(), "is empty. Give a file with the states"),
        (
            format!("{line}\n{}", &line[..60]),
            "is not valid JSON: line 2, column 60. It ends in the middle of a value, so the file was probably cut short. Give",
        ),
        (
            format!("{line}\n}}\n"),
            "is not valid JSON: line 2, column 1.",
        ),
    ] {
        std::fs::write(&state, &text).expect("the temporary folder is writable");
        let arguments = [&read_arguments(&config, &catalog)[..], &["--state", &state]].concat();
        let run = run(&arguments);
        let errors = run.errors();
        assert_eq!(
            (errors.len(), run.code, errors[0].0),
            (1, Some(1), "config_error")
        );
        let beginning = format!("The state file {state} {words}");
        assert!(errors[0].2.starts_with(&beginning), "{}", errors[0].2);
    }
    assert_eq!(scene.sim.requests().len(), 0);
    std::fs::write(&catalog, "").expect("the temporary folder is writable");
    let run = run(&read_arguments(&config, &catalog));
    assert!(
        run.errors()[0].2.contains("catalog.json is empty."),
        "{}",
        run.stdout
    );
}

#[test]
fn streams_whose_state_is_missing_beside_others_are_named() {
    let scene = Scene::new();
    let streams = ["contacts", "currencies", "invoices", "items"];
    let first = scene.read(&scene.flat(), &streams, None);
    let warned = |run: &crate::support::connector::Run| {
        let warnings = run.logs("WARN").into_iter();
        let mine = warnings.filter(|it| it.contains("has no state of"));
        mine.map(str::to_owned).collect::<Vec<_>>()
    };
    let states = first.last_states();
    let invoices = states
        .as_array()
        .expect("a list")
        .iter()
        .filter(|state| state["stream"]["stream_descriptor"]["name"] == "invoices");
    let partial = invoices.cloned().collect::<Value>();
    let run = scene.read(&scene.flat(), &streams, Some(&partial));
    let warnings = warned(&run);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains(
            "state.json has no state of contacts, items: they are read from start_date on."
        ),
        "{warnings:?}"
    );
    for whole in [states, json!([])] {
        assert!(warned(&scene.read(&scene.flat(), &streams, Some(&whole))).is_empty());
    }
}

#[test]
fn a_mistyped_key_is_reported_with_the_correct_key_before_any_call() {
    let scene = Scene::new();
    for key in ["tenantid", "Tenant_Id", "tennant_id"] {
        let mut config = scene.flat();
        config[key] = config["tenant_id"].take();
        let run = scene.check(&config);
        let words = format!("{key} is not a setting. Did you mean tenant_id?");
        assert!(run.checked("FAILED").contains(&words), "{}", run.stdout);
    }
    assert_eq!(scene.sim.requests().len(), 0);
    let mut config = scene.flat();
    config["__injected_by_platform"] = json!({"value": "s3cr3t"});
    let run = scene.check(&config);
    assert_eq!(run.checked("SUCCEEDED"), "");
    let warnings = run.logs("WARN");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("__injected_by_platform"),
        "{warnings:?}"
    );
    assert!(!run.stdout.contains("s3cr3t"));
}

#[test]
fn every_page_of_the_manual_that_another_page_names_is_printed() {
    let page = |arguments: &[&str]| {
        let output = command(arguments).output().expect("the binary starts");
        let text = String::from_utf8_lossy(&output.stdout).replace("\\-", "-");
        (output.status.code(), text)
    };
    let (code, main) = page(&["man"]);
    assert_eq!(code, Some(0));
    let named = main.split("xero-source-").skip(1);
    let verbs: Vec<_> = named
        .filter_map(|rest| Some(rest.split_once("(1)")?.0))
        .collect();
    assert!(verbs.len() > 5, "{main}");
    for verb in verbs {
        let (code, text) = page(&["man", verb]);
        assert_eq!(code, Some(0), "{verb}");
        let title = format!(".TH xero-source-{verb} 1");
        assert!(text.contains(&title), "{text}");
    }
    let (code, text) = page(&["man", "frobnicate"]);
    assert_eq!((code, text.as_str()), (Some(1), ""));
}
