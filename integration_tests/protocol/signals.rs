//! Signals that end the process while a refresh token is exchanged: the old token is spent,
//! so the new one must reach stdout first.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};
use std::sync::mpsc::Receiver;

use crate::protocol::stopping::send;
use crate::support::connector::{Run, started_by};
use crate::support::scene::Scene;

/// The signals by which people, terminals and platforms end a process.
const ENDING: [(&str, i32); 4] = [("TERM", 15), ("INT", 2), ("HUP", 1), ("QUIT", 3)];

/// Processes inherit ignored signals, and the shell that runs these tests may ignore some.
const DEFAULT: [&str; 2] = ["env", "--default-signal=TERM,INT,HUP,QUIT"];

/// A simulator that delays the answer to a token request, a config that needs one, and the receiver of
/// the request.
fn slow_tokens() -> (Scene, String, Receiver<()>) {
    let scene = Scene::new();
    let requests = scene.delay_token_answers();
    let config = scene.file("config.json", &scene.flat_without_access_token());
    (scene, config, requests)
}

fn check(starter: &[&str], config: &str) -> Child {
    let mut command = started_by(starter, &["check", "--config", config]);
    command.spawn().expect("the binary starts")
}

/// Returns the rest of the output, which must contain the new tokens.
fn with_new_tokens(child: Child) -> (Run, std::process::ExitStatus) {
    let output = child.wait_with_output().expect("it was started here");
    let status = output.status;
    let run = Run::of(output);
    assert_eq!(run.configs().len(), 1, "the rotation is lost: {run:#?}");
    (run, status)
}

#[test]
fn an_ending_signal_takes_effect_after_the_new_tokens_are_printed() {
    for (signal, number) in ENDING {
        let (_scene, config, requests) = slow_tokens();
        let child = check(&DEFAULT, &config);
        requests.recv().expect("the token endpoint gets a request");
        send(signal, &child.id().to_string());
        let (_, status) = with_new_tokens(child);
        assert_eq!(status.signal(), Some(number), "{signal}: {status}");
    }
}

#[test]
fn a_second_signal_does_not_shorten_the_wait_for_the_new_tokens() {
    let (_scene, config, requests) = slow_tokens();
    let child = check(&DEFAULT, &config);
    requests.recv().expect("the token endpoint gets a request");
    for signal in ["INT", "INT", "TERM"] {
        send(signal, &child.id().to_string());
    }
    let (_, status) = with_new_tokens(child);
    assert!(matches!(status.signal(), Some(2 | 15)), "{status}");
}

/// `nohup`, and shells that start a process in the background, ignore some signals.
#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    for signal in ["HUP", "INT", "QUIT"] {
        let (_scene, config, requests) = slow_tokens();
        let ignore = format!("trap '' {signal}; exec \"$0\" \"$@\"");
        let child = check(&["sh", "-c", &ignore], &config);
        requests.recv().expect("the token endpoint gets a request");
        send(signal, &child.id().to_string());
        let (run, _) = with_new_tokens(child);
        assert_eq!(run.checked("SUCCEEDED"), "", "{signal}");
    }
}

/// The kernel delivers a signal to the first process of a container only if it has a handler, and
/// never ends the process by default.
#[test]
fn signals_end_the_first_process_of_a_container() {
    let Some(container) = process_namespace() else {
        return;
    };
    let starter: Vec<_> = DEFAULT.into_iter().chain(container).collect();
    for (signal, number) in ENDING {
        let (_scene, config, requests) = slow_tokens();
        let outside = check(&starter, &config);
        requests.recv().expect("the token endpoint gets a request");
        send(signal, &only_child(outside.id()));
        let (_, status) = with_new_tokens(outside);
        assert_eq!(status.code(), Some(128 + number), "{signal}: {status}");
    }
}

/// The command that starts a program as the first process of a PID namespace. `None`, with a note
/// on stderr, if this machine forbids it.
fn process_namespace() -> Option<Vec<&'static str>> {
    let as_root = ["unshare", "--pid", "--fork", "--kill-child"];
    let as_user = [&as_root[..], &["--user", "--map-root-user"]].concat();
    let mut refusals = String::new();
    for starter in [as_root.to_vec(), as_user] {
        let tried = Command::new(starter[0])
            .args(&starter[1..])
            .arg("true")
            .output()
            .expect("unshare, of Debian's util-linux, is there");
        if tried.status.success() {
            return Some(starter);
        }
        refusals.push_str(&String::from_utf8_lossy(&tried.stderr));
    }
    assert!(refusals.contains("not permitted"), "{refusals}");
    eprintln!("SKIPPED: no process namespace for a first process: {refusals}");
    None
}

/// The child of another process, by its number outside the namespace.
fn only_child(parent: u32) -> String {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let children = fs::read_to_string(path).expect("the kernel lists children");
    children.trim().to_owned()
}
