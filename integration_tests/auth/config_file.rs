//! New tokens in the config file: `--write-config`. Two processes share one config and never spend
//! the same refresh token.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::connector::{Run, command, run, started_by};
use crate::support::scene::Scene;

fn parsed(path: &str) -> Value {
    let text = std::fs::read(path).expect("the config is there");
    serde_json::from_slice(&text).expect("the config is JSON")
}

/// The refresh tokens that were sent to the token endpoint.
fn spent(scene: &Scene) -> Vec<String> {
    let requests = scene.sim.requests();
    let sent = requests.iter().filter_map(|it| it.field("refresh_token"));
    sent.map(str::to_owned).collect()
}

#[test]
fn each_run_leaves_the_config_with_the_tokens_that_the_next_one_needs() {
    let scene = Scene::new();
    let mut config = scene.flat_without_access_token();
    config["mine"] = json!({"kept": [1, 2]});
    let path = scene.file("config.json", &config);
    for renewals in 1..=3 {
        let run = run(&["check", "--config", &path, "--write-config"]);
        assert_eq!(run.checked("SUCCEEDED"), "", "{}", run.stdout);
        // A CONTROL message has the same config.
        assert_eq!(run.configs(), [&parsed(&path)]);
        assert_eq!(parsed(&path)["mine"], config["mine"]);
        assert_eq!(spent(&scene).len(), renewals);
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        // The next run finds an expired token.
        let mut expired = parsed(&path);
        expired["access_token"] = Value::Null;
        scene.file("config.json", &expired);
    }
    let spent = spent(&scene);
    let different: HashSet<_> = spent.iter().collect();
    assert_eq!(different.len(), 3, "a refresh token was spent twice");
}

#[test]
fn processes_that_share_a_config_spend_each_refresh_token_once() {
    let scene = Scene::new();
    scene.delay_token_answers();
    let path = scene.file("config.json", &scene.flat_without_access_token());
    let arguments = ["check", "--config", &path, "--write-config"];
    let children: Vec<_> = (0..4)
        .map(|_| command(&arguments).spawn().expect("the binary starts"))
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("the binary was started");
        let run = Run::of(output);
        assert_eq!(run.checked("SUCCEEDED"), "", "{}", run.stdout);
    }
    assert_eq!(spent(&scene).len(), 1, "the others take over its tokens");
}

#[test]
fn no_refresh_token_is_spent_if_the_config_cannot_be_rewritten() {
    let scene = Scene::new();
    let config = scene.flat_without_access_token();
    let path = scene.file("config.json", &config);
    // No file may have any bytes, also for root. Stdout is a pipe.
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    let arguments = ["check", "--config", &path, "--write-config"];
    let mut command = started_by(&["sh", "-c", limited], &arguments);
    let run = Run::of(command.output().expect("there is a shell"));
    let failure = run.checked("FAILED");
    assert!(failure.contains("cannot be rewritten"), "{failure}");
    assert!(failure.contains("File too large"), "{failure}");
    assert_eq!((parsed(&path), spent(&scene).len()), (config, 0));
}
