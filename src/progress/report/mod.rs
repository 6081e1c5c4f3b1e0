//! Writes the figures of a sync as one HTML page, which needs no script and no other file.

mod chart;
mod html;
mod next_sync;
mod page;

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files;
use crate::progress::model::SyncProgress;

/// The file of a report, which is known to be writable.
#[derive(Debug)]
pub(crate) struct ReportFile(PathBuf);

impl ReportFile {
    /// Proves that the file can be written.
    pub(crate) fn prepare(path: &Path) -> Result<ReportFile, Failure> {
        let shown = files::shown(path);
        if path.is_dir() || path.file_name().is_none() {
            return Err(Failure::config(format!(
                "The report cannot be written to {shown}, which is a directory. Name a file in it, such as report.html."
            )));
        }
        if is_another_file(path) {
            return Err(Failure::config(format!(
                "The report cannot be written to {shown}: this file is no HTML page. Name another file."
            )));
        }
        files::prove_writable(path).map_err(|error| {
            Failure::config(format!(
                "The report cannot be written to {shown}. Check that its directory exists and that this user may write to it."
            ))
            .because(error)
        })?;
        Ok(ReportFile(path.to_owned()))
    }

    /// Writes the report. A file that cannot be written any more is a warning, because the sync is over.
    pub(crate) fn write(self, progress: &SyncProgress) {
        let page = progress.look(page::page);
        let path = files::shown(&self.0);
        match files::replace(&self.0, page.as_bytes()) {
            Ok(()) => tracing::info!("wrote the report of this sync to {path}"),
            Err(error) => {
                tracing::warn!("the report of this sync could not be written to {path}: {error}");
            }
        }
    }
}

/// The beginning of every report.
const HTML: &[u8] = b"<!DOCTYPE html>";

/// Whether there is a file with a content that is no HTML page. It may be a config or a catalog.
fn is_another_file(path: &Path) -> bool {
    let content = std::fs::read(path).unwrap_or_default();
    !content.is_empty() && !content.starts_with(HTML)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_replaces_a_report_and_no_other_file() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("file");
        let report = SyncProgress::new().look(page::page);
        for (content, is_prepared) in [
            (None, true),
            (Some(""), true),
            (Some(report.as_str()), true),
            (Some("{\"client_secret\": \"s3cret\"}"), false),
            (Some("<!DOC"), false),
        ] {
            if let Some(content) = content {
                std::fs::write(&path, content).expect("a file for the test");
            }
            let prepared = ReportFile::prepare(&path);
            assert_eq!(prepared.is_ok(), is_prepared, "{content:?}");
        }
    }
}
