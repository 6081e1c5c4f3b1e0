//! The login in two steps for scripts and containers: `login --json`.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use xero_sim::App;

use crate::support::browser;
use crate::support::login_scene::{Ended, LoginScene, SECRET};

fn parsed(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).expect("stdout is JSON")
}

/// The first call: returns what it prints.
fn begin(scene: &LoginScene, flags: &[&str]) -> Value {
    let ended = Ended::of(&mut scene.command(&[&["--json"], flags].concat())).ok();
    assert_eq!(ended.stderr, "");
    parsed(&ended)
}

/// The second call with an address.
fn complete(scene: &LoginScene, address: &str) -> Ended {
    let mut command = scene.command(&["--json", "--complete", address]);
    Ended::of(command.env("XERO_CLIENT_SECRET", SECRET))
}

#[test]
fn two_calls_log_in_and_ask_nothing() {
    let scene = LoginScene::web();
    let begun = begin(
        &scene,
        &["--streams", "contacts", "--start-date", "2022-02-02"],
    );
    assert!(!scene.has_config());
    let scopes =
        "openid profile email offline_access accounting.settings.read accounting.contacts.read";
    let scopes: Vec<_> = scopes.split(' ').collect();
    assert_eq!(begun["scopes"], json!(scopes));
    let next = begun["next_step"].as_str().expect("a text");
    assert!(
        next.contains("--complete")
            && next.contains("XERO_CLIENT_SECRET")
            && next.contains(&scene.config_path()),
        "{next}"
    );
    let pending = begun["pending_file"].as_str().expect("a path");
    let mode = std::fs::metadata(pending)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let address = begun["authorize_url"].as_str().expect("an address");
    let back = browser::allow(address, &scene.tenants[0]);
    let other = back.replace("state=", "state=x");
    complete(&scene, &other).failed("This address belongs to another login");
    let (short, _) = back.split_once("&state=").expect("a state");
    complete(&scene, short).failed("This address is cut short");
    complete(&scene, "http://localhost/").failed("This address has no answer of Xero");
    let ended = complete(&scene, &back).ok();
    scene.assert_no_secret(&ended);
    let id = scene.tenants[0].as_str();
    let answer = parsed(&ended);
    assert_eq!(
        answer["organisations"],
        json!([{"tenant_id": id, "name": "Demo Company (NZ)", "readable": true, "reason": null}])
    );
    assert_eq!(answer["start_date"], "2022-02-02");
    let config = scene.config();
    assert_eq!(
        (&config["start_date"], &config["tenant_ids"]),
        (&json!("2022-02-02"), &json!([id]))
    );
    assert!(!std::path::Path::new(pending).exists());
    complete(&scene, &back).failed("There is no pending login");
}

#[test]
fn the_first_call_refuses_what_the_second_one_could_not_do() {
    let scene = LoginScene::pkce();
    std::fs::write(scene.config_path(), "{}").expect("the folder is writable");
    let refused = Ended::of(&mut scene.command(&["--json"]));
    assert_eq!(refused.failed("exists. Log in with --force").stdout, "");
    begin(&scene, &["--force", "--tenant", "all"]);
}

#[test]
fn a_denied_or_expired_answer_leaves_the_login_pending() {
    let scene = LoginScene::pkce();
    let begun = begin(&scene, &["--tenant", "all"]);
    let address = begun["authorize_url"].as_str().expect("an address");
    let denied = complete(&scene, &browser::cancel(address));
    denied.failed("The access was not allowed on Xero's page (access_denied).");
    let late = browser::allow(address, &scene.tenants[0]);
    scene
        .sim
        .world(|world| world.advance(std::time::Duration::from_secs(300)));
    let mut command = scene.command(&["--json", "--complete", &late]);
    Ended::of(&mut command).failed("(invalid_grant)");
    let back = browser::allow(address, &scene.tenants[0]);
    let mut command = scene.command(&["--json", "--complete", &back]);
    Ended::of(&mut command).ok();
    assert_eq!(scene.config().get("tenant_ids"), None, "all of them");
}

#[test]
fn a_custom_connection_answers_in_one_call() {
    let scene = LoginScene::pkce();
    let tenant = scene.tenants[1].clone();
    let custom = App::custom_connection("CUSTOM", SECRET, &tenant);
    scene.sim.world(|world| world.add_app(custom));
    let secret = scene.path("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).expect("the folder is writable");
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).expect("it is ours");
    let secret = secret.to_string_lossy();
    let flags = [
        "--json",
        "--app",
        "custom",
        "--client-id",
        "CUSTOM",
        "--client-secret-file",
        &secret,
    ];
    let ended = Ended::of(&mut scene.command(&flags)).ok();
    scene.assert_no_secret(&ended);
    assert_eq!(ended.stderr, "");
    assert_eq!(
        parsed(&ended)["organisations"][0]["tenant_id"],
        tenant.as_str()
    );
}
