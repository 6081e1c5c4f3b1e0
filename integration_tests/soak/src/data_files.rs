//! The directory of `xero-source sync`, read as docs/sync.md says: by its manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::destination::{Mode, Table};
use crate::json::Json;
use crate::platform::{End, write};

/// The config and the directory of syncs without a platform.
pub(crate) struct DataFiles {
    folder: PathBuf,
}

impl DataFiles {
    pub(crate) fn new(folder: &Path) -> DataFiles {
        DataFiles {
            folder: folder.to_owned(),
        }
    }

    fn out(&self) -> PathBuf {
        self.folder.join("xero")
    }

    /// The arguments of a sync with a config. The sync writes new tokens into the file.
    pub(crate) fn arguments(
        &self,
        config: &Value,
        selection: &BTreeSet<String>,
        flags: &[&str],
    ) -> Vec<String> {
        let config = write(&self.folder, "config.json", config);
        let names: Vec<_> = selection.iter().map(String::as_str).collect();
        let (out, names) = (self.out().display().to_string(), names.join(","));
        let arguments = [
            "sync",
            "--config",
            &config,
            "--out",
            &out,
            "--streams",
            &names,
        ];
        [&arguments[..], flags]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// The config as the last sync left it.
    pub(crate) fn config(&self) -> Result<Value, String> {
        let text = fs::read_to_string(self.folder.join("config.json"));
        let text = text.map_err(|error| format!("the config cannot be read: {error}"))?;
        serde_json::from_str(&text).map_err(|error| format!("the config is no JSON: {error}"))
    }

    /// Replaces the rows of the tables by those of the files that the manifest names. Returns which of the
    /// streams the last sync completed.
    pub(crate) fn load(
        &self,
        tables: &mut BTreeMap<String, Table>,
    ) -> Result<BTreeMap<String, End>, String> {
        let path = self.out().join("manifest.json");
        if !path.exists() {
            return Ok(BTreeMap::new());
        }
        let manifest = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let manifest: Value = serde_json::from_str(&manifest)
            .map_err(|error| format!("the manifest is no JSON: {error}"))?;
        let mut ends = BTreeMap::new();
        for (name, entry) in manifest["streams"].as_object().into_iter().flatten() {
            let Some(table) = tables.get_mut(name) else {
                return Err(format!(
                    "the manifest has the stream {name}, which was not selected"
                ));
            };
            table.clear();
            // Rows of the mode `append` have versions. The newest one by cursor and by time counts, and the
            // files are in the order of time.
            table.mode = Mode::Deduplicated;
            let files = entry["files"].as_array().into_iter().flatten();
            for file in files {
                for row in self.rows(file)? {
                    table.write(row);
                }
            }
            if entry["mode"] == "overwrite" {
                table.mode = Mode::Overwrite;
            }
            let end = match entry["complete"] == true {
                true => End::Complete,
                false => End::Incomplete,
            };
            ends.insert(name.clone(), end);
        }
        Ok(ends)
    }

    /// The rows of a file, which must be whole.
    fn rows(&self, file: &Value) -> Result<Vec<Json>, String> {
        let name = file["path"].as_str().unwrap_or_default();
        let bytes = fs::read(self.out().join(name));
        let bytes = bytes.map_err(|error| format!("the manifest names {name}: {error}"))?;
        if file["bytes"] != bytes.len() {
            return Err(format!(
                "{name} has {} bytes, not {}",
                bytes.len(),
                file["bytes"]
            ));
        }
        let mut text = String::new();
        let read = match name.ends_with(".gz") {
            true => GzDecoder::new(&bytes[..]).read_to_string(&mut text),
            false => (&bytes[..]).read_to_string(&mut text),
        };
        read.map_err(|error| format!("{name} cannot be read: {error}"))?;
        if !text.ends_with('\n') || file["rows"] != text.lines().count() {
            return Err(format!(
                "{name} has not the {} rows of the manifest",
                file["rows"]
            ));
        }
        let rows = text.lines().map(|line| {
            let mut row = Json::parse(line).map_err(|error| format!("{name}: {error}"))?;
            row.remove("_extracted_at");
            Ok(row)
        });
        rows.collect()
    }

    /// The files that are in the directory although nothing names them.
    pub(crate) fn forgotten(&self) -> Vec<String> {
        let manifest = fs::read_to_string(self.out().join("manifest.json")).unwrap_or_default();
        let mut found = Vec::new();
        let mut folders = vec![self.out()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = path
                    .strip_prefix(self.out())
                    .unwrap_or(&path)
                    .display()
                    .to_string();
                let is_known = ["manifest.json", "state.json", ".xero-source.lock"]
                    .contains(&&*name)
                    || manifest.contains(&format!("\"{name}\""));
                match path.is_dir() {
                    true => folders.push(path),
                    false if !is_known => found.push(name),
                    false => {}
                }
            }
        }
        found
    }
}
