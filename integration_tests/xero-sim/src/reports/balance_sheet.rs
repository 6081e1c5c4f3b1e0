//! The balance sheet: one column for each month end.

use super::Body;
use super::layout::{Report, ReportLine, Section};
use super::parameters::{
    Invalid, ReportCall, add, american, eve, less, long, month_end_before, short,
};
use crate::books::{Account, Day, Group, Ledger, Role, Span, Sums, month_end};

/// The earnings of the current year, which are on no account.
const NO_ACCOUNT: u128 = 0;

pub(super) fn draw(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    let last = month_end(call.day("date")?.unwrap_or(call.today));
    let step = call.step()?;
    let days: Vec<Day> = match call.periods()? {
        Some(periods) => (0..=periods)
            .map(|period| month_end_before(last, period * step))
            .collect(),
        // The last column is the same month of the year before.
        None => vec![last, month_end_before(last, 12)],
    };
    let ledger = call.ledger();
    let sheet = Sheet {
        call,
        ledger,
        columns: days.iter().map(|day| Column::at(*day, ledger)).collect(),
    };
    let titles = days.iter().map(|day| short(*day));
    Ok(Body::Rows(Report {
        kind: "BalanceSheet",
        name: "Balance Sheet",
        titles: vec![
            "Balance Sheet".to_owned(),
            call.organisation(),
            format!("As at {}", long(last)),
        ],
        header: [String::new()].into_iter().chain(titles).collect(),
        sections: sheet.sections(),
    }))
}

/// A month end.
struct Column {
    day: Day,
    /// The first day of the fiscal year.
    year: Day,
    standing: Sums,
    /// The earnings since then.
    earned: i64,
}

impl Column {
    fn at(day: Day, ledger: &Ledger) -> Self {
        let year = ledger.fiscal_year(day);
        Self {
            day,
            year,
            standing: ledger.standing(day),
            earned: ledger.profit(Span {
                first: year,
                last: day,
            }),
        }
    }
}

struct Sheet<'a> {
    call: &'a ReportCall<'a>,
    ledger: &'a Ledger,
    columns: Vec<Column>,
}

impl Sheet<'_> {
    fn sections(&self) -> Vec<Section> {
        use Group::*;
        let assets = [
            ("Bank", Bank),
            ("Current Assets", CurrentAssets),
            ("Fixed Assets", FixedAssets),
            ("Non-current Assets", NonCurrentAssets),
        ];
        let liabilities = [
            ("Current Liabilities", CurrentLiabilities),
            ("Non-current Liabilities", NonCurrentLiabilities),
        ];
        let mut sections = Vec::new();
        let owned = self.half("Assets", &assets, &mut sections);
        let owed = self.half("Liabilities", &liabilities, &mut sections);
        let net = less(&owned, &owed);
        let line = ReportLine::row("Net Assets", self.call.amounts(&net));
        sections.push(Section::of_one(line));
        sections.push(self.equity());
        sections
    }

    /// A heading, the sections of its groups and the total, which is returned.
    fn half(&self, name: &str, groups: &[(&str, Group)], sections: &mut Vec<Section>) -> Vec<i64> {
        sections.push(Section::new(name, Vec::new()));
        let mut all = vec![0; self.columns.len()];
        for (title, group) in groups {
            let (mut lines, total) = self.lines(*group);
            if lines.is_empty() {
                continue;
            }
            add(&mut all, &total);
            lines.push(ReportLine::summary(
                &format!("Total {title}"),
                self.call.amounts(&total),
            ));
            sections.push(Section::new(title, lines));
        }
        let line = ReportLine::summary(&format!("Total {name}"), self.call.amounts(&all));
        sections.push(Section::of_one(line));
        all
    }

    fn equity(&self) -> Section {
        let earned: Vec<i64> = self.columns.iter().map(|column| column.earned).collect();
        let mut line = ReportLine::row("Current Year Earnings", self.call.amounts(&earned));
        line = line.of_account(NO_ACCOUNT);
        for (at, column) in self.columns.iter().enumerate() {
            line = line.with(at + 1, american(column.year), "fromDate");
            line = line.with(at + 1, american(column.day), "toDate");
        }
        let (mut lines, mut total) = self.lines(Group::Equity);
        lines.insert(0, line);
        add(&mut total, &earned);
        lines.push(ReportLine::summary(
            "Total Equity",
            self.call.amounts(&total),
        ));
        Section::new("Equity", lines)
    }

    /// The accounts of a group with anything on them, and their sums.
    fn lines(&self, group: Group) -> (Vec<ReportLine>, Vec<i64>) {
        let mut total = vec![0; self.columns.len()];
        let mut lines = Vec::new();
        for account in self.ledger.accounts_of(&[group]) {
            let columns = self.columns.iter();
            let values: Vec<i64> = columns
                .map(|column| group.growth(column.standing.of(account)))
                .collect();
            if values.iter().all(|value| *value == 0) {
                continue;
            }
            add(&mut total, &values);
            lines.push(self.line(account, &values));
        }
        (lines, total)
    }

    fn line(&self, account: &Account, values: &[i64]) -> ReportLine {
        let line = ReportLine::row(&account.name, self.call.amounts(values)).of_account(account.id);
        if account.role != Role::RetainedEarnings {
            return line;
        }
        let columns = self.columns.iter().enumerate();
        columns.fold(line, |line, (at, column)| {
            line.with(at + 1, String::new(), "fromDate").with(
                at + 1,
                american(eve(column.year)),
                "toDate",
            )
        })
    }
}
