//! What all calls of the other APIs have in common with those of the Accounting API.

use std::io::Read;

use flate2::read::GzDecoder;
use xero_sim::{Limit, World};

use super::{call, fixture, json, undocumented};
use crate::client::{get, started};

#[test]
fn calls_need_a_token_an_organisation_and_a_scope() {
    let mut world = World::new(7);
    let demo = world.add_tenant("Demo Company (NZ)", "NZD");
    let fixture = started(world, demo, "openid offline_access projects.read files");
    let path = "/projects.xro/2.0/Projects";
    assert_eq!(get(&fixture.sim, path, &[]).status, 401);
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    assert_eq!(get(&fixture.sim, path, &[&token]).status, 403);
    assert_eq!(call(&fixture, path).status, 200);
    assert_eq!(call(&fixture, "/files.xro/1.0/Folders").status, 200);
    let refused = call(&fixture, "/assets.xro/1.0/AssetTypes");
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["Detail"], "AuthorizationUnsuccessful");
}

#[test]
fn calls_count_against_the_limits() {
    let fixture = fixture(|_, _| {});
    let left = |answer: &crate::client::Answer| -> u32 {
        let left = answer.header("X-MinLimit-Remaining").expect("a number");
        left.parse().expect("a number")
    };
    let first = call(&fixture, "/assets.xro/1.0/AssetTypes");
    let second = fixture.get("/Currencies");
    assert_eq!(left(&second), left(&first) - 1);
    assert!(first.header("Xero-Correlation-Id").is_some());
    for _ in 0..58 {
        call(&fixture, "/files.xro/1.0/Inbox");
    }
    let refused = call(&fixture, "/projects.xro/2.0/Projects");
    assert_eq!(refused.status, 429);
    let requests = fixture.sim.requests();
    assert!(requests.last().is_some_and(|it| it.exceeded(Limit::Minute)));
    assert_eq!(fixture.sim.take_served().calls, requests.len());
}

#[test]
fn unknown_addresses_are_not_found() {
    let fixture = fixture(|_, _| {});
    for path in [
        "/projects.xro/2.0/Nothing",
        "/projects.xro/2.0",
        "/assets.xro/1.0/Assets/a/b",
        "/files.xro/2.0/Files",
    ] {
        assert_eq!(call(&fixture, path).status, 404, "{path}");
    }
    let found = undocumented(&fixture);
    assert_eq!(found[0], "/projects.xro/2.0/Nothing is no endpoint");
    assert_eq!(found.len(), 3);
}

#[test]
fn a_header_that_only_payroll_honours_is_noticed() {
    let fixture = fixture(|_, _| {});
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {}", fixture.demo);
    let since = "If-Modified-Since: 2040-01-01T00:00:00";
    let answer = get(
        &fixture.sim,
        "/files.xro/1.0/Files",
        &[&token, &tenant, since],
    );
    assert_eq!(answer.json()["TotalCount"], 24, "it is ignored");
    assert_eq!(
        undocumented(&fixture),
        ["If-Modified-Since is not honoured"]
    );
}

#[test]
fn bodies_are_compressed_and_faults_answer() {
    let fixture = fixture(|_, _| {});
    let path = "/projects.xro/2.0/Projects";
    let plain = json(&fixture, path);
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {}", fixture.demo);
    let gzip = "Accept-Encoding: gzip";
    let packed = get(&fixture.sim, path, &[&token, &tenant, gzip]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(&packed.body[..])
        .read_to_string(&mut text)
        .expect("gzip");
    assert_eq!(text, plain.to_string());
    let log = fixture.sim.requests();
    assert_eq!(log[0].rows, Some(5));

    fixture
        .sim
        .world(|world| world.take_offline(&fixture.demo, true));
    assert_eq!(call(&fixture, path).status, 503);
    fixture
        .sim
        .world(|world| world.take_offline(&fixture.demo, false));
    fixture
        .sim
        .intercept(|_, _| Some(xero_sim::Answer::server_error()));
    let failed = call(&fixture, path);
    assert_eq!(failed.status, 500);
    assert!(failed.header("X-DayLimit-Remaining").is_some());
}

#[test]
fn rows_follow_from_the_seed() {
    let body = || {
        let mut world = World::new(3);
        world.history_ends(1_782_864_000_000);
        world.fix_clock(1_782_864_000_000);
        let demo = world.add_tenant("Demo Company (AU)", "AUD");
        let fixture = started(world, demo, super::SCOPES);
        json(&fixture, "/projects.xro/2.0/Projects")
    };
    assert_eq!(body(), body());
}
