//! The budget summary: the planned amounts of the organisation from a given month.

use std::collections::BTreeMap;

use chrono::Months;

use super::Body;
use super::layout::{Report, ReportLine, Section};
use super::parameters::{Invalid, ReportCall, add, less};
use crate::books::{Basis, Day, Group, Ledger, Span, month_end};
use crate::rows;

/// Maximum and default number of columns.
const MOST_PERIODS: u32 = 12;

pub(super) fn draw(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    let day = call.day("date")?.unwrap_or(call.today);
    let periods = call
        .number("periods", MOST_PERIODS)?
        .unwrap_or(MOST_PERIODS);
    // This report takes the number of months, other reports a word.
    let step = match call.number("timeframe", 12)? {
        None | Some(1) => 1,
        Some(3) => 3,
        Some(12) => 12,
        Some(other) => return Err(Invalid(format!("'{other}' is not a timeframe"))),
    };
    let first = Span::month(day).first;
    let columns: Vec<Span> = (0..periods)
        .map(|period| Span {
            first: first + Months::new(period * step),
            last: month_end(first + Months::new((period + 1) * step - 1)),
        })
        .collect();
    let last = columns.last().map_or(first, |column| column.last);
    let plan = Plan {
        call,
        ledger: call.tenant.ledger(Basis::Accrual),
        budget: rows::budget(call.tenant),
        columns: &columns,
    };
    // The title of a period is its last month.
    let titles = columns.iter().map(|column| column.last.format("%b-%y"));
    let titles = titles.map(|title| title.to_string());
    Ok(Body::Rows(Report {
        kind: "BudgetSummary",
        name: "Budget Summary",
        titles: vec![
            "Overall Budget".to_owned(),
            "Budget Summary".to_owned(),
            call.organisation(),
            format!("{} to {}", first.format("%B %Y"), last.format("%B %Y")),
        ],
        header: ["Account".to_owned()].into_iter().chain(titles).collect(),
        sections: plan.sections(),
    }))
}

struct Plan<'a> {
    call: &'a ReportCall<'a>,
    ledger: &'a Ledger,
    /// Amounts of accounts by the last day of a month.
    budget: BTreeMap<Day, Vec<(u128, i64)>>,
    columns: &'a [Span],
}

impl Plan<'_> {
    fn sections(&self) -> Vec<Section> {
        use Group::*;
        let mut sections = Vec::new();
        let income = self.group("Income", &[Income], &mut sections);
        let sales = self.group("Less Cost of Sales", &[CostOfSales], &mut sections);
        let gross = less(&income, &sales);
        sections.push(self.summary("Gross Profit", &gross));
        let costs = [Expenses, Overheads, Depreciation];
        let costs = self.group("Less Operating Expenses", &costs, &mut sections);
        sections.push(self.summary("Total Expenses", &costs));
        let net = less(&gross, &costs);
        sections.push(self.summary("Net Profit", &net));
        sections
    }

    /// Adds the section of the planned accounts of some groups, and returns its sums.
    fn group(&self, title: &str, groups: &[Group], sections: &mut Vec<Section>) -> Vec<i64> {
        let mut total = vec![0; self.columns.len()];
        let mut lines = Vec::new();
        for account in self.ledger.accounts_of(groups) {
            let values: Vec<i64> = self
                .columns
                .iter()
                .map(|it| self.planned(account.id, *it))
                .collect();
            if values.iter().all(|value| *value == 0) {
                continue;
            }
            add(&mut total, &values);
            lines.push(
                ReportLine::row(&account.name, self.call.amounts(&values)).of_account(account.id),
            );
        }
        if !lines.is_empty() {
            sections.push(Section::new(title, lines));
        }
        total
    }

    fn planned(&self, account: u128, span: Span) -> i64 {
        let months = self.budget.range(span.first..=span.last);
        let lines = months.flat_map(|(_, lines)| lines);
        let own = lines.filter(|(id, _)| *id == account);
        own.map(|(_, amount)| amount).sum()
    }

    fn summary(&self, title: &str, values: &[i64]) -> Section {
        Section::of_one(ReportLine::summary(title, self.call.amounts(values)))
    }
}
