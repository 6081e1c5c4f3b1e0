//! The documented script for repeated syncs in a shell: whatever the read leaves, no token and no state
//! is lost.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use xero_sim::Answer;

use crate::protocol::stopping::send;
use crate::support::connector::{BINARY, Run, hasty};
use crate::support::scene::{Scene, catalog};

const STREAMS: [&str; 2] = ["contacts", "invoices"];

/// A folder with the script, the program, a config and a catalog.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new(config: &Value) -> Desk {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let desk = Desk { folder };
        fs::create_dir_all(desk.path("target/release")).expect("the folder is new");
        symlink(BINARY, desk.program()).expect("the folder is new");
        desk.write("sync.sh", script());
        desk.write("config.json", &config.to_string());
        desk.write("catalog.json", &catalog(&STREAMS).to_string());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self) -> PathBuf {
        self.path("target/release/xero-source")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder is writable");
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file is there")
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).expect("the file is JSON")
    }

    /// The states that the script kept, by stream.
    fn states(&self) -> Value {
        let text = self.text("state.json");
        let lines = text.lines().map(|line| {
            let state: Value = serde_json::from_str(line).expect("a state is JSON");
            let stream = &state["state"]["stream"];
            let name = stream["stream_descriptor"]["name"].as_str();
            let name = name.expect("a state names its stream").to_owned();
            (name, stream["stream_state"].clone())
        });
        Value::Object(lines.collect())
    }

    fn command(&self, shell: &str) -> Command {
        let mut command = Command::new(shell);
        command.arg("sync.sh").current_dir(self.folder.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        hasty(&mut command);
        command
    }

    /// Runs the script and takes what the read printed away.
    fn sync(&self, shell: &str) -> Run {
        self.result(self.command(shell).output().expect("there is a shell"))
    }

    fn result(&self, output: Output) -> Run {
        let names = fs::read_dir(self.folder.path()).expect("the folder is there");
        let mut paths = names.map(|entry| entry.expect("the folder is readable").path());
        let messages = paths
            .find(|path| path.to_string_lossy().contains("/messages-"))
            .expect("the read has left its messages");
        let stdout = fs::read(&messages).expect("the messages are readable");
        fs::remove_file(messages).expect("the folder is writable");
        Run::of(Output { stdout, ..output })
    }

    /// Puts a program in the connector's place that prints this.
    fn pretend(&self, printed: &str) {
        self.write("printed", printed);
        fs::remove_file(self.program()).expect("the program is there");
        self.write(
            "target/release/xero-source",
            "#!/bin/sh\ncat printed\nexit 1\n",
        );
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.program(), executable).expect("the file is there");
    }
}

/// The script in `docs/other-clients.md`.
fn script() -> &'static str {
    let page = include_str!("../../docs/other-clients.md");
    let mut blocks = page.split("```sh\n").skip(1);
    let script = blocks.find_map(|block| {
        let script = block.split("```").next()?;
        script.contains("state.next").then_some(script)
    });
    script.expect("the page has the script")
}

fn to_renew(scene: &Scene) -> Value {
    let mut config = scene.flat();
    config["access_token"] = json!(null);
    config
}

#[test]
fn each_sync_goes_on_with_the_tokens_and_the_states_of_the_one_before() {
    for shell in ["sh", "bash"] {
        let scene = Scene::new();
        let config = to_renew(&scene);
        let desk = Desk::new(&config);
        let first = desk.sync(shell);
        assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
        assert!(!first.records("invoices").is_empty());
        assert_eq!(&desk.json("config.json"), first.configs()[0]);
        let states = desk.states();
        for stream in STREAMS {
            let last = first.states(stream).pop().expect("there is a state");
            assert_eq!(&states[stream], last, "{stream}");
        }
        let mode = |name: &str| fs::metadata(desk.path(name)).map(|it| it.permissions().mode());
        let mode = mode("config.json").expect("the config is there");
        assert_eq!(mode & 0o077, 0, "others may read the tokens");

        let second = desk.sync(shell);
        assert_eq!((second.code, scene.token_calls()), (Some(0), 1));
        assert!(second.logs("WARN").is_empty(), "{:?}", second.logs("WARN"));
        assert!(second.records("invoices").len() < first.records("invoices").len());
        assert_eq!(desk.states().as_object().map(|it| it.len()), Some(2));
    }
}

#[test]
fn a_read_with_states_of_some_streams_only_leaves_the_others_theirs() {
    let scene = Scene::new();
    let desk = Desk::new(&scene.flat());
    desk.sync("sh");
    let before = desk.states();
    scene.sim.intercept(|request, _| {
        let hit = request.path.ends_with("/Contacts");
        hit.then(Answer::server_error)
    });
    let run = desk.sync("sh");
    assert_eq!(run.code, Some(1));
    assert!(run.states("contacts").is_empty() && !run.states("invoices").is_empty());
    assert_eq!(desk.states()["contacts"], before["contacts"]);
}

#[test]
fn what_a_read_did_not_print_to_its_end_takes_nothing_away() {
    let scene = Scene::new();
    let desk = Desk::new(&to_renew(&scene));
    let run = desk.sync("sh");
    let (config, states) = (desk.text("config.json"), desk.states());
    let line = |kind: &str| {
        let start = format!(r#"{{"type":"{kind}""#);
        let mut lines = run.stdout.lines();
        lines
            .find(|line| line.starts_with(&start))
            .expect("there is one")
    };
    // Nothing, and a line of which each part may be all that was written.
    desk.pretend("");
    desk.sync("sh");
    for line in [line("CONTROL"), line("STATE")] {
        let cuts = (1..line.len()).rev();
        let closed = cuts.clone().filter(|cut| line[..*cut].ends_with('}'));
        for cut in closed.take(10).chain(cuts.step_by(200)) {
            desk.write("printed", &line[..cut]);
            assert_eq!(
                desk.command("sh").output().expect("a shell").status.code(),
                Some(1)
            );
            assert_eq!(desk.text("config.json"), config, "{}", &line[..cut]);
            assert_eq!(desk.states(), states, "{}", &line[..cut]);
        }
    }
}

/// States that came from elsewhere are a list, perhaps over many lines.
#[test]
fn states_of_another_form_stay_until_newer_ones_follow_them() {
    let scene = Scene::new();
    let desk = Desk::new(&scene.flat());
    let old = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "contacts"},
        "stream_state": {"UpdatedDateUTC": "2099-01-01T00:00:00Z"}}}]);
    let old = serde_json::to_string_pretty(&old).expect("JSON");
    desk.write("state.json", &old);
    desk.pretend("");
    desk.sync("sh");
    assert_eq!(desk.text("state.json").trim_end(), old);
}

#[test]
fn a_config_or_states_that_cannot_be_written_leave_the_old_ones() {
    let scene = Scene::new();
    let desk = Desk::new(&to_renew(&scene));
    desk.sync("sh");
    let (config, states) = (desk.text("config.json"), desk.text("state.json"));
    scene
        .sim
        .world(|world| world.advance(Duration::from_secs(3600)));
    for name in ["config.json.next", "state.next"] {
        symlink("/dev/full", desk.path(name)).expect("the name is free");
    }
    let run = desk.sync("sh");
    assert_eq!(run.configs().len(), 1);
    assert!(
        run.stderr.contains("No space left on device"),
        "{}",
        run.stderr
    );
    let words = "could not be kept. They are in messages-";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(run.code, Some(1), "a read that was complete");
    assert_eq!(desk.text("config.json"), config);
    assert_eq!(desk.text("state.json"), states);
}

#[test]
fn a_config_that_is_a_link_stays_one() {
    let scene = Scene::new();
    let desk = Desk::new(&to_renew(&scene));
    fs::create_dir(desk.path("secrets")).expect("the name is free");
    let real = desk.path("secrets/xero.json");
    fs::rename(desk.path("config.json"), &real).expect("the config is there");
    symlink(&real, desk.path("config.json")).expect("the name is free");
    let run = desk.sync("sh");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(desk.path("config.json").is_symlink());
    assert_eq!(&desk.json("secrets/xero.json"), run.configs()[0]);
}

#[test]
fn a_signal_to_the_script_and_the_program_keeps_the_new_tokens() {
    for signal in ["INT", "HUP", "TERM"] {
        let scene = Scene::new();
        let (asked, wait_asked) = std::sync::mpsc::channel();
        scene.sim.intercept(move |request, _| {
            let hit = request.path == "/connect/token";
            hit.then(|| {
                let _ = asked.send(());
                Answer::honest().delayed(Duration::from_millis(400))
            })
        });
        let config = to_renew(&scene);
        let desk = Desk::new(&config);
        let mut command = Command::new("env");
        command
            .args(["--default-signal=INT,HUP,TERM", "sh", "sync.sh"])
            .current_dir(desk.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let child = hasty(&mut command).spawn().expect("there is a shell");
        wait_asked.recv().expect("the token endpoint is asked");
        // As a terminal does it: to all processes in the foreground.
        send(signal, &format!("-{}", child.id()));
        desk.result(child.wait_with_output().expect("it was started here"));
        let kept = desk.json("config.json");
        assert!(kept["refresh_token"].is_string(), "{signal}");
        assert_ne!(kept["refresh_token"], config["refresh_token"], "{signal}");
    }
}
