//! Bank transactions: money spent or received without an invoice.

use super::document::{Document, Kind, Side};
use super::fields;
use super::pick::{self, Aspect, Versioned};
use super::words::REFERENCES;
use super::{Books, Row, View, accounts, attachments, batch_payments, chart, contacts, currencies};
use crate::entity::Entity;
use crate::json::Json;

/// Xero's Type; one in a thousand is of a kind that Xero has not announced.
fn kind(row: &Row) -> &'static str {
    let side = Side::of(row);
    match (row.seed >> 8) % 1000 {
        0 => side.choose("RECEIVE-REFUND", "SPEND-REFUND"),
        1..=20 => side.choose("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"),
        21..=40 => side.choose("RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"),
        41..=100 => side.choose("RECEIVE-TRANSFER", "SPEND-TRANSFER"),
        _ => side.choose("RECEIVE", "SPEND"),
    }
}

/// The common part of a bank transaction.
pub(super) fn document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let lines = Kind {
        most_lines: 4,
        ..Kind::of(Side::of(row))
    };
    Document::draw(row, lines, view)
}

/// The account that the money goes through.
pub(super) fn bank_account(row: &Row, books: &dyn Books) -> Row {
    accounts::any(books, chart::BANK, &mut pick::dice(row, Aspect::Links))
}

/// Whether it is only the bank's side of another document, which is posted itself.
pub(super) fn is_of_another(row: &Row) -> bool {
    let kind = kind(row);
    ["-PREPAYMENT", "-OVERPAYMENT", "-TRANSFER"]
        .iter()
        .any(|end| kind.ends_with(end))
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = document(row, view);
    let mut rng = pick::dice(row, Aspect::Extras);
    let kind = kind(row);
    let bank_account = bank_account(row, view.books);
    out.key("BankTransactionID").guid(row.id);
    accounts::write_stub("BankAccount", &bank_account, out);
    if pick::rarely(&mut rng, 20) {
        let batch = pick::any(view.books, Entity::BatchPayments, &mut rng);
        batch_payments::write_nested(&batch, view, out);
    }
    out.key("Type").string(kind);
    out.key("Reference")
        .display(Versioned(pick::one(&mut rng, REFERENCES), row.version));
    if pick::rarely(&mut rng, 10) {
        out.key("Url")
            .string("https://bank.example/statements?line=1/2");
    }
    out.key("IsReconciled").bool(rng.u8(..5) > 0);
    if kind.ends_with("PREPAYMENT") {
        let prepayment = pick::any(view.books, Entity::Prepayments, &mut rng);
        out.key("PrepaymentID").guid(prepayment.id);
    }
    if kind.ends_with("OVERPAYMENT") {
        let overpayment = pick::any(view.books, Entity::Overpayments, &mut rng);
        out.key("OverpaymentID").guid(overpayment.id);
    }
    currencies::write_rate(document.rate, out);
    attachments::write("banktransaction", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    write_rest(row, &document, view, out);
}

fn write_rest(row: &Row, document: &Document<'_>, view: View<'_>, out: &mut Json) {
    fields::day("DateString", "Date", document.date, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines(view, out);
    fields::totals(document, out);
    fields::updated(row, out);
    out.key("CurrencyCode").string(document.currency.code);
}
