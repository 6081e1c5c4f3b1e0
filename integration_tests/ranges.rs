//! Long lists: walked in ranges side by side, gone on with where they were left,
//! asked for in narrower pieces where Xero refuses, and read in passes where the
//! order does not hold.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::connector::Run;
use crate::scene::{SCOPES, Scene};

/// An organisation of so many payments, each with a stamp of its own, `step` apart.
fn payments(rows: usize, step: i64) -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Payments, rows);
        let first = world.now() - rows as i64 * step - 1_000_000;
        let stamp = |number: u64| first + number as i64 * step;
        world.restamp(tenant, Entity::Payments, stamp);
    })
}

/// The same, so slow that a walk over all of it takes more than two seconds.
fn slow_payments() -> Scene {
    let scene = payments(12_000, 20_000);
    scene
        .sim
        .world(|world| world.latency(Duration::from_millis(200)));
    scene
}

/// The ids of the payments that came.
fn ids(run: &Run) -> HashSet<&str> {
    run.column("payments", "PaymentID").into_iter().collect()
}

/// The ranges of a state.
fn ranges<'a>(state: &'a Value, scene: &Scene) -> &'a [Value] {
    let ranges = &state["tenants"][scene.tenant.as_str()]["ranges"];
    ranges.as_array().map_or(&[], Vec::as_slice)
}

/// The most calls for payments that were under way at once.
fn at_once(scene: &Scene) -> usize {
    let mut requests = scene.sim.requests();
    requests.retain(|request| request.path.ends_with("/Payments"));
    let under_way = |at| {
        let is_under_way = |request: &&xero_sim::Request| {
            request.received <= at && request.answered.is_some_and(|answered| at < answered)
        };
        requests.iter().filter(is_under_way).count()
    };
    let most = requests.iter().map(|request| under_way(request.received));
    most.max().unwrap_or(0)
}

#[test]
fn a_long_list_is_walked_side_by_side_and_gone_on_with_from_any_state() {
    let scene = slow_payments();
    let run = scene.read(&scene.flat(), &["payments"], None);
    assert_eq!(run.records("payments").len(), 12_000, "each row once");
    assert_eq!(ids(&run).len(), 12_000);
    assert!(at_once(&scene) > 1, "one call at a time");
    let states = run.states("payments");
    let cut = states.iter().find(|state| ranges(state, &scene).len() > 1);
    let state = *cut.expect("a state names the open ranges");
    let position = &state["tenants"][scene.tenant.as_str()]["UpdatedDateUTC"];
    assert_eq!(&ranges(state, &scene)[0]["from"], position);
    let last = states.last().expect("there are states");
    assert_eq!(ranges(last, &scene).len(), 0, "nothing is open at the end");

    // What came before that state, and what a sync from it brings.
    let mut before = HashSet::new();
    for message in &run.messages {
        if message["state"]["stream"]["stream_state"] == *state {
            break;
        }
        before.extend(message["record"]["data"]["PaymentID"].as_str());
    }
    let again = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "payments"}, "stream_state": state}}]);
    let rest = scene.read(&scene.flat(), &["payments"], Some(&again));
    let after = ids(&rest);
    assert_eq!(before.union(&after).count(), 12_000, "rows are missing");
    let twice = before.intersection(&after).count();
    let open = ranges(state, &scene).len();
    assert!(twice <= open, "{twice} rows of {open} ranges came again");
}

#[test]
fn a_list_that_is_short_or_soon_over_is_walked_page_by_page() {
    for (rows, latency) in [(9_000, 250), (12_000, 0)] {
        let scene = payments(rows, 20_000);
        let latency = Duration::from_millis(latency);
        scene.sim.world(|world| world.latency(latency));
        let run = scene.read(&scene.flat(), &["payments"], None);
        assert_eq!(run.records("payments").len(), rows);
        assert_eq!(at_once(&scene), 1, "{rows} rows at {latency:?}");
    }
}

#[test]
fn ranges_that_make_no_sense_are_ignored_and_said_so() {
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
            warnings[0].contains("make no sense"),
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
        .any(|line| line.contains("knows other organisations"));
    assert!(said, "{:?}", run.logs("INFO"));
    let states = run.states("payments");
    let kept = &states.last().expect("there are states")["tenants"][other];
    assert_eq!(kept["UpdatedDateUTC"], "2099-01-01T00:00:00Z");
}

#[test]
fn a_list_of_too_many_rows_is_asked_for_in_narrower_pieces() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let scene = payments(400, DAY);
    // Xero counts what a query matches, before it is cut into pages.
    let tenant = scene.tenant.clone();
    scene.sim.intercept(move |request, world| {
        let since = request.if_modified_since.as_deref()?;
        let since = chrono::DateTime::parse_from_rfc3339(since).ok()?;
        let before = request.param("where").and_then(|filter| {
            let date = filter.strip_prefix("UpdatedDateUTC<DateTime(")?;
            chrono::NaiveDate::parse_from_str(date.strip_suffix(')')?, "%Y,%m,%d").ok()
        });
        let before = before.map(|date| date.and_time(Default::default()).and_utc());
        let before = before.map_or(i64::MAX, |before| before.timestamp_millis());
        let span = since.timestamp_millis()..before;
        let rows = world.rows(&tenant, Entity::Payments).iter();
        let count = rows.filter(|row| span.contains(&row.updated)).count();
        (request.path.ends_with("/Payments") && count > 60).then(Answer::high_volume)
    });
    let run = scene.read(&scene.flat(), &["payments"], None);
    assert_eq!(run.status("payments"), "COMPLETE", "{:?}", run.errors());
    assert_eq!((run.records("payments").len(), ids(&run).len()), (400, 400));
    assert!(run.logs("WARN")[0].contains("asking for less at a time"));
}

#[test]
fn a_server_that_keeps_neither_order_nor_filter_is_read_whole_with_a_warning() {
    for (name, said) in [
        ("order", "not in the order of UpdatedDateUTC"),
        ("filter", "older than was asked for"),
    ] {
        let scene = payments(2500, 20_000);
        let descends = name == "order";
        scene.sim.intercept(move |request, _| {
            let mut heard = request.clone();
            if descends {
                heard.query.retain(|(key, _)| key != "order");
                let order = ("order".to_owned(), "UpdatedDateUTC DESC".to_owned());
                heard.query.push(order);
            } else {
                heard.if_modified_since = None;
            }
            let is_list = request.path.ends_with("/Payments");
            is_list.then(|| Answer::honest_to(heard))
        });
        let mut config = scene.flat();
        if !descends {
            config["start_date"] = json!("2026-11-01");
        }
        let run = scene.read(&config, &["payments"], None);
        assert_eq!(run.status("payments"), "COMPLETE", "{:?}", run.errors());
        assert!(run.logs("WARN")[0].contains(said), "{:?}", run.logs("WARN"));
        let rows = run.records("payments");
        let from = config["start_date"].as_str().expect("a text");
        let stamps = run.column("payments", "UpdatedDateUTC");
        assert!(stamps.iter().all(|stamp| *stamp >= from), "{name}");
        let all = scene.read(&scene.flat(), &["payments"], None);
        let wanted = all.column("payments", "UpdatedDateUTC");
        let wanted = wanted.iter().filter(|stamp| **stamp >= from).count();
        assert_eq!(rows.len(), wanted, "{name}");
    }
}

#[test]
fn quotes_that_crowd_in_a_second_are_read_although_their_pages_are_fixed() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Quotes, 730);
        let crowd = world.now() - 90_000_000;
        // 650 in two neighbouring seconds, with ties; the others around them.
        world.restamp(tenant, Entity::Quotes, |number| match number {
            1..=40 => crowd - 5_000_000 + number as i64 * 3000,
            41..=690 => crowd + number as i64 * 2 / 3,
            _ => crowd + number as i64 * 5000,
        });
    });
    let run = scene.read(&scene.flat(), &["quotes"], None);
    let ids: HashSet<_> = run.column("quotes", "QuoteID").into_iter().collect();
    assert_eq!((run.records("quotes").len(), ids.len()), (730, 730));
    let sizes: Vec<_> = scene
        .sim
        .requests()
        .iter()
        .filter_map(|request| request.param("pageSize").map(str::to_owned))
        .collect();
    assert_eq!(sizes, [""; 0], "quotes know no pageSize");
}
