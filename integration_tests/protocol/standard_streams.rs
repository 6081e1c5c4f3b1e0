//! Standard streams that cannot be written. New tokens and records go to stdout, so without it the connector
//! sends no request.

use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use crate::support::connector::{read_arguments, redirected};
use crate::support::scene::{Scene, catalog};

fn run(arguments: &[&str], redirections: &str) -> Output {
    let mut command = redirected(arguments, redirections);
    command.output().expect("there is a shell")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_stdout_that_is_closed_or_read_only_is_refused_before_any_call() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat_without_access_token());
    let catalog = scene.file("catalog.json", &catalog(&["currencies"]));
    let verbs: [&[&str]; 4] = [
        &["spec"],
        &["check", "--config", &config],
        &["discover", "--config", &config],
        &read_arguments(&config, &catalog),
    ];
    for redirection in [">&-", "1</dev/null", "1<>/dev/null", &format!("1<{config}")] {
        for arguments in verbs {
            let output = run(arguments, redirection);
            let said = stderr(&output);
            let what = format!("{arguments:?} {redirection}: {said}");
            assert_eq!(output.status.code(), Some(1), "{what}");
            assert!(said.contains("stdout cannot be written"), "{what}");
            assert_eq!(said.lines().count(), 1, "{what}");
        }
    }
    assert_eq!(scene.sim.requests().len(), 0, "Xero was called");
}

#[test]
fn no_refresh_token_is_exchanged_while_stdout_is_blocked() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat_without_access_token());
    let catalog = scene.file("catalog.json", &catalog(&["currencies"]));
    let verbs: [&[&str]; 3] = [
        &["check", "--config", &config],
        &["discover", "--config", &config],
        &read_arguments(&config, &catalog),
    ];
    for arguments in verbs {
        let output = run(arguments, ">/dev/full");
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("No space left on device"), "{said}");
    }
    assert_eq!(scene.token_calls(), 0, "a refresh token was spent");
}

#[test]
fn stdout_is_tested_at_every_log_level() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat_without_access_token());
    let mut command = redirected(&["check", "--config", &config], ">/dev/full");
    let output = command.env("LOG_LEVEL", "ERROR").output();
    let output = output.expect("there is a shell");
    assert_eq!((output.status.code(), scene.token_calls()), (Some(1), 0));
}

/// A user who discards the output on purpose opens the device for writing.
#[test]
fn output_may_be_thrown_away() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat());
    let output = run(&["check", "--config", &config], ">/dev/null");
    assert_eq!(
        (output.status.code(), stderr(&output)),
        (Some(0), String::new())
    );
    assert_eq!(scene.calls(), ["/Currencies"]);
}

#[test]
fn an_unwritable_stderr_causes_no_panic() {
    let scene = Scene::new();
    let config = scene.file("config.json", &scene.flat_without_access_token());
    let check = ["check", "--config", &config];
    for stderr in ["2>/dev/full", "2>&-"] {
        for (arguments, stdout, code) in [
            (&["--help"][..], "", 0),
            (&["--version"], "", 0),
            (&["check", "--help"], "", 0),
            (&check, ">/dev/full", 1),
            (&check, ">&-", 1),
        ] {
            let output = run(arguments, &format!("{stdout} {stderr}"));
            assert_eq!(
                (output.status.code(), output.status.signal()),
                (Some(code), None),
                "{arguments:?} {stdout} {stderr}"
            );
        }
    }
}
