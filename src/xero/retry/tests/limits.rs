//! 429, which is no fault but has its own patience.

use super::*;

fn too_many(limits: Limits, attempt: u32) -> Verdict {
    let problem = Problem::default();
    let outcome = Outcome::Status {
        status: 429,
        limits: &limits,
        problem: &problem,
    };
    judge(
        Tries {
            faults: 7,
            limits: attempt,
            ..Tries::default()
        },
        Patience::Long,
        &outcome,
        HALF,
    )
}

#[test]
fn each_limit_has_its_own_wait() {
    let limits = |refused, retry_after: Option<u64>| Limits {
        refused: Some(refused),
        retry_after: retry_after.map(Duration::from_secs),
        ..Limits::default()
    };
    let wait = |limit, seconds| Verdict::Retry {
        after: Duration::from_secs_f64(seconds),
        limit: Some(limit),
    };
    let day = |seconds| Verdict::Fail(Fault::DayLimit(Duration::from_secs(seconds)));
    for (limits, attempt, verdict) in [
        (
            limits(Limit::Minute, Some(37)),
            1,
            wait(Limit::Minute, 37.0),
        ),
        (limits(Limit::Minute, None), 1, wait(Limit::Minute, 5.0)),
        (limits(Limit::Minute, None), 2, wait(Limit::Minute, 10.0)),
        (limits(Limit::Minute, None), 3, wait(Limit::Minute, 20.0)),
        (limits(Limit::Minute, None), 4, wait(Limit::Minute, 25.0)),
        (limits(Limit::Minute, None), 9, wait(Limit::Minute, 25.0)),
        (
            limits(Limit::AppMinute, Some(3)),
            1,
            wait(Limit::AppMinute, 3.0),
        ),
        (
            limits(Limit::AppMinute, None),
            2,
            wait(Limit::AppMinute, 10.0),
        ),
        (
            limits(Limit::Concurrent, None),
            1,
            wait(Limit::Concurrent, 1.5),
        ),
        (
            limits(Limit::Concurrent, Some(7)),
            1,
            wait(Limit::Concurrent, 7.0),
        ),
        (limits(Limit::Day, Some(66975)), 1, day(66975)),
        (limits(Limit::Day, None), 1, day(86400)),
        (
            limits(Limit::Minute, Some(1)),
            12,
            Verdict::Fail(Fault::StillLimited),
        ),
    ] {
        assert_eq!(
            too_many(limits.clone(), attempt),
            verdict,
            "{limits:?} attempt {attempt}"
        );
    }
}

#[test]
fn limits_do_not_use_up_the_patience_with_faults() {
    let mut tries = Tries::default();
    let problem = Problem::default();
    let limits = Limits {
        refused: Some(Limit::Minute),
        ..Limits::default()
    };
    let none = Limits::default();
    let outcome = |status| Outcome::Status {
        status,
        limits: if status == 429 { &limits } else { &none },
        problem: &problem,
    };
    (0..7).for_each(|_| tries.count(&outcome(429)));
    tries.count(&outcome(503));
    assert_eq!((tries.limits, tries.faults), (7, 1));
    assert_eq!(
        judge(tries, Patience::Long, &outcome(503), HALF),
        seconds(0.5)
    );
    (0..2).for_each(|_| tries.count(&outcome(503)));
    let verdict = judge(tries, Patience::Brief, &outcome(429), HALF);
    assert_eq!(verdict, Verdict::Fail(Fault::StillLimited));
    let minute = Limits {
        retry_after: Some(Duration::from_secs(37)),
        ..limits.clone()
    };
    let outcome = Outcome::Status {
        status: 429,
        limits: &minute,
        problem: &problem,
    };
    let mut tries = Tries::default();
    tries.count(&outcome);
    let verdict = judge(tries, Patience::Brief, &outcome, HALF);
    let why = "a check waits neither often nor for a minute";
    assert_eq!(verdict, Verdict::Fail(Fault::StillLimited), "{why}");
}
