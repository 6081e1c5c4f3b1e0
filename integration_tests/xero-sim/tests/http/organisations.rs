//! Several organisations: consents that change, organisations that fail, and the app's minute.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use xero_sim::{Entity, Failure, TenantId};

use crate::client::{Answer, Fixture, SCOPES, fixture, get};

/// A consent to two organisations with five invoices each.
fn two() -> (Fixture, TenantId) {
    let mut second = None;
    let mut fixture = fixture(|world, demo| {
        world.fill(demo, Entity::Invoices, 5);
        let other = world.add_tenant("Kiwi Imports Limited", "NZD");
        world.fill(&other, Entity::Invoices, 5);
        second = Some(other);
    });
    let second = second.expect("the fixture is built");
    let both = [fixture.demo.clone(), second.clone()];
    fixture.tokens = fixture
        .sim
        .world(|world| world.consent(&fixture.app, &both, SCOPES));
    (fixture, second)
}

/// A call about one of the organisations.
fn invoices(fixture: &Fixture, tenant: &TenantId) -> Answer {
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {tenant}");
    let headers = [token.as_str(), &tenant, "Accept: application/json"];
    get(&fixture.sim, "/api.xro/2.0/Invoices?page=1", &headers)
}

/// The types and names of the tenants in `/connections`.
fn connections(fixture: &Fixture) -> Vec<(String, String)> {
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let listed = get(&fixture.sim, "/connections", &[&token]).json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tenants = listed.as_array().expect("a bare array").iter();
    tenants
        .map(|it| (text(&it["tenantType"]), text(&it["tenantName"])))
        .collect()
}

fn organisation(name: &str) -> (String, String) {
    ("ORGANISATION".to_owned(), name.to_owned())
}

#[test]
fn a_consent_grows_and_shrinks_without_new_tokens() {
    let (fixture, second) = two();
    let (first_name, second_name) = ("Demo Company (NZ)", "Kiwi Imports Limited");
    let third = fixture
        .sim
        .world(|world| world.add_tenant("Harbour Cafe", "NZD"));
    assert_eq!(invoices(&fixture, &third).status, 403);
    fixture.sim.world(|world| {
        world.connect(&fixture.app, &third);
        world.disconnect(&fixture.app, &second);
    });
    let expected = [first_name, "Harbour Cafe"].map(organisation);
    assert_eq!(connections(&fixture), expected);
    let statuses = [&fixture.demo, &second, &third].map(|tenant| invoices(&fixture, tenant).status);
    assert_eq!(statuses, [200, 403, 200]);

    fixture
        .sim
        .world(|world| world.connect(&fixture.app, &second));
    let expected = [first_name, "Harbour Cafe", second_name].map(organisation);
    assert_eq!(connections(&fixture), expected);
    assert_eq!(invoices(&fixture, &second).status, 200);
}

#[test]
fn a_practice_is_listed_and_not_opened() {
    let (fixture, _) = two();
    let practice = fixture.sim.world(|world| {
        let practice = world.add_other_tenant("PRACTICE", "Books & Co");
        world.connect(&fixture.app, &practice);
        practice
    });
    let listed = connections(&fixture);
    let expected = ("PRACTICE".to_owned(), "Books & Co".to_owned());
    assert_eq!(listed.last(), Some(&expected));
    assert_eq!(listed.len(), 3);
    assert_eq!(invoices(&fixture, &practice).status, 403);
}

#[test]
fn an_organisation_fails_after_its_calls_and_the_other_does_not() {
    for (failure, status, is_listed) in [
        (Failure::Disconnected, 403, false),
        (Failure::Forbidden, 403, true),
        (Failure::Offline, 503, true),
        (Failure::DaySpent, 429, true),
    ] {
        let (fixture, second) = two();
        fixture
            .sim
            .world(|world| world.fail_after(&second, 2, failure));
        let statuses = [(); 4].map(|()| invoices(&fixture, &second).status);
        assert_eq!(statuses, [200, 200, status, status], "{failure:?}");
        assert_eq!(invoices(&fixture, &fixture.demo).status, 200, "{failure:?}");
        let names = connections(&fixture);
        let listed = names.contains(&organisation("Kiwi Imports Limited"));
        assert_eq!(listed, is_listed, "{failure:?}");
        let last = invoices(&fixture, &second);
        let problem = (failure == Failure::DaySpent).then_some("day");
        assert_eq!(last.header("X-Rate-Limit-Problem"), problem, "{failure:?}");

        fixture.sim.world(|world| {
            world.connect(&fixture.app, &second);
            world.forbid(&second, false);
            world.take_offline(&second, false);
            world.advance(Duration::from_secs(86_400));
        });
        // The day has passed, and with it the token.
        let both = [fixture.demo.clone(), second.clone()];
        let tokens = fixture
            .sim
            .world(|world| world.consent(&fixture.app, &both, SCOPES));
        let fixture = Fixture { tokens, ..fixture };
        assert_eq!(invoices(&fixture, &second).status, 200, "{failure:?}");
    }
}

#[test]
fn a_failure_after_no_call_comes_at_once() {
    let (fixture, second) = two();
    fixture
        .sim
        .world(|world| world.fail_after(&second, 0, Failure::Offline));
    assert_eq!(invoices(&fixture, &second).status, 503);
}

#[test]
fn a_slow_organisation_delays_only_its_own_calls() {
    let (fixture, second) = two();
    let slow = Duration::from_millis(100);
    fixture.sim.world(|world| world.latency_of(&second, slow));
    let took = |tenant: &TenantId| {
        let start = Instant::now();
        assert_eq!(invoices(&fixture, tenant).status, 200);
        start.elapsed()
    };
    assert!(took(&second) >= slow);
    let logged = fixture.sim.requests();
    let waited = |at: usize| logged[at].answered.map(|end| end - logged[at].received);
    assert!(waited(0).is_some_and(|millis| millis >= 100), "{logged:?}");

    // The latency of all others does not add to its own.
    fixture
        .sim
        .world(|world| world.latency_of(&second, Duration::ZERO));
    fixture
        .sim
        .world(|world| world.latency(Duration::from_secs(60)));
    assert!(took(&second) < Duration::from_secs(30));
}

#[test]
fn the_minute_of_an_app_is_shared_by_its_organisations() {
    let (fixture, second) = two();
    fixture.sim.world(|world| {
        world.fix_clock(world.now());
        world.app_minute(3);
    });
    let tenants = [&fixture.demo, &second];
    let left = |call: usize| {
        let answer = invoices(&fixture, tenants[call % 2]);
        assert_eq!(answer.status, 200);
        answer.header("X-AppMinLimit-Remaining").map(str::to_owned)
    };
    let remaining = [0, 1, 2].map(left);
    assert_eq!(remaining, ["2", "1", "0"].map(|it| Some(it.to_owned())));
    for tenant in tenants {
        let refused = invoices(&fixture, tenant);
        assert_eq!(refused.status, 429);
        let names = [
            "X-Rate-Limit-Problem",
            "X-AppMinLimit-Remaining",
            "Retry-After",
        ];
        let headers = names.map(|name| refused.header(name));
        assert_eq!(headers, [Some("appminute"), Some("0"), None]);
        let own = refused.header("X-MinLimit-Remaining");
        assert!(own.is_some_and(|left| left != "0"), "{own:?}");
        assert!(refused.body.is_empty());
    }
    fixture
        .sim
        .world(|world| world.advance(Duration::from_secs(60)));
    assert_eq!(invoices(&fixture, &second).status, 200);
}

#[test]
fn hundreds_of_connections_at_once_are_accepted_without_a_pause() {
    let fixture = fixture(|_, _| {});
    let mut first = TcpStream::connect(fixture.sim.address()).expect("the simulator listens");
    let patience = Duration::from_secs(1);
    // While the world is locked, the first request blocks the server, and connections queue up.
    let connected = fixture.sim.world(|_| {
        let request = b"GET /connections HTTP/1.1\r\nHost: sim\r\n\r\n";
        first.write_all(request).expect("there is room");
        let start = Instant::now();
        let connect = |_| {
            let stream = TcpStream::connect_timeout(&fixture.sim.address(), patience);
            stream.expect("a connection")
        };
        let streams: Vec<_> = (0..600).map(connect).collect();
        assert_eq!(streams.len(), 600);
        start.elapsed()
    });
    assert!(connected < patience, "{connected:?}");
}
