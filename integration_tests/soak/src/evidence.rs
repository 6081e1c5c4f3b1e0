//! The files that a failed round leaves.

use std::fs;
use std::io;
use std::path::Path;

use crate::process::Outcome;
use crate::settings::masked;
use serde_json::Value;

/// What is known of a failed round.
pub(crate) struct Evidence<'r> {
    pub(crate) violations: &'r [String],
    pub(crate) events: &'r [String],
    pub(crate) config: &'r Value,
    /// The folder of the round.
    pub(crate) folder: &'r Path,
    pub(crate) last: Option<&'r Outcome>,
}

impl Evidence<'_> {
    /// Writes the files. Those of an earlier run with the same seed are replaced.
    pub(crate) fn write(&self, to: &Path) -> io::Result<()> {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        fs::create_dir_all(to)?;
        for name in [
            "catalog.json",
            "state.json",
            "xero/manifest.json",
            "xero/state.json",
        ] {
            let from = self.folder.join(name);
            if from.exists() {
                fs::copy(from, to.join(name.replace('/', "-")))?;
            }
        }
        fs::write(to.join("config.json"), masked(self.config).to_string())?;
        fs::write(to.join("events.txt"), self.events.join("\n"))?;
        fs::write(to.join("violations.txt"), self.violations.join("\n"))?;
        if let Some(last) = self.last {
            // A new config in the output holds tokens.
            let shown = last
                .lines
                .iter()
                .filter(|line| !line.contains("\"CONTROL\""));
            let shown: Vec<_> = shown.map(String::as_str).collect();
            fs::write(to.join("stdout.jsonl"), shown.join("\n"))?;
            fs::write(to.join("stderr.txt"), &last.stderr)?;
        }
        Ok(())
    }
}
