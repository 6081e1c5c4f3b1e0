//! An access token that expires during five concurrent calls is renewed once, and the new tokens are on
//! stdout before their first use.

use std::time::Duration;

use serde_json::Value;
use xero_sim::Answer;

use crate::support::connector::{command, read_arguments};
use crate::support::scene::{Scene, catalog};

/// Streams that are read concurrently, so that their first calls are in flight together.
const FIVE: [&str; 5] = ["accounts", "contacts", "invoices", "items", "payments"];

/// Rejects the calls of these streams with an expired token, from the first one on. The delay
/// ensures that all five calls are rejected.
fn expires_under_way(scene: &Scene) {
    let old = format!("Bearer {}", scene.tokens.access_token);
    scene.sim.intercept(move |request, _| {
        let is_probe = request.path.ends_with("/Currencies");
        let is_old = !is_probe && request.authorization.as_ref() == Some(&old);
        let detail = "TokenExpired: token expired at 08/24/2026 10:12:13";
        is_old.then(|| Answer::unauthorized(detail).delayed(Duration::from_millis(400)))
    });
}

#[test]
fn five_calls_that_are_refused_together_rotate_once_and_lose_nothing() {
    let scene = Scene::new();
    let whole = scene.read(&scene.flat(), &FIVE, None);
    expires_under_way(&scene);
    let run = scene.read(&scene.flat(), &FIVE, None);
    let requests = scene.sim.requests();
    let refused = requests.iter().filter(|request| request.status == 401);
    assert_eq!(refused.count(), 5, "{:?}", scene.calls());
    assert_eq!(
        (run.code, scene.token_calls(), run.configs().len()),
        (Some(0), 1, 1)
    );
    for stream in FIVE {
        assert_eq!(run.records(stream).len(), whole.records(stream).len());
    }
}

#[test]
fn a_kill_at_the_first_use_of_a_new_token_leaves_it_on_stdout() {
    let scene = Scene::new();
    expires_under_way(&scene);
    let old = format!("Bearer {}", scene.tokens.access_token);
    let (used, wait_used) = std::sync::mpsc::channel();
    scene.sim.intercept(move |request, _| {
        let token = request.authorization.clone()?;
        let is_new = request.path.starts_with("/api.xro") && token != old;
        is_new.then(|| {
            let _ = used.send(token);
            Answer::silent()
        })
    });
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&FIVE));
    let mut command = command(&read_arguments(&config, &catalog));
    let mut child = command.spawn().expect("the binary starts");
    let token = wait_used.recv().expect("a new token is used");
    child.kill().expect("the child was started here");
    let output = child
        .wait_with_output()
        .expect("the child was started here");
    let text = String::from_utf8(output.stdout).expect("stdout is text");
    let mut messages = text.lines().map(serde_json::from_str::<Value>);
    let written = messages.any(|message| {
        let message = message.unwrap_or_default();
        let config = &message["control"]["connectorConfig"]["config"];
        let is_it = |own: &str| token == format!("Bearer {own}");
        config["access_token"].as_str().is_some_and(is_it)
    });
    assert!(written, "the rotation is lost: {text}");
}
