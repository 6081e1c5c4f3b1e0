//! A scene whose invoices have files, and a directory for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use tempfile::TempDir;
use xero_sim::{Attachment, Entity, File};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

/// A megabyte as the setting counts it.
pub(crate) const MEGABYTE: u64 = 1 << 20;

/// Where a test's files go.
pub(crate) struct FileScene {
    pub(crate) scene: Scene,
    folder: TempDir,
}

impl FileScene {
    /// One invoice for each of the lists of files, and nothing else.
    pub(crate) fn new(files: &[Vec<Attachment>]) -> FileScene {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.unlimited();
            world.fill(tenant, Entity::Invoices, files.len());
            for (number, files) in (1..).zip(files) {
                world.attach_files(tenant, Entity::Invoices, number, files.clone());
            }
        });
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        FileScene { scene, folder }
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A config that downloads files into the directory.
    pub(crate) fn config(&self) -> Value {
        let mut config = self.scene.flat();
        config["download_attachments"] = true.into();
        config["attachments_directory"] = self.path().display().to_string().into();
        config
    }

    /// Reads the stream.
    pub(crate) fn read(&self, config: &Value, state: Option<&Value>) -> Run {
        self.scene.read(config, &["attachments"], state)
    }

    /// The files of an invoice, as Xero has them.
    pub(crate) fn files(&self, number: u64) -> Vec<File> {
        self.scene
            .sim
            .world(|world| world.files(&self.scene.tenant, Entity::Invoices, number))
    }

    /// Every file below the directory by its path there.
    pub(crate) fn found(&self) -> BTreeMap<String, Vec<u8>> {
        let (mut found, mut folders) = (BTreeMap::new(), vec![self.path().to_path_buf()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder can be listed") {
                let path: PathBuf = entry.expect("a folder can be listed").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(self.path()).expect("it is below");
                let bytes = std::fs::read(&path).expect("a file can be read");
                found.insert(name.display().to_string(), bytes);
            }
        }
        found
    }

    /// The number of requests for the content of each file, by its id.
    pub(crate) fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for call in self.scene.calls() {
            if let Some((_, file)) = call.split_once("/Attachments/") {
                *asked.entry(file.to_owned()).or_default() += 1;
            }
        }
        asked
    }
}

/// A PDF of this number of bytes.
pub(crate) fn pdf(length: u64) -> Attachment {
    Attachment::new("scan.pdf", "application/pdf", length)
}

/// SHA-256 as 64 digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// The rows' `FileStatus` by file.
pub(crate) fn statuses(run: &Run) -> BTreeMap<String, String> {
    let rows = run.records("attachments").into_iter();
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    rows.map(|row| (text(&row["AttachmentID"]), text(&row["FileStatus"])))
        .collect()
}

/// The warnings about files that were skipped.
pub(crate) fn skipped(run: &Run) -> Vec<&str> {
    let warnings = run.logs("WARN").into_iter();
    warnings.filter(|it| it.contains("is skipped")).collect()
}
