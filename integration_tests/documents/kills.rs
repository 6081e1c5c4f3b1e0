//! `kill -9` during a per-document stream: the next sync continues after the last state, and repeats at most
//! the calls in flight.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::Entity;

use crate::support::connector::{command, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};

const DOCUMENTS: usize = 120;
/// Number of calls in flight.
const UNDER_WAY: usize = 5;

/// Reads a stream and kills the process after a number of states. Returns the last state, if there
/// was any, and whether the sync came to its end.
pub(crate) fn killed(
    scene: &Scene,
    (config, stream): (&Value, &str),
    state: Option<&Value>,
    after: usize,
) -> (Option<Value>, bool) {
    let config = scene.file("config.json", config);
    let catalog = scene.file("catalog.json", &catalog(&[stream]));
    let mut arguments = read_arguments(&config, &catalog).to_vec();
    let state = state.map(|state| scene.file("state.json", state));
    arguments.extend(state.iter().flat_map(|path| ["--state", path.as_str()]));
    let mut child = command(&arguments).spawn().expect("the binary starts");
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut last, mut states) = (None, 0);
    for line in stdout.split(b'\n') {
        let line = line.expect("a pipe can be read");
        let Ok(message) = serde_json::from_slice::<Value>(&line) else {
            continue; // cut by the end of the process
        };
        if message["type"] == "STATE" {
            states += 1;
            last = Some(json!([message]));
            if states == after {
                child.kill().expect("the child was started here");
            }
        }
    }
    let status = child.wait().expect("the child was started here");
    (last, status.success())
}

#[test]
fn a_sync_after_a_kill_resumes_and_repeats_few_requests() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, DOCUMENTS);
        world.unlimited();
        world.latency(Duration::from_millis(3));
    });
    let (mut state, mut kills) = (None, 0);
    loop {
        let (last, is_over) = killed(&scene, (&scene.flat(), "history"), state.as_ref(), 25);
        state = last.or(state);
        if is_over {
            break;
        }
        kills += 1;
        assert!(kills < DOCUMENTS, "it never comes to an end");
    }
    assert!(kills >= 3, "it was killed {kills} times");
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for call in scene.calls() {
        if call.ends_with("/History") {
            *asked.entry(call).or_default() += 1;
        }
    }
    assert_eq!(asked.len(), DOCUMENTS);
    let calls: usize = asked.values().sum();
    // A few states may still be in the pipe when the process is killed.
    let most = DOCUMENTS + kills * 2 * UNDER_WAY;
    assert!(calls <= most, "{calls} calls after {kills} kills");
}
