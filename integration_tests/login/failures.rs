//! Everything that can go wrong in a login, and what the user reads about it.

use std::net::TcpListener;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use xero_sim::{Answer, App, Failure};

use crate::support::browser;
use crate::support::login_scene::{Ended, LoginScene, SECRET, free_port};

/// Words of the list of what Xero shows only in the browser.
const SILENT: [&str; 5] = [
    "invalid_scope",
    "Invalid redirect_uri",
    "connection limit",
    "two uncertified apps",
    "--no-browser",
];

#[test]
fn a_denied_consent_ends_the_login_with_a_sentence_in_both_places() {
    let scene = LoginScene::pkce();
    let (waiting, address) = scene.start(&[]);
    let page = browser::open(&browser::cancel(&address));
    assert_eq!(page.status, 400);
    assert!(
        page.html.contains("The access was not allowed"),
        "{}",
        page.html
    );
    waiting
        .end()
        .failed("The access was not allowed on Xero's page (access_denied).");
    assert!(!scene.has_config());
}

#[test]
fn requests_that_do_not_belong_to_the_login_do_not_end_it() {
    let scene = LoginScene::pkce();
    let (waiting, address) = scene.start(&[]);
    let local = |path: &str| format!("http://localhost:{}{path}", scene.port);
    for (method, path, status, words) in [
        (
            "GET",
            "/callback?code=stolen&state=wrong",
            400,
            "belongs to another login",
        ),
        ("GET", "/callback?code=stolen", 400, "is cut short"),
        (
            "GET",
            "/callback?error=access_denied",
            400,
            "belongs to another login",
        ),
        ("GET", "/callback", 400, "has no answer of Xero"),
        (
            "GET",
            "/favicon.ico",
            404,
            "sends your browser to another address",
        ),
        ("GET", "/", 404, "sends your browser to another address"),
        (
            "POST",
            "/callback?code=stolen&state=wrong",
            405,
            "sends your browser to another address",
        ),
    ] {
        let page = browser::request(&local(path), method, "");
        assert_eq!(page.status, status, "{path}");
        assert!(page.html.contains(words), "{path}: {}", page.html);
        assert_eq!(page.header("Cache-Control"), Some("no-store"));
        let policy = page.header("Content-Security-Policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"));
        assert_eq!(page.header("Referrer-Policy"), Some("no-referrer"));
        assert!(!page.html.contains("stolen"), "{}", page.html);
    }
    assert_eq!(
        browser::open(&browser::allow(&address, &scene.tenants[0])).status,
        200
    );
    waiting.end().ok();
}

#[test]
fn a_code_that_expired_or_an_app_that_is_unknown_is_explained_in_both_places() {
    let minutes = std::time::Duration::from_secs(5 * 60);
    for (secret, advance, words) in [
        (
            SECRET,
            minutes,
            "does not accept the code of this consent (invalid_grant)",
        ),
        (
            "wr0ng-secret",
            std::time::Duration::ZERO,
            "does not know this client_id and client_secret (invalid_client)",
        ),
        (
            "",
            std::time::Duration::ZERO,
            "does not accept this client_id without a client_secret (invalid_client)",
        ),
    ] {
        let scene = LoginScene::web();
        let mut command = scene.command(&[]);
        command.env("XERO_CLIENT_SECRET", secret);
        let (waiting, address) = scene.wait_for_address(command);
        let back = browser::allow(&address, &scene.tenants[0]);
        scene.sim.world(|world| world.advance(advance));
        let page = browser::open(&back);
        assert_eq!(page.status, 400);
        assert!(page.html.contains(words), "{}", page.html);
        let ended = waiting.end().failed(words);
        scene.assert_no_secret(&ended);
        assert!(!scene.has_config());
    }
}

#[test]
fn a_busy_port_is_named_with_the_address_to_register() {
    let scene = LoginScene::pkce();
    for address in ["127.0.0.1", "::1"] {
        let port = free_port();
        let Ok(_busy) = TcpListener::bind((address, port)) else {
            assert_eq!(address, "::1", "IPv4 is everywhere");
            continue;
        };
        let (port, next) = (port.to_string(), port + 1);
        let ended = Ended::of(&mut scene.command(&["--port", &port]));
        let ended = ended.failed(&format!("Another program uses port {port}"));
        let advice = format!("add the redirect URI http://localhost:{next}/callback");
        assert!(ended.stderr.contains(&advice), "{}", ended.stderr);
    }
}

#[test]
fn what_xero_shows_only_in_the_browser_is_listed_when_no_answer_comes() {
    let limit = |app: App| app.connection_limit(0);
    for (app, flags, page) in [
        (
            App::pkce("A"),
            &["--scopes", "accounting.nothing.read"][..],
            "invalid_scope",
        ),
        (App::pkce("B"), &["--port", "20999"], "Invalid redirect_uri"),
        (limit(App::pkce("C")), &[], ""),
    ] {
        let scene = LoginScene::new(app);
        let (waiting, address) = scene.start(&[flags, &["--timeout", "1"]].concat());
        let shown = browser::open(&address);
        match page {
            "" => assert_eq!(browser::log_in(&address).location(), "/connectionLimit"),
            text => assert!(shown.html.contains(text), "{}", shown.html),
        }
        let ended = waiting
            .end()
            .failed("Xero sent no answer within 1 seconds.");
        for words in SILENT {
            assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
        }
        assert!(!scene.has_config());
    }
}

#[test]
fn a_signal_lists_it_too_and_ends_the_process() {
    for signal in [Signal::INT, Signal::TERM] {
        let scene = LoginScene::pkce();
        let (mut waiting, _) = scene.start(&[]);
        waiting.line_with("Waiting for a browser on this machine.");
        let id = i32::try_from(waiting.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a process id"), signal).expect("it runs");
        let ended = waiting.end();
        assert_eq!(ended.code, None, "the signal ends it");
        for words in SILENT {
            assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
        }
    }
}

#[test]
fn what_is_missing_or_wrong_is_said_before_a_browser_opens() {
    let scene = LoginScene::pkce();
    let folder = scene.path("none/config.json");
    let folder = folder.to_string_lossy();
    for (flags, words) in [
        (&["--client-id", ""][..], "There is no client ID."),
        (&["--app", "web"], "There is no client secret."),
        (&["--app", "custom"], "There is no client secret."),
        (
            &["--client-secret-file", "/nonexistent"],
            "--client-secret-file cannot be read",
        ),
        (
            &["--start-date", "2999-01-01"],
            "start_date \"2999-01-01\" is in the future.",
        ),
        (&["--streams", "invoces"], "Did you mean invoices?"),
        (
            &["--config", &folder],
            "none/config.json cannot be written: No such file or directory (os error 2). Create its folder first.",
        ),
        (
            &["--api-url", "http://example.com"],
            "must begin with https://",
        ),
    ] {
        let ended = Ended::of(&mut scene.command(flags)).failed(words);
        assert!(
            !ended.stderr.contains("connect/authorize"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_config_that_is_empty_or_cut_short_can_be_deleted_or_left_alone() {
    let scene = LoginScene::pkce();
    for text in ["", "{\"credentials\": {"] {
        std::fs::write(scene.config_path(), text).expect("the folder is writable");
        let ended = Ended::of(&mut scene.command(&["--force"]));
        let ended = ended.failed("Delete it, or name another file with --config.");
        assert!(!ended.stderr.contains("CONTROL"), "{}", ended.stderr);
    }
}

#[test]
fn a_config_that_would_be_lost_with_the_container_brings_a_warning() {
    let scene = LoginScene::pkce();
    for (variable, is_warned) in [
        (None, false),
        (
            Some(("AIRBYTE_ENTRYPOINT", "/usr/local/bin/xero-source")),
            true,
        ),
    ] {
        let mut command = scene.command(&["--config", "config.json", "--client-id", ""]);
        command.envs(variable).current_dir(scene.path(""));
        let ended = Ended::of(&mut command).failed("There is no client ID.");
        let warning = "the config is lost with the container";
        assert_eq!(
            ended.stderr.contains(warning),
            is_warned,
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_tenant_that_the_login_does_not_open_is_named_with_those_that_it_opens() {
    let scene = LoginScene::pkce();
    let (waiting, address) = scene.start(&["--tenant", "Harbour Cafe"]);
    browser::open(&browser::allow(&address, &scene.tenants[0]));
    waiting.end().failed(
        "The login opens no organisation called \"Harbour Cafe\". It opens: Demo Company (NZ).",
    );
    // The tokens are there, so the choice needs no other consent. Nothing else is read meanwhile.
    let config = scene.config();
    assert!(config["credentials"]["refresh_token"].is_string());
    assert_eq!(config["tenant_ids"], json!([scene.tenants[0].as_str()]));
}

#[test]
fn an_organisation_that_cannot_be_read_is_explained_and_the_config_is_written() {
    let scene = LoginScene::pkce();
    let (waiting, address) = scene.start(&[]);
    let back = browser::allow(&address, &scene.tenants[0]);
    scene
        .sim
        .world(|world| world.fail(&scene.tenants[0], Failure::Forbidden));
    assert_eq!(browser::open(&back).status, 200);
    waiting
        .end()
        .failed("Xero forbids reading currencies of Demo Company (NZ)");
    assert!(scene.has_config());
}

#[test]
fn an_outage_after_the_exchange_costs_no_other_consent() {
    let scene = LoginScene::pkce();
    let (waiting, address) = scene.start(&[]);
    let back = browser::allow(&address, &scene.tenants[0]);
    scene
        .sim
        .intercept(|request, _| (request.path == "/connections").then(Answer::unavailable));
    let page = browser::open(&back);
    assert!(page.html.contains("Connected, not ready"), "{}", page.html);
    let ended = waiting
        .end()
        .failed("Xero had an outage while asking which organisations");
    assert!(
        ended.stderr.contains("its tokens are saved in"),
        "{}",
        ended.stderr
    );
    assert!(scene.config()["credentials"]["refresh_token"].is_string());
}
