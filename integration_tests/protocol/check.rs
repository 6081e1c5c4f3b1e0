//! `check` tests the config with one cheap call, and each kind of failure has its own message.

use serde_json::json;
use xero_sim::{Answer, App, TenantId};

use crate::support::connector::run;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;

#[test]
fn the_seven_key_config_is_checked_with_one_call_and_no_refresh() {
    let scene = Scene::new();
    assert_eq!(scene.check(&scene.flat()).checked("SUCCEEDED"), "");
    assert_eq!(scene.calls(), ["/Currencies"]);
    assert_eq!(scene.token_calls(), 0);
    let request = &scene.sim.requests()[0];
    assert_eq!(request.tenant.as_deref(), Some(scene.tenant.as_str()));
    assert_eq!(request.accept.as_deref(), Some("application/json"));
    assert!(
        request
            .accept_encoding
            .as_deref()
            .is_some_and(|accepted| accepted.contains("gzip"))
    );
}

#[test]
fn all_three_kinds_of_credentials_pass() {
    let scene = Scene::new();
    let pasted =
        json!({"auth_type": "oauth2_access_token", "access_token": scene.tokens.access_token});
    for credentials in [scene.web_credentials(), pasted] {
        assert_eq!(
            scene.check(&scene.nested(credentials)).checked("SUCCEEDED"),
            ""
        );
    }
    let custom = |tenant: &TenantId| App::custom_connection("CUSTOMID01", "cust0m-s3cret!", tenant);
    let scene = Scene::with(SCOPES, |_, _| ());
    let tenant = scene.tenant.clone();
    scene.sim.world(|world| world.add_app(custom(&tenant)));
    let credentials = json!({"auth_type": "oauth2_confidential_application", "client_id": "CUSTOMID01", "client_secret": "cust0m-s3cret!"});
    let mut config = scene.nested(credentials);
    assert_eq!(scene.check(&config).checked("SUCCEEDED"), "");
    // A Custom Connection opens one organisation, which need not be named.
    config["tenant_id"] = json!(null);
    assert_eq!(scene.check(&config).checked("SUCCEEDED"), "");
    let form = scene
        .sim
        .requests()
        .into_iter()
        .find(|request| request.path == "/connect/token");
    assert_eq!(
        form.expect("a token was asked for").field("scope"),
        None,
        "no scope unless the config names one"
    );
}

#[test]
fn errors_that_the_user_can_fix_have_messages_of_their_own() {
    let other = "11111111-2222-4333-8444-555555555555";
    let forged = "eyJhbGciOiJSUzI1NiJ9.eyJzY29wZSI6ImFjY291bnRpbmcuc2V0dGluZ3MucmVhZCJ9.f0rged";
    let scene = Scene::new();
    let pasted = |token: &str| {
        scene.nested(json!({"auth_type": "oauth2_access_token", "access_token": token}))
    };
    let with = |key: &str, value: &str| {
        let mut config = scene.flat();
        config[key] = json!(value);
        config["access_token"] = json!(if key == "tenant_id" {
            scene.tokens.access_token.as_str()
        } else {
            forged
        });
        config
    };
    for (what, config, words) in [
        (
            "garbage",
            pasted("not-a-token"),
            "does not accept the access token",
        ),
        ("forged", pasted(forged), "does not accept the access token"),
        (
            "refresh token",
            with("refresh_token", "0123456789abcdef"),
            "no longer accepts the refresh token",
        ),
        (
            "secret",
            with("client_secret", "wr0ng-secret"),
            "does not know this client_id and client_secret",
        ),
        (
            "tenant",
            with("tenant_id", other),
            "It may read: Demo Company (NZ) (",
        ),
    ] {
        let run = scene.check(&config);
        let message = run.checked("FAILED");
        assert!(message.contains(words), "{what}: {message}");
        assert!(
            !message.contains(other),
            "the id in the config counts as a secret"
        );
    }
}

#[test]
fn an_expired_pasted_token_and_a_missing_scope_have_different_messages() {
    let scene = Scene::with("accounting.contacts.read offline_access", |_, _| ());
    let config = scene.nested(
        json!({"auth_type": "oauth2_access_token", "access_token": scene.tokens.access_token}),
    );
    let message = scene.check(&config).checked("FAILED").to_owned();
    assert!(
        message.contains(
            "The token may not read currencies: it needs the scope accounting.settings.read."
        ),
        "{message}"
    );
    assert_eq!(scene.calls(), [""; 0], "the token itself says so");

    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        request
            .path
            .ends_with("/Currencies")
            .then(|| Answer::unauthorized("TokenExpired: token expired at 11/24/2026 05:16:59"))
    });
    let config = scene.nested(
        json!({"auth_type": "oauth2_access_token", "access_token": scene.tokens.access_token}),
    );
    let message = scene.check(&config).checked("FAILED").to_owned();
    assert!(
        message.contains("access tokens are valid for 30 minutes"),
        "{message}"
    );
}

#[test]
fn errors_that_the_user_cannot_fix_are_transient() {
    for (answer, words) in [
        (
            Answer::organisation_offline as fn() -> Answer,
            "the organisation is offline",
        ),
        (Answer::maintenance, "outage"),
        (Answer::server_error, "outage"),
        (Answer::reset, "could not be reached"),
        (Answer::silent, "no response in time"),
    ] {
        let scene = Scene::new();
        scene
            .sim
            .intercept(move |request, _| request.path.ends_with("/Currencies").then(answer));
        let run = scene.check(&scene.flat());
        let errors = run.errors();
        assert_eq!(
            (errors.len(), run.code),
            (1, Some(1)),
            "{words}: {}",
            run.stdout
        );
        assert_eq!(errors[0].0, "transient_error", "{words}");
        assert!(errors[0].2.contains(words), "{}", errors[0].2);
    }
}

#[test]
fn an_unreachable_server_and_one_without_tls_have_different_messages() {
    let scene = Scene::new();
    let mut config = scene.flat();
    // The discard port, where no server listens.
    config["api_url"] = json!("http://127.0.0.1:9");
    let run = scene.check(&config);
    assert!(
        run.errors()[0].2.contains("could not be reached"),
        "{}",
        run.stdout
    );
    config["api_url"] = json!(scene.sim.url().replace("http:", "https:"));
    let run = scene.check(&config);
    let message = run.checked("FAILED");
    assert!(
        message.contains("Check that the server supports TLS"),
        "{message}"
    );
}

#[test]
fn a_check_that_spends_the_refresh_token_says_so() {
    let scene = Scene::new();
    let words = "add the access token to it, or run a sync within 30 minutes";
    let warned = |run: &crate::support::connector::Run| {
        let warnings = run.logs("WARN");
        warnings.iter().filter(|it| it.contains(words)).count()
    };
    let mut config = scene.flat();
    assert_eq!(warned(&scene.check(&config)), 0, "nothing is exchanged");
    config["access_token"] = json!(null);
    assert_eq!(warned(&scene.check(&config)), 1);
    // A failed check says so too, because the refresh token is spent in both cases.
    config["tenant_id"] = json!("11111111-2222-4333-8444-555555555555");
    let run = scene.check(&config);
    run.checked("FAILED");
    assert_eq!(warned(&run), 1);
    // A source that is discovered or read is saved, and the platform keeps the new token.
    config["tenant_id"] = json!(scene.tenant.as_str());
    assert_eq!(warned(&scene.discover(&config)), 0);
}

#[test]
fn a_check_names_the_organisation_its_streams_and_the_calls_left() {
    let scene = Scene::new();
    let run = scene.check(&scene.flat());
    assert_eq!(run.checked("SUCCEEDED"), "");
    let logged = run.logs("INFO");
    let readable = streams::all().len() + streams::of_counts().len();
    let all = readable + streams::of_other_apis().len();
    let words = format!("Demo Company (NZ) can be read: {readable} of {all} streams; ");
    let line = logged.iter().find_map(|line| line.strip_prefix(&words));
    let left = line.and_then(|line| line.strip_suffix(" calls left today"));
    let left = left.map(|left| left.replace(',', ""));
    assert_eq!(left.as_deref(), Some("4999"), "{logged:?}");
}

#[test]
fn a_check_whose_organisation_cannot_be_named_succeeds() {
    let scene = Scene::new();
    scene
        .sim
        .intercept(|request, _| (request.path == "/connections").then(Answer::maintenance));
    let run = scene.check(&scene.flat());
    assert_eq!(run.checked("SUCCEEDED"), "");
    let lines = run.logs("INFO");
    let named = lines
        .iter()
        .filter(|line| line.starts_with("the organisation can be read: "));
    assert_eq!(named.count(), 1, "{lines:?}");
}

#[test]
fn a_failed_check_fails_the_shell_only_if_the_exit_code_is_wanted() {
    let scene = Scene::new();
    let good = scene.flat();
    let mut bad = scene.flat();
    bad["tenant_id"] = json!("11111111-2222-4333-8444-555555555555");
    for (config, flags, status, code) in [
        (&good, &[][..], "SUCCEEDED", 0),
        (&good, &["--exit-code"], "SUCCEEDED", 0),
        (&bad, &[], "FAILED", 0),
        (&bad, &["--exit-code"], "FAILED", 1),
    ] {
        let path = scene.file("config.json", config);
        let run = run(&[&["check", "--config", &path], flags].concat());
        let statuses: Vec<_> = run
            .payloads("CONNECTION_STATUS", "connectionStatus")
            .map(|it| &it["status"])
            .collect();
        assert_eq!(
            (statuses, run.code),
            (vec![&json!(status)], Some(code)),
            "{flags:?}"
        );
    }
}
