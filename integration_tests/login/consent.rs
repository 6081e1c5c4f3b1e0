//! From nothing to a config that works, with every type of app.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use xero_sim::App;

use crate::support::browser;
use crate::support::connector::{Run, command};
use crate::support::login_scene::{Ended, LoginScene, NAMES, SECRET};
use crate::support::scene::catalog;

/// Logs in and allows the first organisation.
fn log_in(scene: &LoginScene, flags: &[&str]) -> Ended {
    let mut command = scene.command(flags);
    if scene.app.as_str().starts_with("WEB") {
        command.env("XERO_CLIENT_SECRET", SECRET);
    }
    let (waiting, address) = scene.wait_for_address(command);
    let back = browser::allow(&address, &scene.tenants[0]);
    let page = browser::open(&back);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.html.contains("Demo Company (NZ)"), "{}", page.html);
    let ended = waiting.end().ok();
    scene.assert_no_secret(&ended);
    ended
}

fn check(scene: &LoginScene) -> Run {
    let arguments = ["check", "--config", &scene.config_path()];
    Run::of(command(&arguments).output().expect("the binary starts"))
}

#[test]
fn a_login_writes_a_config_that_is_ready_for_a_check() {
    for (scene, secret) in [
        (LoginScene::pkce(), Value::Null),
        (LoginScene::web(), json!(SECRET)),
    ] {
        let ended = log_in(&scene, &[]);
        assert!(
            ended.stderr.contains("accounting.invoices.read"),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("Demo Company (NZ) can be read."),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("xero-source check --config"),
            "{}",
            ended.stderr
        );
        assert_eq!(ended.stdout, "");
        let config = scene.config();
        assert_eq!(config["tenant_ids"], json!([scene.tenants[0].as_str()]));
        assert_eq!(config["credentials"]["client_secret"], secret);
        assert!(config["credentials"]["refresh_token"].is_string());
        let file = std::fs::metadata(scene.config_path()).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        check(&scene).checked("SUCCEEDED");
    }
}

#[test]
fn an_app_without_a_secret_works_from_the_login_to_the_second_sync() {
    let scene = LoginScene::pkce();
    log_in(&scene, &["--streams", "contacts"]);
    check(&scene).checked("SUCCEEDED");
    let catalog = catalog(&["contacts"]);
    let catalog_path = scene.path("catalog.json");
    std::fs::write(&catalog_path, catalog.to_string()).expect("the folder is writable");
    let config_path = scene.config_path();
    let read = |state: Option<&str>| {
        let catalog_path = catalog_path.to_string_lossy();
        let mut arguments = vec!["read", "--config", &config_path, "--catalog", &catalog_path];
        arguments.extend(["--write-config"]);
        arguments.extend(state.iter().flat_map(|state| ["--state", state]));
        Run::of(command(&arguments).output().expect("the binary starts"))
    };
    let first = read(None);
    assert_eq!(first.records("contacts").len(), 3, "{}", first.stdout);
    assert!(first.configs().is_empty(), "the access token still works");
    // The token expires, so that the second sync needs the refresh token.
    let mut config = scene.config();
    config["credentials"]["access_token"] = Value::Null;
    std::fs::write(&config_path, config.to_string()).expect("the config is writable");
    let states = scene.path("state.json");
    std::fs::write(&states, first.last_states().to_string()).expect("the folder is writable");
    let second = read(Some(&states.to_string_lossy()));
    assert_eq!(
        (second.status("contacts"), second.configs().len()),
        ("COMPLETE", 1)
    );
    let requests = scene.sim.requests();
    let token = requests.iter().filter(|it| it.path == "/connect/token");
    let sent: Vec<_> = token
        .map(|it| (it.field("grant_type"), it.authorization.is_some()))
        .collect();
    assert_eq!(
        sent,
        [
            (Some("authorization_code"), false),
            (Some("refresh_token"), false)
        ]
    );
}

#[test]
fn a_custom_connection_needs_no_browser() {
    let scene = LoginScene::pkce();
    let tenant = scene.tenants[1].clone();
    let custom = App::custom_connection("CUSTOM", SECRET, &tenant);
    scene.sim.world(|world| world.add_app(custom));
    let mut command = scene.command(&["--app", "custom", "--client-id", "CUSTOM"]);
    let ended = Ended::of(command.env("XERO_CLIENT_SECRET", SECRET)).ok();
    scene.assert_no_secret(&ended);
    assert!(ended.stderr.contains("29 April 2026"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("Brown & <b>Sons</b> can be read."),
        "{}",
        ended.stderr
    );
    let credentials = &scene.config()["credentials"];
    assert_eq!(credentials["auth_type"], "oauth2_confidential_application");
    check(&scene).checked("SUCCEEDED");
}

#[test]
fn the_organisations_of_this_consent_are_read_unless_flags_name_others() {
    for (flags, expected) in [
        (&[][..], Some(vec![1])),
        (&["--tenant", "all"], None),
        (&["--tenant", "demo company (nz)"], Some(vec![0])),
    ] {
        let scene = LoginScene::pkce();
        scene
            .sim
            .world(|world| world.connect(&scene.app, &scene.tenants[0]));
        let (waiting, address) = scene.start(flags);
        let page = browser::open(&browser::allow(&address, &scene.tenants[1]));
        // Only the new one shows, and its name is no markup.
        assert!(
            page.html
                .contains("<li>Brown &amp; &lt;b&gt;Sons&lt;/b&gt;</li>")
        );
        assert!(!page.html.contains(NAMES[0]), "{}", page.html);
        waiting.end().ok();
        let ids = expected.map(|it| it.iter().map(|at| scene.tenants[*at].as_str()).collect());
        assert_eq!(scene.config().get("tenant_ids").cloned(), ids, "{flags:?}");
    }
}

#[test]
fn a_second_consent_to_the_same_organisation_finds_it_though_it_is_not_new() {
    let scene = LoginScene::pkce();
    log_in(&scene, &[]);
    // Xero keeps the event of the first consent.
    log_in(&scene, &["--force"]);
    assert_eq!(
        scene.config()["tenant_ids"],
        json!([scene.tenants[0].as_str()])
    );
}

#[test]
fn a_new_login_of_a_config_keeps_the_organisations_that_it_reads() {
    let scene = LoginScene::pkce();
    log_in(&scene, &[]);
    // The app is also connected to organisations that this config does not read.
    scene.sim.world(|world| {
        world.connect(&scene.app, &scene.tenants[1]);
        world.connect(&scene.app, &scene.tenants[2]);
    });
    log_in(&scene, &["--force"]);
    let ids = json!([scene.tenants[0].as_str()]);
    assert_eq!(scene.config()["tenant_ids"], ids);
}

#[test]
fn only_the_image_answers_other_addresses_than_those_of_this_machine() {
    for (variable, is_answered) in [
        (None, false),
        (
            Some(("AIRBYTE_ENTRYPOINT", "/usr/local/bin/xero-source")),
            true,
        ),
    ] {
        let scene = LoginScene::pkce();
        let mut command = scene.command(&[]);
        command.envs(variable);
        let (waiting, address) = scene.wait_for_address(command);
        // A published port of a container arrives at the container's own address. 127.0.0.2 stands for
        // it: it is neither 127.0.0.1 nor ::1.
        let other = std::net::TcpStream::connect(("127.0.0.2", scene.port));
        assert_eq!(other.is_ok(), is_answered);
        browser::open(&browser::allow(&address, &scene.tenants[0]));
        waiting.end().ok();
    }
}

#[test]
fn an_existing_config_is_kept_without_force_and_keeps_its_other_keys_with_it() {
    let scene = LoginScene::pkce();
    let old = json!({"start_date": "2019-05-01", "client_id": "OLD", "client_secret": "old-secret",
        "refresh_token": "old-token", "tenant_id": "5e7f1e2a-0000-4000-8000-000000000000",
        "daily_call_reserve": 7, "mine": {"a": 1}});
    std::fs::write(scene.config_path(), old.to_string()).expect("the folder is writable");
    let refused = Ended::of(&mut scene.command(&[])).failed("exists. Log in with --force");
    assert!(
        !refused.stderr.contains("connect/authorize"),
        "{}",
        refused.stderr
    );
    assert_eq!(scene.config(), old);

    log_in(&scene, &["--force"]);
    let mut config = scene.config();
    let credentials = config["credentials"].take();
    assert_eq!(credentials["client_id"], scene.app.as_str());
    assert!(
        credentials.get("client_secret").is_none(),
        "it belongs to another app"
    );
    let url = scene.sim.url();
    assert_eq!(
        config,
        json!({"start_date": "2019-05-01", "daily_call_reserve": 7, "mine": {"a": 1},
            "tenant_ids": [scene.tenants[0].as_str()], "credentials": null,
            "api_url": url, "identity_url": url})
    );
}

#[test]
fn without_a_browser_here_the_address_is_pasted() {
    let scene = LoginScene::pkce();
    // The port need not be free: the browser is elsewhere.
    let _busy = std::net::TcpListener::bind(("127.0.0.1", scene.port)).expect("a free port");
    let (mut waiting, address) = scene.start(&["--no-browser"]);
    waiting.type_line("http://localhost/callback?code=x&state=wrong");
    waiting.line_with("This address belongs to another login");
    waiting.type_line("");
    waiting.type_line("no address");
    waiting.line_with("This address has no answer of Xero");
    waiting.type_line(&browser::allow(&address, &scene.tenants[0]));
    let ended = waiting.end().ok();
    scene.assert_no_secret(&ended);
    check(&scene).checked("SUCCEEDED");
}

#[test]
fn the_browser_of_the_user_opens_the_address() {
    let scene = LoginScene::pkce();
    let (program, opened) = (scene.path("browser"), scene.path("opened"));
    let made = std::process::Command::new("mkfifo").arg(&opened).status();
    assert!(made.expect("there is mkfifo").success());
    let script = format!("#!/bin/sh\nprintf %s \"$1\" > {}\n", opened.display());
    std::fs::write(&program, script).expect("the folder is writable");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).expect("it is ours");
    let mut command = scene.command(&[]);
    command.env("BROWSER", &program);
    let (mut waiting, address) = scene.wait_for_address(command);
    waiting.line_with("A browser opens");
    let seen = std::fs::read_to_string(&opened).expect("the browser was started");
    assert_eq!(seen, address);
    browser::open(&browser::allow(&address, &scene.tenants[0]));
    waiting.end().ok();
}
