//! The token endpoint, `/connections`, and access with a token.

use std::time::Duration;

use serde_json::json;
use xero_sim::{App, REDIRECT_URI, Sim, TenantId, Tier, World};

use crate::client::{SCOPES, fixture, get, post, send, token};

/// `web:secret`, `custom:secret` and `web:wrong` for the header `Authorization: Basic`.
const WEB: &str = "d2ViOnNlY3JldA==";
const CUSTOM: &str = "Y3VzdG9tOnNlY3JldA==";
const WRONG: &str = "d2ViOndyb25n";

#[test]
fn a_refresh_token_rotates_and_has_its_grace() {
    let fixture = fixture(|_, _| {});
    let first = fixture
        .tokens
        .refresh_token
        .as_deref()
        .expect("offline_access");
    let form = format!("grant_type=refresh_token&refresh_token={first}");
    let answer = token(&fixture.sim, WEB, &form);
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["expires_in"], 1_800);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], SCOPES);
    assert!(body["id_token"].is_string());
    assert_ne!(body["refresh_token"], *first);

    let after = |minutes: u64| {
        let skipped = Duration::from_secs(60 * minutes);
        fixture.sim.world(|world| world.advance(skipped));
        token(&fixture.sim, WEB, &form)
    };
    assert_eq!(after(29).status, 200, "the answer may have been lost");
    let late = after(1);
    assert_eq!(late.status, 400);
    assert_eq!(late.json(), json!({ "error": "invalid_grant" }));
}

#[test]
fn refusals_of_the_token_endpoint() {
    let fixture = fixture(|_, _| {});
    fixture.sim.world(|world| {
        let custom = App::custom_connection("custom", "secret", &fixture.demo);
        world.add_app(custom.scopes("accounting.settings.read"));
    });
    let credentials = "grant_type=client_credentials";
    let broad = "grant_type=client_credentials&scope=accounting.transactions.read";
    for (basic, form, error) in [
        (WRONG, credentials, "invalid_client"),
        ("", credentials, "invalid_client"),
        (WEB, "", "unsupported_grant_type"),
        (WEB, "grant_type=password", "unsupported_grant_type"),
        (WEB, credentials, "unauthorized_client"),
        (
            WEB,
            "grant_type=refresh_token&refresh_token=x",
            "invalid_grant",
        ),
        (WEB, "grant_type=authorization_code&code=x", "invalid_grant"),
        (CUSTOM, broad, "invalid_scope"),
    ] {
        let answer = token(&fixture.sim, basic, form);
        assert_eq!(answer.status, 400, "{form}");
        assert_eq!(answer.json()["error"], error, "{form}");
    }
}

#[test]
fn a_code_is_exchanged_once() {
    let fixture = fixture(|_, _| {});
    let tenants = [fixture.demo.clone()];
    let consent = |world: &mut World| world.consent_code(&fixture.app, &tenants, SCOPES);
    let code = fixture.sim.world(consent);
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri={REDIRECT_URI}");
    assert_eq!(token(&fixture.sim, WEB, &form).status, 200);
    assert_eq!(token(&fixture.sim, WEB, &form).status, 400);
}

/// A refresh token of a PKCE app.
fn pkce_tokens(sim: &Sim, tenant: &TenantId) -> String {
    let tokens = sim.world(|world| {
        let app = world.add_app(App::pkce("desktop"));
        world.consent(&app, std::slice::from_ref(tenant), SCOPES)
    });
    tokens.refresh_token.expect("offline_access")
}

#[test]
fn an_app_without_a_secret_sends_its_id_in_the_form() {
    let fixture = fixture(|_, _| {});
    let token = pkce_tokens(&fixture.sim, &fixture.demo);
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let own = format!("{form}&client_id=desktop");
    let credentials = "grant_type=client_credentials&client_id=desktop";
    // `desktop:` and `desktop:secret`.
    let (empty, secret) = ("ZGVza3RvcDo=", "ZGVza3RvcDpzZWNyZXQ=");
    for (basic, form, error) in [
        (None, form.as_str(), "invalid_client"),
        (Some(empty), &own, "invalid_client"),
        (Some(secret), &own, "invalid_client"),
        (None, &format!("{form}&client_id=web"), "invalid_client"),
        (
            None,
            &format!("{form}&client_id=web&client_secret=secret"),
            "invalid_client",
        ),
        (Some(WEB), &own, "invalid_grant"),
        (None, credentials, "unauthorized_client"),
    ] {
        let answer = match basic {
            Some(basic) => crate::client::token(&fixture.sim, basic, form),
            None => post(&fixture.sim, "/connect/token", form),
        };
        assert_eq!(answer.status, 400, "{form}");
        assert_eq!(answer.json()["error"], error, "{basic:?} {form}");
    }
    let answer = post(&fixture.sim, "/connect/token", &own);
    assert_eq!(answer.status, 200);
    assert_ne!(answer.json()["refresh_token"], *token);
}

#[test]
fn revocation_ends_the_connections_of_an_app() {
    let fixture = fixture(|_, _| {});
    let desktop = pkce_tokens(&fixture.sim, &fixture.demo);
    let web = fixture.tokens.refresh_token.clone().expect("offline");
    let basic = format!("Authorization: Basic {WEB}");
    let wrong = format!("Authorization: Basic {WRONG}");
    let revoke = |headers: &[&str], form: &str| {
        let headers = [
            headers,
            &["Content-Type: application/x-www-form-urlencoded"],
        ]
        .concat();
        let answer = send(&fixture.sim, "POST", "/connect/revocation", &headers, form);
        let answer = answer.expect("an answer");
        (answer.status, answer.text().to_owned())
    };
    let refused = |error: &str| (400, json!({ "error": error }).to_string());
    let own = format!("token={web}");
    assert_eq!(revoke(&[], &own), refused("invalid_client"));
    assert_eq!(revoke(&[&wrong], &own), refused("invalid_client"));
    assert_eq!(revoke(&[&basic], ""), refused("invalid_request"));
    let done = (200, String::new());
    assert_eq!(revoke(&[&basic], "token=unknown"), done);
    let foreign = format!("token={desktop}");
    assert_eq!(revoke(&[&basic], &foreign), done, "and nothing happens");
    assert_eq!(fixture.get("/Currencies").status, 200);

    assert_eq!(revoke(&[&basic], &own), done);
    assert_eq!(fixture.get("/Currencies").status, 403);
    let form = format!("grant_type=refresh_token&refresh_token={web}");
    let refresh = token(&fixture.sim, WEB, &form).json();
    assert_eq!(refresh["error"], "invalid_grant");
    let form = format!("grant_type=refresh_token&refresh_token={desktop}&client_id=desktop");
    assert_eq!(post(&fixture.sim, "/connect/token", &form).status, 200);
    let form = format!("{foreign}&client_id=desktop");
    assert_eq!(revoke(&[], &form), done);
}

#[test]
fn a_connection_is_deleted_by_its_id() {
    let fixture = fixture(|_, _| {});
    let bearer = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let listed = get(&fixture.sim, "/connections", &[&bearer]).json();
    let path = format!("/connections/{}", listed[0]["id"].as_str().expect("an id"));
    let delete = |path: &str, headers: &[&str]| {
        let answer = send(&fixture.sim, "DELETE", path, headers, "");
        answer.expect("an answer").status
    };
    assert_eq!(delete(&path, &[]), 401);
    assert_eq!(delete("/connections/unknown", &[&bearer]), 404);
    assert_eq!(delete(&path, &[&bearer]), 204);
    assert_eq!(delete(&path, &[&bearer]), 404);
    assert_eq!(fixture.get("/Currencies").status, 403);
}

#[test]
fn a_custom_connection_needs_no_tenant_header() {
    let mut world = World::new(1);
    let demo = world.add_tenant("Demo", "NZD");
    world.add_app(App::custom_connection("custom", "secret", &demo));
    let sim = Sim::start(world);
    let tokens = token(&sim, CUSTOM, "grant_type=client_credentials").json();
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let bearer = tokens["access_token"].as_str().expect("a token");
    let bearer = format!("Authorization: Bearer {bearer}");
    let headers = [bearer.as_str(), "Accept: application/json"];
    assert_eq!(get(&sim, "/api.xro/2.0/Currencies", &headers).status, 200);
    let log = sim.requests();
    assert_eq!(
        log.last().and_then(|call| call.tenant_id.clone()),
        Some(demo)
    );
    let listed = get(&sim, "/connections", &headers).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

#[test]
fn connections_are_a_bare_array_with_dates_of_seven_digits() {
    let fixture = fixture(|_, _| {});
    let bearer = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let listed = get(&fixture.sim, "/connections", &[&bearer]).json();
    assert_eq!(listed[0]["tenantId"], fixture.demo.as_str());
    assert_eq!(listed[0]["tenantName"], "Demo Company (NZ)");
    assert_eq!(listed[0]["tenantType"], "ORGANISATION");
    let created = listed[0]["createdDateUtc"].as_str().expect("a date");
    assert_eq!(
        created.len(),
        "2019-12-07T18:46:19.5165400".len(),
        "{created}"
    );
    let event = listed[0]["authEventId"].as_str().expect("a GUID");
    for (event, count) in [(event, 1), ("other", 0)] {
        let path = format!("/connections?authEventId={event}");
        let filtered = get(&fixture.sim, &path, &[&bearer]).json();
        assert_eq!(filtered.as_array().map(Vec::len), Some(count), "{event}");
    }
    let stranger = get(&fixture.sim, "/connections", &[]);
    assert_eq!(stranger.status, 401);
}

#[test]
fn a_call_is_refused_for_its_token_its_tenant_or_its_scope() {
    let fixture = fixture(|_, _| {});
    let bearer = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {}", fixture.demo);
    let other = "xero-tenant-id: 00000000-0000-4000-8000-000000000000";
    let bare = "Authorization: Bearer";
    let garbage = "Authorization: Bearer x.y.z";
    let (lost, lacking) = ("AuthenticationUnsuccessful", "AuthorizationUnsuccessful");
    // The remaining calls of the minute: those of the organisation and those of the app.
    let (none, of_app, all) = ([None; 2], [None, Some("10000")], [Some("59"), Some("9999")]);
    for (path, authorization, tenant, status, key, detail, remaining) in [
        (
            "Currencies",
            bare,
            tenant.as_str(),
            401,
            "Detail",
            lost,
            none,
        ),
        ("Currencies", garbage, &tenant, 401, "Detail", lost, none),
        (
            "Currencies",
            &bearer,
            "X-Nothing: 1",
            403,
            "detail",
            lost,
            of_app,
        ),
        ("Currencies", &bearer, other, 403, "detail", lost, of_app),
        ("Payments", &bearer, &tenant, 401, "Detail", lacking, all),
    ] {
        let headers = [authorization, tenant, "Accept: application/json"];
        let answer = get(&fixture.sim, &format!("/api.xro/2.0/{path}"), &headers);
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(answer.json()[key], detail, "{headers:?}");
        let found = ["X-MinLimit-Remaining", "X-AppMinLimit-Remaining"];
        assert_eq!(
            found.map(|name| answer.header(name)),
            remaining,
            "{headers:?}"
        );
    }

    fixture
        .sim
        .world(|world| world.advance(Duration::from_secs(1_800)));
    let expired = fixture.get("/Currencies");
    assert_eq!(expired.header("X-MinLimit-Remaining"), Some("60"));
    let expired = expired.json();
    let detail = expired["Detail"].as_str().expect("a detail");
    assert!(
        detail.starts_with("TokenExpired: token expired at "),
        "{detail}"
    );
}

#[test]
fn a_removed_connection_still_shows_the_remaining_calls() {
    let fixture = fixture(|world, _| world.fix_clock(1_796_000_000_000));
    assert_eq!(fixture.get("/Currencies").status, 200);
    fixture
        .sim
        .world(|world| world.disconnect(&fixture.app, &fixture.demo));
    let refused = fixture.get("/Currencies");
    assert_eq!(refused.status, 403);
    for (name, left) in [("Day", "4999"), ("Min", "59"), ("AppMin", "9999")] {
        let name = format!("X-{name}Limit-Remaining");
        assert_eq!(refused.header(&name), Some(left), "{name}");
    }
}

#[test]
fn journals_need_the_advanced_tier_and_a_removed_connection_opens_nothing() {
    let mut fixture = fixture(|_, _| {});
    assert_eq!(fixture.get("/Journals").status, 200);
    let demo = [fixture.demo.clone()];
    fixture.tokens = fixture.sim.world(|world| {
        let app = world.add_app(App::web("small", "secret").tier(Tier::Core));
        world.consent(&app, &demo, SCOPES)
    });
    let refused = fixture.get("/Journals");
    assert_eq!(refused.json()["Detail"], "AuthorizationUnsuccessful");
    assert_eq!(fixture.get("/Currencies").status, 200);

    let small = |world: &mut World| {
        let app = world.add_app(App::web("gone", "secret"));
        let tokens = world.consent(&app, &demo, SCOPES);
        world.disconnect(&app, &demo[0]);
        tokens
    };
    fixture.tokens = fixture.sim.world(small);
    assert_eq!(fixture.get("/Currencies").status, 403);
}
