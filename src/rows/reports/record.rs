//! Defines the row of a report stream: one value of one line in one period.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::rows::reports::amount;
use crate::rows::rewrite::{LARGEST_ROW, LimitExceeded, MOST_DIGITS};

/// The fields that the connector defines. A field of Xero with one of these names is dropped.
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

/// One row of a report stream. Fields that do not apply are omitted from the JSON.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReportRecord {
    /// The report type, such as `ProfitAndLoss`, or the name of a published report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<String>,
    /// GUID of a published report.
    #[serde(rename = "ReportID", skip_serializing_if = "Option::is_none")]
    pub(crate) report_id: Option<String>,
    /// Identifies the value within its report and period, and stays the same in every sync. It
    /// consists of headings, account and column, and never contains a row number.
    #[serde(rename = "LineID")]
    pub(crate) line_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<&'static str>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_as_text"
    )]
    pub(crate) period_start: Option<NaiveDate>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_as_text"
    )]
    pub(crate) period_end: Option<NaiveDate>,
    /// The headings above the line, joined with `/`. Empty if there are none.
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
    /// The number in the cell. `None` if the cell is empty or holds text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<Box<RawValue>>,
    /// The cell as Xero wrote it.
    pub(crate) amount_text: String,
    pub(crate) is_percent: bool,
    /// The organisation's base currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// Index of the row in the report, including headings, from 0.
    pub(crate) position: usize,
    /// Index of the value among the row's values for the period, from 0.
    pub(crate) column_position: usize,
    pub(crate) column_title: String,
    /// Xero's timestamp of the whole report, in RFC 3339.
    #[serde(rename = "UpdatedDateUTC", skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<String>,
    /// Further fields of a contact in the 1099 reports.
    #[serde(flatten)]
    pub(crate) others: Map<String, Value>,
}

/// The kind of a row in a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RowKind {
    /// A plain row.
    #[default]
    Line,
    /// The sum of the section that contains the row.
    Subtotal,
    /// The sum of several sections or of the whole report.
    Total,
}

impl ReportRecord {
    /// Sets the text of a cell, and the number that the text holds.
    pub(crate) fn set_amount(&mut self, text: String) {
        if let Some(amount) = amount::amount(&text) {
            self.is_percent = amount.percent;
            self.amount = amount.json();
        }
        self.amount_text = text;
    }

    /// Returns the destination limit that the row exceeds, if any. `bytes` is the size of its data.
    pub(crate) fn exceeded_limit(&self, bytes: usize) -> Option<LimitExceeded> {
        let amount = self.amount.as_deref().map_or("", RawValue::get);
        match (bytes > LARGEST_ROW, amount.len() > MOST_DIGITS) {
            (true, _) => Some(LimitExceeded::Bytes),
            (_, true) => Some(LimitExceeded::Digits),
            _ => None,
        }
    }

    /// Appends the members of the JSON object, each with a comma before it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let begin = out.len();
        serde_json::to_writer(&mut *out, self)?;
        out.pop(); // the closing brace
        if let Some(brace) = out.get_mut(begin) {
            *brace = b',';
        }
        Ok(())
    }
}

/// Serializes a date as `YYYY-MM-DD`.
fn date_as_text<S: Serializer>(date: &Option<NaiveDate>, out: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => out.collect_str(date),
        None => out.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_fields_is_complete() {
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
