//! Runs the real binary and reads what it prints.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) use output_checks::Run;
use serde_json::Value;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_xero-source");

/// Prepares a run of the binary with an empty environment.
///
/// Pauses before retries are at most 20 ms. The timeout is 5 s, which is longer than the
/// simulator needs for any answer on a busy machine.
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
        .env("XERO_SOURCE_TIMEOUT_CAP_MS", "5000")
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
