//! One report stream in one organisation: its position in the state, and its rows on their way to
//! stdout.

use crate::failure::Failure;
use crate::rows::record_lines::RecordLines;
use crate::rows::reports::record::ReportRecord;
use crate::state::reports::ReportCursor;
use crate::sync::explain;
use crate::sync::reports::tenant_report::TenantReport;
use crate::sync::statuses::End;
use crate::sync::stream_output::{self, StreamOutput};
use crate::xero::fault::Fault;

/// Estimated bytes of a report row.
const ROOM_FOR_ROW: usize = 700;

/// What is read, and where its rows and states go.
#[derive(Debug)]
pub(crate) struct ReportRun<'a> {
    pub(crate) report: TenantReport<'a>,
    pub(crate) output: &'a StreamOutput<'a, ReportCursor>,
}

impl ReportRun<'_> {
    /// The cursor that the last sync left.
    pub(crate) fn cursor(&self) -> ReportCursor {
        let known = self.output.progress(&self.report.tenant.id);
        known.unwrap_or_default()
    }

    /// Writes rows, and then the state that covers them.
    pub(crate) async fn emit(
        &mut self,
        records: &[ReportRecord],
        cursor: ReportCursor,
    ) -> Result<(), Failure> {
        let TenantReport { stream, tenant, .. } = self.report;
        let room = records.len() * ROOM_FOR_ROW;
        let mut lines = RecordLines::new(stream.name, &tenant.id, room);
        for record in records {
            let (written, data) = lines.line(|out| record.write(out));
            written.map_err(|error| {
                Failure::system("A row of a report could not be written.").because(error)
            })?;
            if let Some(limit) = record.exceeded_limit(data.len()) {
                let fault = Fault::Oversized(limit.to_string());
                return Err(explain::call(fault, stream, tenant.label()));
            }
            lines.end_row();
        }
        let lines = lines.all();
        let written = self.output.write(tenant, lines, None, |states| {
            states.set(&tenant.id, cursor);
            true
        });
        written.await.map_err(stream_output::closed)
    }

    /// Ends the organisation.
    pub(crate) fn end(self, end: End) {
        let TenantReport { tenant, calls, .. } = self.report;
        self.output.end(tenant, end, calls.get() as u64);
    }
}
