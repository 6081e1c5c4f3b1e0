//! Targets for the rows of documents and reports.

use memchr::memmem;
use serde_json::value::RawValue;

use super::checks::{are_distinct, has_once, is_message};
use crate::config::Interval;
use crate::rows::documents::{self, Parent};
use crate::rows::reports::answer;
use crate::rows::reports::flatten::flatten;
use crate::rows::reports::form_1099::boxes;
use crate::rows::reports::period::Period;
use crate::rows::reports::record::ReportRecord;
use crate::rows::reports::report_context::{Columns, ReportContext};
use crate::rows::reports::verify_comparisons::{agree, range};
use crate::rows::rewrite::reference::Tree;
use crate::streams::{self, NamesDocument, PARENT_STAMP, POSITION, Source};
use crate::walk::periods::Calendar;
use crate::xero::ids;

/// A key under which an example of Xero's documentation has the settings.
const ALIAS: &[u8] = b"CISSetting";

/// The rows of one document, for each per-document stream whose envelope occurs in the body.
///
/// - Each row is a JSON object in which the fields of the connector appear once.
/// - The rows of a document have distinct keys.
/// - An error does not quote the body.
pub fn document_rows(data: &[u8]) {
    for stream in streams::all() {
        let Source::Document(document) = &stream.source else {
            continue;
        };
        let key = stream.endpoint().envelope.unwrap_or("{").as_bytes();
        if memmem::find(data, key)
            .or_else(|| memmem::find(data, ALIAS))
            .is_none()
        {
            continue;
        }
        let parent = Parent {
            list: "Invoices",
            id: "d-1",
            stamp: Some(1_600_000_000_000),
        };
        let rows = match documents::read(data, stream, parent) {
            Ok(page) => page.rows,
            Err(error) => {
                is_message(&error.to_string());
                continue;
            }
        };
        let mut keys = Vec::new();
        for row in rows {
            let members = String::from_utf8(row.members).expect("a row is text");
            assert!(!members.contains(['\n', '\r']), "the row is not one line");
            let object = format!(r#"{{"TenantID":"t"{members}}}"#);
            let object: &RawValue = serde_json::from_str(&object).expect("a row is JSON");
            let tree = Tree::parse(object);
            let text = |name| tree.get(name).and_then(Tree::text).map(str::to_owned);
            let number = |name| tree.get(name).and_then(Tree::number);
            match document.names_document {
                NamesDocument::TypeAndId => {
                    has_once(object, &["ParentType", "ParentID", "UpdatedDateUTC"]);
                }
                NamesDocument::Id(field) => has_once(object, &[field, PARENT_STAMP]),
            }
            if stream.key.contains(&POSITION) {
                has_once(object, &[POSITION]);
                let moment = text("DateUTC").expect("an entry has a time");
                let position = number(POSITION).expect("an entry has a position");
                keys.push(format!("{moment} {position}"));
            } else if let Some(file) = stream.files() {
                let id = text(file.id).expect("a file has an id");
                // Two moments can be one day, but no moment is an id.
                let is_date = chrono::NaiveDate::parse_from_str(&id, "%Y-%m-%d").is_ok();
                keys.extend((!is_date).then(|| ids::canonical(&id)));
                assert!(
                    ["FilePath", "FileStatus"]
                        .iter()
                        .all(|it| tree.get(it).is_none())
                );
            }
        }
        are_distinct(keys);
    }
}

fn months() -> Vec<Period> {
    let calendar = Calendar::new(Interval::Month, 12);
    let newest = chrono::NaiveDate::from_ymd_opt(2019, 4, 1).map(|day| calendar.index(day));
    let newest = newest.expect("a month");
    let periods = (0..3).map(|back| calendar.period(newest - back));
    periods.collect()
}

/// The ways in which the connector requests reports.
fn contexts(periods: &[Period]) -> [ReportContext; 4] {
    [
        ReportContext {
            columns: Columns::OnePerPeriod(periods.to_vec()),
            basis: Some("accrual"),
            currency: Some("NZD".to_owned()),
            ..ReportContext::default()
        },
        ReportContext {
            columns: Columns::SideBySide(periods[..1].to_vec()),
            titles_have_codes: true,
            ..ReportContext::default()
        },
        ReportContext {
            columns: Columns::SideBySide(periods[..1].to_vec()),
            tracking: Some(("t-1".to_owned(), "Region".to_owned())),
            ..ReportContext::default()
        },
        ReportContext {
            columns: Columns::SideBySide(periods[..1].to_vec()),
            contact: Some(("c-1".to_owned(), Some("ABC".to_owned()))),
            text_columns: 3,
            ..ReportContext::default()
        },
    ]
}

/// The rows of a report, in each way in which the connector requests reports.
///
/// - The rows of a report have distinct keys.
/// - Each row is a JSON object with distinct names, or exceeds a limit.
/// - A number has the digits of its text.
/// - The sums of comparison columns can be computed from any amounts.
/// - An error does not quote the body.
pub fn reports(data: &[u8]) {
    let reports = match answer::parse(data) {
        Ok(reports) => reports,
        Err(why) => return is_message(&why),
    };
    let periods = months();
    for report in &reports {
        for context in &contexts(&periods) {
            let records = flatten(report, context);
            are_records(&records);
            let range = range(&periods).expect("there are periods");
            let _ = agree(&records, &[], range);
        }
        are_records(&boxes(report, periods[0], &ReportContext::default()));
    }
}

fn are_records(records: &[ReportRecord]) {
    are_distinct(
        records
            .iter()
            .map(|it| format!("{:?} {}", it.period_start, it.line_id)),
    );
    for record in records {
        let mut out = br#"{"TenantID":"t""#.to_vec();
        if record.write(&mut out).is_err() {
            continue;
        }
        out.push(b'}');
        let object: &RawValue = serde_json::from_slice(&out).expect("a row is JSON");
        has_once(object, &["LineID", "AmountText", "Position"]);
        are_distinct(crate::rows::rewrite::reference::names(object));
        let digits = |text: &str| -> String {
            let digits = text.chars().filter(char::is_ascii_digit);
            digits.skip_while(|digit| *digit == '0').collect()
        };
        if let Some(amount) = &record.amount {
            assert_eq!(digits(amount.get()), digits(&record.amount_text));
        }
    }
}
