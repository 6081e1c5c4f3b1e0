//! Parses the body of a report, which Xero sends as a table of text cells.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    reports: Vec<ReportBody<'a>>,
}

/// One report of a response.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ReportBody<'a> {
    /// A GUID for published reports, the name of the report for others.
    #[serde(rename = "ReportID")]
    pub(crate) id: Option<String>,
    /// The display name.
    pub(crate) report_name: Option<String>,
    /// The type, such as `ProfitAndLoss`.
    pub(crate) report_type: Option<String>,
    /// The time when Xero changed or generated the content.
    #[serde(rename = "UpdatedDateUTC")]
    pub(crate) updated: Option<String>,
    /// The lines of a tax return.
    #[serde(borrow)]
    pub(crate) fields: Option<Vec<Field<'a>>>,
    /// The rows of all other reports.
    #[serde(borrow)]
    pub(crate) rows: Option<Vec<Row<'a>>>,
    /// The contacts of a 1099 report, each with its boxes.
    #[serde(borrow)]
    pub(crate) contacts: Option<Vec<BTreeMap<String, &'a RawValue>>>,
}

/// A row, or a section of rows.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Row<'a> {
    /// Header, Section, Row or SummaryRow.
    pub(crate) row_type: Option<String>,
    /// The heading of a section.
    pub(crate) title: Option<String>,
    /// The first cell is the title of the row.
    #[serde(borrow)]
    pub(crate) cells: Option<Vec<Cell<'a>>>,
    /// The rows of a section.
    #[serde(borrow)]
    pub(crate) rows: Option<Vec<Row<'a>>>,
}

/// A cell of a row.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Cell<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    attributes: Option<Vec<Attribute>>,
}

/// A reference from a cell to an account or an invoice.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attribute {
    id: Option<String>,
    value: Option<String>,
}

/// A line of a tax return.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Field<'a> {
    #[serde(rename = "FieldID")]
    pub(crate) id: Option<String>,
    pub(crate) description: Option<String>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

/// Parses the reports of a successful response. An error says why the body has none.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<ReportBody<'_>>, String> {
    let envelope = json::read::<Envelope<'_>>(body);
    let envelope = envelope.map_err(|misread| format!("the body holds no reports ({misread})"))?;
    Ok(envelope.reports)
}

/// Converts a value to text. Xero sends strings, and sometimes numbers.
pub(crate) fn text(value: &RawValue) -> Cow<'_, str> {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => text.into(),
        Err(_) => value.get().into(),
    }
}

/// Converts a value to trimmed text. Returns an empty string for no value.
fn shown(value: Option<&RawValue>) -> String {
    let text = value.map(text).unwrap_or_default();
    text.trim().to_owned()
}

impl ReportBody<'_> {
    /// Whether the report has rows, fields or contacts, even an empty list of them.
    pub(crate) fn has_content(&self) -> bool {
        self.rows.is_some() || self.fields.is_some() || self.contacts.is_some()
    }
}

impl Row<'_> {
    /// Returns the cells. A section has none.
    pub(crate) fn cells(&self) -> &[Cell<'_>] {
        self.cells.as_deref().unwrap_or_default()
    }

    /// Returns the rows of a section. A plain row has none.
    pub(crate) fn rows(&self) -> &[Row<'_>] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// Returns the heading with the white space around it, which may be indentation.
    pub(crate) fn heading(&self) -> &str {
        self.title.as_deref().unwrap_or_default()
    }

    /// Whether the row has this `RowType`, in any letter case.
    pub(crate) fn is(&self, kind: &str) -> bool {
        let own = self.row_type.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }

    /// Whether the row is a section: it has, or may have, rows of its own.
    pub(crate) fn is_section(&self) -> bool {
        self.is("Section") || (self.cells.is_none() && self.rows.is_some())
    }

    /// Returns the title of a row, which is its first cell.
    pub(crate) fn label(&self) -> String {
        self.cells().first().map(Cell::text).unwrap_or_default()
    }

    /// Returns the first attribute with one of these names. Each cell repeats the attributes.
    pub(crate) fn attribute(&self, names: &[&str]) -> Option<&str> {
        let attributes = self.cells().iter().flat_map(|cell| &cell.attributes);
        let mut values = attributes.flatten().filter_map(|attribute| {
            let id = attribute.id.as_deref()?;
            let is_named = names.iter().any(|name| name.eq_ignore_ascii_case(id));
            attribute.value.as_deref().filter(|_| is_named)
        });
        values.next()
    }
}

impl Cell<'_> {
    /// Returns the trimmed text of the cell.
    pub(crate) fn text(&self) -> String {
        shown(self.value)
    }
}

impl Field<'_> {
    /// Returns the trimmed text of the field.
    pub(crate) fn text(&self) -> String {
        shown(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_missing_and_numeric_values_are_accepted() {
        let body = br#"{"Status":"OK","Reports":[{"ReportName":null,"Fields":null,"Rows":[
            {"RowType":"Row","Cells":[{"Value":"A"},{"Value":1.50},{"Value":null},{},{"Value":"","Attributes":[{"Value":"x","Id":"Account"}]}]},
            {"RowType":"Section","Title":null},{"Rows":[]}]}]}"#;
        let reports = parse(body).unwrap();
        let rows = reports[0].rows.as_ref().unwrap();
        let cells: Vec<_> = rows[0].cells().iter().map(Cell::text).collect();
        assert_eq!(cells, ["A", "1.50", "", "", ""]);
        assert_eq!(rows[0].attribute(&["accountID", "account"]), Some("x"));
        assert_eq!(rows[0].attribute(&["invoiceID"]), None);
        let sections: Vec<_> = rows.iter().map(Row::is_section).collect();
        assert_eq!(sections, [false, true, true]);
    }

    #[test]
    fn a_body_without_reports_is_an_error() {
        for body in ["", "{", "[]", "{}", r#"{"Reports":null}"#, "<html>"] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse(br#"{"Reports":[]}"#).unwrap().is_empty());
    }
}
