//! The profit and loss: one column for each period, or for each tracking option.

use super::Body;
use super::columns::Columns;
use super::layout::{Report, ReportLine, Section};
use super::parameters::{Invalid, ReportCall, less, long};
use crate::books::{Account, Group, Ledger, Role, Sums};
use crate::rows::Books;

/// Maximum number of days between the two dates.
const LONGEST: i64 = 365;
/// The pseudo account of currency gains outside the United States.
const CURRENCY_GROUP: &str = "FXGROUPID";

pub(super) fn draw(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    let (span, _) = call.span()?;
    if (span.last - span.first).num_days() > LONGEST {
        let text = format!("The dates must not be more than {LONGEST} days apart");
        return Err(Invalid(text));
    }
    let ledger = call.ledger();
    let columns = match call.text("trackingCategoryID") {
        Some(_) => Columns::by_tracking(call, ledger, span)?,
        None => Columns::by_period(call, ledger, span)?,
    };
    let statement = Statement {
        call,
        ledger,
        columns: &columns.sums,
        in_states: call.tenant.base_currency() == "USD",
    };
    Ok(Body::Rows(Report {
        kind: "ProfitAndLoss",
        name: "Profit and Loss",
        titles: vec![
            "Profit & Loss".to_owned(),
            call.organisation(),
            format!("{} to {}", long(span.first), long(span.last)),
        ],
        header: [String::new()].into_iter().chain(columns.titles).collect(),
        sections: statement.sections(),
    }))
}

/// The statement under construction.
struct Statement<'a> {
    call: &'a ReportCall<'a>,
    ledger: &'a Ledger,
    columns: &'a [Sums],
    in_states: bool,
}

impl Statement<'_> {
    fn sections(&self) -> Vec<Section> {
        let costs = [Group::Expenses, Group::Overheads, Group::Depreciation];
        let income = self.total(&[Group::Income]);
        let cost_of_sales = self.total(&[Group::CostOfSales]);
        let other_income = self.total(&[Group::OtherIncome]);
        let expenses = self.total(&costs);
        let gross = less(&income, &cost_of_sales);
        let net = less(&plus(&gross, &other_income), &expenses);

        let mut sections = vec![self.section(" Income", "Total Income", &[Group::Income])];
        let cost = self.section(
            " Less Cost of Sales",
            "Total Cost of Sales",
            &[Group::CostOfSales],
        );
        if cost.lines.len() > 1 {
            sections.push(cost);
            sections.push(Section::of_one(self.row("Gross Profit", &gross)));
        }
        let other = self.section(
            " Plus Other Income",
            "Total Other Income",
            &[Group::OtherIncome],
        );
        if other.lines.len() > 1 {
            sections.push(other);
        }
        let (title, total) = (" Less Operating Expenses", "Total Operating Expenses");
        if self.call.is_on("standardLayout") {
            sections.push(self.section(title, total, &costs));
        } else {
            // A custom layout: a heading with groups below it.
            sections.push(Section::new(title, Vec::new()));
            let groups = ["Expenses", "Overheads", "Depreciation"]
                .into_iter()
                .zip(costs);
            let groups =
                groups.map(|(name, group)| self.section(name, &format!("Total {name}"), &[group]));
            sections.extend(groups.filter(|section| section.lines.len() > 1));
            let line = ReportLine::summary(total, self.call.amounts(&expenses));
            sections.push(Section::of_one(line));
        }
        sections.push(Section::of_one(self.row("NET PROFIT", &net)));
        sections
    }

    /// Writes a section with the accounts of some groups that moved, and their total.
    fn section(&self, title: &str, total: &str, groups: &[Group]) -> Section {
        let (gains, usual): (Vec<&Account>, Vec<_>) = self
            .ledger
            .accounts_of(groups)
            .into_iter()
            .partition(|it| it.role == Role::CurrencyGains && !self.in_states);
        let mut lines: Vec<ReportLine> = usual
            .into_iter()
            .filter_map(|account| {
                let values = self.moved(&[account])?;
                Some(self.row(&account.name, &values).of_account(account.id))
            })
            .collect();
        if let Some(values) = self.moved(&gains) {
            let line = self.row("Foreign Currency Gains and Losses", &values);
            lines.push(line.tagged(CURRENCY_GROUP, "account"));
        }
        let sums = self.total(groups);
        lines.push(ReportLine::summary(total, self.call.amounts(&sums)));
        Section::new(title, lines)
    }

    /// Returns the movement of the accounts in each column, growth positive. `None` without
    /// movement.
    fn moved(&self, accounts: &[&Account]) -> Option<Vec<i64>> {
        let values = self.grown(accounts);
        values.iter().any(|value| *value != 0).then_some(values)
    }

    fn grown(&self, accounts: &[&Account]) -> Vec<i64> {
        let of_column = |sums: &Sums| {
            let own = accounts.iter().map(|it| it.group.growth(sums.of(it)));
            own.sum()
        };
        self.columns.iter().map(of_column).collect()
    }

    fn total(&self, groups: &[Group]) -> Vec<i64> {
        self.grown(&self.ledger.accounts_of(groups))
    }

    fn row(&self, title: &str, values: &[i64]) -> ReportLine {
        ReportLine::row(title, self.call.amounts(values))
    }
}

fn plus(one: &[i64], other: &[i64]) -> Vec<i64> {
    let both = one.iter().zip(other);
    both.map(|(one, other)| one + other).collect()
}
