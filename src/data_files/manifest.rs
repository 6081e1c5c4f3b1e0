//! The manifest: which files of the directory are current, and how far each stream is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::streams::Stream;

/// The version of the manifest's form.
const VERSION: u32 = 1;

/// The content of `manifest.json`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Manifest {
    version: u32,
    /// The number of the last sync that saved anything.
    pub(super) sync: u64,
    pub(super) streams: BTreeMap<String, StreamEntry>,
}

/// One stream of the manifest.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct StreamEntry {
    pub(super) mode: Mode,
    primary_key: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor_field: Option<String>,
    /// Whether the last sync of the stream read it to its end.
    pub(super) complete: bool,
    /// When the last complete sync ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_complete: Option<String>,
    /// The number of rows in all files.
    pub(super) rows: u64,
    /// The current files, oldest first.
    pub(super) files: Vec<DataFile>,
}

/// How the files of a stream follow each other.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// Each sync adds files with new versions of rows.
    Append,
    /// Each sync replaces all files.
    Overwrite,
}

/// One data file.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct DataFile {
    /// The path below the directory.
    pub(super) path: String,
    /// The number of the sync that wrote it.
    pub(super) sync: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Default for Manifest {
    fn default() -> Manifest {
        Manifest {
            version: VERSION,
            sync: 0,
            streams: BTreeMap::new(),
        }
    }
}

impl Manifest {
    /// Parses a manifest. `None` if this version did not write it.
    pub(super) fn parse(text: &[u8]) -> Option<Manifest> {
        let manifest: Manifest = serde_json::from_slice(text).ok()?;
        (manifest.version == VERSION).then_some(manifest)
    }

    /// Returns the text of the file.
    pub(super) fn to_text(&self) -> std::io::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Returns the entry of a stream, which is new if no sync has read the stream.
    pub(super) fn entry(&mut self, stream: &Stream, mode: Mode) -> &mut StreamEntry {
        let entry = self.streams.entry(stream.name.to_owned());
        entry.or_insert_with(|| StreamEntry {
            mode,
            primary_key: stream.key.iter().map(|key| (*key).to_owned()).collect(),
            cursor_field: stream.cursor.map(str::to_owned),
            complete: false,
            last_complete: None,
            rows: 0,
            files: Vec::new(),
        })
    }

    /// Whether a file is current.
    pub(super) fn names(&self, path: &str) -> bool {
        let mut files = self.streams.values().flat_map(|stream| &stream.files);
        files.any(|file| file.path == path)
    }
}

impl StreamEntry {
    /// Drops the files for which `is_there` is false.
    pub(super) fn keep_files(&mut self, is_there: impl Fn(&str) -> bool) {
        self.files.retain(|file| is_there(&file.path));
        self.count();
    }

    /// Adds files of a sync. They replace those of earlier syncs if the stream is overwritten. Returns
    /// the replaced files.
    pub(super) fn add_files(
        &mut self,
        mode: Mode,
        sync: u64,
        files: Vec<DataFile>,
    ) -> Vec<DataFile> {
        self.mode = mode;
        let is_replaced = |file: &mut DataFile| mode == Mode::Overwrite && file.sync != sync;
        let replaced = self.files.extract_if(.., is_replaced).collect();
        self.files.extend(files);
        self.count();
        replaced
    }

    fn count(&mut self) {
        self.rows = self.files.iter().map(|file| file.rows).sum();
    }
}
