//! How long a wait is, and when there is none any more.

use super::*;

#[test]
fn the_servers_hint_comes_first() {
    let hint = |seconds| Limits {
        retry_after: Some(Duration::from_secs(seconds)),
        ..Limits::default()
    };
    let long = Patience::Long;
    for (code, text, limits, patience, verdict) in [
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
        (503, "away", hint(59), Patience::Brief, seconds(59.0)),
        (
            503,
            "away",
            hint(60),
            Patience::Brief,
            Verdict::Fail(Fault::Unavailable("HTTP 503 away".into())),
        ),
    ] {
        let problem = Problem {
            text: text.into(),
            number: None,
        };
        let outcome = Outcome::Status {
            status: code,
            limits: &limits,
            problem: &problem,
        };
        let judged = judge(faults(1), patience, &outcome, HALF);
        assert_eq!(judged, verdict, "{code} {text} {limits:?} {patience:?}");
    }
}

#[test]
fn neither_a_call_nor_a_standstill_lasts_for_ever() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let given_up = Verdict::Fail(Fault::Unreachable("reset".into()));
    for (spent, idle, patience, verdict) in [
        (minutes(29), minutes(59), Patience::Long, seconds(0.5)),
        (minutes(30), minutes(0), Patience::Long, given_up.clone()),
        (minutes(0), minutes(60), Patience::Long, given_up.clone()),
        (minutes(1), minutes(0), Patience::Brief, given_up),
    ] {
        let tries = Tries {
            spent,
            idle,
            ..faults(1)
        };
        let judged = judge(tries, patience, &Outcome::Network("reset"), HALF);
        assert_eq!(judged, verdict, "{spent:?} {idle:?} {patience:?}");
    }
    // A limit is no fault, but its waits count as well.
    let limits = Limits {
        refused: Some(Limit::Minute),
        retry_after: Some(minutes(1)),
        ..Limits::default()
    };
    for (idle, verdict) in [
        (
            minutes(58),
            Verdict::Retry {
                after: minutes(1),
                limit: Some(Limit::Minute),
            },
        ),
        (minutes(59), Verdict::Fail(Fault::StillLimited)),
    ] {
        let tries = Tries {
            limits: 1,
            idle,
            ..Tries::default()
        };
        let outcome = Outcome::Status {
            status: 429,
            limits: &limits,
            problem: &Problem::default(),
        };
        assert_eq!(judge(tries, Patience::Long, &outcome, HALF), verdict);
    }
}

#[test]
fn jitter_is_full() {
    let pause = |attempt, roll| {
        let outcome = Outcome::Network("reset");
        judge(faults(attempt), Patience::Long, &outcome, roll)
    };
    for (attempt, longest) in [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0)] {
        assert_eq!(pause(attempt, 0.0), seconds(0.0));
        assert_eq!(pause(attempt, 1.0), seconds(longest));
    }
}

#[test]
fn an_offline_organisation_gets_minutes_but_a_check_does_not_wait() {
    let text = "The Organisation is offline";
    assert_eq!(status(503, text, 2, Patience::Long), seconds(300.0));
    let fault = Verdict::Fail(Fault::OrganisationOffline);
    assert_eq!(status(503, text, 3, Patience::Long), fault);
    assert_eq!(status(503, text, 1, Patience::Brief), fault);
}
