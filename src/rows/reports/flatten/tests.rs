//! Compares flattened reports of every layout with rows that were written by hand.

use serde_json::{Value, json};

use super::*;
use crate::config::Interval;
use crate::rows::reports::answer;
use crate::rows::reports::period::Period;
use crate::walk::periods::Calendar;

/// Months of 2019, from 1.
fn month(month: u32) -> Period {
    let calendar = Calendar::new(Interval::Month, 12);
    let day = chrono::NaiveDate::from_ymd_opt(2019, month, 1).expect("a month");
    calendar.period(calendar.index(day))
}

fn each(months: &[u32]) -> Columns {
    Columns::OnePerPeriod(months.iter().map(|number| month(*number)).collect())
}

fn records(rows: Value, context: &ReportContext) -> Vec<Value> {
    let body = json!({"Reports": [{
        "ReportID": "x", "ReportName": "Name", "ReportType": "Type",
        "UpdatedDateUTC": "/Date(1555099412778)/", "Rows": rows,
    }]});
    flat(&body.to_string(), context)
}

fn flat(body: &str, context: &ReportContext) -> Vec<Value> {
    let reports = answer::parse(body.as_bytes()).expect("reports");
    let records = reports.iter().flat_map(|report| flatten(report, context));
    let written = records.map(|record| {
        let mut out = Vec::new();
        record.write(&mut out).expect("a record can be written");
        let text = String::from_utf8(out).expect("records are text");
        let text = text.strip_prefix(',').expect("a comma stands before it");
        serde_json::from_str(&format!("{{{text}}}")).expect("members of an object")
    });
    written.collect()
}

fn header(titles: &[&str]) -> Value {
    json!({"RowType": "Header", "Cells": titles.iter().map(|it| json!({"Value": it})).collect::<Vec<_>>()})
}

fn section(title: &str, rows: &[Value]) -> Value {
    json!({"RowType": "Section", "Title": title, "Rows": rows})
}

fn row(cells: &[&str], attribute: Option<(&str, &str)>) -> Value {
    let cell = |text: &&str| match attribute {
        Some((id, value)) => json!({"Value": text, "Attributes": [{"Id": id, "Value": value}]}),
        None => json!({"Value": text}),
    };
    json!({"RowType": "Row", "Cells": cells.iter().map(cell).collect::<Vec<_>>()})
}

fn sum(cells: &[&str]) -> Value {
    let mut row = row(cells, None);
    row["RowType"] = json!("SummaryRow");
    row
}

/// Joins some fields of each record.
fn shown(records: &[Value], fields: &[&str]) -> Vec<String> {
    let shown = |record: &Value| {
        let field = |name: &&str| match &record[*name] {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        fields.iter().map(field).collect::<Vec<_>>().join(" ; ")
    };
    records.iter().map(shown).collect()
}

#[test]
fn each_period_column_becomes_a_row() {
    let rows = json!([
        header(&["", "31 Mar 2019", "28 Feb 2019", "31 Mar 2018"]),
        section("Assets", &[]),
        section(
            "Bank",
            &[
                row(
                    &["My Big Bank", "(20.00)", "", "2,146.37"],
                    Some(("account", "a-1"))
                ),
                sum(&["Total Bank", "(20.00)", "0.00", "2,146.37"]),
            ]
        ),
        section("", &[sum(&["Total Assets", "(20.00)", "0.00", "2,146.37"])]),
        section(
            "",
            &[row(&["Net Assets", "(20.00)", "0.00", "2,146.37"], None)]
        ),
        section(
            "Equity",
            &[row(
                &["Current Year Earnings", "2", "3", "1"],
                Some(("account", PSEUDO_ACCOUNTS[1]))
            )]
        ),
    ]);
    let context = ReportContext {
        columns: each(&[3, 2]),
        basis: Some("accrual"),
        currency: Some("NZD".to_owned()),
        ..ReportContext::default()
    };
    let records = records(rows, &context);
    let fields = [
        "PeriodStart",
        "PeriodEnd",
        "SectionPath",
        "RowKind",
        "RowTitle",
        "AccountID",
        "AccountName",
        "Amount",
        "AmountText",
        "Position",
        "LineID",
    ];
    let expected = [
        "2019-03-01 ; 2019-03-31 ; Assets/Bank ; line ; My Big Bank ; a-1 ; My Big Bank ; -20.00 ; (20.00) ; 3 ; Assets/Bank/a-1",
        "2019-02-01 ; 2019-02-28 ; Assets/Bank ; line ; My Big Bank ; a-1 ; My Big Bank ; - ;  ; 3 ; Assets/Bank/a-1",
        "2019-03-01 ; 2019-03-31 ; Assets/Bank ; subtotal ; Total Bank ; - ; - ; -20.00 ; (20.00) ; 4 ; Assets/Bank/Total Bank",
        "2019-02-01 ; 2019-02-28 ; Assets/Bank ; subtotal ; Total Bank ; - ; - ; 0.00 ; 0.00 ; 4 ; Assets/Bank/Total Bank",
        "2019-03-01 ; 2019-03-31 ; Assets ; total ; Total Assets ; - ; - ; -20.00 ; (20.00) ; 6 ; Assets/Total Assets",
        "2019-02-01 ; 2019-02-28 ; Assets ; total ; Total Assets ; - ; - ; 0.00 ; 0.00 ; 6 ; Assets/Total Assets",
        "2019-03-01 ; 2019-03-31 ;  ; total ; Net Assets ; - ; - ; -20.00 ; (20.00) ; 8 ; Net Assets",
        "2019-02-01 ; 2019-02-28 ;  ; total ; Net Assets ; - ; - ; 0.00 ; 0.00 ; 8 ; Net Assets",
        "2019-03-01 ; 2019-03-31 ; Equity ; line ; Current Year Earnings ; - ; Current Year Earnings ; 2 ; 2 ; 10 ; Equity/Current Year Earnings",
        "2019-02-01 ; 2019-02-28 ; Equity ; line ; Current Year Earnings ; - ; Current Year Earnings ; 3 ; 3 ; 10 ; Equity/Current Year Earnings",
    ];
    let shown = shown(&records, &fields);
    // Digits survive only as text: a Value reads numbers as floating point.
    let digits = |text: &str| {
        text.replace("-20.00 ;", "-20.0 ;")
            .replace("; 0.00 ; 0.00", "; 0.0 ; 0.00")
    };
    assert_eq!(shown, expected.map(digits));
    let common = [
        &records[0]["Report"],
        &records[0]["Basis"],
        &records[0]["Currency"],
        &records[0]["UpdatedDateUTC"],
    ];
    assert_eq!(
        common,
        [
            &json!("Type"),
            &json!("accrual"),
            &json!("NZD"),
            &json!("2019-04-12T20:03:32.778Z")
        ]
    );
}

#[test]
fn profit_in_an_untitled_section_is_a_total_and_pseudo_accounts_have_no_id() {
    let rows = json!([
        header(&["", "Apr-19"]),
        section(
            " Income",
            &[
                row(&["Sales", "10.00"], Some(("account", "a-1"))),
                sum(&["Total Income", "10.00"])
            ]
        ),
        section(
            "Less Operating Expenses",
            &[
                row(
                    &["Foreign Currency Gains and Losses", "1.00"],
                    Some(("account", "FXGROUPID"))
                ),
                row(&["Rent", "2.00"], Some(("account", "a-2"))),
                row(&["Rent", "3.00"], Some(("account", "a-2"))),
            ]
        ),
        section("", &[row(&["NET PROFIT", "4.00"], None)]),
    ]);
    let context = ReportContext {
        columns: each(&[4]),
        ..ReportContext::default()
    };
    let records = records(rows, &context);
    let fields = ["LineID", "RowKind", "AccountID", "ColumnTitle"];
    let expected = [
        "Income/a-1 ; line ; a-1 ; Apr-19",
        "Income/Total Income ; subtotal ; - ; Apr-19",
        "Less Operating Expenses/Foreign Currency Gains and Losses ; line ; - ; Apr-19",
        "Less Operating Expenses/a-2 ; line ; a-2 ; Apr-19",
        "Less Operating Expenses/a-2#2 ; line ; a-2 ; Apr-19",
        "NET PROFIT ; total ; - ; Apr-19",
    ];
    assert_eq!(shown(&records, &fields), expected);
}

#[test]
fn a_total_in_the_last_section_belongs_to_its_heading() {
    let rows = json!([
        section("Assets", &[]),
        section(
            "Bank",
            &[
                row(&["A", "1"], Some(("account", "a"))),
                sum(&["Total Bank", "1"]),
                sum(&["Total Assets", "1"])
            ]
        ),
        section("Notes", &[row(&["N", "7"], None)]),
    ]);
    let context = ReportContext {
        columns: each(&[4]),
        ..ReportContext::default()
    };
    let records = records(rows, &context);
    let expected = [
        "Assets/Bank ; line",
        "Assets/Bank ; subtotal",
        "Assets ; total",
        "Notes ; line",
    ];
    assert_eq!(shown(&records, &["SectionPath", "RowKind"]), expected);
}

#[test]
fn columns_side_by_side_keep_their_positions() {
    let rows = json!([
        header(&["Account", "Debit", "Credit", "YTD Debit", "YTD Credit"]),
        section(
            "Revenue",
            &[row(
                &["Sales (NZ) (400)", "", "200.00", "", "1,020.22"],
                Some(("account", "a-1"))
            )]
        ),
        section("", &[sum(&["Total", "200.00", "200.00", "1", "1"])]),
    ]);
    let context = ReportContext {
        columns: Columns::SideBySide(vec![month(4)]),
        titles_have_codes: true,
        ..ReportContext::default()
    };
    let records = records(rows, &context);
    let fields = [
        "LineID",
        "AccountName",
        "AccountCode",
        "ColumnPosition",
        "ColumnTitle",
        "AmountText",
        "PeriodEnd",
    ];
    let expected = [
        "Revenue/a-1|0 ; Sales (NZ) ; 400 ; 0 ; Debit ;  ; 2019-04-30",
        "Revenue/a-1|1 ; Sales (NZ) ; 400 ; 1 ; Credit ; 200.00 ; 2019-04-30",
        "Revenue/a-1|2 ; Sales (NZ) ; 400 ; 2 ; YTD Debit ;  ; 2019-04-30",
        "Revenue/a-1|3 ; Sales (NZ) ; 400 ; 3 ; YTD Credit ; 1,020.22 ; 2019-04-30",
    ];
    assert_eq!(shown(&records[..4], &fields), expected);
    assert_eq!(records.len(), 8);
    assert_eq!(records[4]["RowKind"], "total");
}

#[test]
fn a_month_and_the_month_before_are_two_columns() {
    let rows = json!([
        header(&["", "Nov 2019", "Oct 2019", "Variance"]),
        section(
            "Performance",
            &[row(&["Net profit margin", "-413.5%", "", "0.0%"], None)]
        ),
    ]);
    let context = ReportContext {
        columns: Columns::SideBySide(vec![month(11), month(10)]),
        ..ReportContext::default()
    };
    let records = records(rows, &context);
    let fields = ["LineID", "PeriodEnd", "Amount", "IsPercent", "RowKind"];
    let expected = [
        "Performance/Net profit margin|0 ; 2019-11-30 ; -413.5 ; true ; line",
        "Performance/Net profit margin|1 ; 2019-10-31 ; - ; false ; line",
        "Performance/Net profit margin|2 ; 2019-11-30 ; 0.0 ; true ; line",
    ];
    assert_eq!(shown(&records, &fields), expected);
}

#[test]
fn options_of_a_tracking_category_are_named() {
    let rows = json!([
        header(&["", "North", "Unassigned", "Total"]),
        section(
            "Income",
            &[row(
                &["Sales", "1.00", "2.00", "3.00"],
                Some(("account", "a-1"))
            )]
        ),
    ]);
    let context = ReportContext {
        columns: Columns::SideBySide(vec![month(4)]),
        tracking: Some(("t-1".to_owned(), "Region".to_owned())),
        ..ReportContext::default()
    };
    let records = records(rows, &context);
    let fields = [
        "LineID",
        "TrackingCategoryID",
        "TrackingCategory",
        "TrackingOption",
        "AmountText",
    ];
    let expected = [
        "Income/a-1|North ; t-1 ; Region ; North ; 1.00",
        "Income/a-1|Unassigned ; t-1 ; Region ; Unassigned ; 2.00",
        "Income/a-1|Total ; t-1 ; Region ; - ; 3.00",
    ];
    assert_eq!(shown(&records, &fields), expected);
}

#[test]
fn text_columns_of_a_contact_stay_text() {
    let rows = json!([
        header(&[
            "Date", "Number", "Due Date", "", "Total", "Paid", "Credited", "Due"
        ]),
        section(
            "",
            &[row(
                &[
                    "2017-10-10T00:00:00",
                    "Opening Balance",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "0.00"
                ],
                None
            )]
        ),
        section(
            "",
            &[
                row(
                    &[
                        "2018-05-13T00:00:00",
                        "1242",
                        "2018-06-22T00:00:00",
                        "305 days overdue",
                        "100.00",
                        "0.00",
                        "0.00",
                        "100.00"
                    ],
                    Some(("invoiceID", "i-1"))
                ),
                sum(&["Total", "", "", "", "100.00", "0.00", "0.00", "100.00"]),
            ]
        ),
        section(
            "",
            &[sum(&[
                "Closing Balance",
                "",
                "",
                "",
                "100.00",
                "0.00",
                "0.00",
                "100.00"
            ])]
        ),
    ]);
    let context = ReportContext {
        columns: Columns::SideBySide(vec![month(4)]),
        contact: Some(("c-1".to_owned(), Some("ABC".to_owned()))),
        text_columns: 3,
        ..ReportContext::default()
    };
    let records = records(rows, &context);
    assert_eq!(records.len(), 4 * 7);
    let fields = [
        "LineID",
        "RowKind",
        "ContactID",
        "ContactName",
        "InvoiceID",
        "ColumnTitle",
        "Amount",
        "AmountText",
    ];
    let shown = shown(&records, &fields);
    for (at, expected) in [
        (
            0,
            "c-1/2017-10-10T00:00:00|0 ; line ; c-1 ; ABC ; - ; Number ; - ; Opening Balance",
        ),
        (7, "c-1/i-1|0 ; line ; c-1 ; ABC ; i-1 ; Number ; - ; 1242"),
        (
            13,
            "c-1/i-1|6 ; line ; c-1 ; ABC ; i-1 ; Due ; 100.0 ; 100.00",
        ),
        (
            20,
            "c-1/Total|6 ; total ; c-1 ; ABC ; - ; Due ; 100.0 ; 100.00",
        ),
        (
            27,
            "c-1/Closing Balance|6 ; total ; c-1 ; ABC ; - ; Due ; 100.0 ; 100.00",
        ),
    ] {
        assert_eq!(shown[at], expected);
    }
}

#[test]
fn a_tax_return_is_a_list_of_fields() {
    let body = r#"{"Reports":[{"ReportID":"r-1","ReportName":"BAS","ReportType":null,"Fields":[
        {"FieldID":"G1","Description":"Total sales","Value":"1,650"},
        {"FieldID":"W2","Value":"-"},{"Description":"No id","Value":7.10}]}]}"#;
    let records = flat(body, &ReportContext::default());
    let expected = [
        "BAS ; r-1/G1 ; line ; Total sales ; 1650 ; 1,650",
        "BAS ; r-1/W2 ; line ;  ; - ; -",
        "BAS ; r-1/No id ; line ; No id ; 7.1 ; 7.10",
    ];
    let fields = [
        "Report",
        "LineID",
        "RowKind",
        "RowTitle",
        "Amount",
        "AmountText",
    ];
    assert_eq!(shown(&records, &fields), expected);
}

#[test]
fn a_report_without_rows_has_none() {
    for rows in [
        json!([]),
        json!(null),
        json!([header(&["", "Apr-19"])]),
        json!([section("Income", &[]), section("", &[])]),
    ] {
        let found = records(rows.clone(), &ReportContext::default());
        assert!(found.is_empty(), "{rows}");
    }
}
