//! Bank transactions: money spent or received without an invoice.

use super::common_fields;
use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::REFERENCES;
use super::{
    Books, Row, View, accounts, attachments, batch_payments, chart_of_accounts, contacts,
    currencies,
};
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
    let lines = DocumentKind {
        most_lines: 4,
        ..DocumentKind::of(Side::of(row))
    };
    Document::draw(row, lines, view)
}

/// The account that the money goes through.
pub(super) fn bank_account(row: &Row, books: &dyn Books) -> Row {
    accounts::any(
        books,
        chart_of_accounts::BANK,
        &mut draw::rng_of(row, Aspect::Links),
    )
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
    let mut rng = draw::rng_of(row, Aspect::Extras);
    let kind = kind(row);
    let bank_account = bank_account(row, view.books);
    out.key("BankTransactionID").guid(row.id);
    accounts::write_stub("BankAccount", &bank_account, out);
    if draw::one_in(&mut rng, 20) {
        let batch = draw::any(view.books, Entity::BatchPayments, &mut rng);
        batch_payments::write_nested(&batch, view, out);
    }
    out.key("Type").string(kind);
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    if draw::one_in(&mut rng, 10) {
        out.key("Url")
            .string("https://bank.example/statements?line=1/2");
    }
    out.key("IsReconciled").bool(rng.u8(..5) > 0);
    if kind.ends_with("PREPAYMENT") {
        let prepayment = draw::any(view.books, Entity::Prepayments, &mut rng);
        out.key("PrepaymentID").guid(prepayment.id);
    }
    if kind.ends_with("OVERPAYMENT") {
        let overpayment = draw::any(view.books, Entity::Overpayments, &mut rng);
        out.key("OverpaymentID").guid(overpayment.id);
    }
    currencies::write_rate(document.rate, out);
    attachments::write("banktransaction", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    write_rest(row, &document, view, out);
}

fn write_rest(row: &Row, document: &Document<'_>, view: View<'_>, out: &mut Json) {
    common_fields::day("DateString", "Date", document.date, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines(view, out);
    document.write_totals(out);
    common_fields::updated(row, out);
    out.key("CurrencyCode").string(document.currency.code);
}
