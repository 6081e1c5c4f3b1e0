//! Tests the verdict for each kind of failure.

mod limits;
mod waits;

use super::*;

const HALF: f64 = 0.5;

fn status(status: u16, text: &str, attempt: u32, policy: RetryPolicy) -> Verdict {
    let problem = Problem {
        text: text.into(),
        number: None,
    };
    let outcome = Outcome::Status {
        status,
        retry_after: None,
        problem: &problem,
    };
    judge(failed(attempt), policy, &outcome, HALF)
}

fn failed(failed: u32) -> Attempts {
    Attempts {
        failed,
        ..Attempts::default()
    }
}

fn seconds(seconds: f64) -> Verdict {
    Verdict::Retry {
        after: Duration::from_secs_f64(seconds),
    }
}

#[test]
fn the_three_meanings_of_401_are_distinguished() {
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
        assert_eq!(
            status(401, detail, 1, RetryPolicy::Unattended),
            verdict,
            "{detail}"
        );
    }
}

#[test]
fn a_403_gets_a_limited_number_of_attempts() {
    let forbidden = |text: &str| Verdict::Fail(Fault::Forbidden(text.into()));
    for (text, attempt, policy, verdict) in [
        (
            "AuthenticationUnsuccessful",
            1,
            RetryPolicy::Unattended,
            seconds(0.5),
        ),
        (
            "AuthenticationUnsuccessful",
            2,
            RetryPolicy::Unattended,
            seconds(1.0),
        ),
        ("x", 3, RetryPolicy::Unattended, forbidden("x")),
        ("x", 1, RetryPolicy::Interactive, forbidden("x")),
        (
            "The user's role may not",
            1,
            RetryPolicy::Unattended,
            forbidden("The user's role may not"),
        ),
        (
            "No Permission",
            1,
            RetryPolicy::Unattended,
            forbidden("No Permission"),
        ),
    ] {
        assert_eq!(status(403, text, attempt, policy), verdict, "{text}");
    }
    let problem = Problem {
        text: "x".into(),
        number: None,
    };
    let outcome = Outcome::Status {
        status: 403,
        retry_after: None,
        problem: &problem,
    };
    let attempts = Attempts {
        is_one_of_many: true,
        ..failed(1)
    };
    let verdict = judge(attempts, RetryPolicy::Unattended, &outcome, HALF);
    assert_eq!(verdict, forbidden("x"), "one document among many");
}

#[test]
fn the_pauses_of_an_outage_grow() {
    for code in [408, 500, 502, 503, 504, 520] {
        assert_eq!(
            status(code, "", 1, RetryPolicy::Unattended),
            seconds(0.5),
            "{code}"
        );
        assert_eq!(
            status(code, "", 3, RetryPolicy::Unattended),
            seconds(2.0),
            "{code}"
        );
        assert_eq!(
            status(code, "", 7, RetryPolicy::Unattended),
            seconds(30.0),
            "{code}"
        );
        let fault = Fault::Unavailable(format!("HTTP {code}"));
        assert_eq!(
            status(code, "", 8, RetryPolicy::Unattended),
            Verdict::Fail(fault),
            "{code}"
        );
    }
    let fault = Fault::Unavailable("HTTP 503 away".into());
    assert_eq!(
        status(503, "away", 3, RetryPolicy::Interactive),
        Verdict::Fail(fault)
    );
}

#[test]
fn the_three_texts_of_503_are_distinguished() {
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
        assert_eq!(
            status(503, text, 1, RetryPolicy::Unattended),
            seconds(pause)
        );
        assert_eq!(
            status(503, text, 8, RetryPolicy::Unattended),
            Verdict::Fail(fault)
        );
    }
}

#[test]
fn permanent_refusals_fail_at_once() {
    for code in [302, 400, 404, 405, 412, 501] {
        let fault = Fault::Refused {
            status: code,
            text: "no".into(),
        };
        assert_eq!(
            status(code, "no", 1, RetryPolicy::Unattended),
            Verdict::Fail(fault)
        );
    }
}

#[test]
fn too_many_rows_are_recognised_by_error_number_and_by_text() {
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
            retry_after: None,
            problem: &problem,
        };
        let verdict = judge(failed(1), RetryPolicy::Unattended, &outcome, HALF);
        assert_eq!(verdict, Verdict::Fail(fault), "{number:?} {text}");
    }
    let verdict = judge(failed(1), RetryPolicy::Unattended, &Outcome::TooLarge, HALF);
    assert_eq!(verdict, Verdict::Fail(Fault::HighVolume));
}

#[test]
fn bad_bodies_and_network_errors_are_retried_and_bad_certificates_are_not() {
    let body = Outcome::BadBody("no Invoices in it");
    assert_eq!(
        judge(failed(1), RetryPolicy::Unattended, &body, HALF),
        seconds(0.5)
    );
    let network = Outcome::Network("connection reset");
    assert_eq!(
        judge(failed(2), RetryPolicy::Interactive, &network, HALF),
        seconds(1.0)
    );
    let fault = Fault::Unreachable("connection reset".into());
    assert_eq!(
        judge(failed(3), RetryPolicy::Interactive, &network, HALF),
        Verdict::Fail(fault)
    );
    let certificate = Outcome::Tls("self-signed");
    let fault = Fault::Tls("self-signed".into());
    assert_eq!(
        judge(failed(1), RetryPolicy::Unattended, &certificate, HALF),
        Verdict::Fail(fault)
    );
}
