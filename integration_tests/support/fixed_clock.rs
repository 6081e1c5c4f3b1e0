//! The connector and the simulator under one clock that stands still, so that a run prints
//! the same bytes on every day.
//!
//! The simulator has a clock of its own. The connector has none: a library that is loaded
//! before the C library answers its questions for the time. It is compiled here, because a
//! build needs a C compiler anyway.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use xero_sim::{App, AppId, Sim, TenantId, TokenSet, World};

use crate::support::connector::{self, Run};
use crate::support::scene::{CLIENT_ID, CLIENT_SECRET, SCOPES, flat_config};

/// 2026-08-14T09:30:00Z in milliseconds since the Unix epoch.
pub(crate) const START: i64 = 1_786_699_800_000;

/// A simulator whose clock stands at [`START`] and has no limits, and files for the connector.
pub(crate) struct FixedScene {
    pub(crate) sim: Sim,
    pub(crate) tenant: TenantId,
    pub(crate) app: AppId,
    second: Option<TenantId>,
    pub(crate) tokens: TokenSet,
    pub(crate) folder: TempDir,
    /// The program that is run.
    pub(crate) binary: String,
}

impl FixedScene {
    /// One organisation as `fill` makes it, and a consent to all scopes.
    pub(crate) fn new(fill: impl FnOnce(&mut World, &TenantId)) -> FixedScene {
        FixedScene::with("NZD", SCOPES, fill)
    }

    /// The same in another currency or with other scopes.
    pub(crate) fn with(
        currency: &str,
        scopes: &str,
        fill: impl FnOnce(&mut World, &TenantId),
    ) -> FixedScene {
        let mut world = World::new(7);
        world.fix_clock(START);
        world.unlimited();
        let tenant = world.add_tenant("Demo Company", currency);
        fill(&mut world, &tenant);
        let app = world.add_app(App::web(CLIENT_ID, CLIENT_SECRET));
        let tokens = world.consent(&app, std::slice::from_ref(&tenant), scopes);
        FixedScene {
            sim: Sim::start(world),
            tenant,
            app,
            second: None,
            tokens,
            folder: tempfile::tempdir().expect("there is room for temporary files"),
            binary: connector::BINARY.to_owned(),
        }
    }

    /// Adds an organisation, and a consent to both takes the place of the one to the first.
    pub(crate) fn add_tenant(&mut self, fill: impl FnOnce(&mut World, &TenantId)) -> TenantId {
        let (app, first) = (self.app.clone(), self.tenant.clone());
        let (second, tokens) = self.sim.world(|world| {
            let second = world.add_tenant("Kiwi Imports Limited", "NZD");
            fill(world, &second);
            let tokens = world.consent(&app, &[first, second.clone()], SCOPES);
            (second, tokens)
        });
        self.tokens = tokens;
        self.second = Some(second.clone());
        second
    }

    /// A config with the tokens of the consent. Reports begin in the year of the clock.
    pub(crate) fn config(&self) -> Value {
        flat_config(&self.tokens, &self.tenant, &self.sim.url())
    }

    /// Writes a JSON file for the connector.
    pub(crate) fn file(&self, name: &str, content: &Value) -> String {
        connector::file(self.folder.path(), name, content)
    }

    /// A run of a verb with the config, not started yet.
    pub(crate) fn command(&self, config: &Value, arguments: &[&str]) -> Command {
        let config = self.file("config.json", config);
        let mut command = Command::new(&self.binary);
        connector::hasty(command.args(arguments).env_clear())
            .args(["--config", &config])
            // Nothing is late here but on a busy machine.
            .env("XERO_SOURCE_TIMEOUT_CAP_MS", "20000")
            .env("LD_PRELOAD", library())
            .env("FIXED_CLOCK_SECONDS", self.seconds().to_string())
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command
    }

    /// Runs a verb with the config.
    pub(crate) fn run(&self, config: &Value, arguments: &[&str]) -> Run {
        let output = self.command(config, arguments).output();
        Run::of(output.expect("the binary starts"))
    }

    /// A read of a catalog from states, if there are any, not started yet.
    pub(crate) fn reading(
        &self,
        config: &Value,
        catalog: &Value,
        states: Option<&Value>,
    ) -> Command {
        let catalog = self.file("catalog.json", catalog);
        let states = states.map(|states| self.file("state.json", states));
        let mut arguments = vec!["read", "--catalog", &catalog];
        arguments.extend(states.iter().flat_map(|path| ["--state", path.as_str()]));
        self.command(config, &arguments)
    }

    /// Reads a catalog from states, if there are any.
    pub(crate) fn read(&self, config: &Value, catalog: &Value, states: Option<&Value>) -> Run {
        let output = self.reading(config, catalog, states).output();
        Run::of(output.expect("the binary starts"))
    }

    /// The organisations in the order in which they came.
    pub(crate) fn tenants(&self) -> Vec<TenantId> {
        [Some(self.tenant.clone()), self.second.clone()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn seconds(&self) -> i64 {
        self.sim.world(|world| world.now()) / 1_000
    }
}

/// The library that answers for the clock, compiled once for all tests.
fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<(PathBuf, TempDir)> = OnceLock::new();
    let compile = || {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let source = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/integration_tests/golden/clock.c"
        );
        let library = folder.path().join("clock.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]);
        let status = compiler.arg(&library).arg(source).status();
        assert!(status.is_ok_and(|it| it.success()), "cc compiles {source}");
        (library, folder)
    };
    &LIBRARY.get_or_init(compile).0
}
