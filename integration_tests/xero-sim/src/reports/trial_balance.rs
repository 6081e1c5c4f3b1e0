//! The trial balance: what moved in the month up to a day, and what stands since the
//! fiscal year began.

use super::Body;
use super::layout::{Report, ReportLine, Section};
use super::parameters::{Invalid, ReportCall, american, eve, long};
use crate::books::{Account, Group, Role, Span, Tracked};

pub(super) fn draw(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    use Group::*;
    let day = call.day("date")?.unwrap_or(call.today);
    let ledger = call.ledger();
    let month = Span {
        first: Span::month(day).first,
        last: day,
    };
    let columns = [ledger.moved(month, Tracked::Any), ledger.standing(day)];
    let retained_until = american(eve(ledger.fiscal_year(day)));

    let mut totals = [[0; 2]; 2];
    let mut sections = Vec::new();
    for (title, groups) in [
        ("Revenue", &[Income, OtherIncome][..]),
        (
            "Expenses",
            &[CostOfSales, Expenses, Overheads, Depreciation],
        ),
        (
            "Assets",
            &[Bank, CurrentAssets, FixedAssets, NonCurrentAssets],
        ),
        ("Liabilities", &[CurrentLiabilities, NonCurrentLiabilities]),
        ("Equity", &[Equity]),
    ] {
        let mut lines = Vec::new();
        for account in ledger.accounts_of(groups) {
            let sums = columns.each_ref().map(|column| column.of(account));
            if sums == [0, 0] {
                continue;
            }
            for (total, sum) in totals.iter_mut().zip(sums) {
                total[usize::from(sum < 0)] += sum.abs();
            }
            let cells = sums.iter().flat_map(|sum| sides(*sum, account, call));
            let title = match account.code.as_str() {
                "" => account.name.clone(),
                code => format!("{} ({code})", account.name),
            };
            let mut line = ReportLine::row(&title, cells).of_account(account.id);
            if account.role == Role::RetainedEarnings {
                for at in 1..=4 {
                    line = line.with(at, String::new(), "fromDate");
                    line = line.with(at, retained_until.clone(), "toDate");
                }
            }
            lines.push(line);
        }
        if !lines.is_empty() {
            sections.push(Section::new(title, lines));
        }
    }
    let totals = totals.as_flattened().iter().map(|sum| call.amount(*sum));
    sections.push(Section::of_one(ReportLine::summary("Total", totals)));
    let header = ["Account", "Debit", "Credit", "YTD Debit", "YTD Credit"];
    Ok(Body::Rows(Report {
        kind: "TrialBalance",
        name: "Trial Balance",
        titles: vec![
            "Trial Balance".to_owned(),
            call.organisation(),
            format!("As at {}", long(day)),
        ],
        header: header.map(str::to_owned).to_vec(),
        sections,
    }))
}

/// A sum as debit or credit; the other cell is empty. Nothing stands where the account
/// grows.
fn sides(sum: i64, account: &Account, call: &ReportCall<'_>) -> [String; 2] {
    let amount = call.amount(sum.abs());
    match sum > 0 || sum == 0 && account.group.grows_by_debits() {
        true => [amount, String::new()],
        false => [String::new(), amount],
    }
}
