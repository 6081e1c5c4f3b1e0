//! Long ledgers are read in concurrent ranges of journal numbers, and resume where they stopped.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::Entity;

use super::ranges::{at_once, calls, ranges};
use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

const JOURNALS: usize = 3_000;

/// An organisation with a long ledger and slow responses.
fn slow_ledger() -> Scene {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Journals, JOURNALS);
    });
    scene.sim.world(|world| {
        world.unlimited();
        world.latency(Duration::from_millis(200));
    });
    scene
}

/// The numbers of all journals, in ascending order.
fn ledger(scene: &Scene) -> Vec<i64> {
    scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Journals).iter();
        rows.map(|row| row.number as i64).collect()
    })
}

/// The numbers of the journals in these records, in their order.
fn numbers<'r>(records: impl IntoIterator<Item = &'r Value>) -> Vec<i64> {
    let records = records.into_iter();
    let numbers = records.map(|record| record["JournalNumber"].as_i64());
    numbers.map(|number| number.expect("a number")).collect()
}

/// The state of a run with the most open ranges, and the numbers of the journals before it.
fn interrupted<'r>(run: &'r Run, scene: &Scene) -> (&'r Value, Vec<i64>) {
    let states = run.states("journals").into_iter();
    let state = states.max_by_key(|state| ranges(state, scene).len());
    let state = state.expect("a read writes states");
    let is_before = |message: &&Value| message["state"]["stream"]["stream_state"] != *state;
    let before = run.messages.iter().take_while(is_before);
    let records = before.map(|message| &message["record"]);
    let records = records.filter(|record| record["stream"] == "journals");
    (state, numbers(records.map(|record| &record["data"])))
}

fn states(states: &[(&str, &Value)]) -> Value {
    let state = |(stream, state): &(&str, &Value)| json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": state}});
    states.iter().map(state).collect()
}

#[test]
fn a_long_ledger_is_read_in_parallel_and_resumes_from_any_checkpoint() {
    let scene = slow_ledger();
    let run = scene.read(&scene.flat(), &["journals"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let mut all = numbers(run.records("journals"));
    all.sort_unstable();
    let expected = ledger(&scene);
    assert_eq!(expected.len(), JOURNALS);
    assert!(all == expected, "journals are missing or came twice");
    assert!(
        at_once(&calls(&scene, "/Journals")) > 2,
        "one call at a time"
    );
    let last = run.states("journals").pop().expect("a read writes states");
    assert_eq!(ranges(last, &scene).len(), 0, "nothing is open at the end");
    let tenant = scene.tenant.as_str();
    assert_eq!(
        last["tenants"][tenant]["JournalNumber"].as_i64(),
        expected.last().copied()
    );

    let (state, before) = interrupted(&run, &scene);
    let open = ranges(state, &scene);
    assert!(open.len() > 2, "{state}");
    let position = &state["tenants"][tenant]["JournalNumber"];
    assert_eq!(&open[0]["from"], position);
    let calls_before = calls(&scene, "/Journals").len();
    let given = states(&[("journals", state)]);
    let rest = scene.read(&scene.flat(), &["journals"], Some(&given));
    let mut both = [before, numbers(rest.records("journals"))].concat();
    both.sort_unstable();
    assert!(both == expected, "journals are lost or came again");

    // It requested the open ranges and nothing else.
    for request in &calls(&scene, "/Journals")[calls_before..] {
        let offset = request.param("offset").expect("each call has an offset");
        let offset: i64 = offset.parse().expect("a number");
        let is_open = |range: &Value| {
            range["from"].as_i64() <= Some(offset)
                && range["to"].as_i64().is_none_or(|to| offset < to)
        };
        assert!(open.iter().any(is_open), "{offset} of {open:?}");
    }
}

#[test]
fn a_build_that_ignores_the_ranges_repeats_journals_and_loses_none() {
    let scene = slow_ledger();
    let run = scene.read(&scene.flat(), &["journals"], None);
    let (state, before) = interrupted(&run, &scene);
    let mut state = state.clone();
    let tenant = scene.tenant.as_str();
    // What an older build makes of the state.
    state["tenants"][tenant]["ranges"] = Value::Null;
    let given = states(&[("journals", &state)]);
    let rest = scene.read(&scene.flat(), &["journals"], Some(&given));
    let both = [before, numbers(rest.records("journals"))].concat();
    let both: HashSet<_> = both.into_iter().collect();
    assert_eq!(both.len(), JOURNALS);
    assert!(run.logs("WARN").is_empty() && rest.logs("WARN").is_empty());
}

#[test]
fn a_child_stream_without_a_state_joins_the_walk_of_an_interrupted_ledger() {
    let scene = slow_ledger();
    let streams = ["journals", "journal_lines"];
    let run = scene.read(&scene.flat(), &streams, None);
    let (state, before) = interrupted(&run, &scene);
    let given = states(&[("journals", state)]);
    let rest = scene.read(&scene.flat(), &streams, Some(&given));
    let both = [before, numbers(rest.records("journals"))].concat();
    let both: HashSet<_> = both.into_iter().collect();
    assert_eq!(both.len(), JOURNALS);
    let lines = |run: &Run| {
        let ids = run.column("journal_lines", "JournalLineID").into_iter();
        ids.map(str::to_owned).collect::<HashSet<_>>()
    };
    assert!(lines(&rest) == lines(&run), "lines are missing");
    assert_eq!(
        rest.records("journal_lines").len(),
        run.records("journal_lines").len()
    );
    for stream in streams {
        let last = rest.states(stream).pop().expect("a read writes states");
        let position = last["tenants"][scene.tenant.as_str()]["JournalNumber"].as_i64();
        assert_eq!(position, ledger(&scene).last().copied(), "{stream}");
        assert_eq!(ranges(last, &scene).len(), 0, "{stream}");
    }
}

#[test]
fn invalid_ranges_of_a_ledger_are_ignored_with_a_warning() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Journals, 50);
    });
    let tenant = scene.tenant.as_str();
    let later = ledger(&scene).into_iter().filter(|number| *number > 10);
    let later: Vec<_> = later.collect();
    for ranges in [
        json!([{"from": "10", "to": "20"}, {"from": "30"}]),
        json!([{"from": 11, "to": 20}, {"from": 30}]),
        json!([{"from": 10, "to": 20}, {"from": 30, "to": 40}]),
        json!([{"from": 10, "to": 30}, {"from": 20}]),
    ] {
        let state =
            json!({"journals": {"tenants": {tenant: {"JournalNumber": 10, "ranges": ranges}}}});
        let run = scene.read(&scene.flat(), &["journals"], Some(&state));
        assert_eq!(numbers(run.records("journals")), later, "{ranges}");
        let warnings = run.logs("WARN");
        assert!(
            warnings[0].contains("are invalid"),
            "{ranges}: {warnings:?}"
        );
    }
}
