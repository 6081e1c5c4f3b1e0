//! Manual journals. Debits are positive and equal the credits.

use fastrand::Rng;

use super::accounts::{self, Code};
use super::pick::{self, Aspect, Versioned};
use super::tracking::{self, Choice};
use super::words::DESCRIPTIONS;
use super::{Row, View, attachments, chart, currencies, fields, tax_rates};
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let drawn = Draw::of(row, view);
    out.key("Date").date(fields::midnight(row.created));
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string("NoTax");
    fields::updated(row, out);
    out.key("ManualJournalID").guid(row.id);
    out.key("Narration")
        .display(Versioned(drawn.narration, row.version));
    if drawn.has_url {
        out.key("Url").string("https://books.example/accruals");
    }
    out.key("JournalLines").open_array();
    if view.is_long() {
        for line in &drawn.lines {
            write_line(line, view, out);
        }
    }
    out.close_array();
    out.key("ShowOnCashBasisReports").bool(is_cash_basis(row));
    attachments::write("manualjournal", row, view, out);
}

/// A line of a manual journal.
pub(super) struct Line {
    description: &'static str,
    pub(super) account: Row,
    /// In the last place of the books' currency; debits are positive.
    pub(super) amount: i64,
    pub(super) tracking: Vec<Choice>,
}

/// A manual journal.
pub(super) struct Draw {
    narration: &'static str,
    has_url: bool,
    /// The last one balances the others.
    pub(super) lines: Vec<Line>,
}

impl Draw {
    pub(super) fn of(row: &Row, view: View<'_>) -> Self {
        let mut rng = pick::dice(row, Aspect::Head);
        let narration = pick::one(&mut rng, DESCRIPTIONS);
        let has_url = pick::rarely(&mut rng, 10);
        let count = rng.u8(1..5);
        let mut lines: Vec<Line> = (0..count)
            .map(|_| {
                let amount = rng.i64(-500_000..500_000);
                Line::of(amount, view, &mut rng)
            })
            .collect();
        let balance: i64 = lines.iter().map(|line| line.amount).sum();
        lines.push(Line::of(-balance, view, &mut rng));
        Self {
            narration,
            has_url,
            lines,
        }
    }
}

impl Line {
    fn of(amount: i64, view: View<'_>, rng: &mut Rng) -> Self {
        let account = accounts::any(view.books, chart::EXPENSES, rng);
        Self {
            description: pick::one(rng, DESCRIPTIONS),
            account,
            amount,
            tracking: tracking::any(view, rng).collect(),
        }
    }
}

/// Whether reports on a cash basis show it.
pub(super) fn is_cash_basis(row: &Row) -> bool {
    row.seed & 1 == 1
}

fn write_line(line: &Line, view: View<'_>, out: &mut Json) {
    let decimals = currencies::base(view.books).decimals;
    out.open_object();
    out.key("Description").string(line.description);
    out.key("TaxType").string(tax_rates::none(view.books).code);
    out.key("TaxAmount").decimal(0, decimals);
    out.key("LineAmount").decimal(line.amount, decimals);
    out.key("AccountCode").display(Code(&line.account));
    tracking::write("Tracking", line.tracking.iter(), out);
    out.key("AccountID").guid(line.account.id);
    out.key("IsBlank").bool(false);
    out.close_object();
}
