//! Reports are sums of journal lines.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::Value;

use super::exact;
use super::fields::{list, text};
use super::findings::{Findings, prove};
use super::ledger::{Sums, is_of_profit, within};
use super::reader::{ACCRUAL, Books, CASH};

/// Month ends around two ends of fiscal years, and the end of the month in which the books are
/// read.
const MONTH_ENDS: [&str; 7] = [
    "2024-07-31",
    "2025-03-31",
    "2025-04-30",
    "2025-12-31",
    "2026-02-28",
    "2026-04-30",
    "2026-06-30",
];

/// The journals that a basis sums and the parameter that asks for it.
const BASES: [(&str, &str); 2] = [(ACCRUAL, ""), (CASH, "&paymentsOnly=true")];

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

fn trial_balance(day: &str, basis: &str) -> String {
    format!("TrialBalance?date={day}{basis}")
}

fn balance_sheet(day: &str, basis: &str) -> String {
    format!("BalanceSheet?date={day}{basis}")
}

fn profit_and_loss(last: &str, basis: &str) -> String {
    let first = month_start(day(last));
    format!("ProfitAndLoss?fromDate={first}&toDate={last}{basis}")
}

fn bank_summary(last: &str) -> String {
    let first = month_start(day(last));
    format!("BankSummary?fromDate={first}&toDate={last}")
}

/// All reports that the proofs need.
pub fn queries() -> Vec<String> {
    let of_basis = |(day, basis): (&str, &str)| {
        [trial_balance, balance_sheet, profit_and_loss].map(|query| query(day, basis))
    };
    let based = MONTH_ENDS
        .iter()
        .flat_map(|day| BASES.map(|(_, basis)| (*day, basis)));
    let based = based.flat_map(of_basis);
    based.chain(MONTH_ENDS.map(bank_summary)).collect()
}

/// A row of a report: the account of its first cell and the values of the others, empty ones as 0,
/// in units of the base currency.
pub type ReportRow = (String, Vec<i128>);

/// The rows of a report that are of an account.
pub fn rows(report: &Value, base: &str) -> Vec<ReportRow> {
    let value = |cell: &Value| match text(cell, "Value") {
        "" => 0,
        value => {
            let units = exact::units(value, exact::decimals_of(base));
            units.unwrap_or_else(|| panic!("{value} is no amount of {base} in {report}"))
        }
    };
    let sections = list(report, "Rows").iter();
    let rows = sections.flat_map(|section| list(section, "Rows"));
    rows.filter_map(|row| {
        let (first, values) = list(row, "Cells").split_first()?;
        let mut attributes = list(first, "Attributes").iter();
        let account = attributes.find(|it| text(it, "Id").starts_with("account"))?;
        let id = text(account, "Value").to_owned();
        Some((id, values.iter().map(value).collect()))
    })
    .collect()
}

/// One value of each account of a report.
fn column(books: &Books, query: &str, value: impl Fn(&[i128]) -> i128) -> Sums {
    let mut sums = Sums::default();
    for (account, values) in books.report(query) {
        sums.add(account, value(values));
    }
    sums
}

/// The first day of the fiscal year of a day.
fn fiscal_year(books: &Books, day: NaiveDate) -> NaiveDate {
    let organisation = &books.rows("organisations")[0];
    let part = |field| text(organisation, field).parse::<u32>().expect("a number");
    let (month, last) = (part("FinancialYearEndMonth"), part("FinancialYearEndDay"));
    let end = |year| {
        let first = NaiveDate::from_ymd_opt(year, month, 1).expect("a month");
        let month_end = first + Months::new(1) - Days::new(1);
        month_end
            .with_day(last.min(month_end.day()))
            .expect("a day of it")
    };
    let this = end(day.year());
    let before = if this < day {
        this
    } else {
        end(day.year() - 1)
    };
    before + Days::new(1)
}

/// What stands on each account at the end of a day: profit of earlier years is retained.
fn standing(books: &Books, stream: &str, day: NaiveDate) -> Sums {
    let year = fiscal_year(books, day);
    let earlier = within(books, stream, NaiveDate::MIN, year - Days::new(1));
    let mut sums = within(books, stream, NaiveDate::MIN, day);
    for (account, sum) in earlier.only(|it| is_of_profit(books, it)).iter() {
        sums.add(account, -sum);
        sums.add(books.system_account("RETAINEDEARNINGS"), sum);
    }
    sums
}

/// Compares account by account.
fn compare(books: &Books, case: &str, report: &Sums, journals: &Sums, findings: &mut Findings) {
    for account in books.rows("accounts") {
        let id = text(account, "AccountID");
        let [shown, posted] = [report, journals].map(|sums| sums.of(id));
        findings.check(shown == posted, || {
            let (code, name) = (text(account, "Code"), text(account, "Name"));
            format!("{case}: {shown} on {code} {name}, the journals sum to {posted}")
        });
    }
}

#[test]
fn the_trial_balance_is_the_sum_of_the_journals() {
    prove(|books, findings| {
        for (stream, basis) in BASES {
            for last in MONTH_ENDS {
                let query = trial_balance(last, basis);
                let year = column(books, &query, |values| values[2] - values[3]);
                let standing = standing(books, stream, day(last));
                compare(books, &format!("{query} YTD"), &year, &standing, findings);
                let month = column(books, &query, |values| values[0] - values[1]);
                let moved = within(books, stream, month_start(day(last)), day(last));
                compare(books, &query, &month, &moved, findings);
            }
        }
    });
}

#[test]
fn the_balance_sheet_is_the_sum_of_the_journals() {
    prove(|books, findings| {
        for (stream, basis) in BASES {
            for last in MONTH_ENDS {
                let query = balance_sheet(last, basis);
                let mut shown = Sums::default();
                let mut earned = 0;
                for (id, values) in books.report(&query) {
                    match books.find("accounts", id) {
                        Some(account) if text(account, "Class") == "ASSET" => {
                            shown.add(id, values[0]);
                        }
                        Some(_) => shown.add(id, -values[0]),
                        // The earnings of the current year are on no account.
                        None => earned += values[0],
                    }
                }
                let standing = standing(books, stream, day(last));
                let held = standing.only(|account| !is_of_profit(books, account));
                compare(books, &query, &shown, &held, findings);
                let profit = standing.only(|account| is_of_profit(books, account));
                let profit: i128 = -profit.iter().map(|(_, sum)| sum).sum::<i128>();
                findings.equal(earned, profit, || format!("{query}: Current Year Earnings"));
            }
        }
    });
}

#[test]
fn the_profit_and_loss_of_a_month_is_the_sum_of_its_journals() {
    prove(|books, findings| {
        // Outside the United States one row shows all accounts of currency gains.
        let gains = [
            "BANKCURRENCYGAIN",
            "UNREALISEDCURRENCYGAIN",
            "REALISEDCURRENCYGAIN",
        ]
        .map(|system| books.system_account(system));
        for (stream, basis) in BASES {
            for last in MONTH_ENDS {
                let query = profit_and_loss(last, basis);
                let moved = within(books, stream, month_start(day(last)), day(last));
                let mut expected = Sums::default();
                for (account, sum) in moved.only(|it| is_of_profit(books, it)).iter() {
                    let is_grouped = books.base != "USD" && gains.contains(&account);
                    let class = books.find("accounts", account);
                    let class = class.map_or("", |account| text(account, "Class"));
                    let growth = if class == "REVENUE" { -sum } else { sum };
                    expected.add(if is_grouped { "FXGROUPID" } else { account }, growth);
                }
                let shown = column(books, &query, |values| values[0]);
                findings.equal(shown.of("FXGROUPID"), expected.of("FXGROUPID"), || {
                    format!("{query}: currency gains")
                });
                compare(books, &query, &shown, &expected, findings);
            }
        }
    });
}

#[test]
fn bank_accounts_close_with_the_sum_of_their_journals() {
    prove(|books, findings| {
        for last in MONTH_ENDS {
            let query = bank_summary(last);
            let [opening, closing] = [0, 3].map(|at| column(books, &query, |values| values[at]));
            let before = month_start(day(last)) - Days::new(1);
            for (shown, until) in [(opening, before), (closing, day(last))] {
                let sums = within(books, ACCRUAL, NaiveDate::MIN, until);
                let banks = sums.only(|id| {
                    let account = books.find("accounts", id);
                    account.is_some_and(|account| text(account, "Type") == "BANK")
                });
                compare(
                    books,
                    &format!("{query} at {until}"),
                    &shown,
                    &banks,
                    findings,
                );
            }
        }
    });
}
