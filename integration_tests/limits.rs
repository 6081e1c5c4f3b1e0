//! Xero's limits: waited for aloud, and a spent day taken for what it is.

use xero_sim::{Answer, Limit};

use crate::faults::{scene, with_fault};

#[test]
fn a_spent_day_ends_every_stream_after_one_refusal() {
    let scene = scene();
    scene.sim.intercept(|request, _| {
        (request.path.ends_with("/Invoices")).then(|| Answer::too_many(Limit::Day, Some(3600)))
    });
    let run = scene.read(
        &scene.flat(),
        &[
            "invoices",
            "bank_transactions",
            "payments",
            "items",
            "accounts",
            "contacts",
        ],
        None,
    );
    let refused = scene
        .sim
        .requests()
        .iter()
        .filter(|request| request.status == 429)
        .count();
    assert_eq!((refused, run.code), (1, Some(1)));
    assert!(
        run.errors()
            .iter()
            .all(|error| error.2.contains("Calls return in 1.0 hours")),
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
fn a_wait_for_a_limit_is_announced() {
    let scene = with_fault(1, || Answer::too_many(Limit::Minute, Some(37)));
    let run = scene.read(&scene.flat(), &["invoices"], None);
    let reasons: Vec<_> = run
        .payloads("TRACE", "trace")
        .filter(|trace| trace["stream_status"]["reasons"].is_array())
        .map(|trace| {
            (
                &trace["stream_status"],
                trace["emitted_at"].as_i64().expect("a trace has a time"),
            )
        })
        .collect();
    assert_eq!(reasons.len(), 1, "{}", run.stdout);
    let (status, emitted) = reasons[0];
    assert_eq!(
        (&status["status"], &status["reasons"][0]["type"]),
        (&"RUNNING".into(), &"RATE_LIMITED".into())
    );
    let reset = status["reasons"][0]["rate_limited"]["quota_reset"]
        .as_i64()
        .expect("the reset is a number");
    assert!(
        (36_000..=38_000).contains(&(reset - emitted)),
        "{}",
        reset - emitted
    );
}
