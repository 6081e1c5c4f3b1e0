//! `status`, `tenants` and `logout`.

use serde_json::{Value, json};
use xero_sim::{App, Failure};

use crate::support::browser;
use crate::support::connector::started_by;
use crate::support::login_scene::{Ended, LoginScene, SECRET};

/// A scene after a login that connected the first two organisations, and reads both.
fn logged_in(scene: LoginScene, flags: &[&str]) -> LoginScene {
    scene
        .sim
        .world(|world| world.connect(&scene.app, &scene.tenants[1]));
    let mut command = scene.command(&[flags, &["--tenant", "all"]].concat());
    if scene.app.as_str().starts_with("WEB") {
        command.env("XERO_CLIENT_SECRET", SECRET);
    }
    let (waiting, address) = scene.wait_for_address(command);
    browser::open(&browser::allow(&address, &scene.tenants[0]));
    waiting.end().ok();
    scene
}

fn json_of(scene: &LoginScene, verb: &str) -> Value {
    let ended = scene.run(&[verb, "--json"]).ok();
    scene.assert_no_secret(&ended);
    serde_json::from_str(&ended.stdout).expect("stdout is JSON")
}

#[test]
fn the_status_names_the_user_the_scopes_and_what_each_closed_stream_needs() {
    let scene = logged_in(LoginScene::pkce(), &["--streams", "contacts,invoices"]);
    let ended = scene.run(&["status"]).ok();
    scene.assert_no_secret(&ended);
    let text = &ended.stdout;
    for words in [
        "User:     Aroha Ngata <hello@example.com>\n",
        "App:      PKCE0123456789 (PKCE app)\n",
        ", then renewed\n",
        "accounting.contacts.read",
        "journals, journals_cash, ",
        "the scope accounting.journals.read and an app on Xero's Advanced tier",
        "Demo Company (NZ)",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        text.lines().count() < 48,
        "closed streams are grouped: {text}"
    );

    let status = json_of(&scene, "status");
    assert_eq!(
        (&status["user"], &status["is_renewed"]),
        (&json!("Aroha Ngata"), &json!(true))
    );
    let readable = status["readable_streams"].as_array().expect("names");
    assert!(readable.contains(&json!("contacts")) && !readable.contains(&json!("payments")));
    let closed = status["closed_streams"].as_array().expect("groups");
    let payments = closed
        .iter()
        .find(|it| it["scope"] == "accounting.payments.read");
    let streams = &payments.expect("the scope is missing")["streams"];
    assert!(
        streams
            .as_array()
            .is_some_and(|it| it.contains(&json!("payments")))
    );
    let organisations = status["organisations"].as_array().expect("organisations");
    let calls: Vec<_> = organisations
        .iter()
        .map(|it| it["calls_left_today"].as_u64())
        .collect();
    assert_eq!(calls.len(), 2);
    assert!(
        calls.iter().all(|it| it.is_some_and(|calls| calls > 4_000)),
        "{calls:?}"
    );
}

#[test]
fn the_status_renews_the_token_in_the_file() {
    let scene = logged_in(LoginScene::web(), &[]);
    let mut config = scene.config();
    config["credentials"]["access_token"] = Value::Null;
    std::fs::write(scene.config_path(), config.to_string()).expect("the config is writable");
    let status = json_of(&scene, "status");
    assert_eq!(status["app"], "web app");
    assert!(status["access_token_expires"].is_string());
    let after = scene.config();
    assert!(after["credentials"]["access_token"].is_string());
    assert_ne!(
        after["credentials"]["refresh_token"],
        config["credentials"]["refresh_token"]
    );
}

#[test]
fn a_pasted_access_token_has_a_status_and_is_not_renewed() {
    let scene = logged_in(LoginScene::pkce(), &["--streams", "contacts"]);
    let mut config = scene.config();
    config["credentials"] = json!({
        "auth_type": "oauth2_access_token",
        "access_token": config["credentials"]["access_token"],
    });
    std::fs::write(scene.config_path(), config.to_string()).expect("the config is writable");
    let status = json_of(&scene, "status");
    assert_eq!(
        (&status["app"], &status["is_renewed"]),
        (&json!("access token"), &json!(false))
    );
    assert!(status["access_token_expires"].is_string());
}

#[test]
fn a_status_without_a_valid_login_says_why() {
    let scene = logged_in(LoginScene::pkce(), &[]);
    scene.sim.world(|world| {
        for tenant in &scene.tenants[..2] {
            world.disconnect(&scene.app, tenant);
        }
    });
    scene
        .run(&["status"])
        .failed("The login opens no organisation of the config.");
    let mut config = scene.config();
    config["credentials"]["access_token"] = Value::Null;
    config["credentials"]["refresh_token"] = "revoked-refresh-token".into();
    std::fs::write(scene.config_path(), config.to_string()).expect("the config is writable");
    for verb in ["status", "tenants"] {
        scene
            .run(&[verb])
            .failed("Xero no longer accepts the refresh token (invalid_grant).");
    }
}

#[test]
fn every_tenant_is_listed_with_whether_it_can_be_read_or_why_not() {
    let scene = logged_in(LoginScene::pkce(), &[]);
    scene.sim.world(|world| {
        let practice = world.add_other_tenant("PRACTICE", "Books & Co");
        world.connect(&scene.app, &practice);
        world.fail(&scene.tenants[1], Failure::Forbidden);
    });
    let mut config = scene.config();
    let absent = "5e7f1e2a-0000-4000-8000-000000000000";
    config["tenant_ids"] = json!([scene.tenants[0].as_str(), absent]);
    std::fs::write(scene.config_path(), config.to_string()).expect("the config is writable");

    let tenants = json_of(&scene, "tenants");
    let mut shown: Vec<_> = tenants
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| {
            let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
            let flags = (it["in_config"] == true, it["readable"] == true);
            (text("name"), text("type"), flags, text("reason"))
        })
        .collect();
    shown.iter_mut().for_each(|it| it.3.truncate(21));
    shown.sort();
    let expected = [
        ("", "", (true, false), "Not connected. Connec"),
        (
            "Books & Co",
            "PRACTICE",
            (false, false),
            "Not an organisation.",
        ),
        (
            "Brown & <b>Sons</b>",
            "ORGANISATION",
            (false, false),
            "Xero forbids reading ",
        ),
        ("Demo Company (NZ)", "ORGANISATION", (true, true), ""),
    ];
    let expected = expected.map(|it| (it.0.into(), it.1.into(), it.2, it.3.into()));
    assert_eq!(shown, expected);
    let ended = scene.run(&["tenants"]).ok();
    assert!(ended.stdout.starts_with("name "), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 5);
    assert!(ended.stdout.contains(absent), "{}", ended.stdout);
    let status = scene.run(&["status"]).ok().stdout;
    let gone = status.lines().find(|line| line.starts_with(absent));
    let help = "Connect it again with xero-source login --force, or remove it from tenant_ids.";
    assert!(gone.is_some_and(|it| it.ends_with(help)), "{status}");
}

#[test]
fn a_logout_revokes_and_leaves_the_config_without_tokens() {
    for scene in [LoginScene::pkce(), LoginScene::web()] {
        let scene = logged_in(scene, &[]);
        let before = scene.config();
        scene
            .run(&["logout"])
            .failed("The logout needs a confirmation");
        assert_eq!(scene.config(), before);
        let ended = scene.run(&["logout", "--yes"]).ok();
        scene.assert_no_secret(&ended);
        assert!(
            ended
                .stderr
                .contains("disconnects the app from all organisations")
        );
        let requests = scene.sim.requests();
        let last = requests.last().expect("there are requests");
        assert_eq!(
            (last.path.as_str(), last.field("token")),
            (
                "/connect/revocation",
                before["credentials"]["refresh_token"].as_str()
            )
        );
        let credentials = &scene.config()["credentials"];
        for key in [
            "access_token",
            "refresh_token",
            "id_token",
            "token_expiry_date",
        ] {
            assert!(credentials.get(key).is_none(), "{key}");
        }
        assert_eq!(credentials["client_id"], scene.app.as_str());
        assert_eq!(scene.config()["start_date"], before["start_date"]);
        scene
            .run(&["status"])
            .failed("credentials.refresh_token is missing. This config has no login: run `xero-source login --force --config FILE`.");
        let sent = scene.sim.requests().len();
        let again = scene.run(&["logout"]).ok();
        assert_eq!(again.stderr, "This config is logged out already.\n");
        assert_eq!(scene.sim.requests().len(), sent);
    }
}

#[test]
fn a_logout_revokes_nothing_if_the_config_cannot_be_rewritten() {
    let scene = logged_in(LoginScene::pkce(), &[]);
    let (before, sent) = (scene.config(), scene.sim.requests().len());
    // No file may have any bytes, also for root. Stderr is a pipe.
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    let arguments = ["logout", "--yes", "--config", &scene.config_path()];
    Ended::of(&mut started_by(&["sh", "-c", limited], &arguments))
        .failed("cannot be rewritten, so nothing was revoked: File too large");
    assert_eq!((scene.config(), scene.sim.requests().len()), (before, sent));
}

#[test]
fn a_logout_that_cannot_remove_the_tokens_says_that_they_are_revoked() {
    let scene = logged_in(LoginScene::pkce(), &[]);
    let path = scene.path("config.json");
    scene.sim.intercept(move |request, _| {
        if request.path == "/connect/revocation" {
            // No file can take the place of a directory.
            std::fs::remove_file(&path).expect("the config is there");
            std::fs::create_dir(&path).expect("the folder is writable");
        }
        None
    });
    let ended = scene.run(&["logout", "--yes"]);
    let ended = ended.failed("Xero has revoked the login, but the tokens could not be removed");
    let why = "it is no regular file";
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
}

#[test]
fn a_logout_that_keeps_the_connections_sends_nothing() {
    let scene = logged_in(LoginScene::pkce(), &[]);
    let sent = scene.sim.requests().len();
    scene.run(&["logout", "--keep-connections"]).ok();
    assert_eq!(scene.sim.requests().len(), sent);
    assert!(scene.config()["credentials"].get("refresh_token").is_none());
}

#[test]
fn a_logout_that_xero_refuses_keeps_the_tokens() {
    let scene = logged_in(LoginScene::web(), &[]);
    let mut config = scene.config();
    config["credentials"]["client_secret"] = "wr0ng-secret".into();
    std::fs::write(scene.config_path(), config.to_string()).expect("the config is writable");
    scene
        .run(&["logout", "--yes"])
        .failed("does not know this client_id and client_secret");
    assert_eq!(scene.config(), config);
}

#[test]
fn a_custom_connection_has_a_status_and_nothing_to_revoke() {
    let scene = LoginScene::pkce();
    let custom = App::custom_connection("CUSTOM", SECRET, &scene.tenants[1]);
    scene.sim.world(|world| world.add_app(custom));
    let mut command = scene.command(&["--app", "custom", "--client-id", "CUSTOM"]);
    let output = command.env("XERO_CLIENT_SECRET", SECRET).output();
    assert!(output.expect("the binary starts").status.success());
    let status = json_of(&scene, "status");
    assert_eq!(
        (&status["app"], &status["user"]),
        (&json!("Custom Connection"), &Value::Null)
    );
    let ended = scene.run(&["logout"]).ok();
    assert!(
        ended.stderr.contains("There is nothing to revoke"),
        "{}",
        ended.stderr
    );
}
