//! Runs of `sync`, and what they leave in their directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::connector::{command, started_by};
use crate::support::scene::Scene;

/// A directory for the files of syncs.
pub(crate) struct SyncFolder {
    folder: TempDir,
    config: String,
}

/// The rows of a stream, as JSON.
pub(crate) type Rows = Vec<Value>;

impl SyncFolder {
    /// A new directory, and a config for the scene.
    pub(crate) fn new(scene: &Scene, config: &Value) -> SyncFolder {
        SyncFolder {
            folder: tempfile::tempdir().expect("there is room for temporary files"),
            config: scene.file("config.json", config),
        }
    }

    /// The directory, which the first sync creates.
    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("xero")
    }

    /// Prepares a sync of these streams, or of the default ones if there are none.
    pub(crate) fn command(&self, streams: &[&str], flags: &[&str]) -> Command {
        command(&as_str(&self.arguments(streams, flags)))
    }

    /// Prepares a sync that the program `starter` starts.
    pub(crate) fn started_by(&self, starter: &[&str], streams: &[&str]) -> Command {
        started_by(starter, &as_str(&self.arguments(streams, &[])))
    }

    fn arguments(&self, streams: &[&str], flags: &[&str]) -> Vec<String> {
        let out = self.out().display().to_string();
        let names = streams.join(",");
        let mut arguments = vec!["sync", "--config", &self.config, "--out", &out];
        if !streams.is_empty() {
            arguments.extend(["--streams", &names]);
        }
        arguments.extend(flags);
        arguments.into_iter().map(str::to_owned).collect()
    }

    /// Runs a sync to its end.
    pub(crate) fn sync(&self, streams: &[&str], flags: &[&str]) -> Output {
        let output = self.command(streams, flags).output();
        output.expect("the binary starts")
    }

    /// Runs a sync that must complete.
    pub(crate) fn completed(&self, streams: &[&str], flags: &[&str]) -> String {
        let output = self.sync(streams, flags);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("stdout is text")
    }

    /// The manifest. Every file that it names is there, whole, for its owner only, and has as many rows
    /// as it says.
    pub(crate) fn manifest(&self) -> Value {
        let manifest = self.unchecked_manifest();
        for file in manifest["streams"]
            .as_object()
            .expect("streams by name")
            .values()
            .flat_map(|stream| stream["files"].as_array().expect("a list of files"))
        {
            let path = self.out().join(file["path"].as_str().expect("a path"));
            let mode = fs::metadata(&path)
                .expect("the file is there")
                .permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
            let size = fs::metadata(&path).expect("the file is there").len();
            assert_eq!(file["bytes"], size, "{}", path.display());
            let rows = rows_of(&path).len();
            assert_eq!(file["rows"], rows, "{}", path.display());
        }
        manifest
    }

    fn unchecked_manifest(&self) -> Value {
        let text = fs::read(self.out().join("manifest.json")).expect("there is a manifest");
        serde_json::from_slice(&text).expect("the manifest is JSON")
    }

    /// The rows in the files of a stream that the manifest names, in the order of the files.
    pub(crate) fn rows(&self, stream: &str) -> Rows {
        let manifest = self.unchecked_manifest();
        let files = manifest["streams"][stream]["files"].as_array();
        let files = files.map(Vec::as_slice).unwrap_or_default().iter();
        let paths = files.map(|file| self.out().join(file["path"].as_str().expect("a path")));
        paths.flat_map(|path| rows_of(&path)).collect()
    }

    /// The newest version of each row, by a key, without the time at which it was read. This is what the
    /// query in docs/sync.md returns.
    pub(crate) fn newest(&self, stream: &str, key: &[&str]) -> BTreeMap<String, Value> {
        let mut rows = self.rows(stream);
        let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
        rows.sort_by_key(|row| (text(row, "UpdatedDateUTC"), text(row, "_extracted_at")));
        let rows = rows.into_iter().map(|mut row| {
            let id = key.iter().map(|field| row[*field].to_string());
            let id = id.collect::<Vec<_>>().join(" ");
            let fields = row.as_object_mut().expect("a row is an object");
            let at = fields.remove("_extracted_at").expect("each row has a time");
            assert!(at.as_str().is_some_and(|at| at.ends_with('Z')), "{at}");
            (id, row)
        });
        rows.collect()
    }

    /// All files below the directory, by their paths in it.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        fn walk(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("the folder is readable").path();
                match path.is_dir() {
                    true => walk(root, &path, found),
                    false => {
                        let below = path.strip_prefix(root).expect("it is below the root");
                        found.insert(below.display().to_string());
                    }
                }
            }
        }
        let mut found = BTreeSet::new();
        walk(&self.out(), &self.out(), &mut found);
        found
    }

    /// Asserts that the directory holds the files that the manifest names, and no other data file.
    pub(crate) fn has_no_other_files(&self) {
        let manifest = self.manifest();
        let streams = manifest["streams"].as_object().expect("streams by name");
        let files = streams
            .values()
            .flat_map(|stream| stream["files"].as_array());
        let named = files.flatten().filter_map(|file| file["path"].as_str());
        let others = [".xero-source.lock", "manifest.json", "state.json"];
        let expected: BTreeSet<_> = named.chain(others).map(str::to_owned).collect();
        assert_eq!(self.files(), expected);
    }
}

fn as_str(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// The rows of a data file, each of which must be a whole line.
fn rows_of(path: &Path) -> Rows {
    let text = match path.extension().is_some_and(|end| end == "gz") {
        false => fs::read(path).expect("the file is readable"),
        true => {
            let unpacked = Command::new("gzip").args(["-dc"]).arg(path).output();
            unpacked.expect("there is gzip").stdout
        }
    };
    let text = String::from_utf8(text).expect("a data file is text");
    assert!(text.ends_with('\n'), "{} is cut short", path.display());
    let rows = text.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>().expect("a line is JSON")
}

/// The records of a read, by key.
pub(crate) fn by_key(records: Vec<&Value>, key: &[&str]) -> BTreeMap<String, Value> {
    let rows = records.into_iter().map(|row| {
        let id = key.iter().map(|field| row[*field].to_string());
        (id.collect::<Vec<_>>().join(" "), row.clone())
    });
    rows.collect()
}
