//! The connector waits for the limits per minute and of concurrent calls, and reports each wait.

use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Limit, Request};

use crate::faults::retries::{scene, with_fault};
use crate::support::connector::Run;
use crate::support::scene::Scene;

/// More streams than the connector reads concurrently.
pub(crate) const STREAMS: [&str; 6] = [
    "invoices",
    "bank_transactions",
    "payments",
    "items",
    "accounts",
    "contacts",
];

/// The calls that a limit refused.
pub(crate) fn refused(scene: &Scene) -> Vec<Request> {
    let requests = scene.sim.requests();
    let refused = requests.into_iter().filter(|request| request.status == 429);
    refused.collect()
}

/// The statuses of a stream. A waiting status has the milliseconds until the limit resets.
pub(crate) fn statuses<'a>(run: &'a Run, stream: &str) -> Vec<(&'a str, Option<i64>)> {
    let traces = run.payloads("TRACE", "trace");
    let traces =
        traces.filter(|trace| trace["stream_status"]["stream_descriptor"]["name"] == stream);
    let read = |trace: &'a Value| {
        let status = &trace["stream_status"];
        let reset = status["reasons"][0]["rate_limited"]["quota_reset"].as_i64();
        let emitted = trace["emitted_at"].as_i64().expect("a trace has a time");
        if reset.is_some() {
            assert_eq!(status["reasons"][0]["type"], "RATE_LIMITED");
            assert_eq!(status["reasons"].as_array().map(Vec::len), Some(1));
        }
        let name = status["status"].as_str().expect("a status has a name");
        (name, reset.map(|reset| reset - emitted))
    };
    traces.map(read).collect()
}

#[test]
fn the_start_and_the_end_of_a_wait_for_a_limit_are_reported() {
    for (limit, hint, least, most) in [
        (Limit::Minute, Some(37), 37_000, 37_000),
        (Limit::Minute, None, 5_000, 5_000),
        (Limit::AppMinute, Some(12), 12_000, 12_000),
        (Limit::AppMinute, None, 5_000, 5_000),
        (Limit::Concurrent, None, 1_000, 2_000),
    ] {
        let scene = with_fault(1, move || Answer::too_many(limit, hint));
        let run = scene.read(&scene.flat(), &["invoices"], None);
        assert_eq!(run.code, Some(0), "{limit:?}: {:?}", run.errors());
        let statuses = statuses(&run, "invoices");
        let wait = statuses.iter().position(|status| status.1.is_some());
        let wait = wait.unwrap_or_else(|| panic!("{limit:?}: {statuses:?}"));
        let until = statuses[wait].1.unwrap_or_default();
        assert!(
            (least..=most).contains(&until),
            "{limit:?} {hint:?}: {until}"
        );
        assert_eq!(statuses[wait].0, "RUNNING");
        let after = &statuses[wait + 1..];
        assert_eq!(after, [("RUNNING", None), ("COMPLETE", None)], "{limit:?}");
    }
}

#[test]
fn after_a_429_without_headers_one_call_at_a_time_probes_the_limit() {
    let scene = scene();
    let slow = Duration::from_millis(40);
    let mut left = 9;
    scene.sim.intercept(move |request, _| {
        let counts = request.path.starts_with("/api.xro") && !request.path.ends_with("/Currencies");
        left -= i32::from(counts);
        let answer = Answer::too_many(Limit::Minute, None).delayed(slow);
        (counts && left >= 0).then_some(answer)
    });
    let run = scene.read(&scene.flat(), &STREAMS, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let refused = refused(&scene);
    assert_eq!(refused.len(), 9);
    // Five calls were in flight when the first one was refused.
    let probes = refused[5..].windows(2);
    let gaps: Vec<_> = probes
        .map(|pair| pair[1].received - pair[0].received)
        .collect();
    assert!(gaps.iter().all(|gap| *gap >= 39), "{gaps:?}");
    let waits = |stream| {
        let statuses = statuses(&run, stream).into_iter();
        statuses.filter_map(|status| status.1).collect::<Vec<_>>()
    };
    let waits: Vec<i64> = STREAMS.into_iter().flat_map(waits).collect();
    for pause in [5_000, 10_000, 20_000, 25_000] {
        assert!(
            waits
                .iter()
                .any(|wait| (pause - 1..pause + 1000).contains(wait)),
            "{pause}: {waits:?}"
        );
    }
}

#[test]
fn after_a_concurrency_refusal_four_calls_run_at_once() {
    let scene = scene();
    let mut met = false;
    scene.sim.intercept(move |request, _| {
        let counts = request.path.starts_with("/api.xro") && !request.path.ends_with("/Currencies");
        if !counts {
            return None;
        }
        if !std::mem::replace(&mut met, true) {
            return Some(Answer::too_many(Limit::Concurrent, None));
        }
        Some(Answer::honest().delayed(Duration::from_millis(60)))
    });
    let run = scene.read(&scene.flat(), &STREAMS, None);
    assert_eq!((run.code, refused(&scene).len()), (Some(0), 1));
    // The first five calls may have been sent together.
    let requests = scene.sim.requests();
    let later: Vec<_> = requests
        .iter()
        .filter(|request| request.path.starts_with("/api.xro"))
        .skip(6)
        .collect();
    assert!(later.len() >= 3, "{:?}", scene.calls());
    for request in &later {
        let under_way = requests.iter().filter(|other| {
            other.received <= request.received
                && other.answered.is_none_or(|end| end > request.received)
        });
        let under_way = under_way.count();
        assert!(under_way <= 4, "{under_way} at once: {request:?}");
    }
}

#[test]
fn limits_are_kept_without_rate_limit_headers() {
    let scene = scene();
    let mut calls = 0;
    scene.sim.intercept(move |request, _| {
        if !request.path.ends_with("/Invoices") {
            return None;
        }
        calls += 1;
        Some(match calls {
            1 => Answer::text(429, "").bare(),
            _ => Answer::json(200, r#"{"Invoices":[]}"#).bare(),
        })
    });
    let mut config = scene.flat();
    config["daily_call_reserve"] = json!(100);
    let run = scene.read(&config, &["invoices", "contacts"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let waits = statuses(&run, "invoices");
    let waits: Vec<_> = waits.iter().filter_map(|status| status.1).collect();
    assert!(
        matches!(waits[..], [wait] if (4_999..6_000).contains(&wait)),
        "a 429 that says nothing is the minute's: {waits:?}"
    );
}
