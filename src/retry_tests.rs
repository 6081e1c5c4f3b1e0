//! The table of verdicts.

use super::*;

const HALF: f64 = 0.5;

fn status(status: u16, text: &str, attempt: u32, patience: Patience) -> Verdict {
    let problem = Problem {
        text: text.into(),
        number: None,
    };
    let limits = Limits::default();
    let outcome = Outcome::Status {
        status,
        limits: &limits,
        problem: &problem,
    };
    judge(faults(attempt), patience, &outcome, HALF)
}

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

fn faults(faults: u32) -> Tries {
    Tries {
        faults,
        limits: 3,
        ..Tries::default()
    }
}

fn seconds(seconds: f64) -> Verdict {
    Verdict::Retry {
        after: Duration::from_secs_f64(seconds),
        limit: None,
    }
}

#[test]
fn the_three_meanings_of_401_are_told_apart() {
    for (detail, verdict) in [
        (
            "TokenExpired: token expired at 04/09/2023 05:16:59",
            Verdict::RenewToken { expired: true },
        ),
        (
            "AuthenticationUnsuccessful",
            Verdict::RenewToken { expired: false },
        ),
        (
            "AuthorizationUnsuccessful",
            Verdict::Fail(Fault::NotPermitted),
        ),
    ] {
        assert_eq!(status(401, detail, 1, Patience::Long), verdict, "{detail}");
    }
}

#[test]
fn a_403_may_pass_but_is_not_tried_for_ever() {
    let forbidden = |text: &str| Verdict::Fail(Fault::Forbidden(text.into()));
    for (text, attempt, patience, verdict) in [
        (
            "AuthenticationUnsuccessful",
            1,
            Patience::Long,
            seconds(0.5),
        ),
        (
            "AuthenticationUnsuccessful",
            2,
            Patience::Long,
            seconds(1.0),
        ),
        ("x", 3, Patience::Long, forbidden("x")),
        ("x", 1, Patience::Brief, forbidden("x")),
        (
            "The user's role may not",
            1,
            Patience::Long,
            forbidden("The user's role may not"),
        ),
        (
            "No Permission",
            1,
            Patience::Long,
            forbidden("No Permission"),
        ),
    ] {
        assert_eq!(status(403, text, attempt, patience), verdict, "{text}");
    }
}

#[test]
fn outages_are_waited_for_with_growing_pauses() {
    for code in [408, 500, 502, 503, 504, 520] {
        assert_eq!(status(code, "", 1, Patience::Long), seconds(0.5), "{code}");
        assert_eq!(status(code, "", 3, Patience::Long), seconds(2.0), "{code}");
        assert_eq!(status(code, "", 7, Patience::Long), seconds(30.0), "{code}");
        let fault = Fault::Unavailable(format!("HTTP {code}"));
        assert_eq!(
            status(code, "", 8, Patience::Long),
            Verdict::Fail(fault),
            "{code}"
        );
    }
    let fault = Fault::Unavailable("HTTP 503 away".into());
    assert_eq!(
        status(503, "away", 3, Patience::Brief),
        Verdict::Fail(fault)
    );
}

#[test]
fn the_three_texts_of_503_are_told_apart() {
    for (text, pause, fault) in [
        (
            "The Xero API is currently offline for maintenance",
            0.5,
            Fault::Unavailable("HTTP 503 The Xero API is currently offline for maintenance".into()),
        ),
        (
            "The Xero API is temporarily unavailable",
            0.5,
            Fault::Unavailable("HTTP 503 The Xero API is temporarily unavailable".into()),
        ),
        (
            "The Organisation is offline",
            300.0,
            Fault::OrganisationOffline,
        ),
    ] {
        assert_eq!(status(503, text, 1, Patience::Long), seconds(pause));
        assert_eq!(status(503, text, 8, Patience::Long), Verdict::Fail(fault));
    }
}

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

#[test]
fn answers_that_stay_as_they_are_fail_at_once() {
    for code in [302, 400, 404, 405, 412, 501] {
        let fault = Fault::Refused {
            status: code,
            text: "no".into(),
        };
        assert_eq!(status(code, "no", 1, Patience::Long), Verdict::Fail(fault));
    }
}

#[test]
fn too_many_rows_for_one_request_are_known_by_number_and_by_text() {
    let refused = |text: &str| Fault::Refused {
        status: 400,
        text: text.into(),
    };
    let threshold = "The number of records exceeds the High Volume threshold";
    for (number, text, fault) in [
        (Some(51), "", Fault::HighVolume),
        (None, threshold, Fault::HighVolume),
        (Some(16), "No property 'X'", refused("No property 'X'")),
        (Some(10), "", refused("")),
    ] {
        let problem = Problem {
            text: text.into(),
            number,
        };
        let outcome = Outcome::Status {
            status: 400,
            limits: &Limits::default(),
            problem: &problem,
        };
        let verdict = judge(faults(1), Patience::Long, &outcome, HALF);
        assert_eq!(verdict, Verdict::Fail(fault), "{number:?} {text}");
    }
    let verdict = judge(faults(1), Patience::Long, &Outcome::TooLarge, HALF);
    assert_eq!(verdict, Verdict::Fail(Fault::HighVolume));
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
fn bad_bodies_and_network_faults_are_tried_again_but_certificates_are_not() {
    let body = Outcome::BadBody("no Invoices in it");
    assert_eq!(judge(faults(1), Patience::Long, &body, HALF), seconds(0.5));
    let network = Outcome::Network("connection reset");
    assert_eq!(
        judge(faults(2), Patience::Brief, &network, HALF),
        seconds(1.0)
    );
    let fault = Fault::Unreachable("connection reset".into());
    assert_eq!(
        judge(faults(3), Patience::Brief, &network, HALF),
        Verdict::Fail(fault)
    );
    let certificate = Outcome::Tls("self-signed");
    let fault = Fault::Tls("self-signed".into());
    assert_eq!(
        judge(faults(1), Patience::Long, &certificate, HALF),
        Verdict::Fail(fault)
    );
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
