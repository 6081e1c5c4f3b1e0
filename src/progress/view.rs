//! Starts and ends what people see of a sync: the display on stderr and the report.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::failure::Failure;
pub(crate) use crate::progress::display::Stdout;
use crate::progress::display::{Display, When};
use crate::progress::model::{Outcome, SyncProgress};
use crate::progress::report::ReportFile;

/// What a user wants to see of a sync.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ViewOptions {
    /// Show the progress on stderr. auto: at a terminal, unless messages for programs go to it.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) progress: When,
    /// Write an HTML page about the sync to this file at the end.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

/// The display and the report of one sync. Dropped before [`View::end`], it shows that the sync was
/// interrupted.
#[derive(Debug)]
pub(crate) struct View {
    progress: Arc<SyncProgress>,
    display: Option<Display>,
    report: Option<ReportFile>,
}

impl View {
    /// Starts the display. Fails if the report cannot be written.
    pub(crate) fn start(
        progress: &Arc<SyncProgress>,
        options: &ViewOptions,
        stdout: Stdout,
    ) -> Result<View, Failure> {
        let report = options.report.as_deref().map(ReportFile::prepare);
        Ok(View {
            report: report.transpose()?,
            display: Display::start(progress.clone(), options.progress, stdout),
            progress: progress.clone(),
        })
    }

    /// Ends the display and writes the report.
    pub(crate) fn end(self, outcome: Outcome) {
        self.progress.end(outcome);
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if let Some(display) = self.display.take() {
            display.end();
        }
        if let Some(report) = self.report.take() {
            report.write(&self.progress);
        }
    }
}
