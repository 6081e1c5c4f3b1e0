//! Signals, a full disk and failed streams: what is saved, what is said, and the exit code.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::protocol::stopping::send;
use crate::support::connector::{BINARY, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};
use crate::support::sync_folder::{SyncFolder, by_key};

const KEY: &[&str] = &["InvoiceID"];
const ROWS: usize = 3_500;
/// Signals have their default action, also if the shell that runs the tests ignores some.
const DEFAULT: [&str; 2] = ["env", "--default-signal=TERM,INT,HUP,QUIT"];

fn scene() -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, ROWS);
        world.unlimited();
    })
}

/// A sync whose request for the third page is never answered, and which has sent this request.
fn hanging(scene: &Scene, folder: &SyncFolder) -> Child {
    hanging_into(scene, folder, Stdio::piped())
}

/// The same with another stdout.
fn hanging_into(scene: &Scene, folder: &SyncFolder, stdout: Stdio) -> Child {
    let (reached, reaching) = mpsc::channel();
    let mut pages = 0;
    scene.sim.intercept(move |request, _| {
        let is_page = request.path.ends_with("/Invoices");
        pages += usize::from(is_page);
        (is_page && pages == 3).then(|| {
            let _ = reached.send(());
            Answer::silent()
        })
    });
    let mut command = folder.started_by(&DEFAULT, &["invoices"]);
    command
        .env_remove("XERO_SOURCE_TIMEOUT_CAP_MS")
        .stdout(stdout);
    let child = command.spawn().expect("the binary starts");
    reaching.recv().expect("the third page is requested");
    child
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_signal_saves_what_was_read_and_the_next_sync_goes_on() {
    for (signal, number) in [("INT", 2), ("TERM", 15)] {
        let scene = scene();
        let folder = SyncFolder::new(&scene, &scene.flat());
        let child = hanging(&scene, &folder);
        send(signal, &child.id().to_string());
        let output = child.wait_with_output().expect("it was started here");
        assert_eq!(output.status.signal(), Some(number), "{output:?}");
        let (summary, errors) = texts(&output);
        assert!(
            summary.contains("Interrupted: run the same command"),
            "{summary}"
        );
        assert_eq!(errors, "");
        folder.has_no_other_files();
        let saved = folder.rows("invoices").len();
        assert!((1_000..ROWS).contains(&saved), "{saved} rows are saved");
        let said = format!(
            "Saved {},{:03} rows of 1 stream in",
            saved / 1_000,
            saved % 1_000
        );
        assert!(summary.contains(&said), "{summary}");
        let before = scene.calls().len();
        folder.completed(&["invoices"], &[]);
        // One call proves the access, and four pages would be all.
        let calls = &scene.calls()[before..];
        assert!(calls.len() < 5, "it started over: {calls:?}");
        let truth = scene.read(&scene.flat(), &["invoices"], None);
        assert_eq!(
            folder.newest("invoices", KEY),
            by_key(truth.records("invoices"), KEY)
        );
    }
}

/// The size of a pipe, in bytes.
const PIPE: usize = 64 * 1024;

#[test]
fn a_second_signal_ends_a_sync_that_cannot_end_by_itself() {
    let scene = scene();
    let folder = SyncFolder::new(&scene, &scene.flat());
    // The summary never fits into a pipe that is full.
    let (reader, mut writer) = std::io::pipe().expect("there is room for a pipe");
    writer.write_all(&[b' '; PIPE]).expect("the pipe is empty");
    let mut child = hanging_into(&scene, &folder, writer.into());
    let process = child.id().to_string();
    send("INT", &process);
    while !folder.files().contains("state.json") {
        assert_eq!(child.try_wait().expect("it was started here"), None);
        thread::yield_now();
    }
    let ended = (0..200).find_map(|_| {
        send("INT", &process);
        child.try_wait().expect("it was started here")
    });
    child.kill().expect("it was started here");
    assert_eq!(ended.and_then(|status| status.code()), Some(130));
    drop(reader);
}

#[test]
fn a_full_disk_is_explained_and_loses_nothing() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 900);
        world.unlimited();
    });
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let folder = SyncFolder::new(&scene, &config);
    // No file may be larger than 200 KB, also for root.
    let limited = "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"";
    let starter = ["sh", "-c", limited];
    for is_first in [true, false] {
        let before = (!is_first).then(|| folder.newest("invoices", KEY));
        let output = folder.started_by(&starter, &["invoices"]).output();
        let output = output.expect("there is a shell");
        let (summary, errors) = texts(&output);
        assert_eq!(output.status.code(), Some(1), "{summary}{errors}");
        let is_explained = errors.contains("File too large") && errors.contains("xero/invoices");
        assert!(
            is_explained && errors.contains("run the same command"),
            "{errors}"
        );
        if let Some(before) = before {
            assert_eq!(folder.newest("invoices", KEY), before);
        }
        folder.completed(&["invoices"], &[]);
        folder.has_no_other_files();
        let truth = scene.read(&config, &["invoices"], None);
        assert_eq!(
            folder.newest("invoices", KEY),
            by_key(truth.records("invoices"), KEY)
        );
        scene
            .sim
            .world(|world| world.create(&scene.tenant, Entity::Invoices, 900));
    }
}

#[test]
fn a_failed_stream_exits_with_1_and_an_unusable_config_with_78() {
    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        let is_hit = request.path.ends_with("/Items");
        is_hit.then(Answer::not_permitted)
    });
    let folder = SyncFolder::new(&scene, &scene.flat());
    let output = folder.sync(&["items", "currencies"], &[]);
    let (summary, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{summary}{errors}");
    assert!(errors.starts_with("error: "), "{errors}");
    assert!(summary.contains("1 of 2 streams not complete"), "{summary}");
    let manifest = folder.manifest();
    let complete = |stream: &str| manifest["streams"][stream]["complete"].as_bool();
    assert_eq!(
        (complete("items"), complete("currencies")),
        (Some(false), Some(true))
    );
    // Nothing but the config changes.
    let mut broken = scene.flat();
    broken["start_date"] = Value::Null;
    for (config, streams, words) in [
        (&broken, &["currencies"][..], "start_date"),
        (&scene.flat(), &["currences"], "Did you mean currencies?"),
    ] {
        let output = SyncFolder::new(&scene, config).sync(streams, &[]);
        let (summary, errors) = texts(&output);
        assert_eq!((output.status.code(), summary.as_str()), (Some(78), ""));
        assert!(errors.contains(words), "{errors}");
    }
}

#[test]
fn an_interrupted_read_at_a_terminal_says_where_to_go_on() {
    let scene = scene();
    let (reached, reaching) = mpsc::channel();
    scene.sim.intercept(move |request, _| {
        let is_hit = request.path.ends_with("/Invoices");
        is_hit.then(|| {
            let _ = reached.send(());
            Answer::silent()
        })
    });
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["invoices"]));
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let pid = folder.path().join("pid");
    let arguments = read_arguments(&config, &catalog);
    for is_terminal in [true, false] {
        // `script` runs a shell on a terminal of its own. The shell keeps stdout apart.
        let read = format!(
            "echo $$ > {}; exec {BINARY} {} > /dev/null",
            pid.display(),
            arguments.join(" ")
        );
        let on_terminal = ["script", "-qec", &read, "/dev/null"];
        let elsewhere = ["sh", "-c", &read];
        let starter: &[&str] = if is_terminal {
            &on_terminal
        } else {
            &elsewhere
        };
        let mut command = Command::new(DEFAULT[0]);
        command.args(&DEFAULT[1..]).args(starter);
        command.env("XERO_SOURCE_PAUSE_CAP_MS", "20");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().expect("there is a shell");
        reaching.recv().expect("the list is requested");
        let pid = fs::read_to_string(&pid).expect("the shell has written its number");
        send("INT", pid.trim());
        let (out, errors) = texts(&child.wait_with_output().expect("it was started here"));
        let is_said = out.contains("The last STATE of each stream");
        assert_eq!((is_said, errors.as_str()), (is_terminal, ""), "{out}");
    }
}
