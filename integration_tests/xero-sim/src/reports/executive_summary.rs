//! The executive summary: figures of one month, of the month before, and the change between them.

use chrono::Datelike;

use super::Body;
use super::layout::{Report, ReportLine, Section};
use super::parameters::{Invalid, ReportCall, eve};
use super::ratio::{percent, quotient, variance};
use crate::books::{Basis, Group, Ledger, Role, Span, Sums, Tracked};

pub(super) fn draw(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    let month = Span::month(call.day("date")?.unwrap_or(call.today));
    let before = Span::month(eve(month.first));
    let ledger = call.tenant.ledger(Basis::Accrual);
    let [now, then] = [month, before].map(|month| Figures::of(month, ledger));
    let sections = SECTIONS.iter().map(|(title, lines)| {
        let lines = lines.iter().map(|(title, figure)| {
            let [one, other] = [&now, &then].map(figure);
            let variance = match (&one, &other) {
                (Figure::Blank, _) | (_, Figure::Blank) => variance(0, 0),
                _ => variance(one.compared(), other.compared()),
            };
            ReportLine::row(title, [one.text(call), other.text(call), variance])
        });
        Section::new(title, lines.collect())
    });
    let short = |month: Span| month.last.format("%b %Y").to_string();
    Ok(Body::Rows(Report {
        kind: "ExecutiveSummary",
        name: "Executive Summary",
        titles: vec![
            "Executive Summary".to_owned(),
            call.organisation(),
            format!("For the month of {}", month.last.format("%B %Y")),
        ],
        header: vec![
            String::new(),
            short(month),
            short(before),
            "Variance".to_owned(),
        ],
        sections: sections.collect(),
    }))
}

/// The format of a cell.
enum Figure {
    Amount(i64),
    Count(i64),
    /// A percentage of a total. Empty if the total is zero.
    Percent(i64, i64),
    /// A quotient. `0` if the divisor is zero.
    Days(i64, i64),
    /// A quotient.
    Ratio(i64, i64),
    Blank,
}

/// The unit in which ratios are compared: millionths.
const MILLION: i64 = 1_000_000;

impl Figure {
    fn text(&self, call: &ReportCall<'_>) -> String {
        match *self {
            Self::Amount(amount) => call.amount(amount),
            Self::Count(count) => count.to_string(),
            Self::Percent(part, whole) => percent(part, whole),
            Self::Days(part, whole) => quotient(part, whole).unwrap_or_else(|| "0".to_owned()),
            Self::Ratio(part, whole) => quotient(part, whole).unwrap_or_default(),
            Self::Blank => String::new(),
        }
    }

    /// A whole number that grows with the figure.
    fn compared(&self) -> i64 {
        match *self {
            Self::Amount(number) | Self::Count(number) => number,
            Self::Percent(part, whole) | Self::Days(part, whole) | Self::Ratio(part, whole) => {
                let whole = i128::from(whole);
                let ratio = i128::from(part) * i128::from(MILLION);
                ratio.checked_div(whole).map_or(0, |ratio| {
                    i64::try_from(ratio).expect("no account is a million times another")
                })
            }
            Self::Blank => 0,
        }
    }

    /// Returns a percentage. `None` if the total is zero.
    fn margin(part: i64, whole: i64) -> Self {
        match whole {
            0 => Self::Blank,
            whole => Self::Percent(part, whole),
        }
    }

    fn ratio(part: i64, whole: i64) -> Self {
        match whole {
            0 => Self::Blank,
            whole => Self::Ratio(part, whole),
        }
    }
}

/// The figures from which the cells are computed.
struct Figures {
    days: i64,
    received: i64,
    spent: i64,
    bank: i64,
    income: i64,
    direct_costs: i64,
    other_income: i64,
    expenses: i64,
    debtors: i64,
    creditors: i64,
    current_assets: i64,
    term_assets: i64,
    current_liabilities: i64,
    term_liabilities: i64,
    invoices: i64,
}

impl Figures {
    fn of(month: Span, ledger: &Ledger) -> Self {
        use Group::*;
        let moved = ledger.moved(month, Tracked::Any);
        let standing = ledger.standing(month.last);
        let sum = |sums: &Sums, groups: &[Group]| {
            let accounts = ledger.accounts_of(groups).into_iter();
            accounts.map(|it| it.group.growth(sums.of(it))).sum::<i64>()
        };
        let banks = ledger.accounts_of(&[Bank]).into_iter();
        let through_banks = banks.map(|bank| ledger.received_and_spent(month, bank));
        let [received, spent] =
            through_banks.fold([0, 0], |sums, one| [sums[0] + one[0], sums[1] + one[1]]);
        Self {
            days: month.last.day().into(),
            received,
            spent,
            bank: sum(&standing, &[Bank]),
            income: sum(&moved, &[Income]),
            direct_costs: sum(&moved, &[CostOfSales]),
            other_income: sum(&moved, &[OtherIncome]),
            expenses: sum(&moved, &[Expenses, Overheads, Depreciation]),
            debtors: ledger.sum_of(Role::Receivable, &standing),
            creditors: -ledger.sum_of(Role::Payable, &standing),
            current_assets: sum(&standing, &[Bank, CurrentAssets]),
            term_assets: sum(&standing, &[FixedAssets, NonCurrentAssets]),
            current_liabilities: sum(&standing, &[CurrentLiabilities]),
            term_liabilities: sum(&standing, &[NonCurrentLiabilities]),
            invoices: ledger.sales(month) as i64,
        }
    }

    fn gross(&self) -> i64 {
        self.income - self.direct_costs
    }

    fn profit(&self) -> i64 {
        self.gross() + self.other_income - self.expenses
    }

    fn net_assets(&self) -> i64 {
        self.current_assets + self.term_assets - self.current_liabilities - self.term_liabilities
    }
}

/// A line: its title and its figure.
type Shown = (&'static str, fn(&Figures) -> Figure);

use Figure::{Amount, Count, Days};

#[rustfmt::skip]
const SECTIONS: &[(&str, &[Shown])] = &[
    ("Cash", &[
        ("Cash received", |it| Amount(it.received)),
        ("Cash spent", |it| Amount(it.spent)),
        ("Cash surplus (deficit)", |it| Amount(it.received - it.spent)),
        ("Closing bank balance", |it| Amount(it.bank)),
    ]),
    ("Profitability", &[
        ("Income", |it| Amount(it.income)),
        ("Direct costs", |it| Amount(it.direct_costs)),
        ("Gross profit (loss)", |it| Amount(it.gross())),
        ("Other Income", |it| Amount(it.other_income)),
        ("Expenses", |it| Amount(it.expenses)),
        ("Profit (loss)", |it| Amount(it.profit())),
    ]),
    ("Balance Sheet", &[
        ("Debtors", |it| Amount(it.debtors)),
        ("Creditors", |it| Amount(it.creditors)),
        ("Net assets", |it| Amount(it.net_assets())),
    ]),
    ("Income", &[
        ("Number of invoices issued", |it| Count(it.invoices)),
        ("Average value of invoices", |it| Amount(it.income.checked_div(it.invoices).unwrap_or(0))),
    ]),
    ("Performance", &[
        ("Gross profit margin", |it| Figure::margin(it.gross(), it.income)),
        ("Net profit margin", |it| Figure::margin(it.profit(), it.income)),
        ("Return on investment (p.a.)", |it| Figure::Percent(it.profit() * 12, it.net_assets())),
    ]),
    ("Position", &[
        ("Average debtors days", |it| Days(it.debtors * it.days, it.income)),
        ("Average creditors days", |it| Days(it.creditors * it.days, it.direct_costs + it.expenses)),
        ("Short term cash forecast", |it| Amount(it.debtors - it.creditors)),
        ("Current assets to liabilities", |it| Figure::ratio(it.current_assets, it.current_liabilities)),
        ("Term assets to liabilities", |it| Figure::ratio(it.term_assets, it.term_liabilities)),
    ]),
];
