//! Runs the real binary and reads what it prints.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_xero-source");

/// What one run printed and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) messages: Vec<Value>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

/// Prepares a run of the binary with an empty environment.
///
/// Pauses before retries are at most 20 ms. The timeout is 1 s, which is longer than the
/// simulator needs for any answer.
pub(crate) fn command(arguments: &[&str]) -> Command {
    prepared(Command::new(BINARY), arguments)
}

/// Prepares a run of the binary with the redirections of a shell, such as `>&-`.
pub(crate) fn redirected(arguments: &[&str], redirections: &str) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("exec \"$0\" \"$@\" {redirections}");
    shell.args(["-c", &script, BINARY]);
    prepared(shell, arguments)
}

/// Prepares a run that the program `starter` starts, such as `nohup`.
pub(crate) fn started_by(starter: &[&str], arguments: &[&str]) -> Command {
    let mut command = Command::new(starter[0]);
    command.args(&starter[1..]).arg(BINARY);
    prepared(command, arguments)
}

/// Prepares a run with resource limits of a shell, such as `-n 64`, which the kernel enforces.
///
/// Timeouts are long, because a debug build reads large responses slowly.
pub(crate) fn limited(limits: &[String], arguments: &[&str]) -> Command {
    let limits = limits.iter().map(|limit| format!("ulimit {limit} && "));
    let script = format!("{}exec \"$0\" \"$@\"", limits.collect::<String>());
    let mut command = started_by(&["sh", "-c", &script], arguments);
    command.env("XERO_SOURCE_TIMEOUT_CAP_MS", "60000");
    command
}

/// The limit of the address space to this number of megabytes. Threads and the allocator reserve
/// more address space than they use.
pub(crate) fn megabytes(megabytes: usize) -> String {
    format!("-v {}", megabytes * 1024)
}

fn prepared(mut command: Command, arguments: &[&str]) -> Command {
    hasty(command.args(arguments).env_clear())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Shortens the pauses and timeouts of the connector that the command starts.
pub(crate) fn hasty(command: &mut Command) -> &mut Command {
    command
        .env("XERO_SOURCE_PAUSE_CAP_MS", "20")
        .env("XERO_SOURCE_TIMEOUT_CAP_MS", "1000")
}

/// The arguments of a `read` with the paths of its config and its catalog.
pub(crate) fn read_arguments<'a>(config: &'a str, catalog: &'a str) -> [&'a str; 5] {
    ["read", "--config", config, "--catalog", catalog]
}

/// Runs the binary to its end.
pub(crate) fn run(arguments: &[&str]) -> Run {
    Run::of(command(arguments).output().expect("the binary starts"))
}

/// What one run of a verb for people printed and how it ended.
#[derive(Debug)]
pub(crate) struct TextRun {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

/// Runs a verb for people to its end.
pub(crate) fn text(arguments: &[&str]) -> TextRun {
    let output = command(arguments).output().expect("the binary starts");
    TextRun {
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        code: output.status.code(),
    }
}

impl TextRun {
    /// The JSON on stdout.
    pub(crate) fn answer(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:#?}"))
    }
}

impl Run {
    /// Reads the output; every line of stdout must be a JSON object.
    pub(crate) fn of(output: Output) -> Run {
        let stdout = String::from_utf8(output.stdout).expect("stdout is UTF-8");
        let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
        assert!(
            stdout.is_empty() || stdout.ends_with('\n'),
            "stdout ends in the middle of a line: {stdout}"
        );
        let parse = |line: &str| {
            let value: Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON on stdout: {line}"));
            assert!(value.is_object(), "no object on stdout: {line}");
            value
        };
        let messages = stdout.lines().map(parse).collect();
        Run {
            messages,
            stdout,
            stderr,
            code: output.status.code(),
        }
    }

    /// Returns the payloads of all messages of one type.
    pub(crate) fn payloads<'a>(
        &'a self,
        kind: &'a str,
        field: &'a str,
    ) -> impl Iterator<Item = &'a Value> {
        self.messages
            .iter()
            .filter(move |message| message["type"] == kind)
            .map(move |message| &message[field])
    }

    /// The data of the records of a stream.
    pub(crate) fn records(&self, stream: &str) -> Vec<&Value> {
        self.payloads("RECORD", "record")
            .filter(|record| record["stream"] == stream)
            .map(|record| &record["data"])
            .collect()
    }

    /// Returns one field of every record of a stream; each must be a string.
    pub(crate) fn column(&self, stream: &str, field: &str) -> Vec<&str> {
        let rows = self.records(stream);
        assert!(
            rows.iter().all(|row| row[field].is_string()),
            "{stream} has rows without {field}"
        );
        rows.into_iter()
            .filter_map(|row| row[field].as_str())
            .collect()
    }

    /// The states of a stream, in order.
    pub(crate) fn states(&self, stream: &str) -> Vec<&Value> {
        self.payloads("STATE", "state")
            .filter(|state| state["stream"]["stream_descriptor"]["name"] == stream)
            .map(|state| &state["stream"]["stream_state"])
            .collect()
    }

    /// Returns the last state of every stream, in the form that `--state` takes.
    pub(crate) fn last_states(&self) -> Value {
        let mut last = std::collections::BTreeMap::new();
        for state in self.payloads("STATE", "state") {
            last.insert(
                state["stream"]["stream_descriptor"].to_string(),
                state.clone(),
            );
        }
        last.into_values().collect()
    }

    /// The last status of a stream.
    pub(crate) fn status(&self, stream: &str) -> &str {
        self.payloads("TRACE", "trace")
            .map(|trace| &trace["stream_status"])
            .filter(|status| status["stream_descriptor"]["name"] == stream)
            .filter_map(|status| status["status"].as_str())
            .last()
            .unwrap_or("none")
    }

    /// The errors as `(failure_type, stream, sentence)`.
    pub(crate) fn errors(&self) -> Vec<(&str, &str, &str)> {
        fn text(value: &Value) -> &str {
            value.as_str().unwrap_or_default()
        }
        self.payloads("TRACE", "trace")
            .filter(|trace| trace["type"] == "ERROR")
            .map(|trace| &trace["error"])
            .map(|error| {
                (
                    text(&error["failure_type"]),
                    text(&error["stream_descriptor"]["name"]),
                    text(&error["message"]),
                )
            })
            .collect()
    }

    /// The configs that CONTROL messages carry.
    pub(crate) fn configs(&self) -> Vec<&Value> {
        self.payloads("CONTROL", "control")
            .map(|control| &control["connectorConfig"]["config"])
            .collect()
    }

    /// Asserts the connection status and returns its message.
    pub(crate) fn checked(&self, wanted: &str) -> &str {
        let status: Vec<_> = self
            .payloads("CONNECTION_STATUS", "connectionStatus")
            .collect();
        assert_eq!((status.len(), self.code), (1, Some(0)), "{self:#?}");
        assert_eq!(status[0]["status"], wanted, "{self:#?}");
        status[0]["message"].as_str().unwrap_or_default()
    }

    /// The log lines of a level.
    pub(crate) fn logs(&self, level: &str) -> Vec<&str> {
        let lines = self
            .payloads("LOG", "log")
            .filter(|log| log["level"] == level);
        lines.filter_map(|log| log["message"].as_str()).collect()
    }
}

/// Writes a JSON file and returns its path.
pub(crate) fn file(folder: &Path, name: &str, content: &Value) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content.to_string()).expect("the temporary folder is writable");
    // The documentation advises this mode, because a config holds secrets.
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))
        .expect("the owner may change the mode");
    path.to_str()
        .expect("the temporary folder's path is UTF-8")
        .to_owned()
}
