//! The rate limits over HTTP.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use xero_sim::Limit;

use crate::client::{Answer, fixture};

#[test]
fn the_minute_is_refused_with_a_hint_and_passes() {
    let fixture = fixture(|_, _| {});
    // The window may end while the calls are made, so up to two windows are spent.
    let calls = (0..121).map(|_| fixture.get("/Currencies"));
    let refused = calls.into_iter().find(|answer| answer.status == 429);
    let refused = refused.expect("sixty calls a minute");
    assert_eq!(refused.header("X-Rate-Limit-Problem"), Some("minute"));
    assert_eq!(refused.header("X-MinLimit-Remaining"), Some("0"));
    let wait = refused.header("Retry-After").map(str::parse);
    let wait: u64 = wait.expect("a hint").expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(
        fixture
            .sim
            .requests()
            .last()
            .is_some_and(|call| call.exceeded(Limit::Minute))
    );

    let skip = Duration::from_secs(wait);
    fixture.sim.world(|world| world.advance(skip));
    assert_eq!(fixture.get("/Currencies").status, 200);
}

#[test]
fn the_day_is_spent_by_other_processes_too() {
    let fixture = fixture(|_, _| {});
    fixture
        .sim
        .world(|world| world.spend_day(&fixture.app, &fixture.demo, 4_999));
    let last = fixture.get("/Currencies");
    assert_eq!(last.header("X-DayLimit-Remaining"), Some("0"));
    let refused = fixture.get("/Currencies");
    assert_eq!(refused.header("X-Rate-Limit-Problem"), Some("day"));
    assert!(refused.header("Retry-After").is_some());
}

#[test]
fn the_sixth_call_at_once_is_refused_without_a_hint() {
    for path in ["/Currencies", "/Payments", "/Nothing"] {
        sixth_at_once(path);
    }
}

fn sixth_at_once(path: &str) {
    let fixture = fixture(|world, _| world.latency(Duration::from_millis(300)));
    let start = Barrier::new(6);
    let call = || {
        start.wait();
        fixture.get(path)
    };
    let answers: Vec<Answer> = thread::scope(|scope| {
        let calls: Vec<_> = (0..6).map(|_| scope.spawn(call)).collect();
        let join = |call: thread::ScopedJoinHandle<'_, Answer>| call.join().expect("no panic");
        calls.into_iter().map(join).collect()
    });
    let refused: Vec<&Answer> = answers.iter().filter(|a| a.status == 429).collect();
    assert_eq!(refused.len(), 1, "{answers:?}");
    assert_eq!(
        refused[0].header("X-Rate-Limit-Problem"),
        Some("concurrent")
    );
    assert_eq!(refused[0].header("Retry-After"), None);
}

#[test]
fn an_organisation_offline_says_so() {
    let fixture = fixture(|world, demo| world.take_offline(demo, true));
    let answer = fixture.get("/Currencies");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.text(), "The Organisation is offline");
}
