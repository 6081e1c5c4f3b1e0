//! Tests the length of the pauses, and when no further attempt follows.

use super::*;

#[test]
fn the_hint_of_the_server_takes_precedence() {
    let hint = Duration::from_secs;
    let long = RetryPolicy::Unattended;
    for (code, text, hint, policy, verdict) in [
        (503, "away", hint(42), long, seconds(42.0)),
        (500, "", hint(0), long, seconds(0.0)),
        (
            503,
            "Organisation is offline",
            hint(60),
            long,
            seconds(60.0),
        ),
        (503, "away", hint(1799), long, seconds(1799.0)),
        (
            503,
            "away",
            hint(1800),
            long,
            Verdict::Fail(Fault::Unavailable("HTTP 503 away".into())),
        ),
        (
            503,
            "away",
            hint(59),
            RetryPolicy::Interactive,
            seconds(59.0),
        ),
        (
            503,
            "away",
            hint(60),
            RetryPolicy::Interactive,
            Verdict::Fail(Fault::Unavailable("HTTP 503 away".into())),
        ),
    ] {
        let problem = Problem {
            text: text.into(),
            number: None,
        };
        let outcome = Outcome::Status {
            status: code,
            retry_after: Some(hint),
            problem: &problem,
        };
        let judged = judge(failed(1), policy, &outcome, HALF);
        assert_eq!(judged, verdict, "{code} {text} {hint:?} {policy:?}");
    }
}

#[test]
fn the_time_of_a_call_and_of_a_standstill_is_limited() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let given_up = Verdict::Fail(Fault::Unreachable("reset".into()));
    for (elapsed, idle, policy, verdict) in [
        (
            minutes(29),
            minutes(59),
            RetryPolicy::Unattended,
            seconds(0.5),
        ),
        (
            minutes(30),
            minutes(0),
            RetryPolicy::Unattended,
            given_up.clone(),
        ),
        (
            minutes(0),
            minutes(60),
            RetryPolicy::Unattended,
            given_up.clone(),
        ),
        (minutes(1), minutes(0), RetryPolicy::Interactive, given_up),
    ] {
        let attempts = Attempts {
            elapsed,
            idle,
            ..failed(1)
        };
        let judged = judge(attempts, policy, &Outcome::Network("reset"), HALF);
        assert_eq!(judged, verdict, "{elapsed:?} {idle:?} {policy:?}");
    }
}

#[test]
fn jitter_is_full() {
    let pause = |attempt, jitter| {
        let outcome = Outcome::Network("reset");
        judge(failed(attempt), RetryPolicy::Unattended, &outcome, jitter)
    };
    for (attempt, longest) in [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0)] {
        assert_eq!(pause(attempt, 0.0), seconds(0.0));
        assert_eq!(pause(attempt, 1.0), seconds(longest));
    }
}

#[test]
fn only_a_sync_waits_for_an_offline_organisation() {
    let text = "The Organisation is offline";
    assert_eq!(
        status(503, text, 2, RetryPolicy::Unattended),
        seconds(300.0)
    );
    let fault = Verdict::Fail(Fault::OrganisationOffline);
    assert_eq!(status(503, text, 3, RetryPolicy::Unattended), fault);
    assert_eq!(status(503, text, 1, RetryPolicy::Interactive), fault);
}
