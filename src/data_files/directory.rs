//! The directory of the data files: its lock, its layout, and its repair after a killed sync.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::STATE;
use super::manifest::{DataFile, Manifest};
use super::part::{HIDDEN, Part, WholePart};
use crate::airbyte::protocol::Message;
use crate::failure::Failure;
use crate::files::{self, Lock};
use crate::state::StateFile;
use crate::streams;

const MANIFEST: &str = "manifest.json";
/// The file whose lock one sync holds. The folder has another lock while tokens of a config in it are
/// exchanged.
const LOCK: &str = ".xero-source.lock";

/// The directory, locked for this process.
#[derive(Debug)]
pub(super) struct Directory {
    root: PathBuf,
    #[expect(dead_code, reason = "it is held, not used")]
    lock: Lock,
}

/// The states by stream, as STATE messages hold them.
pub(super) type States = BTreeMap<String, Value>;

impl Directory {
    /// Locks the directory, and creates it if it is missing. Removes what a killed sync left.
    pub(super) fn open(root: &Path) -> Result<(Directory, Manifest, States), Failure> {
        let shown = files::shown(root);
        let unusable = |error: io::Error| {
            Failure::config(format!(
                "The directory {shown} cannot be used: {error}. Name a directory that this user can write to, on a filesystem that supports locks."
            ))
        };
        let lock = lock(root).map_err(unusable)?.ok_or_else(|| {
            Failure::transient(format!(
                "Another sync is writing to {shown}. Wait until it has ended, or name another directory."
            ))
        })?;
        let directory = Directory {
            root: root.to_path_buf(),
            lock,
        };
        let manifest = directory.read(MANIFEST).map_err(unusable)?;
        let states = directory.read(STATE).map_err(unusable)?;
        let manifest = match (manifest, &states) {
            (Some(text), _) => Manifest::parse(&text).ok_or_else(|| {
                Failure::config(format!(
                    "The file {MANIFEST} in {shown} is no manifest that this version can read. Restore the whole directory from one backup, or name another directory."
                ))
            })?,
            // Without the manifest nobody knows which files the states cover.
            (None, Some(_)) => {
                return Err(Failure::config(format!(
                    "The directory {shown} has a {STATE}, but no {MANIFEST}. Restore the whole directory from one backup, or name another directory."
                )));
            }
            (None, None) => {
                if let Some(path) = directory.data_file().map_err(unusable)? {
                    return Err(Failure::config(format!(
                        "The directory {shown} has the data file {path}, but no {MANIFEST} that says which files are current. Restore the whole directory from one backup, or name another directory."
                    )));
                }
                // From now on the data files are this program's, also if the sync is killed.
                let manifest = Manifest::default();
                directory.write_manifest(&manifest).map_err(unusable)?;
                manifest
            }
        };
        let states = match states {
            Some(text) => states_in(&text).map_err(|why| {
                Failure::config(format!(
                    "The file {STATE} in {shown} cannot be read: {why} Restore the whole directory from one backup. If you delete the file instead, the next sync reads everything again."
                ))
            })?,
            None => States::new(),
        };
        let manifest = directory.repair(manifest).map_err(unusable)?;
        Ok((directory, manifest, states))
    }

    /// Creates an empty data file for a stream.
    pub(super) fn part(&self, stream: &str, is_gzip: bool) -> io::Result<Part> {
        let folder = self.root.join(stream);
        create_folder(&folder).map_err(|error| at(&folder, error))?;
        Part::create(&folder, is_gzip).map_err(|error| at(&folder, error))
    }

    /// Gives a whole part of a stream its name: the numbers of the sync and of the part. Returns once
    /// the name is on the disk.
    pub(super) fn publish(
        &self,
        part: WholePart,
        stream: &str,
        (sync, number): (u64, u64),
        is_gzip: bool,
    ) -> io::Result<DataFile> {
        let name = part_name(sync, number, is_gzip);
        let file = DataFile {
            path: format!("{stream}/{name}"),
            sync,
            rows: part.rows,
            bytes: part.bytes,
        };
        let path = self.root.join(&file.path);
        let published = part.publish(&path).and_then(|()| files::sync_folder(&path));
        published.map_err(|error| at(&path, error))?;
        Ok(file)
    }

    /// Replaces the manifest.
    pub(super) fn write_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        self.replace(MANIFEST, &manifest.to_text()?)
    }

    /// Replaces the file of the states.
    pub(super) fn write_states(&self, states: &States) -> io::Result<()> {
        let mut text = String::new();
        for (stream, state) in states {
            let message = Message::state(stream, state.clone(), 0);
            text += &serde_json::to_string(&message)?;
            text.push('\n');
        }
        self.replace(STATE, &text)
    }

    /// Deletes data files. A file that stays is deleted by the next sync, because no manifest names it.
    pub(super) fn delete(&self, files: &[DataFile]) {
        for file in files {
            let _ = fs::remove_file(self.root.join(&file.path));
        }
    }

    /// Adds the folder of a stream to an error of the operating system.
    pub(super) fn at(&self, stream: &str, error: io::Error) -> io::Error {
        at(&self.root.join(stream), error)
    }

    /// Formats the path for a message.
    pub(super) fn shown(&self) -> String {
        files::shown(&self.root)
    }

    fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.root.join(name);
        files::replace(&path, text.as_bytes()).map_err(|error| at(&path, error))
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.root.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the path of a data file in the folder of a stream, if there is one.
    fn data_file(&self) -> io::Result<Option<String>> {
        for folder in self.stream_folders()? {
            for entry in fs::read_dir(self.root.join(&folder))? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if is_part_name(&name) {
                    return Ok(Some(format!("{folder}/{name}")));
                }
            }
        }
        Ok(None)
    }

    /// Returns the names of the folders of streams. A link to a folder is not this program's.
    fn stream_folders(&self) -> io::Result<Vec<String>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if streams::find(&name).is_some() && entry.file_type()?.is_dir() {
                folders.push(name);
            }
        }
        Ok(folders)
    }

    /// Removes the files of a killed sync: hidden files, and data files that the manifest does not
    /// name. The states do not cover their rows. Drops files from the manifest that somebody deleted.
    fn repair(&self, mut manifest: Manifest) -> io::Result<Manifest> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_temporary = [MANIFEST, STATE].iter().any(|it| is_temporary(&name, it));
            if is_temporary {
                fs::remove_file(entry.path())?;
            }
        }
        for folder in self.stream_folders()? {
            remove_unnamed(&self.root.join(&folder), |file| {
                manifest.names(&format!("{folder}/{file}"))
            })?;
        }
        for stream in manifest.streams.values_mut() {
            stream.keep_files(|path| self.root.join(path).exists());
        }
        Ok(manifest)
    }
}

/// Returns the states in a file, or why there are none. A sync writes at least one.
fn states_in(text: &[u8]) -> Result<States, String> {
    let states = StateFile::parse(text).map_err(|failure| failure.to_string())?;
    let states = states.into_states();
    match states.is_empty() {
        true => Err("It has no state.".to_owned()),
        false => Ok(states),
    }
}

/// Locks the directory. `None` if another process has the lock.
fn lock(root: &Path) -> io::Result<Option<Lock>> {
    create_folder(root)?;
    let path = root.join(LOCK);
    let mut options = File::options();
    options.create(true).append(true).open(&path)?;
    Lock::now(&path)
}

/// Creates a folder that only its owner can read, unless it exists.
fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Removes the data files that the manifest does not name.
fn remove_unnamed(folder: &Path, is_named: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_hidden_part(&name) || is_part_name(&name) && !is_named(&name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Returns the name of a data file. Names sort in the order in which the files were written.
fn part_name(sync: u64, part: u64, is_gzip: bool) -> String {
    let end = if is_gzip { ".gz" } else { "" };
    format!("{sync:06}-{part:04}.jsonl{end}")
}

/// Whether a sync gave this name to a file while it wrote it.
fn is_hidden_part(name: &str) -> bool {
    let random = name.strip_prefix('.');
    let random = random.and_then(|it| it.strip_suffix(HIDDEN));
    random.is_some_and(|it| it.len() == 6 && it.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a sync gave this name to a file.
fn is_part_name(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let numbers = name
        .strip_suffix(".jsonl")
        .and_then(|it| it.split_once('-'));
    numbers.is_some_and(|(sync, part)| {
        let is_number = |text: &str, digits| {
            text.len() >= digits && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        is_number(sync, 6) && is_number(part, 4)
    })
}

/// Whether `name` is that of a temporary file in place of the file `of`.
fn is_temporary(name: &str, of: &str) -> bool {
    let name = name.strip_prefix('.');
    let rest = name.and_then(|name| name.strip_prefix(of));
    rest.is_some_and(|rest| rest.starts_with('.'))
}

/// Adds the path to an error of the operating system.
fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", files::shown(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_data_files_are_names_of_data_files() {
        for (sync, part, is_gzip) in [(1, 1, false), (999_999, 9_999, true), (1_000_000, 7, true)] {
            assert!(is_part_name(&part_name(sync, part, is_gzip)));
        }
        for name in [
            "notes.jsonl",
            "000001.jsonl",
            "000001-0001.json",
            "000001-0001.jsonl.bak",
            "2026-01.jsonl",
            "000001-000x.jsonl",
        ] {
            assert!(!is_part_name(name), "{name}");
        }
        assert!(is_hidden_part(".a1B2c3.part"));
        for name in [".part", ".notes.part", "a1B2c3.part", ".a1B2c3.jsonl"] {
            assert!(!is_hidden_part(name), "{name}");
        }
        assert!(part_name(9, 10, false) < part_name(10, 2, false));
        assert!(part_name(9, 9, true) < part_name(9, 10, false));
    }
}
