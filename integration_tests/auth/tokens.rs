//! Tokens are renewed only when necessary, written back before their first use, and never shown.

use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, App};

use crate::support::scene::{CLIENT_ID, SCOPES, Scene};

/// Returns a config whose access token has expired by the clocks of the connector and of Xero.
fn expired(scene: &Scene) -> Value {
    let mut config = scene.flat();
    config["token_expiry_date"] = json!("2026-01-01T00:00:00Z");
    config["access_token"] = json!("an-0paque-token-from-long-ago");
    config
}

#[test]
fn a_rotation_is_written_back_in_the_flat_form_before_the_new_token_is_used() {
    let scene = Scene::new();
    let config = expired(&scene);
    let run = scene.read(&config, &["currencies"], None);
    let configs = run.configs();
    assert_eq!((configs.len(), scene.token_calls()), (1, 1));
    for key in [
        "start_date",
        "client_id",
        "client_secret",
        "tenant_id",
        "api_url",
    ] {
        assert_eq!(configs[0][key], config[key], "{key}");
    }
    for key in [
        "access_token",
        "refresh_token",
        "id_token",
        "token_expiry_date",
    ] {
        assert!(
            configs[0][key].is_string() && configs[0][key] != config[key],
            "{key} is renewed"
        );
    }
    let first: Vec<_> = run.messages.iter().take(2).map(|it| &it["type"]).collect();
    assert_eq!(
        first,
        ["LOG", "CONTROL"],
        "only the log line that tests stdout precedes the new config"
    );
    assert_eq!(run.status("currencies"), "COMPLETE");

    // The next run uses the tokens that were written back, and needs no token call.
    let next = scene.read(configs[0], &["currencies"], None);
    assert_eq!((next.configs().len(), scene.token_calls()), (0, 1));
}

#[test]
fn a_rotation_is_written_back_in_the_nested_form() {
    let scene = Scene::new();
    let mut config = scene.nested(scene.web_credentials());
    config["credentials"]["access_token"] = json!(null);
    config["mine"] = json!({"kept": true});
    let run = scene.read(&config, &["currencies"], None);
    let written = run.configs()[0];
    let credentials = &written["credentials"];
    assert_eq!(credentials["auth_type"], "oauth2_authorization_code");
    assert_ne!(
        credentials["refresh_token"],
        config["credentials"]["refresh_token"]
    );
    assert!(credentials["id_token"].is_string() && credentials["token_expiry_date"].is_string());
    assert_eq!(written["mine"], config["mine"]);
    assert!(
        written.get("access_token").is_none(),
        "nothing moves to the top level"
    );
}

#[test]
fn a_token_that_xero_calls_expired_is_renewed_once_for_all_streams() {
    let scene = Scene::new();
    // Xero's clock is an hour ahead, so the tokens that the connector considers valid have expired.
    scene
        .sim
        .world(|world| world.advance(Duration::from_secs(3600)));
    let run = scene.read(
        &scene.flat(),
        &["accounts", "contacts", "currencies", "invoices", "items"],
        None,
    );
    assert_eq!(
        (run.code, scene.token_calls(), run.configs().len()),
        (Some(0), 1, 1),
        "{:?}",
        run.errors()
    );
}

#[test]
fn an_app_without_a_secret_renews_its_tokens_with_its_client_id_alone() {
    let scene = Scene::of_app(App::pkce(CLIENT_ID), SCOPES, |_, _| ());
    let mut flat = scene.flat_without_access_token();
    flat["client_secret"] = Value::Null;
    let mut credentials = scene.web_credentials();
    credentials["access_token"] = Value::Null;
    credentials["client_secret"] = Value::Null;
    let nested = scene.nested(credentials);
    for config in [flat, nested] {
        let calls = scene.token_calls();
        let checked = scene.check(&config);
        assert_eq!(checked.checked("SUCCEEDED"), "", "{}", checked.stdout);
        // Twice more, each time with the tokens of the CONTROL message before.
        let mut config = checked.configs()[0].clone();
        for _ in 0..2 {
            let holder = match config.get("credentials") {
                Some(_) => &mut config["credentials"],
                None => &mut config,
            };
            holder["access_token"] = Value::Null;
            let run = scene.read(&config, &["currencies"], None);
            assert_eq!(run.code, Some(0), "{:?}", run.errors());
            config = run.configs()[0].clone();
        }
        assert_eq!(scene.token_calls() - calls, 3);
    }
    let requests = scene.sim.requests();
    let token_requests = requests.iter().filter(|it| it.path == "/connect/token");
    for request in token_requests {
        assert_eq!(request.field("client_id"), Some(CLIENT_ID));
        assert_eq!(request.authorization, None);
    }
}

#[test]
fn a_web_app_without_its_secret_gets_an_error_that_names_it() {
    let scene = Scene::new();
    let mut config = scene.flat_without_access_token();
    config["client_secret"] = Value::Null;
    let failure = scene.check(&config).checked("FAILED").to_owned();
    assert!(
        failure.contains("If the app is a web app and not a mobile or desktop app, put its client_secret into the config."),
        "{failure}"
    );
}

#[test]
fn a_custom_connection_gets_a_token_without_a_refresh_token() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let tenant = scene.tenant.clone();
    scene.sim.world(|world| {
        world.add_app(App::custom_connection(
            "CUSTOMID01",
            "cust0m-s3cret!",
            &tenant,
        ))
    });
    let credentials = json!({"auth_type": "oauth2_confidential_application", "client_id": "CUSTOMID01",
        "client_secret": "cust0m-s3cret!", "scopes": "accounting.settings.read accounting.contacts.read"});
    let run = scene.read(
        &scene.nested(credentials),
        &["currencies", "contacts"],
        None,
    );
    let written = &run.configs()[0]["credentials"];
    assert!(written["access_token"].is_string() && written.get("refresh_token").is_none());
    let form = scene
        .sim
        .requests()
        .into_iter()
        .find(|request| request.path == "/connect/token")
        .expect("a token was asked for");
    assert_eq!(form.field("grant_type"), Some("client_credentials"));
    assert_eq!(
        form.field("scope"),
        Some("accounting.settings.read accounting.contacts.read")
    );
    assert_eq!((run.code, scene.token_calls()), (Some(0), 1));
}

#[test]
fn a_lost_response_of_the_token_endpoint_is_requested_again() {
    let scene = Scene::new();
    let mut lost = 0;
    scene.sim.intercept(move |request, _| {
        lost += u32::from(request.path == "/connect/token");
        (request.path == "/connect/token" && lost <= 2).then(|| Answer::honest().truncated(30))
    });
    let run = scene.read(&expired(&scene), &["currencies"], None);
    assert_eq!(
        (run.code, scene.token_calls(), run.configs().len()),
        (Some(0), 3, 1),
        "{:?}",
        run.errors()
    );
}

#[test]
fn every_error_of_the_token_endpoint_says_what_to_do_and_ends_the_read() {
    for (body, words) in [
        (r#"{"error":"invalid_grant"}"#, "Authorise the app again"),
        (
            r#"{"error":"invalid_client"}"#,
            "Compare both with the app's Configuration page",
        ),
        (
            r#"{"error":"unauthorized_client"}"#,
            "oauth2_confidential_application",
        ),
        (
            r#"{"error":"unsupported_grant_type"}"#,
            "Check that identity_url is Xero's",
        ),
        (
            r#"{"error":"invalid_scope","error_description":"Client credentials scope validation failed"}"#,
            "remove `scopes`",
        ),
        ("<html>teapot</html>", "HTTP 400"),
    ] {
        let scene = Scene::new();
        scene.sim.intercept(move |request, _| {
            (request.path == "/connect/token").then(|| Answer::json(400, body))
        });
        let run = scene.read(&expired(&scene), &["currencies", "invoices"], None);
        let errors = run.errors();
        assert_eq!(
            (errors.len(), scene.token_calls()),
            (1, 1),
            "{body}: {errors:?}"
        );
        assert_eq!(errors[0].0, "config_error");
        assert!(errors[0].2.contains(words), "{body}: {}", errors[0].2);
    }
}

#[test]
fn a_config_in_both_forms_is_read_with_a_warning() {
    let scene = Scene::new();
    let mut config = scene.nested(scene.web_credentials());
    config["access_token"] = json!("an-0ld-flat-token");
    let run = scene.check(&config);
    assert_eq!(run.checked("SUCCEEDED"), "");
    assert!(
        run.logs("WARN")[0].contains("uses those under \"credentials\""),
        "{:?}",
        run.logs("WARN")
    );
}

#[test]
fn corrections_of_a_config_are_not_written_back() {
    let scene = Scene::new();
    let mut config = expired(&scene);
    config["tenant_id"] = json!("");
    config["credentials"] = json!({});
    config["start_date"] = json!(" 2020-01-01 ");
    let run = scene.read(&config, &["currencies"], None);
    let written = run.configs()[0];
    assert_eq!(written["start_date"], "2020-01-01");
    assert!(written.get("tenant_id").is_none() && written.get("credentials").is_none());
}

#[test]
fn a_token_that_xero_does_not_know_is_exchanged_once_and_not_for_each_stream() {
    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        let reading =
            request.path.starts_with("/api.xro") && !request.path.ends_with("/Currencies");
        reading.then(|| Answer::unauthorized("AuthenticationUnsuccessful"))
    });
    let streams = [
        "accounts", "contacts", "invoices", "items", "journals", "payments",
    ];
    let run = scene.read(&scene.flat(), &streams, None);
    assert_eq!(
        (run.errors().len(), scene.token_calls()),
        (6, 1),
        "{:?}",
        run.errors()
    );
}
