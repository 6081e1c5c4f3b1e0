//! Flattens each published example of a report and checks the rows against the stream's schema.
//! Needs `XERO_OPENAPI`, as `streams::tests::examples` does.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Value, json};

use super::answer;
use super::flatten::{flatten, width};
use super::record::ReportRecord;
use crate::config::Interval;
use crate::rows::reports::form_1099::boxes;
use crate::rows::reports::period::Period;
use crate::rows::reports::report_context::{Columns, ReportContext};
use crate::streams::conformance::Conformance;
use crate::streams::tests::examples::{VARIABLE, parse};
use crate::streams::{Report, ReportKind, Source, Stream, all};
use crate::walk::periods::Calendar;

/// Returns the month of most examples and the months before it.
fn months(count: usize) -> Vec<Period> {
    let calendar = Calendar::new(Interval::Month, 3);
    let last = calendar.index("2019-04-30".parse().expect("a date"));
    let indices = (0..count as i64).map(|back| last - back);
    indices.map(|index| calendar.period(index)).collect()
}

/// Flattens a response as the stream does.
fn records(report: &Report, body: &str) -> Vec<ReportRecord> {
    let reports = answer::parse(body.as_bytes()).expect("reports");
    let is_contact = matches!(report.kind, ReportKind::PerContact(_));
    let read = |answer: &answer::ReportBody<'_>| {
        let columns = match report.kind {
            ReportKind::Comparative | ReportKind::ComparativeAtDate | ReportKind::Budget => {
                Columns::OnePerPeriod(months(width(answer)))
            }
            ReportKind::Month => Columns::SideBySide(months(2)),
            _ => Columns::SideBySide(months(1)),
        };
        let context = ReportContext {
            columns,
            basis: report.basis,
            currency: Some("NZD".to_owned()),
            contact: is_contact.then(|| ("c-1".to_owned(), None)),
            tracking: None,
            text_columns: if is_contact { 3 } else { 0 },
            titles_have_codes: report.kind == ReportKind::AtDate,
        };
        [
            flatten(answer, &context),
            boxes(answer, months(1)[0], &context),
        ]
        .concat()
    };
    reports.iter().flat_map(read).collect()
}

/// Returns each violation of the stream's schema.
fn faults(stream: &Stream, records: &[ReportRecord]) -> Vec<String> {
    let schema = serde_json::from_str(stream.schema).expect(stream.name);
    let conformance = Conformance::new(&schema);
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for record in records {
        let row = serde_json::to_value(record).expect("a record is JSON");
        let of_row = conformance.faults(&row);
        faults.extend(of_row.into_iter().map(|fault| format!("{fault}: {row}")));
        let key: Vec<_> = stream.key.iter().map(|field| row[*field].clone()).collect();
        if !seen.insert(format!("{key:?}")) {
            faults.push(format!("the key comes twice: {key:?}"));
        }
        let is_number = record.amount_text.is_empty() == record.amount.is_none();
        let is_word = record.invoice_id.is_some() || record.contact_id.is_some();
        if !is_number && !is_word {
            faults.push(format!("no number: {row}"));
        }
    }
    faults
}

/// Counts the values of a response: cells after the row titles, or boxes.
fn values(answer: &Value) -> usize {
    let below = |key: &str| {
        let rows = answer[key].as_array().into_iter().flatten();
        rows.map(values).sum::<usize>()
    };
    let own = answer["Cells"]
        .as_array()
        .map_or(0, |cells| cells.len() - 1);
    let is_header = answer["RowType"] == "Header";
    let boxes = answer.as_object().into_iter().flatten();
    let boxes = boxes.filter(|(name, _)| name.starts_with("Box")).count();
    let own = if is_header { 0 } else { own };
    own + boxes + below("Rows") + below("Contacts") + below("Reports")
}

#[test]
fn every_report_that_xero_publishes_fits() {
    let example = json!({"Reports": [{"ReportType": "BankSummary", "Rows": [
        {"RowType": "Header", "Cells": [{"Value": "Bank Accounts"}, {"Value": "Opening Balance"}]},
        {"RowType": "Section", "Title": "", "Rows": [
            {"RowType": "Row", "Cells": [{"Value": "Bank", "Attributes": [{"Value": "a-1", "Id": "accountID"}]}, {"Value": "1.00"}]},
            {"RowType": "SummaryRow", "Cells": [{"Value": "Total"}, {"Value": "1.00"}]}]}]}]});
    let description = match std::env::var(VARIABLE) {
        Ok(folder) => {
            let file = Path::new(&folder).join("xero_accounting.yaml");
            parse(&std::fs::read_to_string(file).expect("the folder has Xero's files"))
        }
        Err(_) => {
            eprintln!("{VARIABLE} names no folder, so Xero's examples are not looked at");
            let get = json!({"responses": {"200": {"content": {"application/json": {"example": example}}}}});
            json!({"paths": {"/Reports/BankSummary": {"get": get}}})
        }
    };
    let mut tried = HashSet::new();
    for stream in all() {
        let Source::Report(report) = &stream.source else {
            continue;
        };
        let place = format!(
            "/paths/{}/get/responses/200/content/application~1json/example",
            report.endpoint.path.replace('/', "~1")
        );
        // Published returns and the profit and loss are described without an example.
        let Some(example) = description.pointer(&place) else {
            continue;
        };
        let records = records(report, &example.to_string());
        assert_eq!(records.len(), values(example), "{}", stream.name);
        let faults = faults(stream, &records);
        assert!(faults.is_empty(), "{}: {faults:#?}", stream.name);
        tried.insert(report.endpoint.path);
    }
    assert!(tried.contains("/Reports/BankSummary"), "{tried:?}");
    assert!(tried.len() == 1 || tried.len() == 8, "{tried:?}");
}
