//! The daily limit: a refusal is recognised, and the reserve is kept.

use std::collections::HashSet;

use serde_json::json;
use xero_sim::{Answer, Limit};

use crate::faults::retries::scene;
use crate::limits::minute::{STREAMS, refused};
use crate::support::scene::Scene;

/// Number of calls per day of the app.
const DAY: u32 = 5000;

/// Other programs use all calls of the day except `left` calls.
fn leave(scene: &Scene, left: u32) {
    scene
        .sim
        .world(|world| world.spend_day(&scene.app, &scene.tenant, DAY - left));
}

#[test]
fn a_spent_daily_limit_ends_every_stream_after_one_refusal() {
    let scene = scene();
    scene.sim.intercept(|request, _| {
        (request.path.ends_with("/Invoices")).then(|| Answer::too_many(Limit::Day, Some(3600)))
    });
    let run = scene.read(&scene.flat(), &STREAMS, None);
    assert_eq!((refused(&scene).len(), run.code), (1, Some(1)));
    assert!(
        run.errors()
            .iter()
            .all(|error| error.2.contains("New calls are available in 1.0 hours")),
        "{:?}",
        run.errors()
    );
    assert_eq!(
        run.status("contacts"),
        "INCOMPLETE",
        "the sixth stream had not begun when the day was spent"
    );
}

#[test]
fn without_calls_left_one_request_asks_when_the_limit_resets() {
    let scene = scene();
    leave(&scene, 2);
    let run = scene.read(&scene.flat(), &STREAMS, None);
    assert_eq!((refused(&scene).len(), run.code), (1, Some(1)));
    for (kind, stream, words) in run.errors() {
        assert_eq!(kind, "transient_error", "{stream}");
        assert!(
            words.contains("New calls are available in "),
            "{stream}: {words}"
        );
    }
}

#[test]
fn the_reserve_ends_a_sync_and_keeps_the_rows_read() {
    let scene = scene();
    let mut config = scene.flat();
    config["daily_call_reserve"] = json!(100);
    leave(&scene, 103);
    let run = scene.read(&config, &["invoices"], None);
    assert_eq!(run.code, Some(1));
    let errors = run.errors();
    assert_eq!((errors.len(), errors[0].0), (1, "transient_error"));
    assert!(
        errors[0].2.contains("daily_call_reserve") && errors[0].2.contains(" has 100 calls left"),
        "{}",
        errors[0].2
    );
    assert_eq!(run.status("invoices"), "INCOMPLETE");
    assert_eq!(scene.calls().len(), 3, "{:?}", scene.calls());
    let first = run.column("invoices", "InvoiceID");

    let state = run.last_states();
    config["daily_call_reserve"] = json!(0);
    let next = scene.read(&config, &["invoices"], Some(&state));
    assert_eq!(next.code, Some(0), "{:?}", next.errors());
    let rest = next.column("invoices", "InvoiceID");
    assert!(rest.len() < 2300, "it begins where the reserve was met");
    let seen: HashSet<_> = first.into_iter().chain(rest).collect();
    assert_eq!(seen.len(), 2300);
}

#[test]
fn streams_that_the_reserve_forbids_fail_without_a_call() {
    let scene = scene();
    let mut config = scene.flat();
    config["daily_call_reserve"] = json!(200);
    leave(&scene, 150);
    let run = scene.read(&config, &STREAMS, None);
    assert_eq!(scene.calls(), ["/Currencies"], "one call to know");
    assert_eq!((run.errors().len(), run.code), (6, Some(1)));
    for stream in STREAMS {
        assert_eq!(run.status(stream), "INCOMPLETE", "{stream}");
    }
    assert!(
        run.errors()[0].2.contains(" has 149 calls left"),
        "{:?}",
        run.errors()
    );
}
