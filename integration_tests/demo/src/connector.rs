//! The connector's release binary, run in a folder as a platform runs it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::Result;

pub(crate) struct Connector {
    binary: PathBuf,
    folder: PathBuf,
}

impl Connector {
    /// Lets cargo build the binary with the features and the profile that this program has,
    /// so that only the connector itself can be left to compile.
    pub(crate) fn build(folder: &Path) -> Result<Connector> {
        let cargo = std::env::var_os("CARGO").unwrap_or(OsString::from("cargo"));
        let output = Command::new(cargo)
            .args(["build", "--release", "--locked", "--bin", "xero-source"])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err("cargo could not build the connector".into());
        }
        let binary = String::from_utf8(output.stdout)?
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| message["executable"].as_str().map(PathBuf::from));
        Ok(Connector {
            binary: binary.ok_or("cargo named no binary")?,
            folder: folder.to_path_buf(),
        })
    }

    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }

    /// Runs one verb and returns its messages, which are also appended to messages.jsonl.
    pub(crate) fn run(&self, verb: &str, arguments: &[&str]) -> Result<String> {
        let path = self.folder.join("stdout.jsonl");
        let status = Command::new(&self.binary)
            .arg(verb)
            .args(arguments)
            .current_dir(&self.folder)
            .stdout(File::create(&path)?)
            .status()?;
        let messages = fs::read_to_string(&path)?;
        fs::remove_file(path)?;
        let log = self.folder.join("messages.jsonl");
        let mut log = OpenOptions::new().create(true).append(true).open(log)?;
        log.write_all(messages.as_bytes())?;
        if !status.success() {
            return Err(format!("xero-source {verb} ended with {status}:\n{messages}").into());
        }
        self.keep_config(&messages)?;
        Ok(messages)
    }

    /// Writes the config. It holds secrets, so only its owner may read it.
    pub(crate) fn configure(&self, config: &Value) -> Result<()> {
        let path = self.folder.join("config.json");
        fs::write(&path, config.to_string())?;
        Ok(fs::set_permissions(path, Permissions::from_mode(0o600))?)
    }

    /// Replaces the config by the one of a CONTROL message, as a platform does: it holds the
    /// next refresh token.
    fn keep_config(&self, messages: &str) -> Result<()> {
        let controls = messages.lines().filter(|line| line.contains("\"CONTROL\""));
        for control in controls {
            let control: Value = serde_json::from_str(control)?;
            let config = &control["control"]["connectorConfig"]["config"];
            if config.is_object() {
                self.configure(config)?;
            }
        }
        Ok(())
    }

    /// Writes a catalog of the streams that the demo reads. It has every stream of `discover`, with three
    /// exceptions: one of the streams that cost a call per document, one of the reports that cost a
    /// call per month, and no journals. There are so many that their calls would wait for Xero's limits.
    pub(crate) fn select(&self, discovered: &str) -> Result<()> {
        let catalog = discovered
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| message["catalog"]["streams"].as_array().cloned())
            .ok_or("discover gave no catalog")?;
        let streams = catalog.iter().filter(|stream| is_read(&stream["name"]));
        let streams = streams.map(|stream| {
            let modes = stream["supported_sync_modes"].as_array();
            let mode = modes.and_then(|modes| modes.last());
            json!({"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"})
        });
        let catalog = json!({"streams": streams.collect::<Vec<_>>()});
        let path = self.folder.join("catalog.json");
        Ok(fs::write(path, catalog.to_string())?)
    }

    /// Writes the state for the next sync.
    pub(crate) fn save_state(&self, states: &Value) -> Result<()> {
        Ok(fs::write(
            self.folder.join("state.json"),
            states.to_string(),
        )?)
    }
}

fn is_read(stream: &Value) -> bool {
    match stream.as_str().unwrap_or_default() {
        "cis_settings" | "history" | "online_invoices" => false,
        "report_profit_and_loss" => true,
        name => !["report_", "journal"]
            .iter()
            .any(|start| name.starts_with(start)),
    }
}
