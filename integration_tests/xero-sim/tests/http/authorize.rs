//! The authorize page as a browser without scripts uses it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use form_urlencoded::Serializer;
use serde_json::{Value, json};
use xero_sim::{App, AppId, Failure, REDIRECT_URI, Sim, TenantId, World};

use crate::client::{Answer, get, post, token};

/// `web:secret` for the header `Authorization: Basic`.
const WEB: &str = "d2ViOnNlY3JldA==";
/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SCOPES: &str = "offline_access accounting.settings.read";
const NAMES: [&str; 3] = ["Demo Company (NZ)", "Brown & <b>Sons</b>", "Harbour Cafe"];

/// Three organisations, none of them connected.
struct Scene {
    sim: Sim,
    tenants: Vec<TenantId>,
    app: AppId,
    client_id: String,
}

fn scene(app: App) -> Scene {
    let mut world = World::new(7);
    let tenants = NAMES.map(|name| world.add_tenant(name, "NZD")).to_vec();
    let app = world.add_app(app);
    Scene {
        sim: Sim::start(world),
        tenants,
        client_id: app.as_str().to_owned(),
        app,
    }
}

impl Scene {
    /// The address that the app opens, with some parameters changed. An empty value removes one.
    fn address(&self, changes: &[(&str, &str)]) -> String {
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("scope", SCOPES),
            ("state", "s&t=1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        query.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        query.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        format!("/identity/connect/authorize?{query}")
    }

    /// Opens the page and logs in: the answer is the picker, or what stands in its place.
    fn log_in(&self) -> Answer {
        let login = get(&self.sim, &self.address(&[]), &[]);
        assert_eq!(login.status, 200);
        submit(&self.sim, &login, "login", &[])
    }

    /// Logs in and allows access to an organisation. Returns where the browser goes.
    fn allow(&self, tenant: &TenantId) -> String {
        let picker = self.log_in();
        let allowed = submit(&self.sim, &picker, "allow", &[tenant]);
        location(&allowed)
    }

    /// Exchanges a code as the PKCE app.
    fn exchange(&self, code: &str) -> Value {
        let form = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", &self.client_id),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ]);
        post(&self.sim, "/connect/token", &form).json()
    }

    /// The organisations that a token's app is connected to, with the events that connected them.
    fn connections(&self, tokens: &Value, filter: &str) -> Vec<(String, String)> {
        let token = tokens["access_token"].as_str().expect("a token");
        let bearer = format!("Authorization: Bearer {token}");
        let path = format!("/connections{filter}");
        let listed = get(&self.sim, &path, &[&bearer]).json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let listed = listed.as_array().expect("an array").iter();
        listed
            .map(|it| (text(&it["tenantName"]), text(&it["authEventId"])))
            .collect()
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The value of the first attribute of this name behind a marker.
fn attribute<'a>(html: &'a str, marker: &str, name: &str) -> &'a str {
    let (_, element) = html.split_once(marker).expect(marker);
    let start = format!(" {name}=\"");
    let (_, value) = element.split_once(&start).expect(name);
    value.split('"').next().unwrap_or_default()
}

/// Submits the form of a page with one of its buttons.
fn submit(sim: &Sim, page: &Answer, button: &str, tenants: &[&TenantId]) -> Answer {
    let html = page.text();
    assert!(
        html.contains(&format!(r#"<button id="{button}" "#)),
        "{html}"
    );
    let action = attribute(html, "<form", "action").replace("&amp;", "&");
    let mut fields: Vec<_> = tenants.iter().map(|it| ("tenant", it.as_str())).collect();
    fields.push(("action", button));
    post(sim, &action, &form(&fields))
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text());
    answer.header("Location").expect("an address").to_owned()
}

/// A parameter of an address.
fn param(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

fn claims(tokens: &Value) -> Value {
    let token = tokens["access_token"].as_str().expect("a token");
    let payload = token.split('.').nth(1).expect("a JWT");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

#[test]
fn a_user_chooses_one_organisation_after_the_other() {
    let scene = scene(App::pkce("desktop"));
    let picker = scene.log_in();
    assert_eq!(picker.status, 200);
    let html = picker.text();
    for (number, tenant) in (1..).zip(&scene.tenants) {
        let id = format!(r#"id="organisation-{number}""#);
        assert_eq!(attribute(html, &id, "value"), tenant.as_str());
    }
    assert!(
        html.contains(">Brown &amp; &lt;b&gt;Sons&lt;/b&gt;</label>"),
        "{html}"
    );
    assert!(html.contains("<li>accounting.settings.read</li>"), "{html}");
    assert!(
        !html.contains("(connected)") && !html.contains("<script"),
        "{html}"
    );

    let back = scene.allow(&scene.tenants[1]);
    assert!(back.starts_with(&format!("{REDIRECT_URI}?code=")), "{back}");
    assert_eq!(param(&back, "state").as_deref(), Some("s&t=1"));
    assert_eq!(param(&back, "scope").as_deref(), Some(SCOPES));
    let code = param(&back, "code").expect("a code");
    let first = scene.exchange(&code);
    assert_eq!(first["scope"], SCOPES);
    let connections = scene.connections(&first, "");
    let event = claims(&first)["authentication_event_id"].clone();
    let event = event.as_str().expect("a GUID").to_owned();
    assert_eq!(connections, [(NAMES[1].to_owned(), event.clone())]);
    let used = scene.exchange(&code);
    assert_eq!(used, json!({ "error": "invalid_grant" }));

    let picker = scene.log_in();
    let html = picker.text();
    assert_eq!(html.matches("(connected)").count(), 1, "{html}");
    // The tokens of the second consent open both, and the filter shows the new one only.
    let back = scene.allow(&scene.tenants[0]);
    let second = scene.exchange(&param(&back, "code").expect("a code"));
    assert_eq!(scene.connections(&second, "").len(), 2);
    let event = claims(&second)["authentication_event_id"].clone();
    let filter = format!("?authEventId={}", event.as_str().expect("a GUID"));
    let new = scene.connections(&second, &filter);
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].0, NAMES[0]);

    let chosen = |html: &str| {
        let (before, _) = html.split_once(" checked").expect("a choice");
        let (_, element) = before.rsplit_once("<input").expect("an input");
        attribute(element, "", "value").to_owned()
    };
    let picker = scene.log_in();
    let next = scene.tenants[2].as_str();
    assert_eq!(
        chosen(picker.text()),
        next,
        "the first that is not connected"
    );

    // Connecting again changes no event, so the filter shows nothing.
    let back = scene.allow(&scene.tenants[0]);
    let third = scene.exchange(&param(&back, "code").expect("a code"));
    let event = claims(&third)["authentication_event_id"].clone();
    let filter = format!("?authEventId={}", event.as_str().expect("a GUID"));
    assert_eq!(scene.connections(&third, &filter), []);
    assert_eq!(
        scene.connections(&third, ""),
        scene.connections(&second, "")
    );
}

#[test]
fn a_web_app_exchanges_with_its_secret_with_or_without_pkce() {
    let scene = scene(App::web("web", "secret"));
    for verifier in [Some(VERIFIER), None] {
        let changes: &[(&str, &str)] = match verifier {
            Some(_) => &[],
            None => &[("code_challenge", ""), ("code_challenge_method", "")],
        };
        let code = || {
            let login = get(&scene.sim, &scene.address(changes), &[]);
            let picker = submit(&scene.sim, &login, "login", &[]);
            let allowed = submit(&scene.sim, &picker, "allow", &[&scene.tenants[0]]);
            param(&location(&allowed), "code").expect("a code")
        };
        let form = |code: &str| {
            let mut fields = vec![
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", REDIRECT_URI),
            ];
            fields.extend(verifier.map(|it| ("code_verifier", it)));
            form(&fields)
        };
        let without_secret = format!("{}&client_id=web", form(&code()));
        let refused = post(&scene.sim, "/connect/token", &without_secret);
        assert_eq!(refused.json()["error"], "invalid_client");
        let answer = token(&scene.sim, WEB, &form(&code()));
        assert_eq!(answer.status, 200, "{verifier:?}");
        assert!(answer.json()["refresh_token"].is_string());
        let late = form(&code());
        let minutes = Duration::from_secs(5 * 60);
        scene.sim.world(|world| world.advance(minutes));
        let expired = token(&scene.sim, WEB, &late).json();
        assert_eq!(expired, json!({ "error": "invalid_grant" }));
    }
}

#[test]
fn cancelling_sends_the_browser_back_with_an_error() {
    let scene = scene(App::pkce("desktop"));
    let cancelled = submit(&scene.sim, &scene.log_in(), "cancel", &[]);
    let back = location(&cancelled);
    assert!(back.starts_with(REDIRECT_URI), "{back}");
    let named = |name| param(&back, name);
    assert_eq!(named("error").as_deref(), Some("access_denied"));
    assert_eq!(named("state").as_deref(), Some("s&t=1"));
    assert_eq!(named("code"), None);
    let picker = scene.log_in();
    assert!(!picker.text().contains("(connected)"));
}

#[test]
fn what_is_wrong_with_the_address_is_a_page_and_no_redirect() {
    let scene = scene(App::pkce("desktop").scopes(SCOPES));
    for (changes, text) in [
        (
            ("client_id", "<unknown>"),
            "unauthorized_client : Unknown client or client not enabled",
        ),
        (
            ("redirect_uri", "http://127.0.0.1:8742/callback"),
            "unauthorized_client : Invalid redirect_uri",
        ),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "accounting.nothing.read"), "invalid_scope"),
        (("scope", "accounting.invoices.read"), "invalid_scope"),
        (
            ("code_challenge", ""),
            "invalid_request : code challenge required",
        ),
        (
            ("code_challenge_method", "plain"),
            "invalid_request : Invalid code_challenge",
        ),
    ] {
        let address = scene.address(&[changes]);
        let tenant = form(&[("tenant", scene.tenants[0].as_str()), ("action", "allow")]);
        for page in [
            get(&scene.sim, &address, &[]),
            post(&scene.sim, &address, &tenant),
        ] {
            let html = page.text();
            assert_eq!(
                (page.status, page.header("Location")),
                (500, None),
                "{html}"
            );
            let line = format!(r#"<p id="error">Error: {text}</p>"#);
            assert!(html.contains(&line), "{html}");
            assert!(
                html.contains("Error code: 500") && !html.contains("<form"),
                "{html}"
            );
        }
    }
}

#[test]
fn an_app_without_connections_left_ends_at_a_page_of_its_own() {
    let scene = scene(App::pkce("desktop").connection_limit(1));
    let back = scene.allow(&scene.tenants[0]);
    assert!(param(&back, "code").is_some(), "{back}");
    let instead = scene.log_in();
    assert_eq!(location(&instead), "/connectionLimit");
    let page = get(&scene.sim, "/connectionLimit", &[]);
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(
        html.contains("has reached its Xero connection limit"),
        "{html}"
    );
    assert!(!html.contains("<form") && !html.contains("<a "), "{html}");

    let none = [scene.tenants[0].clone()];
    scene
        .sim
        .world(|world| world.disconnect(&scene.app, &none[0]));
    assert_eq!(scene.log_in().status, 200);
}

#[test]
fn an_organisation_takes_two_uncertified_apps() {
    let scene = scene(App::pkce("desktop"));
    scene.sim.world(|world| {
        for name in ["other", "another"] {
            let app = world.add_app(App::web(name, "secret"));
            world.connect(&app, &scene.tenants[0]);
        }
    });
    let picker = scene.log_in();
    let html = picker.text();
    assert_eq!(html.matches(" disabled>").count(), 1, "{html}");
    let (_, second) = html.split_once(r#"id="organisation-2""#).expect("a choice");
    assert!(
        second
            .split('>')
            .next()
            .unwrap_or_default()
            .ends_with(" checked")
    );
    let refused = submit(&scene.sim, &picker, "allow", &[&scene.tenants[0]]);
    assert_eq!((refused.status, refused.header("Location")), (403, None));
    let html = refused.text();
    assert!(html.contains("already has two uncertified apps"), "{html}");
    let allowed = submit(&scene.sim, &picker, "allow", &[&scene.tenants[1]]);
    assert!(location(&allowed).contains("?code="));
}

#[test]
fn only_bulk_connections_take_several_organisations() {
    for bulk in [false, true] {
        let scene = scene(App::pkce("desktop").bulk_connections(bulk));
        let picker = scene.log_in();
        let kind = attribute(picker.text(), "<input", "type");
        assert_eq!(kind, if bulk { "checkbox" } else { "radio" });
        let two = [&scene.tenants[0], &scene.tenants[2]];
        let allowed = submit(&scene.sim, &picker, "allow", &two);
        if !bulk {
            assert_eq!((allowed.status, allowed.header("Location")), (500, None));
            continue;
        }
        let code = param(&location(&allowed), "code").expect("a code");
        let connections = scene.connections(&scene.exchange(&code), "");
        let names: Vec<_> = connections.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [NAMES[0], NAMES[2]]);
    }
}

#[test]
fn the_picker_shows_what_the_user_can_open() {
    let scene = scene(App::pkce("desktop"));
    scene.sim.world(|world| {
        world.add_other_tenant("PRACTICE", "Books & Co");
        world.fail(&scene.tenants[1], Failure::Forbidden);
    });
    let picker = scene.log_in();
    assert_eq!(picker.text().matches("<input").count(), 2);
    let stranger = submit(&scene.sim, &picker, "allow", &[&scene.tenants[1]]);
    assert_eq!((stranger.status, stranger.header("Location")), (500, None));
    let none = submit(&scene.sim, &picker, "allow", &[]);
    assert_eq!((none.status, none.header("Location")), (500, None));
}
