//! The questions of `login` and `logout` at a terminal.

use serde_json::json;
use xero_sim::App;

use crate::support::browser;
use crate::support::connector::command;
use crate::support::login_scene::{LoginScene, NAMES, SECRET};
use crate::support::terminal::Terminal;

/// Reads the address that the terminal shows.
fn address(terminal: &mut Terminal) -> String {
    terminal.until("Open this address and allow the access:\n\n");
    terminal.until("\n").trim().to_owned()
}

/// `login` with nothing but what a test needs.
fn login(scene: &LoginScene) -> Terminal {
    let (config, url, port) = (scene.config_path(), scene.sim.url(), scene.port.to_string());
    let flags = [
        "login",
        "--config",
        &config,
        "--port",
        &port,
        "--api-url",
        &url,
    ];
    let flags = [&flags[..], &["--identity-url", &url]].concat();
    Terminal::start(&mut command(&flags))
}

#[test]
fn a_person_is_asked_for_the_app_and_connects_two_organisations() {
    let scene = LoginScene::web();
    let mut terminal = login(&scene);
    let introduction = terminal.until("Client ID: ");
    let redirect = format!("http://localhost:{}/callback", scene.port);
    assert!(introduction.contains(&redirect), "{introduction}");
    terminal.type_line(scene.app.as_str());
    terminal.until("Client secret (press Enter if the app has none): ");
    terminal.type_line(SECRET);
    let before = terminal.until("allow the access:");
    assert!(before.contains("accounting.invoices.read"), "{before}");
    assert!(before.contains("payment_services"), "left out: {before}");
    terminal.until("\n\n");
    let first = terminal.until("\n");
    browser::open(&browser::allow(first.trim(), &scene.tenants[1]));
    let table = terminal.until("[y/N]: ");
    assert!(table.contains(NAMES[1]) && table.contains("new"), "{table}");
    terminal.type_line("y");
    let second = address(&mut terminal);
    assert_ne!(second, first.trim(), "each consent has its own state");
    browser::open(&browser::allow(&second, &scene.tenants[2]));
    let table = terminal.until("[y/N]: ");
    assert_eq!(table.matches("new\n").count(), 2, "{table}");
    terminal.type_line("");
    terminal.until("Numbers, names, or all [all]: ");
    terminal.type_line("5");
    terminal.until("Type numbers from 1 to 2");
    terminal.until("[all]: ");
    terminal.type_line("2");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains(SECRET), "the secret shows: {shown}");
    assert!(shown.contains("Harbour Cafe can be read."), "{shown}");
    assert_eq!(
        scene.config()["tenant_ids"],
        json!([scene.tenants[2].as_str()])
    );
}

#[test]
fn enter_is_enough_for_an_app_without_a_secret_and_one_organisation() {
    let scene = LoginScene::new(App::pkce("DESKTOP"));
    let mut terminal = login(&scene);
    terminal.until("Client ID: ");
    terminal.type_line("DESKTOP");
    terminal.until("if the app has none): ");
    terminal.type_line("");
    // At a terminal, a pasted address works without a flag.
    let address = address(&mut terminal);
    terminal.type_line(&browser::allow(&address, &scene.tenants[0]));
    terminal.until("[y/N]: ");
    terminal.type_line("");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(
        scene.config()["tenant_ids"],
        json!([scene.tenants[0].as_str()])
    );
}

#[test]
fn a_logout_asks_before_it_disconnects_organisations() {
    let scene = LoginScene::pkce();
    let (waiting, address) = scene.start(&[]);
    browser::open(&browser::allow(&address, &scene.tenants[0]));
    waiting.end().ok();
    let before = scene.config();
    let config = scene.config_path();
    for (answer, code) in [("", 1), ("y", 0)] {
        let mut terminal = Terminal::start(&mut command(&["logout", "--config", &config]));
        terminal.until("[y/N]: ");
        assert_eq!(scene.config(), before);
        terminal.type_line(answer);
        let (ended, shown) = terminal.end();
        assert_eq!(ended, Some(code), "{shown}");
    }
    assert!(scene.config()["credentials"].get("refresh_token").is_none());
}

#[test]
fn the_terminal_shows_what_is_typed_again_after_ctrl_c_at_the_secret() {
    let scene = LoginScene::web();
    let mut terminal = login(&scene);
    terminal.until("Client ID: ");
    assert!(terminal.shows_input());
    terminal.type_line(scene.app.as_str());
    terminal.until("if the app has none): ");
    assert!(!terminal.shows_input());
    // A shell that continues the program would show what is typed.
    assert!(!terminal.can_be_suspended());
    terminal.interrupt();
    let (code, shown) = terminal.end();
    assert_eq!(code, None, "{shown}");
    assert!(terminal.shows_input());
    assert!(terminal.can_be_suspended());
}

#[test]
fn a_secret_leaves_the_terminal_as_it_was() {
    let scene = LoginScene::web();
    let mut terminal = login(&scene);
    terminal.until("Client ID: ");
    assert!(terminal.can_be_suspended());
    terminal.type_line(scene.app.as_str());
    terminal.until("if the app has none): ");
    terminal.type_line(SECRET);
    address(&mut terminal);
    assert!(terminal.shows_input() && terminal.can_be_suspended());
    terminal.interrupt();
    terminal.end();
}

#[test]
fn the_client_id_is_asked_for_until_it_is_typed_or_the_input_ends() {
    let scene = LoginScene::web();
    let mut terminal = login(&scene);
    for _ in 0..2 {
        terminal.until("Client ID: ");
        terminal.type_line("");
    }
    terminal.until("Client ID: ");
    terminal.type_end();
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(1), "{shown}");
    let end = shown.rsplit("Client ID: ").next().unwrap_or_default();
    assert!(end.starts_with('\n'), "{shown}");
    assert!(end.contains("There is no client ID."), "{shown}");
}
