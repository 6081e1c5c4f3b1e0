//! A closed stdout or a signal ends the process.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::support::connector::{command, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};

/// A read of many invoices that hangs for ever after `pages` pages.
fn reading(pages: usize) -> (Scene, Child) {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 5000)
    });
    let mut invoices = 0;
    scene.sim.intercept(move |request, _| {
        invoices += usize::from(request.path.ends_with("/Invoices"));
        (invoices > pages).then(Answer::silent)
    });
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["invoices"]));
    let mut command = command(&read_arguments(&config, &catalog));
    let child = command
        .env_remove("XERO_SOURCE_PAUSE_CAP_MS")
        .spawn()
        .expect("the binary starts");
    (scene, child)
}

#[test]
fn sigterm_ends_the_process_by_that_signal_after_the_last_state() {
    let (_scene, mut child) = reading(2);
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let mut seen: Vec<Value> = Vec::new();
    let mut line = || serde_json::from_str(&lines.next()?.expect("stdout is text")).ok();
    while seen
        .iter()
        .filter(|message| message["type"] == "STATE")
        .count()
        < 2
    {
        seen.push(line().expect("there are two pages"));
    }
    terminate(&child);
    while let Some(message) = line() {
        assert_ne!(
            message["type"], "RECORD",
            "records without a state behind them"
        );
    }
    let status = child.wait().expect("the child was started here");
    assert_eq!(status.signal(), Some(15), "{status}");
}

#[test]
fn sigterm_ends_a_process_whose_work_is_done_but_not_read() {
    let (_scene, mut child) = reading(usize::MAX);
    // The output exceeds the capacity of a pipe, and nobody reads it.
    let mut stdout = child.stdout.take().expect("stdout is piped");
    stdout.read_exact(&mut [0; 1]).expect("there is output");
    terminate(&child);
    let status = child.wait().expect("the child was started here");
    assert_eq!(status.signal(), Some(15), "{status}");
}

#[test]
fn sigterm_ends_a_process_that_waits_for_its_config() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let pipe = scene.file("pipe", &json!(null));
    let make = format!("rm {pipe} && mkfifo {pipe}");
    assert!(
        Command::new("sh")
            .args(["-c", &make])
            .status()
            .expect("there is a shell")
            .success()
    );
    let mut child = command(&["check", "--config", &pipe])
        .spawn()
        .expect("the binary starts");
    // Opening the pipe for writing waits until the connector reads it. Nothing is written to it.
    let held = std::fs::OpenOptions::new()
        .write(true)
        .open(&pipe)
        .expect("the connector opens the pipe");
    terminate(&child);
    let status = child.wait().expect("the child was started here");
    assert_eq!(status.signal(), Some(15), "{status}");
    drop(held);
}

fn terminate(child: &Child) {
    send("TERM", &child.id().to_string());
}

/// Sends a signal to a process.
pub(crate) fn send(signal: &str, process: &str) {
    // Uses the kill of the shell, because some machines have no program of that name.
    let kill = format!("kill -{signal} {process}");
    let killed = Command::new("sh").args(["-c", &kill]).status();
    assert!(killed.expect("there is a shell").success());
}

#[test]
fn a_closed_stdout_ends_the_process_quietly() {
    let (_scene, mut child) = reading(usize::MAX);
    let mut stdout = child.stdout.take().expect("stdout is piped");
    stdout.read_exact(&mut [0; 1]).expect("there is output");
    drop(stdout);
    let output = child
        .wait_with_output()
        .expect("the child was started here");
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(1), "")
    );
}

#[test]
fn a_slow_reader_gets_the_whole_output() {
    let (_scene, mut child) = reading(usize::MAX);
    let mut text = String::new();
    let mut stdout = BufReader::with_capacity(1000, child.stdout.take().expect("stdout is piped"));
    stdout.read_to_string(&mut text).expect("stdout is text");
    assert_eq!(
        child.wait().expect("the child was started here").code(),
        Some(0)
    );
    let records = text
        .lines()
        .filter(|line| line.starts_with(r#"{"type":"RECORD""#))
        .count();
    assert_eq!(records, 5000);
    assert!(text.contains(&json!("COMPLETE").to_string()));
}
