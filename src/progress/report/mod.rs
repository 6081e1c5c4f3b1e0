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
