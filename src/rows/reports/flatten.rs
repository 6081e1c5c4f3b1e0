//! Flattens a report into typed rows: one row per value of each line.

use chrono::DateTime;

use super::answer::{ReportBody, Row};
use super::identities::Identities;
use super::record::{ReportRecord, RowKind};
use super::sections::{is_total, joined, paths};
use crate::rows::reports::report_context::{Columns, ReportContext};
use crate::rows::rewrite::{instant, ms_date};

/// Ids of pseudo accounts, which are absent from the list of accounts: currency gains and losses,
/// and current year earnings.
const PSEUDO_ACCOUNTS: [&str; 2] = ["FXGROUPID", "00000000-0000-0000-0000-000000000000"];

/// Returns the number of columns after the title column.
pub(crate) fn width(report: &ReportBody<'_>) -> usize {
    let rows = report.rows.as_deref().unwrap_or_default();
    let header = rows.iter().find(|row| row.is("Header"));
    let cells = header.map_or(0, |header| header.cells().len());
    cells.saturating_sub(1)
}

/// Flattens the rows of a report.
pub(crate) fn flatten(report: &ReportBody<'_>, context: &ReportContext) -> Vec<ReportRecord> {
    let rows = report.rows.as_deref().unwrap_or_default();
    let header = rows.iter().find(|row| row.is("Header"));
    let titles = header.map(|header| header.cells().iter().map(|cell| cell.text()));
    let mut flattening = Flattening {
        context,
        template: template(report, context),
        titles: titles.map(Iterator::collect).unwrap_or_default(),
        lines: Identities::default(),
        cells: Identities::default(),
        position: 0,
        records: Vec::new(),
    };
    for (row, path) in rows.iter().zip(paths(rows)) {
        flattening.row(row, &path, !row.heading().trim().is_empty());
    }
    flattening.fields(report);
    flattening.records
}

/// Creates the fields that all rows of the report share.
fn template(report: &ReportBody<'_>, context: &ReportContext) -> ReportRecord {
    let name = report.report_type.as_ref().or(report.report_name.as_ref());
    let (contact_id, contact_name) = context.contact.clone().unzip();
    let (tracking_category_id, tracking_category) = context.tracking.clone().unzip();
    ReportRecord {
        report: name.cloned(),
        basis: context.basis,
        currency: context.currency.clone(),
        contact_id,
        contact_name: contact_name.flatten(),
        tracking_category_id,
        tracking_category,
        updated: report.updated.as_deref().and_then(stamp),
        ..ReportRecord::default()
    }
}

/// Converts Xero's timestamp to RFC 3339.
fn stamp(text: &str) -> Option<String> {
    let (millis, _) = ms_date(text.as_bytes())?;
    DateTime::from_timestamp_millis(millis).map(instant)
}

struct Flattening<'a> {
    context: &'a ReportContext,
    template: ReportRecord,
    /// The texts of the header's cells.
    titles: Vec<String>,
    lines: Identities,
    /// The identities of cells, where a line has several in one period.
    cells: Identities,
    position: usize,
    records: Vec<ReportRecord>,
}

impl Flattening<'_> {
    /// Flattens a row or a section under the headings of `path`. `is_titled` is true if the section
    /// has a heading of its own.
    fn row(&mut self, row: &Row<'_>, path: &[String], is_titled: bool) {
        let position = self.position;
        self.position += 1;
        if row.is("Header") {
            return;
        }
        if !row.is_section() {
            self.cells(row, path, is_titled, position);
        }
        for inner in row.rows() {
            let title = inner.heading().trim();
            match inner.is_section() && !title.is_empty() {
                true => self.row(inner, &[path, &[title.to_owned()]].concat(), true),
                false => self.row(inner, path, is_titled),
            }
        }
    }

    fn cells(&mut self, row: &Row<'_>, path: &[String], is_titled: bool, position: usize) {
        let label = row.label();
        let account = row.attribute(&["account", "accountID"]);
        let invoice = row.attribute(&["invoiceID"]);
        let (kind, path) = self.kind(row, &label, path, is_titled);
        let mut template = ReportRecord {
            section_path: joined(path),
            row_kind: kind,
            row_title: label.clone(),
            account_id: account
                .filter(|id| !PSEUDO_ACCOUNTS.contains(id))
                .map(str::to_owned),
            invoice_id: invoice.map(str::to_owned),
            position,
            ..self.template.clone()
        };
        if account.is_some() {
            let (name, code) = match self.context.titles_have_codes {
                true => split_code(&label),
                false => (label.as_str(), None),
            };
            template.account_name = Some(name.to_owned());
            template.account_code = code.map(str::to_owned);
        }
        let identity = template.account_id.as_deref().or(invoice).unwrap_or(&label);
        let owner = template.contact_id.as_deref().unwrap_or_default();
        let line = [owner, template.section_path.as_str(), identity];
        let line: Vec<_> = line.into_iter().filter(|part| !part.is_empty()).collect();
        let line = self.lines.unique(line.join("/"));
        for (column, cell) in row.cells().iter().skip(1).enumerate() {
            let Some((period, column_position)) = self.context.columns.of(column) else {
                continue;
            };
            let title = self.titles.get(column + 1).cloned().unwrap_or_default();
            let line_id = match &self.context.columns {
                Columns::OnePerPeriod(_) => line.clone(),
                // A tracking option may move to another column when options are added or archived.
                Columns::SideBySide(_) if self.context.tracking.is_some() => {
                    self.cells.unique(format!("{line}|{title}"))
                }
                Columns::SideBySide(_) => format!("{line}|{column_position}"),
            };
            let is_option = self.context.tracking.is_some() && title != "Total";
            let mut record = ReportRecord {
                line_id,
                period_start: period.map(|period| period.start),
                period_end: period.map(|period| period.end),
                tracking_option: is_option.then(|| title.clone()),
                column_position,
                column_title: title,
                ..template.clone()
            };
            match column < self.context.text_columns {
                true => record.amount_text = cell.text(),
                false => record.set_amount(cell.text()),
            }
            self.records.push(record);
        }
    }

    /// Returns the kind of a row and the headings that it belongs to. "Total Assets" may be inside
    /// the last section of the assets, yet it belongs to "Assets".
    fn kind<'p>(
        &self,
        row: &Row<'_>,
        label: &str,
        path: &'p [String],
        is_titled: bool,
    ) -> (RowKind, &'p [String]) {
        let outer = path.iter().rposition(|heading| is_total(label, heading));
        if let Some(outer) = outer.filter(|outer| outer + 1 < path.len()) {
            return (RowKind::Total, &path[..=outer]);
        }
        let kind = match (row.is("SummaryRow"), is_titled) {
            (true, true) => RowKind::Subtotal,
            (true, false) => RowKind::Total,
            (false, true) => RowKind::Line,
            // NET PROFIT is a plain row in an untitled section.
            (false, false) => match self.context.contact {
                None if row.attribute(&["account", "accountID"]).is_none() => RowKind::Total,
                _ => RowKind::Line,
            },
        };
        (kind, path)
    }

    /// Flattens the lines of a tax return.
    fn fields(&mut self, report: &ReportBody<'_>) {
        let id = report.id.clone().unwrap_or_default();
        for field in report.fields.iter().flatten() {
            let title = field.description.clone().unwrap_or_default();
            let own = field.id.as_ref().unwrap_or(&title);
            let line_id = self.lines.unique(format!("{id}/{own}"));
            let mut record = ReportRecord {
                line_id,
                row_title: title,
                position: self.position,
                ..self.template.clone()
            };
            record.set_amount(field.text());
            self.position += 1;
            self.records.push(record);
        }
    }
}

/// Splits a title "Name (Code)" into name and code.
fn split_code(label: &str) -> (&str, Option<&str>) {
    let split = label.strip_suffix(')').and_then(|it| it.rsplit_once(" ("));
    match split {
        Some((name, code)) => (name, Some(code)),
        None => (label, None),
    }
}

#[cfg(test)]
mod tests;
