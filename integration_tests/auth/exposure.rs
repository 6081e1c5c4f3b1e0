//! Secrets and texts of servers do not reach places where they do harm: addresses, proxies, the command
//! line, core dumps, terminals, and pages.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;

use serde_json::{Value, json};
use xero_sim::Answer;

use crate::support::browser;
use crate::support::connector::{Run, command, read_arguments, text};
use crate::support::login_scene::{LoginScene, SECRET};
use crate::support::scene::{Scene, catalog};

/// A text that clears a terminal, writes a line of its own, and changes the direction of what follows.
const HOSTILE: &str =
    "A\u{1b}[2J\u{9b}31m\r\nerror: forged\u{2028}\u{202e}<script>alert(1)</script>";

#[test]
fn no_address_holds_a_secret() {
    let scene = LoginScene::web();
    let mut login = scene.command(&["--tenant", "all"]);
    login.env("XERO_CLIENT_SECRET", SECRET);
    let (waiting, address) = scene.wait_for_address(login);
    assert!(!address.contains("s3cret"), "{address}");
    browser::open(&browser::allow(&address, &scene.tenants[0]));
    waiting.end().ok();
    let mut config = scene.config();
    let first = config["credentials"].clone();
    // The next verb renews the token.
    config["credentials"]["access_token"] = Value::Null;
    std::fs::write(scene.config_path(), config.to_string()).expect("the config is writable");
    scene.run(&["status"]).ok();
    let second = scene.config()["credentials"].clone();
    scene.run(&["logout", "--yes"]).ok();
    let keys = ["access_token", "client_secret", "id_token", "refresh_token"];
    let secrets = [&first, &second].map(|it| keys.map(|key| it[key].as_str().map(str::to_owned)));
    let secrets: Vec<String> = secrets.into_iter().flatten().flatten().collect();
    assert!(secrets.len() >= 7, "{} secrets", secrets.len());
    let requests = scene.sim.requests();
    assert!(requests.iter().any(|it| it.path == "/connect/revocation"));
    for request in requests {
        let query = request.query.iter().flat_map(|(name, value)| [name, value]);
        for part in query.chain([&request.path]) {
            let has_secret = secrets.iter().any(|secret| part.contains(&**secret));
            assert!(!has_secret, "{} has a secret", request.path);
        }
    }
}

/// The proxy reads what the client sends through the tunnel and answers in place of Xero.
#[test]
fn a_proxy_sees_no_secret_and_cannot_answer_for_xero() {
    let scene = Scene::new();
    let mut config = scene.flat();
    config["api_url"] = json!("https://api.xero.com");
    config["identity_url"] = json!("https://identity.xero.com");
    let config = scene.file("config.json", &config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    let (sent, received) = mpsc::channel();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut seen = vec![0; 16 * 1024];
            // The client hangs up at any time.
            let length = client.read(&mut seen).unwrap_or_default();
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            let more = client.read(&mut seen[length..]).unwrap_or_default();
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]");
            seen.truncate(length + more);
            let _ = sent.send(seen);
        }
    });
    let mut command = command(&["check", "--config", &config]);
    command.env("HTTPS_PROXY", format!("http://{address}"));
    let run = Run::of(command.output().expect("the binary starts"));
    let message = run.checked("FAILED");
    assert!(message.contains("secure connection"), "{message}");
    let seen: Vec<Vec<u8>> = received.try_iter().collect();
    assert!(!seen.is_empty(), "the proxy was asked");
    for seen in seen {
        let seen = String::from_utf8_lossy(&seen).to_lowercase();
        assert!(seen.starts_with("connect api.xero.com:443 "), "{seen}");
        assert!(
            !seen.contains("bearer") && !seen.contains("authorization"),
            "{seen}"
        );
    }
}

/// What a verb takes from the command line besides switches: arguments, and flags with the name of
/// their value, such as `--config <FILE>`.
fn values(verb: &str) -> Vec<String> {
    let help = text(&[verb, "--help"]).stdout;
    let arguments = help.split("\nArguments:\n").nth(1).unwrap_or_default();
    let arguments = arguments.lines().take_while(|line| !line.is_empty());
    let arguments = arguments.filter_map(|line| line.split_whitespace().next());
    let flags = help.split("\nOptions:\n").nth(1).unwrap_or_default();
    let flags = flags.lines().map(str::trim_start);
    let flags = flags.filter_map(|line| Some((&line[line.find("--")?..], line)));
    let flags = flags.filter(|(flag, line)| line.starts_with('-') && flag.contains(" <"));
    let flags = flags.filter_map(|(flag, _)| flag.split_inclusive('>').next());
    arguments.chain(flags).map(str::to_owned).collect()
}

/// A new flag with a value, or a new argument, fails this test. Add it here if it takes no secret.
#[test]
fn no_secret_is_an_argument() {
    const WITHOUT_SECRETS: &[&str] = &[
        "--app <APP>",
        "--calls <FILE>",
        "--catalog <FILE>",
        "--client-id <ID>",
        "--client-secret-file <FILE>",
        // Holds a code, which is of no use without the PKCE verifier.
        "--complete <ADDRESS>",
        "--config <FILE>",
        "--min-life <TIME>",
        "--out <DIR>",
        "--port <PORT>",
        "--previous <FILE>",
        "--progress <WHEN>",
        "--report <FILE>",
        "--scopes <SCOPES>",
        "--shards <N>",
        "--start-date <DATE>",
        "--state <FILE>",
        "--streams <NAMES>",
        "--tenant <NAME|ID|all>",
        "--timeout <SECONDS>",
        "<SHELL>",
        "[VERB]",
    ];
    let mut found = BTreeSet::new();
    for verb in crate::docs::command_line::verbs() {
        found.extend(values(&verb));
    }
    let expected = WITHOUT_SECRETS.iter().map(|&flag| flag.to_owned());
    assert_eq!(found, expected.collect::<BTreeSet<_>>());
}

#[test]
fn a_flag_for_a_secret_is_rejected_and_its_value_is_not_shown() {
    for flag in [
        "--client-secret",
        "--secret",
        "--access-token",
        "--refresh-token",
        "--token",
    ] {
        let ended = text(&["login", flag, SECRET, "--config", "none.json"]);
        assert_ne!(ended.code, Some(0), "{flag}");
        let shown = ended.stdout + &ended.stderr;
        assert!(!shown.contains(SECRET), "{flag}: {shown}");
    }
}

/// A shell's command that allows core dumps as large as it may.
#[cfg(target_os = "linux")]
const ALLOW: &str = "ulimit -c unlimited 2>/dev/null || ulimit -c \"$(ulimit -H -c)\"";

/// The soft and the hard limit for core dumps in a file such as `/proc/self/limits`.
#[cfg(target_os = "linux")]
fn core_limits_in(limits: &str) -> [String; 2] {
    let mut lines = limits.lines();
    let core = lines.find_map(|line| line.strip_prefix("Max core file size"));
    let mut words = core.expect("there is a limit").split_whitespace();
    [(); 2].map(|()| words.next().expect("it is soft and hard").to_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_core_dump() {
    let scene = Scene::new();
    let config = scene.file("config.json", &Value::Null);
    std::fs::remove_file(&config).expect("it was written above");
    let made = Command::new("mkfifo").arg(&config).status();
    assert!(made.expect("there is mkfifo").success());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{ALLOW}; exec \"$0\" check --config \"$1\"")]);
    let shell = shell.args([crate::support::connector::BINARY, &config]);
    let mut child = shell.env_clear().spawn().expect("the binary starts");
    // The connector opens the pipe, so it runs. Opening waits for it.
    let pipe = std::fs::File::options().write(true).open(&config);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id()));
    let limits = core_limits_in(&limits.expect("the process runs"));
    drop(pipe.expect("the other end is open"));
    child.wait().expect("it was started above");
    // The same shell without the connector shows that core dumps are allowed here.
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &format!("{ALLOW}; cat /proc/$$/limits")]);
    let without = shell.output().expect("there is a shell");
    let [soft, hard] = core_limits_in(&String::from_utf8_lossy(&without.stdout));
    assert_ne!(
        soft, "0",
        "this machine forbids core dumps (ulimit -H -c is {hard}), so the test proves nothing: allow them"
    );
    assert_eq!(limits, ["0".to_owned(), hard]);
}

/// Replaces the name of an organisation in all answers, and adds a connection whose texts are all
/// hostile.
fn with_hostile_names(sim: &xero_sim::Sim, name: &'static str) {
    let text = |text: &str| serde_json::to_string(text).expect("a text is JSON");
    let (old, new) = (text(name), text(HOSTILE));
    let added = json!({"id": HOSTILE, "tenantId": HOSTILE, "tenantType": HOSTILE,
        "tenantName": HOSTILE, "createdDateUtc": HOSTILE});
    sim.intercept(move |request, _| {
        let is_list = request.path == "/connections";
        if !is_list && !request.path.ends_with("/Organisation") {
            return None;
        }
        let (old, new, added) = (old.clone(), new.clone(), added.clone());
        Some(Answer::honest().rewritten(move |body| {
            let body = body.replace(&old, &new);
            match is_list {
                true => body.replacen('[', &format!("[{added},"), 1),
                false => body,
            }
        }))
    });
}

#[test]
fn names_from_a_server_do_not_control_a_terminal() {
    let scene = LoginScene::pkce();
    let (waiting, address) = scene.start(&["--tenant", "all"]);
    browser::open(&browser::allow(&address, &scene.tenants[0]));
    waiting.end().ok();
    with_hostile_names(&scene.sim, crate::support::login_scene::NAMES[0]);
    for verb in ["tenants", "status"] {
        let ended = scene.run(&[verb]);
        let shown = ended.stdout + &ended.stderr;
        assert!(shown.contains("error: forged"), "{verb}: {shown}");
        for line in shown.lines() {
            assert!(!line.starts_with("error: forged"), "{verb}: {shown}");
            let is_harmful = |it: char| it.is_control() || "\u{2028}\u{202e}".contains(it);
            assert!(!line.contains(is_harmful), "{verb}: {line:?}");
        }
    }
}

#[test]
fn names_from_a_server_are_text_in_a_report() {
    let scene = Scene::new();
    with_hostile_names(&scene.sim, "Demo Company (NZ)");
    let mut config = scene.flat();
    config["tenant_id"] = Value::Null;
    let config = scene.file("config.json", &config);
    let streams = scene.file("catalog.json", &catalog(&["currencies", "organisations"]));
    let report = scene.file("report.html", &Value::Null);
    std::fs::write(&report, "").expect("the folder is writable");
    let mut command = command(&read_arguments(&config, &streams));
    Run::of(
        command
            .args(["--report", &report])
            .output()
            .expect("the binary starts"),
    );
    let page = std::fs::read_to_string(&report).expect("there is a report");
    assert!(
        page.contains("&lt;script&gt;alert(1)"),
        "the name is shown: {page}"
    );
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains('\u{1b}'), "{page}");
}
