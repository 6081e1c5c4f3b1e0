//! Long lists are read in concurrent ranges while rows are edited, and resume where they stopped.

use std::collections::HashSet;
use std::time::Duration;

use chrono::DateTime;
use serde_json::{Value, json};
use xero_sim::{Entity, Request};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

/// An organisation with this number of payments, whose stamps are `step` apart.
pub(crate) fn payments(rows: usize, step: i64) -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Payments, rows);
        let first = world.now() - rows as i64 * step - 1_000_000;
        let stamp = |number: u64| first + number as i64 * step;
        world.restamp(tenant, Entity::Payments, stamp);
    })
}

/// The same with slow responses: a walk over the whole list takes more than two seconds.
fn slow_payments() -> Scene {
    let scene = payments(12_000, 20_000);
    scene
        .sim
        .world(|world| world.latency(Duration::from_millis(200)));
    scene
}

/// The IDs of the payments that were read.
pub(crate) fn ids(run: &Run) -> HashSet<&str> {
    run.column("payments", "PaymentID").into_iter().collect()
}

/// The ranges of a state.
pub(crate) fn ranges<'a>(state: &'a Value, scene: &Scene) -> &'a [Value] {
    let ranges = &state["tenants"][scene.tenant.as_str()]["ranges"];
    ranges.as_array().map_or(&[], Vec::as_slice)
}

/// The calls for a list, such as `/Payments`, in the order of arrival.
pub(crate) fn calls(scene: &Scene, list: &str) -> Vec<Request> {
    let mut requests = scene.sim.requests();
    requests.retain(|request| request.path.ends_with(list));
    requests
}

/// Returns the largest number of these calls in flight at the same time.
pub(crate) fn at_once(requests: &[Request]) -> usize {
    let under_way = |at| {
        let is_under_way = |request: &&Request| {
            request.received <= at && request.answered.is_some_and(|answered| at < answered)
        };
        requests.iter().filter(is_under_way).count()
    };
    let most = requests.iter().map(|request| under_way(request.received));
    most.max().unwrap_or(0)
}

/// A stamp in milliseconds. `None` for a row without a stamp.
fn millis(stamp: &Value) -> Option<i64> {
    let stamp = DateTime::parse_from_rfc3339(stamp.as_str()?).expect("a stamp is RFC 3339");
    Some(stamp.timestamp_millis())
}

#[test]
fn a_long_list_is_read_in_parallel_and_resumes_from_any_checkpoint() {
    let scene = slow_payments();
    let run = scene.read(&scene.flat(), &["payments"], None);
    assert_eq!(run.records("payments").len(), 12_000, "each row once");
    assert_eq!(ids(&run).len(), 12_000);
    assert!(
        at_once(&calls(&scene, "/Payments")) > 1,
        "one call at a time"
    );
    let states = run.states("payments");
    let cut = states.iter().find(|state| ranges(state, &scene).len() > 1);
    let state = *cut.expect("a state names the open ranges");
    let position = &state["tenants"][scene.tenant.as_str()]["UpdatedDateUTC"];
    assert_eq!(&ranges(state, &scene)[0]["from"], position);
    let last = states.last().expect("there are states");
    assert_eq!(ranges(last, &scene).len(), 0, "nothing is open at the end");

    // The rows before that state, and the rows of a sync from it.
    let mut before = HashSet::new();
    for message in &run.messages {
        if message["state"]["stream"]["stream_state"] == *state {
            break;
        }
        before.extend(message["record"]["data"]["PaymentID"].as_str());
    }
    let again = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "payments"}, "stream_state": state}}]);
    let calls_before = calls(&scene, "/Payments").len();
    let rest = scene.read(&scene.flat(), &["payments"], Some(&again));
    let after = ids(&rest);
    assert_eq!(before.union(&after).count(), 12_000, "rows are missing");
    let twice = before.intersection(&after).count();
    let open = ranges(state, &scene).len();
    assert!(twice <= open, "{twice} rows of {open} ranges came again");

    // It requested the open ranges and nothing else.
    for request in &calls(&scene, "/Payments")[calls_before..] {
        let since = millis(&json!(request.if_modified_since)).expect("each call has a bound");
        let is_open = |range: &Value| {
            let from = millis(&range["from"]).expect("a range has a beginning");
            // The header has whole seconds and starts one second early.
            from - 2000 < since && millis(&range["to"]).is_none_or(|to| since < to)
        };
        let ranges = ranges(state, &scene);
        assert!(ranges.iter().any(is_open), "{request:?} of {ranges:?}");
    }
}

#[test]
fn rows_that_are_edited_while_ranges_are_read_are_not_lost() {
    const EDITED_CALLS: u64 = 12;
    let scene = slow_payments();
    let tenant = scene.tenant.clone();
    let mut call = 0;
    scene.sim.intercept(move |request, world| {
        // Before each call one row in every thousand is edited, whether it was read or not.
        if request.path.ends_with("/Payments") && call < EDITED_CALLS {
            call += 1;
            for thousand in 0..12 {
                world.touch(&tenant, Entity::Payments, thousand * 1000 + call * 70);
            }
        }
        None
    });
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let first = scene.read(&config, &["payments"], None);
    assert!(
        at_once(&calls(&scene, "/Payments")) > 1,
        "one call at a time"
    );
    assert_eq!(ids(&first).len(), 12_000, "no row was shifted past a page");
    let next = scene.read(&config, &["payments"], Some(&first.last_states()));
    let rows = [first.records("payments"), next.records("payments")].concat();
    let read: HashSet<_> = rows
        .iter()
        .map(|row| (row["PaymentID"].as_str(), millis(&row["UpdatedDateUTC"])))
        .collect();
    let lost = scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Payments).iter();
        let is_lost =
            |row: &&xero_sim::Row| !read.contains(&(Some(row.guid().as_str()), Some(row.updated)));
        rows.filter(is_lost).count()
    });
    assert_eq!(lost, 0, "versions are lost");
}

#[test]
fn a_list_that_is_short_or_soon_over_is_walked_page_by_page() {
    for (rows, latency) in [(9_000, 250), (12_000, 0)] {
        let scene = payments(rows, 20_000);
        let latency = Duration::from_millis(latency);
        scene.sim.world(|world| world.latency(latency));
        let run = scene.read(&scene.flat(), &["payments"], None);
        assert_eq!(run.records("payments").len(), rows);
        assert_eq!(
            at_once(&calls(&scene, "/Payments")),
            1,
            "{rows} rows at {latency:?}"
        );
    }
}

#[test]
fn invalid_ranges_of_a_state_are_ignored_with_a_warning() {
    let scene = payments(50, 20_000);
    let tenant = scene.tenant.as_str();
    let day = "2020-01-01T00:00:00.000Z";
    for ranges in [
        json!(7),
        json!([]),
        json!([{"from": "yesterday"}]),
        json!([{"from": day, "to": day}, {"from": day}]),
        json!([{"from": day, "to": "2020-02-01T00:00:00Z"}]),
        json!([{"from": day, "to": "2020-03-01T00:00:00Z"}, {"from": "2020-02-01T00:00:00Z"}]),
        json!([{"from": "2020-01-02T00:00:00Z"}]),
    ] {
        let state =
            json!({"payments": {"tenants": {tenant: {"UpdatedDateUTC": day, "ranges": ranges}}}});
        let run = scene.read(&scene.flat(), &["payments"], Some(&state));
        assert_eq!(run.records("payments").len(), 50, "{ranges}");
        let warnings = run.logs("WARN");
        assert!(
            warnings[0].contains("are invalid"),
            "{ranges}: {warnings:?}"
        );
    }
}

#[test]
fn a_state_of_another_organisation_begins_at_the_start_and_says_so() {
    let scene = payments(50, 20_000);
    let other = "11111111-2222-4333-8444-555555555555";
    let state =
        json!({"payments": {"tenants": {other: {"UpdatedDateUTC": "2099-01-01T00:00:00Z"}}}});
    let run = scene.read(&scene.flat(), &["payments"], Some(&state));
    assert_eq!(run.records("payments").len(), 50);
    let said = run.logs("INFO");
    let said = said
        .iter()
        .any(|line| line.contains("has other organisations"));
    assert!(said, "{:?}", run.logs("INFO"));
    let states = run.states("payments");
    let kept = &states.last().expect("there are states")["tenants"][other];
    assert_eq!(kept["UpdatedDateUTC"], "2099-01-01T00:00:00Z");
}

#[test]
fn more_ranges_than_a_sync_can_leave_are_not_carried_from_state_to_state() {
    let scene = payments(2_500, 20_000);
    let at = |second: i64| {
        let stamp = DateTime::from_timestamp(1_577_836_800 + second, 0).expect("a moment");
        stamp.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let span = |number: i64| json!({"from": at(2 * number), "to": at(2 * number + 1)});
    let mut ranges: Vec<_> = (0..20_000).map(span).collect();
    ranges.push(json!({"from": at(40_000)}));
    let tenant = scene.tenant.as_str();
    let state =
        json!({"payments": {"tenants": {tenant: {"UpdatedDateUTC": at(0), "ranges": ranges}}}});
    let run = scene.read(&scene.flat(), &["payments"], Some(&state));
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(ids(&run).len(), 2_500);
    assert!(run.logs("WARN")[0].contains("are invalid"));
    let calls = calls(&scene, "/Payments").len();
    assert!(calls <= 4, "{calls} calls");
}
