//! Compares the newest rows of reports with Xero's own report of each month.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Months, NaiveDate};
use xero_sim::{Millis, TenantId};

use crate::destination::Table;
use crate::json::Json;
use crate::truth::Auditor;

/// The reports that the soak compares: path, how a month is named in the query, and how many cells of a row
/// are about the month. The others compare it with further dates.
const REPORTS: [(&str, &str, Dates, usize); 7] = [
    ("report_balance_sheet", "BalanceSheet", Dates::End, 1),
    ("report_balance_sheet_cash", "BalanceSheet", Dates::End, 1),
    (
        "report_bank_summary",
        "BankSummary",
        Dates::Range,
        usize::MAX,
    ),
    ("report_profit_and_loss", "ProfitAndLoss", Dates::Range, 1),
    (
        "report_profit_and_loss_cash",
        "ProfitAndLoss",
        Dates::Range,
        1,
    ),
    (
        "report_trial_balance",
        "TrialBalance",
        Dates::End,
        usize::MAX,
    ),
    (
        "report_trial_balance_cash",
        "TrialBalance",
        Dates::End,
        usize::MAX,
    ),
];

/// Number of closed months that are read again in each sync: the default of `report_lookback_periods`.
const MONTHS: u32 = 3;

#[derive(Clone, Copy)]
enum Dates {
    Range,
    End,
}

/// The number of rows with each pair of title and figure in a report.
type Figures = BTreeMap<(String, String), usize>;

/// Whether the soak compares the report of a stream.
pub(crate) fn is_compared(stream: &str) -> bool {
    REPORTS.iter().any(|(name, ..)| *name == stream)
}

/// The first day of the months that every sync reads. Bookings of earlier months are not read again:
/// docs/reports.md, "Later syncs read the current period, the last `report_lookback_periods` before it".
pub(crate) fn first_day(now: Millis) -> NaiveDate {
    let today = DateTime::from_timestamp_millis(now)
        .unwrap_or_default()
        .date_naive();
    month_of(today) - Months::new(MONTHS)
}

fn month_of(day: NaiveDate) -> NaiveDate {
    use chrono::Datelike as _;
    day.with_day(1).unwrap_or(day)
}

/// The differences between the table of a report and Xero's reports of the months up to now.
pub(crate) fn differences(table: &Table, auditor: &Auditor, now: Millis) -> (usize, Vec<String>) {
    let name = table.stream.name.as_str();
    let Some((_, path, dates, cells)) = REPORTS.iter().find(|(stream, ..)| *stream == name) else {
        return (0, Vec::new());
    };
    let basis = if name.ends_with("_cash") {
        "&paymentsOnly=true"
    } else {
        ""
    };
    let (mut count, mut found) = (0, Vec::new());
    for tenant in &auditor.tenants {
        for number in 0..=MONTHS {
            let first = first_day(now) + Months::new(number);
            let last = first + Months::new(1) - Days::new(1);
            let query = match dates {
                Dates::Range => format!("fromDate={first}&toDate={last}"),
                Dates::End => format!("date={last}"),
            };
            // Without it Xero may answer in the layout that the organisation has chosen.
            let layout = "&standardLayout=true";
            let path = format!("/Reports/{path}?{query}{basis}{layout}");
            let (status, body) = auditor.get(tenant, &path);
            assert_eq!(status, 200, "{body}");
            let body = Json::parse(&body).expect("the simulator writes JSON");
            let mut expected = Figures::new();
            for report in body.get("Reports").list() {
                add_rows(report, *cells, &mut expected);
            }
            count += expected.values().sum::<usize>();
            let kept = newest(table, tenant, &last.to_string());
            if kept != expected {
                let only = |of: &Figures, other: &Figures| {
                    let mut only = of
                        .iter()
                        .filter(|(key, count)| other.get(key) != Some(count));
                    only.next()
                        .map_or("nothing".to_owned(), |it| format!("{it:?}"))
                };
                found.push(format!(
                    "{name} of {tenant} up to {last} has {}, Xero has {}",
                    only(&kept, &expected),
                    only(&expected, &kept)
                ));
            }
        }
    }
    (count, found)
}

/// The figures of a report and of its sections.
fn add_rows(section: &Json, cells: usize, figures: &mut Figures) {
    for row in section.get("Rows").list() {
        add_rows(row, cells, figures);
        if row.get("RowType").text() == "Header" {
            continue;
        }
        let mut values = row
            .get("Cells")
            .list()
            .iter()
            .map(|cell| cell.get("Value").text());
        let title = values.next().unwrap_or_default().to_owned();
        for value in values.take(cells).filter(|value| counts(&title, value)) {
            *figures
                .entry((title.clone(), value.to_owned()))
                .or_default() += 1;
        }
    }
}

/// Whether a figure is compared. A month that is read beside others has a zero in each line that only the
/// others have, and a gross profit if one of the others has costs of sales.
fn counts(title: &str, value: &str) -> bool {
    title != "Gross Profit" && value.contains(|it: char| it != '0' && it != '.')
}

/// docs/reports.md, "Rows": "For each period, and each contact of an aged report, only the rows with the newest
/// `UpdatedDateUTC` are current."
fn newest(table: &Table, tenant: &TenantId, last: &str) -> Figures {
    let of_period = |row: &&Json| {
        row.get("TenantID").text() == tenant.as_str() && row.get("PeriodEnd").text() == last
    };
    let rows: Vec<_> = table
        .rows
        .values()
        .map(|version| &version.row)
        .filter(of_period)
        .collect();
    let stamp = rows
        .iter()
        .map(|row| row.get("UpdatedDateUTC").text())
        .max();
    let mut figures = Figures::new();
    for row in rows
        .iter()
        .filter(|row| Some(row.get("UpdatedDateUTC").text()) == stamp)
    {
        let (title, value) = (row.get("RowTitle").text(), row.get("AmountText").text());
        if counts(title, value) {
            *figures
                .entry((title.to_owned(), value.to_owned()))
                .or_default() += 1;
        }
    }
    figures
}
