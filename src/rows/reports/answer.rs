//! The body of a report as Xero writes it: cells of text, for a screen.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    reports: Vec<Report<'a>>,
}

/// One report of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Report<'a> {
    /// A GUID for published reports, the name of the report for others.
    #[serde(rename = "ReportID")]
    pub(crate) id: Option<String>,
    /// What it is called for people.
    pub(crate) report_name: Option<String>,
    /// What it is called for programs.
    pub(crate) report_type: Option<String>,
    /// When its content was last changed or put together.
    #[serde(rename = "UpdatedDateUTC")]
    pub(crate) updated: Option<String>,
    /// What tax returns consist of.
    #[serde(borrow)]
    pub(crate) fields: Option<Vec<Field<'a>>>,
    /// What all other reports consist of.
    #[serde(borrow)]
    pub(crate) rows: Option<Vec<Row<'a>>>,
    /// What the 1099 reports consist of: contacts with boxes.
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
    /// The first one is the title of the row.
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

/// What a cell is about.
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

/// The reports in the body of a success; an error says why there are none.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<Report<'_>>, String> {
    let envelope = json::read::<Envelope<'_>>(body);
    let envelope = envelope.map_err(|misread| format!("the body holds no reports ({misread})"))?;
    Ok(envelope.reports)
}

/// A value as text: Xero writes texts, and numbers in some places.
pub(crate) fn text(value: &RawValue) -> Cow<'_, str> {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => text.into(),
        Err(_) => value.get().into(),
    }
}

/// The text without the blanks around it; empty where there is none.
fn shown(value: Option<&RawValue>) -> String {
    let text = value.map(text).unwrap_or_default();
    text.trim().to_owned()
}

impl Report<'_> {
    /// Whether rows, fields or contacts stand in it, however few.
    pub(crate) fn has_content(&self) -> bool {
        self.rows.is_some() || self.fields.is_some() || self.contacts.is_some()
    }
}

impl Row<'_> {
    /// The cells, none for a section.
    pub(crate) fn cells(&self) -> &[Cell<'_>] {
        self.cells.as_deref().unwrap_or_default()
    }

    /// The rows below, none for a row.
    pub(crate) fn rows(&self) -> &[Row<'_>] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// The heading as Xero writes it, blanks and all.
    pub(crate) fn heading(&self) -> &str {
        self.title.as_deref().unwrap_or_default()
    }

    /// Whether the row is of that type.
    pub(crate) fn is(&self, kind: &str) -> bool {
        let own = self.row_type.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }

    /// Whether rows stand, or could stand, below it.
    pub(crate) fn is_section(&self) -> bool {
        self.is("Section") || (self.cells.is_none() && self.rows.is_some())
    }

    /// The title of a row: its first cell.
    pub(crate) fn label(&self) -> String {
        self.cells().first().map(Cell::text).unwrap_or_default()
    }

    /// The value of an attribute, which each cell repeats, under any of these names.
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
    /// What the cell shows, without the blanks around it; empty where it shows nothing.
    pub(crate) fn text(&self) -> String {
        shown(self.value)
    }
}

impl Field<'_> {
    /// What the field says; empty where it says nothing.
    pub(crate) fn text(&self) -> String {
        shown(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oddities_of_a_body_are_borne() {
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
    fn what_holds_no_reports_is_no_answer() {
        for body in ["", "{", "[]", "{}", r#"{"Reports":null}"#, "<html>"] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse(br#"{"Reports":[]}"#).unwrap().is_empty());
    }
}
