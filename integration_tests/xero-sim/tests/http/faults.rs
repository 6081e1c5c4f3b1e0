//! Answers by which tests replace that of the simulated Xero.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use xero_sim::{Answer, Entity, Limit};

use crate::client::{fixture, send, send_on};

#[test]
fn named_answers_look_like_xeros() {
    let fixture = fixture(|_, _| {});
    fixture.sim.intercept(|request, _| {
        Some(match request.param("fault")? {
            "maintenance" => Answer::maintenance(),
            "unavailable" => Answer::unavailable(),
            "offline" => Answer::organisation_offline(),
            "error" => Answer::server_error(),
            "missing" => Answer::not_found(),
            "minute" => Answer::too_many(Limit::Minute, Some(37)),
            "expired" => Answer::unauthorized("TokenExpired: token expired"),
            "scope" => Answer::not_permitted(),
            "forbidden" => Answer::forbidden(),
            "volume" => Answer::high_volume(),
            _ => Answer::html(200, "<html></html>"),
        })
    });
    for (fault, status, text) in [
        ("maintenance", 503, "offline for maintenance"),
        ("unavailable", 503, "temporarily unavailable"),
        ("offline", 503, "The Organisation is offline"),
        ("error", 500, "\"Title\":\"An error occurred\""),
        ("missing", 404, "cannot be found"),
        ("minute", 429, ""),
        ("expired", 401, "TokenExpired"),
        ("scope", 401, "AuthorizationUnsuccessful"),
        ("forbidden", 403, "\"title\":\"Forbidden\""),
        ("volume", 400, "\"ErrorNumber\":51"),
        ("html", 200, "<html>"),
    ] {
        let answer = fixture.get(&format!("/Currencies?fault={fault}"));
        assert_eq!(answer.status, status, "{fault}");
        assert!(answer.text().contains(text), "{fault}: {}", answer.text());
    }
    let minute = fixture.get("/Currencies?fault=minute");
    assert_eq!(minute.header("Retry-After"), Some("37"));
    let honest = fixture.get("/Currencies");
    assert_eq!(honest.status, 200, "no fault, so the honest server answers");
}

#[test]
fn a_fault_carries_the_headers_of_every_answer_and_costs_nothing() {
    let fixture = fixture(|_, _| {});
    fixture.sim.intercept(|request, _| {
        Some(match request.param("fault")? {
            "minute" => Answer::too_many(Limit::Minute, Some(37)),
            "day" => Answer::too_many(Limit::Day, Some(3_600)),
            "app" => Answer::too_many(Limit::AppMinute, None),
            "concurrent" => Answer::too_many(Limit::Concurrent, None),
            "own" => Answer::server_error().header("X-MinLimit-Remaining", "3"),
            "bare" => Answer::too_many(Limit::Minute, None).bare(),
            _ => Answer::server_error(),
        })
    });
    for (fault, expected) in [
        ("error", [Some("5000"), Some("60"), Some("10000")]),
        ("minute", [Some("5000"), Some("0"), Some("10000")]),
        ("day", [Some("0"), Some("60"), Some("10000")]),
        ("app", [Some("5000"), Some("60"), Some("0")]),
        ("concurrent", [Some("5000"), Some("60"), Some("10000")]),
        ("own", [Some("5000"), Some("3"), Some("10000")]),
        ("bare", [None; 3]),
    ] {
        let answer = fixture.get(&format!("/Currencies?fault={fault}"));
        let left = ["Day", "Min", "AppMin"].map(|window| {
            let name = format!("X-{window}Limit-Remaining");
            let headers = answer.head.matches(&name).count();
            assert!(headers <= 1, "{fault}: {}", answer.head);
            answer.header(&name)
        });
        assert_eq!(left, expected, "{fault}");
        let named = answer.header("Xero-Correlation-Id").is_some();
        assert_eq!(named, fault != "bare", "{fault}");
    }
    let honest = fixture.get("/Currencies");
    assert_eq!(honest.header("X-MinLimit-Remaining"), Some("59"));
}

#[test]
fn a_fault_shows_no_limits_to_an_unknown_caller() {
    let fixture = fixture(|_, _| {});
    fixture.sim.intercept(|_, _| Some(Answer::server_error()));
    for (path, named) in [("/api.xro/2.0/Currencies", true), ("/connections", false)] {
        let answer = send(&fixture.sim, "GET", path, &[], "").expect("an answer");
        assert_eq!(answer.header("X-MinLimit-Remaining"), None, "{path}");
        let id = answer.header("Xero-Correlation-Id");
        assert_eq!(id.is_some(), named, "{path}");
    }
}

#[test]
fn a_truncated_answer_promises_more_than_it_sends() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Invoices, 100));
    let whole = fixture.get("/Invoices?page=1").body.len();
    fixture
        .sim
        .intercept(|_, _| Some(Answer::honest().truncated(1_000)));
    let answer = fixture.get("/Invoices?page=1");
    assert_eq!(answer.status, 200);
    let promised = answer.header("content-length").map(str::parse);
    let promised: usize = promised.expect("a length").expect("a number");
    assert!(promised.abs_diff(whole) < 100, "{promised} of {whole}");
    assert_eq!(answer.body.len(), 1_000);
    assert_eq!(fixture.sim.requests()[1].sent_bytes, 1_000);
}

#[test]
fn a_reset_connection_has_no_answer() {
    let fixture = fixture(|_, _| {});
    fixture.sim.intercept(|_, _| Some(Answer::reset()));
    let answer = send(&fixture.sim, "GET", "/connections", &[], "");
    assert!(answer.is_none(), "{answer:?}");
    assert_eq!(fixture.sim.requests()[0].status, 0);
    assert_eq!(fixture.sim.requests()[0].answered, None);
}

#[test]
fn a_silent_server_takes_the_call_and_says_nothing() {
    let fixture = fixture(|_, _| {});
    fixture.sim.intercept(|_, _| Some(Answer::silent()));
    let mut stream = TcpStream::connect(fixture.sim.address()).expect("it listens");
    let patience = Some(Duration::from_millis(50));
    stream
        .set_read_timeout(patience)
        .expect("a timeout above zero");
    let answer = send_on(&mut stream, "GET", "/connections", &[], "");
    assert!(answer.is_none(), "{answer:?}");
    assert_eq!(fixture.sim.requests().len(), 1);
}

#[test]
fn an_honest_answer_can_be_late_or_odd() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Invoices, 1));
    let wait = Duration::from_millis(50);
    let mut calls = 0;
    fixture.sim.intercept(move |_, _| {
        calls += 1;
        let odd = |text: String| text.replace("InvoiceID", "InvoiceIdentity");
        (calls == 1).then(|| Answer::honest().delayed(wait).rewritten(odd))
    });
    let start = Instant::now();
    let odd = fixture.get("/Invoices?page=1");
    assert!(start.elapsed() >= wait);
    assert!(odd.text().contains("InvoiceIdentity"));
    assert!(odd.header("X-DayLimit-Remaining").is_some());
    let plain = fixture.get("/Invoices?page=1");
    assert!(!plain.text().contains("InvoiceIdentity"));
}

#[test]
fn a_truncation_beyond_the_end_leaves_the_connection_whole() {
    let fixture = fixture(|_, _| {});
    let mut calls = 0;
    fixture.sim.intercept(move |_, _| {
        calls += 1;
        (calls == 1).then(|| Answer::text(200, "short").truncated(100))
    });
    let mut stream = TcpStream::connect(fixture.sim.address()).expect("it listens");
    let mut text = String::new();
    stream
        .write_all(b"GET /first HTTP/1.1\r\nHost: sim\r\n\r\n")
        .and_then(|()| {
            stream.write_all(b"GET /next HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n")
        })
        .and_then(|()| stream.read_to_string(&mut text))
        .expect("two whole answers");
    assert!(text.contains("short"), "{text}");
    assert!(text.ends_with("cannot be found"), "{text}");
}

#[test]
fn a_panic_while_an_answer_is_written_is_a_500_and_frees_the_call() {
    let fixture = fixture(|_, _| {});
    fixture.sim.intercept(|request, _| {
        let panics = |_| panic!("a fault of the simulator");
        request
            .param("fault")
            .map(|_| Answer::honest().rewritten(panics))
    });
    // One more than an app may have in flight.
    for _ in 0..6 {
        let answer = fixture.get("/Currencies?fault=panic");
        assert_eq!(answer.status, 500);
        assert_eq!(answer.json()["Title"], "An error occurred");
        assert!(answer.header("Xero-Correlation-Id").is_some());
    }
    assert_eq!(fixture.get("/Currencies").status, 200);
}
