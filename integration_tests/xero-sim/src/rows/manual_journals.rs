//! Manual journals. Debits are positive and equal the credits.

use fastrand::Rng;

use super::accounts::{self, Code};
use super::pick::{self, Aspect, Versioned};
use super::words::DESCRIPTIONS;
use super::{Row, View, attachments, chart, currencies, fields, tax_rates, tracking};
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = pick::dice(row, Aspect::Head);
    let narration = pick::one(&mut rng, DESCRIPTIONS);
    out.key("Date").date(fields::midnight(row.created));
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string("NoTax");
    fields::updated(row, out);
    out.key("ManualJournalID").guid(row.id);
    out.key("Narration")
        .display(Versioned(narration, row.version));
    if pick::rarely(&mut rng, 10) {
        out.key("Url").string("https://books.example/accruals");
    }
    out.key("JournalLines").open_array();
    if view.is_long() {
        write_lines(view, &mut rng, out);
    }
    out.close_array();
    out.key("ShowOnCashBasisReports").bool(row.seed & 1 == 1);
    attachments::write("manualjournal", row, view, out);
}

fn write_lines(view: View<'_>, rng: &mut Rng, out: &mut Json) {
    let mut balance = 0;
    for _ in 0..rng.u8(1..5) {
        let amount = rng.i64(-500_000..500_000);
        balance += amount;
        write_line(amount, view, rng, out);
    }
    write_line(-balance, view, rng, out);
}

fn write_line(amount: i64, view: View<'_>, rng: &mut Rng, out: &mut Json) {
    let account = accounts::any(view.books, chart::EXPENSES, rng);
    let decimals = currencies::base(view.books).decimals;
    out.open_object();
    out.key("Description").string(pick::one(rng, DESCRIPTIONS));
    out.key("TaxType").string(tax_rates::none(view.books).code);
    out.key("TaxAmount").decimal(0, decimals);
    out.key("LineAmount").decimal(amount, decimals);
    out.key("AccountCode").display(Code(&account));
    let choices: Vec<_> = tracking::any(view, rng).collect();
    tracking::write("Tracking", choices.iter(), out);
    out.key("AccountID").guid(account.id);
    out.key("IsBlank").bool(false);
    out.close_object();
}
