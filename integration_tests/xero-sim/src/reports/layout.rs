//! The rows, sections and cells of a report, and how they are written.

use super::parameters::{ReportCall, long};
use crate::guid::Guid;
use crate::json::Json;

/// A report made of rows.
pub(super) struct Report {
    /// Such as `ProfitAndLoss`: its id and its type.
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) titles: Vec<String>,
    pub(super) header: Vec<String>,
    pub(super) sections: Vec<Section>,
}

/// A section. A section without lines is the heading of those that follow it.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) lines: Vec<ReportLine>,
}

/// A line of a section.
pub(super) struct ReportLine {
    /// Whether it is a `SummaryRow`.
    is_summary: bool,
    cells: Vec<Cell>,
}

/// A cell with its attributes: their values and ids.
pub(super) struct Cell {
    value: String,
    attributes: Vec<(String, &'static str)>,
}

impl Section {
    pub(super) fn new(title: &str, lines: Vec<ReportLine>) -> Self {
        Self {
            title: title.to_owned(),
            lines,
        }
    }

    /// A section that holds one line and no title.
    pub(super) fn of_one(line: ReportLine) -> Self {
        Self::new("", vec![line])
    }
}

impl ReportLine {
    /// A `Row` of a title and values.
    pub(super) fn row(title: &str, values: impl IntoIterator<Item = String>) -> Self {
        let title = Cell::new(title.to_owned());
        let values = values.into_iter().map(Cell::new);
        Self {
            is_summary: false,
            cells: [title].into_iter().chain(values).collect(),
        }
    }

    /// The same as a `SummaryRow`.
    pub(super) fn summary(title: &str, values: impl IntoIterator<Item = String>) -> Self {
        Self {
            is_summary: true,
            ..Self::row(title, values)
        }
    }

    /// Puts an attribute on each cell.
    pub(super) fn tagged(mut self, value: &str, id: &'static str) -> Self {
        for cell in &mut self.cells {
            cell.attributes.push((value.to_owned(), id));
        }
        self
    }

    /// Puts the id of an account on each cell.
    pub(super) fn of_account(self, account: u128) -> Self {
        self.tagged(&Guid(account).to_string(), "account")
    }

    /// Puts an attribute on the cell at a position.
    pub(super) fn with(mut self, at: usize, value: String, id: &'static str) -> Self {
        self.cells[at].attributes.push((value, id));
        self
    }
}

impl Cell {
    pub(super) fn new(value: String) -> Self {
        Self {
            value,
            attributes: Vec::new(),
        }
    }

    fn write(&self, out: &mut Json) {
        out.open_object();
        out.key("Value").string(&self.value);
        if !self.attributes.is_empty() {
            out.key("Attributes").open_array();
            for (value, id) in &self.attributes {
                out.open_object();
                out.key("Value").string(value);
                out.key("Id").string(id);
                out.close_object();
            }
            out.close_array();
        }
        out.close_object();
    }
}

impl Report {
    /// Writes the report as an element of `Reports`.
    pub(super) fn write(&self, call: &ReportCall<'_>, out: &mut Json) {
        out.open_object();
        out.key("ReportID").string(self.kind);
        out.key("ReportName").string(self.name);
        out.key("ReportType").string(self.kind);
        out.key("ReportTitles").open_array();
        for title in &self.titles {
            out.string(title);
        }
        out.close_array();
        out.key("ReportDate").string(&long(call.today));
        out.key("UpdatedDateUTC").date_plain(call.now);
        out.key("Fields").empty_array();
        out.key("Rows").open_array();
        self.write_header(out);
        for section in &self.sections {
            out.open_object();
            out.key("RowType").string("Section");
            out.key("Title").string(&section.title);
            out.key("Rows").open_array();
            for line in &section.lines {
                let kind = if line.is_summary { "SummaryRow" } else { "Row" };
                write_cells(kind, line.cells.iter(), out);
            }
            out.close_array();
            out.close_object();
        }
        out.close_array();
        out.close_object();
    }

    fn write_header(&self, out: &mut Json) {
        let cells: Vec<_> = self.header.iter().cloned().map(Cell::new).collect();
        write_cells("Header", cells.iter(), out);
    }
}

fn write_cells<'a>(kind: &str, cells: impl Iterator<Item = &'a Cell>, out: &mut Json) {
    out.open_object();
    out.key("RowType").string(kind);
    out.key("Cells").open_array();
    for cell in cells {
        cell.write(out);
    }
    out.close_array();
    out.close_object();
}
