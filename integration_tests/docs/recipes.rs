//! The documented script for repeated syncs in a shell loses no token and no state, whatever the read
//! leaves.

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
struct ScriptFolder {
    root: TempDir,
}

impl ScriptFolder {
    fn new(config: &Value) -> ScriptFolder {
        let root = tempfile::tempdir().expect("there is room for temporary files");
        let folder = ScriptFolder { root };
        fs::create_dir_all(folder.path("target/release")).expect("the folder is new");
        symlink(BINARY, folder.program()).expect("the folder is new");
        folder.write("sync.sh", script());
        folder.write("config.json", &config.to_string());
        folder.write("catalog.json", &catalog(&STREAMS).to_string());
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
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
        command.arg("sync.sh").current_dir(self.root.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        hasty(&mut command);
        command
    }

    /// Runs the script, and removes the messages of the read.
    fn sync(&self, shell: &str) -> Run {
        self.result(self.command(shell).output().expect("there is a shell"))
    }

    fn result(&self, output: Output) -> Run {
        let names = fs::read_dir(self.root.path()).expect("the folder is there");
        let mut paths = names.map(|entry| entry.expect("the folder is readable").path());
        let messages = paths
            .find(|path| path.to_string_lossy().contains("/messages-"))
            .expect("the read has left its messages");
        let stdout = fs::read(&messages).expect("the messages are readable");
        fs::remove_file(messages).expect("the folder is writable");
        Run::of(Output { stdout, ..output })
    }

    /// Replaces the connector by a program that prints this text.
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

#[test]
fn each_sync_uses_the_tokens_and_the_states_of_the_previous_sync() {
    for shell in ["sh", "bash"] {
        let scene = Scene::new();
        let config = scene.flat_without_access_token();
        let folder = ScriptFolder::new(&config);
        let first = folder.sync(shell);
        assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
        assert!(!first.records("invoices").is_empty());
        assert_eq!(&folder.json("config.json"), first.configs()[0]);
        let states = folder.states();
        for stream in STREAMS {
            let last = first.states(stream).pop().expect("there is a state");
            assert_eq!(&states[stream], last, "{stream}");
        }
        let mode = |name: &str| fs::metadata(folder.path(name)).map(|it| it.permissions().mode());
        let mode = mode("config.json").expect("the config is there");
        assert_eq!(mode & 0o077, 0, "others may read the tokens");

        let second = folder.sync(shell);
        assert_eq!((second.code, scene.token_calls()), (Some(0), 1));
        assert!(second.logs("WARN").is_empty(), "{:?}", second.logs("WARN"));
        assert!(second.records("invoices").len() < first.records("invoices").len());
        assert_eq!(folder.states().as_object().map(|it| it.len()), Some(2));
    }
}

#[test]
fn a_read_with_states_of_some_streams_keeps_the_states_of_the_others() {
    let scene = Scene::new();
    let folder = ScriptFolder::new(&scene.flat());
    folder.sync("sh");
    let before = folder.states();
    scene.sim.intercept(|request, _| {
        let hit = request.path.ends_with("/Contacts");
        hit.then(Answer::server_error)
    });
    let run = folder.sync("sh");
    assert_eq!(run.code, Some(1));
    assert!(run.states("contacts").is_empty() && !run.states("invoices").is_empty());
    assert_eq!(folder.states()["contacts"], before["contacts"]);
}

#[test]
fn a_line_that_was_printed_in_part_changes_no_file() {
    let scene = Scene::new();
    let folder = ScriptFolder::new(&scene.flat_without_access_token());
    let run = folder.sync("sh");
    let (config, states) = (folder.text("config.json"), folder.states());
    let line = |kind: &str| {
        let start = format!(r#"{{"type":"{kind}""#);
        let mut lines = run.stdout.lines();
        lines
            .find(|line| line.starts_with(&start))
            .expect("there is one")
    };
    // A read that printed nothing, and a read that printed only the start of a line.
    folder.pretend("");
    folder.sync("sh");
    for line in [line("CONTROL"), line("STATE")] {
        let cuts = (1..line.len()).rev();
        let closed = cuts.clone().filter(|cut| line[..*cut].ends_with('}'));
        for cut in closed.take(10).chain(cuts.step_by(200)) {
            folder.write("printed", &line[..cut]);
            assert_eq!(
                folder
                    .command("sh")
                    .output()
                    .expect("a shell")
                    .status
                    .code(),
                Some(1)
            );
            assert_eq!(folder.text("config.json"), config, "{}", &line[..cut]);
            assert_eq!(folder.states(), states, "{}", &line[..cut]);
        }
    }
}

/// States from another client may be a list over several lines.
#[test]
fn states_of_another_form_stay_until_newer_ones_follow_them() {
    let scene = Scene::new();
    let folder = ScriptFolder::new(&scene.flat());
    let old = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "contacts"},
        "stream_state": {"UpdatedDateUTC": "2099-01-01T00:00:00Z"}}}]);
    let old = serde_json::to_string_pretty(&old).expect("JSON");
    folder.write("state.json", &old);
    folder.pretend("");
    folder.sync("sh");
    assert_eq!(folder.text("state.json").trim_end(), old);
}

#[test]
fn a_config_or_states_that_cannot_be_written_leave_the_old_ones() {
    let scene = Scene::new();
    let folder = ScriptFolder::new(&scene.flat_without_access_token());
    folder.sync("sh");
    let (config, states) = (folder.text("config.json"), folder.text("state.json"));
    scene
        .sim
        .world(|world| world.advance(Duration::from_secs(3600)));
    for name in ["config.json.next", "state.next"] {
        symlink("/dev/full", folder.path(name)).expect("the name is free");
    }
    let run = folder.sync("sh");
    assert_eq!(run.configs().len(), 1);
    assert!(
        run.stderr.contains("No space left on device"),
        "{}",
        run.stderr
    );
    let words = "could not be kept. They are in messages-";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(run.code, Some(1), "a read that was complete");
    assert_eq!(folder.text("config.json"), config);
    assert_eq!(folder.text("state.json"), states);
}

#[test]
fn a_config_that_is_a_symbolic_link_stays_one() {
    let scene = Scene::new();
    let folder = ScriptFolder::new(&scene.flat_without_access_token());
    fs::create_dir(folder.path("secrets")).expect("the name is free");
    let real = folder.path("secrets/xero.json");
    fs::rename(folder.path("config.json"), &real).expect("the config is there");
    symlink(&real, folder.path("config.json")).expect("the name is free");
    let run = folder.sync("sh");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(folder.path("config.json").is_symlink());
    assert_eq!(&folder.json("secrets/xero.json"), run.configs()[0]);
}

#[test]
fn a_signal_to_the_script_and_the_program_keeps_the_new_tokens() {
    for signal in ["INT", "HUP", "TERM"] {
        let scene = Scene::new();
        let requests = scene.delay_token_answers();
        let config = scene.flat_without_access_token();
        let folder = ScriptFolder::new(&config);
        let mut command = Command::new("env");
        command
            .args(["--default-signal=INT,HUP,TERM", "sh", "sync.sh"])
            .current_dir(folder.root.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let child = hasty(&mut command).spawn().expect("there is a shell");
        requests.recv().expect("the token endpoint gets a request");
        // A terminal signals all processes in the foreground.
        send(signal, &format!("-{}", child.id()));
        folder.result(child.wait_with_output().expect("it was started here"));
        let kept = folder.json("config.json");
        assert!(kept["refresh_token"].is_string(), "{signal}");
        assert_ne!(kept["refresh_token"], config["refresh_token"], "{signal}");
    }
}
