//! A simulated report server whose amounts follow from the dates: each day earns one cent for
//! every day since 2000.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Value, json};
use xero_sim::{Answer, Request};

use crate::support::scene::Scene;

/// The account of all income.
pub(crate) const SALES: &str = "02439bca-0000-4000-8000-000000000001";

/// How the server moves the dates of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Months31 {
    /// As Xero does: both dates move back by months.
    Whole,
    /// The end of a comparison is never the 31st.
    Cut,
}

/// What one day earns, in cents.
fn earned(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce()) - 730_119
}

/// What the days earn, as a cell.
pub(crate) fn sum(start: NaiveDate, end: NaiveDate) -> String {
    let days = start.iter_days().take_while(|day| *day <= end);
    let cents: i64 = days.map(earned).sum();
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A date from a request.
pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date of a request")
}

/// Answers every report that compares spans of days.
pub(crate) fn open(scene: &Scene, months: Months31) {
    scene.sim.intercept(move |request, _| {
        let name = request.path.strip_prefix("/api.xro/2.0/Reports/")?;
        match name {
            "ProfitAndLoss" => Some(profit(request, months)),
            "BalanceSheet" => Some(balance(request)),
            "TrialBalance" => Some(trial(request)),
            "BankSummary" => Some(bank(request)),
            _ => None,
        }
    });
}

/// A report in Xero's envelope.
pub(crate) fn answer(kind: &str, rows: Value) -> Answer {
    let stamp = chrono::Utc::now().timestamp_millis();
    let report = json!({
        "ReportID": kind, "ReportName": kind, "ReportType": kind, "ReportTitles": [kind],
        "ReportDate": "1 January 2000", "UpdatedDateUTC": format!("/Date({stamp})/"),
        "Fields": [], "Rows": rows,
    });
    Answer::json(
        200,
        json!({"Status": "OK", "Reports": [report]}).to_string(),
    )
}

/// A row with an attribute on each cell, as Xero writes accounts and documents.
pub(crate) fn row(kind: &str, cells: &[String], attribute: Option<(&str, &str)>) -> Value {
    let attributes = attribute.map(|(id, value)| json!([{"Id": id, "Value": value}]));
    let cells = cells.iter().map(|cell| match &attributes {
        Some(attributes) => json!({"Value": cell, "Attributes": attributes}),
        None => json!({"Value": cell}),
    });
    json!({"RowType": kind, "Cells": cells.collect::<Vec<_>>()})
}

fn columns(request: &Request) -> (u32, u32) {
    let periods = request
        .param("periods")
        .map_or(0, |text| text.parse().expect("periods is a number"));
    assert!(periods <= 11, "Xero takes eleven comparisons");
    let months = match request.param("timeframe") {
        Some("QUARTER") => 3,
        Some("YEAR") => 12,
        Some("MONTH") | None => 1,
        Some(other) => panic!("there is no timeframe {other}"),
    };
    (periods, months)
}

fn day(request: &Request, name: &str) -> NaiveDate {
    date(request.param(name).expect(name))
}

fn profit(request: &Request, months: Months31) -> Answer {
    let (periods, each) = columns(request);
    let (start, end) = (day(request, "fromDate"), day(request, "toDate"));
    assert!((end - start).num_days() <= 365, "Xero takes a year at most");
    let mut cells = Vec::new();
    for period in 0..=periods {
        let back = Months::new(period * each);
        let mut end = end - back;
        if months == Months31::Cut && period > 0 && end.day() == 31 {
            end = end - Days::new(1);
        }
        cells.push(sum(start - back, end));
    }
    let with = |title: &str| [&[title.to_owned()], &cells[..]].concat();
    let titles = [vec![String::new()], vec!["a label".to_owned(); cells.len()]].concat();
    answer(
        "ProfitAndLoss",
        json!([
            row("Header", &titles, None),
            {"RowType": "Section", "Title": " Income", "Rows": [
                row("Row", &with("Sales"), Some(("account", SALES))),
                row("SummaryRow", &with("Total Income"), None),
            ]},
            {"RowType": "Section", "Title": "", "Rows": [row("Row", &with("NET PROFIT"), None)]},
        ]),
    )
}

fn balance(request: &Request) -> Answer {
    let (periods, each) = columns(request);
    let asked = day(request, "date");
    let mut cells = Vec::new();
    // Without a number of periods the same month of last year stands beside it.
    let (periods, each) = if periods == 0 {
        (1, 12)
    } else {
        (periods, each)
    };
    for period in 0..=periods {
        let month = asked.with_day(1).expect("a month") - Months::new(period * each);
        let end = month + Months::new(1) - Days::new(1);
        cells.push(sum(date("2000-01-01"), end));
    }
    let with = |title: &str| [&[title.to_owned()], &cells[..]].concat();
    answer(
        "BalanceSheet",
        json!([
            row("Header", &with(""), None),
            {"RowType": "Section", "Title": "Assets", "Rows": []},
            {"RowType": "Section", "Title": "Bank", "Rows": [row("Row", &with("Bank"), Some(("account", SALES)))]},
            {"RowType": "Section", "Title": "", "Rows": [row("SummaryRow", &with("Total Assets"), None)]},
        ]),
    )
}

fn trial(request: &Request) -> Answer {
    let end = day(request, "date");
    let text = |text: &str| text.to_owned();
    let month = sum(end.with_day(1).expect("a month"), end);
    answer(
        "TrialBalance",
        json!([
            row("Header", &["Account", "Debit", "Credit"].map(text), None),
            {"RowType": "Section", "Title": "Revenue", "Rows": [
                row("Row", &[text("Sales (200)"), text(""), month], Some(("account", SALES))),
            ]},
        ]),
    )
}

fn bank(request: &Request) -> Answer {
    let (start, end) = (day(request, "fromDate"), day(request, "toDate"));
    let text = |text: &str| text.to_owned();
    answer(
        "BankSummary",
        json!([
            row("Header", &["Bank Accounts", "Cash Received"].map(text), None),
            {"RowType": "Section", "Title": "", "Rows": [
                row("Row", &[text("Bank"), sum(start, end)], Some(("accountID", SALES))),
            ]},
        ]),
    )
}
