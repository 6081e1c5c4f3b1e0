//! Manual journals. Debits are positive and equal the credits.

use std::ops::RangeInclusive;

use fastrand::Rng;

use super::accounts::{self, AccountCode};
use super::country::Country;
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::DESCRIPTIONS;
use super::tracking_categories::{self, Choice};
use super::{Row, View, attachments, chart_of_accounts, common_fields, currencies, tax_rates};
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let drawn = Draw::of(row, view);
    let day = common_fields::midnight(row.created);
    match Country::of(view.books) == Some(Country::NewZealand) && row.number.is_multiple_of(20) {
        true => out.key("Date").date_in_summer(day),
        false => out.key("Date").date(day),
    }
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string("NoTax");
    common_fields::updated(row, out);
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
pub(super) struct ManualJournalLine {
    pub(super) description: &'static str,
    pub(super) account: Row,
    /// In the last place of the books' currency; debits are positive.
    pub(super) amount: i64,
    pub(super) tracking: Vec<Choice>,
}

/// A manual journal.
pub(super) struct Draw {
    pub(super) narration: &'static str,
    has_url: bool,
    /// The last one balances the others.
    pub(super) lines: Vec<ManualJournalLine>,
}

impl Draw {
    pub(super) fn of(row: &Row, view: View<'_>) -> Self {
        let mut rng = draw::rng_of(row, Aspect::Head);
        let narration = draw::one_of(&mut rng, DESCRIPTIONS);
        let has_url = draw::one_in(&mut rng, 10);
        let count = rng.u8(1..5);
        let mut lines: Vec<ManualJournalLine> = (0..count)
            .map(|_| {
                let amount = rng.i64(-500_000..500_000);
                ManualJournalLine::of(amount, chart_of_accounts::EXPENSES, view, &mut rng)
            })
            .collect();
        let balance: i64 = lines.iter().map(|line| line.amount).sum();
        let income = chart_of_accounts::SALES;
        lines.push(ManualJournalLine::of(-balance, income, view, &mut rng));
        Self {
            narration,
            has_url,
            lines,
        }
    }
}

impl ManualJournalLine {
    fn of(amount: i64, group: RangeInclusive<u64>, view: View<'_>, rng: &mut Rng) -> Self {
        let account = accounts::any(view.books, group, rng);
        Self {
            description: draw::one_of(rng, DESCRIPTIONS),
            account,
            amount,
            tracking: tracking_categories::any(view, rng).collect(),
        }
    }
}

/// Whether reports on a cash basis show it.
pub(super) fn is_cash_basis(row: &Row) -> bool {
    row.seed & 1 == 1
}

fn write_line(line: &ManualJournalLine, view: View<'_>, out: &mut Json) {
    let decimals = currencies::base(view.books).decimals;
    out.open_object();
    out.key("Description").string(line.description);
    out.key("TaxType").string(tax_rates::none(view.books).code);
    out.key("TaxAmount").decimal(0, decimals);
    out.key("LineAmount").decimal(line.amount, decimals);
    out.key("AccountCode").display(AccountCode(&line.account));
    tracking_categories::write("Tracking", line.tracking.iter(), out);
    out.key("AccountID").guid(line.account.id);
    out.key("IsBlank").bool(false);
    out.close_object();
}
