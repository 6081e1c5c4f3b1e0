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
        },
        Patience::Long,
        &outcome,
        HALF,
    )
}

fn faults(faults: u32) -> Tries {
    Tries { faults, limits: 3 }
}

fn seconds(seconds: f64) -> Verdict {
    retry(Duration::from_secs_f64(seconds))
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
    assert_eq!(status(403, "x", 1, Patience::Long), seconds(0.5));
    let fault = Verdict::Fail(Fault::Forbidden("x".into()));
    assert_eq!(status(403, "x", 2, Patience::Long), fault);
    assert_eq!(status(403, "x", 1, Patience::Brief), fault);
}

#[test]
fn outages_are_waited_for_with_growing_pauses() {
    for code in [408, 500, 502, 503, 504] {
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
    let problem = Problem {
        text: String::new(),
        number: Some(51),
    };
    let limits = Limits::default();
    let outcome = Outcome::Status {
        status: 400,
        limits: &limits,
        problem: &problem,
    };
    let verdict = judge(faults(1), Patience::Long, &outcome, HALF);
    assert_eq!(verdict, Verdict::Fail(Fault::HighVolume));
}

#[test]
fn each_limit_has_its_own_wait() {
    let limits = |problem, retry_after: Option<u64>, day_left| Limits {
        problem,
        retry_after: retry_after.map(Duration::from_secs),
        day_left,
        minute_left: None,
    };
    let wait = |limit, seconds| Verdict::Retry {
        after: Duration::from_secs_f64(seconds),
        limit: Some(limit),
    };
    let day = |seconds| Verdict::Fail(Fault::DayLimit(Duration::from_secs(seconds)));
    for (limits, attempt, verdict) in [
        (
            limits(Some(Limit::Minute), Some(37), None),
            1,
            wait(Limit::Minute, 37.0),
        ),
        (
            limits(Some(Limit::Minute), None, None),
            1,
            wait(Limit::Minute, 5.0),
        ),
        (
            limits(Some(Limit::Minute), None, None),
            4,
            wait(Limit::Minute, 25.0),
        ),
        (
            limits(Some(Limit::Minute), None, None),
            9,
            wait(Limit::Minute, 25.0),
        ),
        (
            limits(Some(Limit::AppMinute), Some(3), None),
            1,
            wait(Limit::AppMinute, 3.0),
        ),
        (
            limits(Some(Limit::Concurrent), None, None),
            1,
            wait(Limit::Concurrent, 1.5),
        ),
        (limits(Some(Limit::Day), Some(66975), None), 1, day(66975)),
        (limits(Some(Limit::Day), None, None), 1, day(86400)),
        (limits(None, Some(66975), None), 1, day(66975)),
        (limits(None, None, Some(0)), 1, day(86400)),
        (limits(None, None, None), 2, wait(Limit::Minute, 10.0)),
        (
            limits(Some(Limit::Minute), Some(1), None),
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
    let (limits, problem) = (Limits::default(), Problem::default());
    let outcome = |status| Outcome::Status {
        status,
        limits: &limits,
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
        ..Limits::default()
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
