//! A simulator with organisations that no app is connected to, and runs of `login` against it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::Value;
use tempfile::TempDir;
use xero_sim::{App, AppId, Entity, Sim, TenantId, World};

use crate::support::connector::command;

/// The names of the organisations.
pub(crate) const NAMES: [&str; 3] = ["Demo Company (NZ)", "Brown & <b>Sons</b>", "Harbour Cafe"];
/// The secret of a web app.
pub(crate) const SECRET: &str = "s3cret/with+odd=chars-8c1b";

/// The ports of redirect addresses. The system gives none of them to a socket that names no port.
static PORTS: AtomicU16 = AtomicU16::new(21_000);

pub(crate) struct LoginScene {
    pub(crate) sim: Sim,
    pub(crate) app: AppId,
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) port: u16,
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run of `login` that waits for the browser.
pub(crate) struct Waiting {
    child: Child,
    stderr: BufReader<ChildStderr>,
    seen: String,
}

/// A port that nobody uses.
pub(crate) fn free_port() -> u16 {
    // Other processes may run the same tests.
    let first = 100 * (std::process::id() % 100) as u16;
    loop {
        let port = PORTS.fetch_add(1, Ordering::Relaxed) + first;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl LoginScene {
    /// Three organisations, and an app that may come back to the scene's port.
    pub(crate) fn new(app: App) -> LoginScene {
        let mut world = World::new(7);
        let tenants = NAMES.map(|name| world.add_tenant(name, "NZD")).to_vec();
        world.fill(&tenants[0], Entity::Contacts, 3);
        let port = free_port();
        let app = world.add_app(app);
        world.add_redirect_uri(&app, &format!("http://localhost:{port}/callback"));
        LoginScene {
            sim: Sim::start(world),
            app,
            tenants,
            port,
            folder: tempfile::tempdir().expect("there is room for temporary files"),
        }
    }

    /// An app without a secret.
    pub(crate) fn pkce() -> LoginScene {
        LoginScene::new(App::pkce("PKCE0123456789"))
    }

    /// An app with [`SECRET`].
    pub(crate) fn web() -> LoginScene {
        LoginScene::new(App::web("WEB0123456789", SECRET))
    }

    /// A path in the folder of the scene.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of the config.
    pub(crate) fn config_path(&self) -> String {
        self.path("config.json").to_string_lossy().into_owned()
    }

    /// The config as it is written now.
    pub(crate) fn config(&self) -> Value {
        let text = std::fs::read(self.config_path()).expect("the config is there");
        serde_json::from_slice(&text).expect("the config is JSON")
    }

    /// Whether there is a config.
    pub(crate) fn has_config(&self) -> bool {
        self.path("config.json").exists()
    }

    /// Prepares `login` with the app and the addresses of the scene.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let (config, url, port) = (self.config_path(), self.sim.url(), self.port.to_string());
        let id = self.app.as_str();
        let usual = [
            "login",
            "--config",
            &config,
            "--client-id",
            id,
            "--port",
            &port,
            "--api-url",
            &url,
            "--identity-url",
            &url,
            "--timeout",
            "60",
        ];
        // A flag that comes twice is an error, so that a test can replace the usual one.
        let mut arguments: Vec<&str> = vec![usual[0]];
        for pair in usual[1..].chunks(2) {
            if !more.contains(&pair[0]) {
                arguments.extend(pair);
            }
        }
        arguments.extend(more);
        command(&arguments)
    }

    /// Starts `login`, and returns once it waits.
    pub(crate) fn start(&self, more: &[&str]) -> (Waiting, String) {
        self.wait_for_address(self.command(more))
    }

    /// Starts a prepared `login`, and returns the address that the browser opens.
    pub(crate) fn wait_for_address(&self, mut command: Command) -> (Waiting, String) {
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stderr = BufReader::new(child.stderr.take().expect("stderr is a pipe"));
        let mut waiting = Waiting {
            child,
            stderr,
            seen: String::new(),
        };
        let address = waiting.line_with("/identity/connect/authorize?");
        (waiting, address.trim().to_owned())
    }

    /// Runs another verb with the config of the scene.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let config = self.config_path();
        let arguments = [arguments, &["--config", &config]].concat();
        Ended::of(&mut command(&arguments))
    }

    /// Asserts that texts show no secret: none of the config and none that was sent to Xero.
    pub(crate) fn assert_no_secret(&self, ended: &Ended) {
        let mut secrets = vec![SECRET.to_owned()];
        if self.has_config() {
            let credentials = self.config()["credentials"].take();
            let keys = ["access_token", "id_token", "refresh_token", "client_secret"];
            let texts = keys.map(|key| credentials[key].as_str().map(str::to_owned));
            secrets.extend(texts.into_iter().flatten());
        }
        let fields = ["code", "code_verifier", "refresh_token", "token"];
        for request in self.sim.requests() {
            let sent = fields.iter().filter_map(|name| request.field(name));
            secrets.extend(sent.map(str::to_owned));
            let header = request.authorization.as_deref().unwrap_or_default();
            secrets.extend(header.split(' ').nth(1).map(str::to_owned));
        }
        assert!(secrets.len() > 1, "no secret was sent");
        for text in [&ended.stdout, &ended.stderr] {
            for secret in &secrets {
                assert!(!text.contains(secret), "{secret} shows: {text}");
            }
        }
    }
}

impl Ended {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Ended {
        let output = command.output().expect("the binary starts");
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }

    /// Asserts success.
    pub(crate) fn ok(self) -> Ended {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Asserts a failure whose text has these words.
    pub(crate) fn failed(self, words: &str) -> Ended {
        assert_eq!(self.code, Some(1), "{self:#?}");
        assert!(self.stderr.contains(words), "{words}: {self:#?}");
        self
    }
}

impl Waiting {
    /// Reads stderr up to a line with these words, and returns the line.
    pub(crate) fn line_with(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).expect("stderr is UTF-8");
            assert!(read > 0, "no line has {words}: {}", self.seen);
            self.seen.push_str(&line);
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("stdin is a pipe");
        writeln!(stdin, "{line}").expect("it reads");
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        drop(self.child.stdin.take());
        self.stderr
            .read_to_string(&mut self.seen)
            .expect("stderr is UTF-8");
        let output = self.child.wait_with_output().expect("it was started");
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: self.seen,
        }
    }
}
