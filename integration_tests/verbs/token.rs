//! `token`: hands out access tokens, and renews them once for all.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};
use xero_sim::App;

use crate::support::connector::{TextRun, command, text};
use crate::support::scene::{SCOPES, Scene};

/// Runs `token` on a config file.
fn token(path: &str, flags: &[&str]) -> TextRun {
    let run = text(&[&["token", "--config", path], flags].concat());
    assert_no_secret(&run.stderr, &parsed(path));
    run
}

fn parsed(path: &str) -> Value {
    let text = std::fs::read(path).expect("the config is there");
    serde_json::from_slice(&text).expect("the config is JSON")
}

fn assert_no_secret(log: &str, config: &Value) {
    for object in [config, &config["credentials"]] {
        for key in ["access_token", "refresh_token", "client_secret", "id_token"] {
            let secret = object[key].as_str().unwrap_or("no secret");
            assert!(!log.contains(secret), "{key} shows: {log}");
        }
    }
}

/// A scene whose access token has this many minutes left.
fn with_minutes_left(minutes: u64) -> Scene {
    let mut scene = Scene::new();
    let ago = Duration::from_secs(60 * (30 - minutes));
    let (app, tenant) = (scene.app.clone(), scene.tenant.clone());
    scene.tokens = scene.sim.world(|world| {
        let ago_ms = i64::try_from(ago.as_millis()).expect("less than an hour");
        world.fix_clock(Utc::now().timestamp_millis() - ago_ms);
        let tokens = world.consent(&app, &[tenant], SCOPES);
        world.advance(ago);
        tokens
    });
    scene
}

#[test]
fn a_config_for_a_worker_has_the_settings_and_the_access_token_and_no_other_credential() {
    let scene = Scene::new();
    let nested = scene.nested(scene.web_credentials());
    for mut config in [scene.flat(), nested] {
        config["lookback_seconds"] = json!(60);
        config["my_password"] = json!("hunter22");
        let path = scene.file("config.json", &config);
        let run = token(&path, &[]);
        assert_eq!(run.code, Some(0), "{run:#?}");
        let worker = run.answer();
        let expected = json!({
            "start_date": config["start_date"],
            "tenant_id": config["tenant_id"],
            "lookback_seconds": 60,
            "api_url": config["api_url"],
            "identity_url": config["identity_url"],
            "credentials": {
                "auth_type": "oauth2_access_token",
                "access_token": scene.tokens.access_token,
            },
        });
        assert_eq!(worker, expected);
        assert_eq!((scene.token_calls(), parsed(&path)), (0, config));
        let read = scene.read(&worker, &["currencies"], None);
        assert_eq!(read.code, Some(0), "{:?}", read.errors());
    }
}

#[test]
fn a_token_with_too_little_time_left_is_renewed_and_stored_first() {
    let scene = with_minutes_left(15);
    let before = scene.flat();
    let path = scene.file("config.json", &before);
    let kept = token(&path, &["--min-life", "14m"]).answer();
    let access_token = |config: &Value| config["credentials"]["access_token"].clone();
    assert_eq!(
        (access_token(&kept), scene.token_calls()),
        (before["access_token"].clone(), 0)
    );

    let renewed = token(&path, &[]).answer();
    let after = parsed(&path);
    assert_eq!(
        (access_token(&renewed), scene.token_calls()),
        (after["access_token"].clone(), 1)
    );
    assert_ne!(after["access_token"], before["access_token"]);
    assert_ne!(after["refresh_token"], before["refresh_token"]);
    assert_eq!(scene.read(&renewed, &["currencies"], None).code, Some(0));

    let again = token(&path, &["--min-life", "29m"]).answer();
    assert_eq!((again, scene.token_calls()), (renewed, 1));
}

#[test]
fn commands_at_the_same_time_renew_once_and_print_the_same_token() {
    let scene = with_minutes_left(15);
    scene.delay_token_answers();
    let path = scene.file("config.json", &scene.flat());
    let children: Vec<_> = (0..4)
        .map(|_| {
            command(&["token", "--config", &path])
                .spawn()
                .expect("the binary starts")
        })
        .collect();
    let mut printed = BTreeSet::new();
    for child in children {
        let output = child.wait_with_output().expect("the binary was started");
        assert!(output.status.success(), "{output:?}");
        printed.insert(String::from_utf8(output.stdout).expect("stdout is UTF-8"));
    }
    assert_eq!((printed.len(), scene.token_calls()), (1, 1), "{printed:?}");
    let worker: Value = serde_json::from_str(printed.first().expect("one")).expect("JSON");
    assert_eq!(
        worker["credentials"]["access_token"],
        parsed(&path)["access_token"]
    );
}

#[test]
fn a_custom_connection_hands_out_tokens_too() {
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
        "client_secret": "cust0m-s3cret!", "scopes": "accounting.settings.read"});
    let path = scene.file("config.json", &scene.nested(credentials));
    let first = token(&path, &[]).answer();
    assert_eq!(token(&path, &[]).answer(), first);
    assert_eq!(scene.token_calls(), 1);
    let keys = first["credentials"]
        .as_object()
        .expect("credentials")
        .keys();
    assert_eq!(keys.collect::<Vec<_>>(), ["access_token", "auth_type"]);
    assert_eq!(scene.read(&first, &["currencies"], None).code, Some(0));
}

#[test]
fn an_access_token_alone_is_printed_while_it_has_enough_time_left() {
    let scene = with_minutes_left(15);
    let credentials =
        json!({"auth_type": "oauth2_access_token", "access_token": scene.tokens.access_token});
    let config = scene.nested(credentials);
    let path = scene.file("config.json", &config);
    assert_eq!(token(&path, &["--min-life", "840s"]).answer(), config);
    let refused = token(&path, &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(78), ""));
    let words = "seconds left, less than --min-life, and nothing can renew it. Put a new access_token into the config";
    assert!(refused.stderr.contains(words), "{refused:#?}");

    let mut opaque = config;
    opaque["credentials"]["access_token"] = json!("an-0paque-token");
    let path = scene.file("config.json", &opaque);
    let run = token(&path, &[]);
    assert_eq!(run.answer(), opaque);
    assert!(
        run.stderr.contains("does not say when it expires"),
        "{run:#?}"
    );
}

#[test]
fn a_refused_renewal_prints_no_token_and_a_code_that_ends_retries() {
    let scene = with_minutes_left(15);
    let mut config = scene.flat();
    config["refresh_token"] = json!("a-spent-refresh-token");
    let path = scene.file("config.json", &config);
    let run = token(&path, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(78), ""));
    assert!(
        run.stderr.contains("no longer accepts the refresh token"),
        "{run:#?}"
    );

    scene.sim.intercept(|request, _| {
        (request.path == "/connect/token").then(|| xero_sim::Answer::json(503, "{}"))
    });
    assert_eq!(token(&path, &[]).code, Some(1), "an outage may end");
}
