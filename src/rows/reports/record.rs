//! One row of a report stream: one value of one line, in one period.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::rows::reports::amount;
use crate::rows::rewrite::{Beyond, LARGEST_ROW, MOST_DIGITS};

/// The names of a record's own fields, which nothing that Xero tells may take.
pub(crate) const FIELDS: [&str; 26] = [
    "Report",
    "ReportID",
    "LineID",
    "Basis",
    "PeriodStart",
    "PeriodEnd",
    "SectionPath",
    "RowKind",
    "RowTitle",
    "AccountID",
    "AccountCode",
    "AccountName",
    "ContactID",
    "ContactName",
    "InvoiceID",
    "TrackingCategoryID",
    "TrackingCategory",
    "TrackingOption",
    "Amount",
    "AmountText",
    "IsPercent",
    "Currency",
    "Position",
    "ColumnPosition",
    "ColumnTitle",
    "UpdatedDateUTC",
];

/// What the connector writes; a field that does not apply is left out.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReportRecord {
    /// `ProfitAndLoss` and the like; for a published report, its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<String>,
    /// GUID of a published report.
    #[serde(rename = "ReportID", skip_serializing_if = "Option::is_none")]
    pub(crate) report_id: Option<String>,
    /// Tells the value from the others of its report and period, the same in
    /// every sync: made of headings, account and column, never of a row number.
    #[serde(rename = "LineID")]
    pub(crate) line_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub(crate) period_start: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub(crate) period_end: Option<NaiveDate>,
    /// The headings above the line, joined; empty where there is none.
    pub(crate) section_path: String,
    pub(crate) row_kind: RowKind,
    pub(crate) row_title: String,
    #[serde(rename = "AccountID", skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_name: Option<String>,
    #[serde(rename = "ContactID", skip_serializing_if = "Option::is_none")]
    pub(crate) contact_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_name: Option<String>,
    #[serde(rename = "InvoiceID", skip_serializing_if = "Option::is_none")]
    pub(crate) invoice_id: Option<String>,
    #[serde(rename = "TrackingCategoryID", skip_serializing_if = "Option::is_none")]
    pub(crate) tracking_category_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracking_category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracking_option: Option<String>,
    /// The number in the cell; none where the cell is empty or holds words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<Box<RawValue>>,
    /// The cell as Xero wrote it.
    pub(crate) amount_text: String,
    pub(crate) is_percent: bool,
    /// The organisation's base currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// Place of the row on the screen, headings counted, from 0.
    pub(crate) position: usize,
    /// Place of the value among those that the row has for the period, from 0.
    pub(crate) column_position: usize,
    pub(crate) column_title: String,
    /// Xero's stamp of the whole report, RFC 3339.
    #[serde(rename = "UpdatedDateUTC", skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<String>,
    /// What else Xero tells of a contact of the 1099 reports.
    #[serde(flatten)]
    pub(crate) others: Map<String, Value>,
}

/// What a row of a report is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RowKind {
    /// A row of its own.
    #[default]
    Line,
    /// Sums up the section that it stands in.
    Subtotal,
    /// Sums up several sections, or the report.
    Total,
}

impl ReportRecord {
    /// Takes a cell's text and the number in it.
    pub(crate) fn set_amount(&mut self, text: String) {
        if let Some(amount) = amount::amount(&text) {
            self.is_percent = amount.percent;
            self.amount = amount.json();
        }
        self.amount_text = text;
    }

    /// Whether destinations do not take it, as a line of so many bytes.
    pub(crate) fn beyond(&self, bytes: usize) -> Option<Beyond> {
        let amount = self.amount.as_deref().map_or("", RawValue::get);
        match (bytes > LARGEST_ROW, amount.len() > MOST_DIGITS) {
            (true, _) => Some(Beyond::Row),
            (_, true) => Some(Beyond::Digits),
            _ => None,
        }
    }

    /// The members of the JSON object, each behind a comma.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let begin = out.len();
        serde_json::to_writer(&mut *out, self)?;
        out.pop(); // the brace behind the members
        if let Some(brace) = out.get_mut(begin) {
            *brace = b',';
        }
        Ok(())
    }
}

/// Writes a date as text.
fn shown<S: Serializer>(date: &Option<NaiveDate>, out: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => out.collect_str(date),
        None => out.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_fields_is_whole() {
        let text = || Some("x".to_owned());
        let record = ReportRecord {
            report: text(),
            report_id: text(),
            basis: Some("accrual"),
            period_start: NaiveDate::from_ymd_opt(2026, 1, 1),
            period_end: NaiveDate::from_ymd_opt(2026, 1, 31),
            account_id: text(),
            account_code: text(),
            account_name: text(),
            contact_id: text(),
            contact_name: text(),
            invoice_id: text(),
            tracking_category_id: text(),
            tracking_category: text(),
            tracking_option: text(),
            amount: Some(RawValue::from_string("1".to_owned()).unwrap()),
            currency: text(),
            updated: text(),
            ..ReportRecord::default()
        };
        let record = serde_json::to_value(&record).unwrap();
        let mut names: Vec<_> = record.as_object().unwrap().keys().cloned().collect();
        names.sort_unstable();
        let mut listed = FIELDS.to_vec();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }
}
