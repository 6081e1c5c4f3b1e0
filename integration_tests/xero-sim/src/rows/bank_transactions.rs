//! Bank transactions: money spent or received without an invoice.

use super::bank_transfers::{self, Transfer};
use super::common_fields;
use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::line_items::LineFields;
use super::sample_texts::REFERENCES;
use super::{
    Books, Row, View, accounts, attachments, chart_of_accounts, contacts, credit_documents,
    currencies,
};
use crate::entity::Entity;
use crate::json::Json;

/// Xero's Type; one in a thousand is of a kind that Xero has not announced.
fn kind(row: &Row) -> &'static str {
    let side = Side::of(row);
    match row.of {
        Some((Entity::Prepayments, _)) => side.choose("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"),
        Some((Entity::Overpayments, _)) => side.choose("RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"),
        Some(_) => side.choose("RECEIVE-TRANSFER", "SPEND-TRANSFER"),
        None if (row.seed >> 8).is_multiple_of(1000) => {
            side.choose("RECEIVE-REFUND", "SPEND-REFUND")
        }
        None => side.choose("RECEIVE", "SPEND"),
    }
}

/// The common part of a bank transaction. That of a transfer has none.
pub(super) fn document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let lines = DocumentKind {
        most_lines: 4,
        ..DocumentKind::of(Side::of(row))
    };
    match draw::origin(row, view.books) {
        Some((entity @ (Entity::Prepayments | Entity::Overpayments), credit)) => {
            let kind = credit_documents::kind(entity, &credit);
            Document::draw(row, kind, view)
        }
        _ => Document::draw(row, lines, view),
    }
}

/// The account that the money goes through.
pub(super) fn bank_account(row: &Row, books: &dyn Books) -> Row {
    let Some((Entity::BankTransfers, transfer)) = draw::origin(row, books) else {
        let mut rng = draw::rng_of(row, Aspect::Links);
        return accounts::any(books, chart_of_accounts::BANK, &mut rng);
    };
    let transfer = Transfer::of(&transfer);
    let number = Side::of(row).choose(transfer.to, transfer.from);
    draw::numbered(books, Entity::Accounts, number)
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Extras);
    out.key("BankTransactionID").guid(row.id);
    let bank_account = bank_account(row, view.books);
    accounts::write_stub("BankAccount", &bank_account, out);
    out.key("Type").string(kind(row));
    out.key("Reference").display(reference(row));
    if draw::one_in(&mut rng, 10) {
        out.key("Url")
            .string("https://bank.example/statements?line=1/2");
    }
    out.key("IsReconciled").bool(rng.u8(..5) > 0);
    match draw::origin(row, view.books) {
        Some((Entity::BankTransfers, transfer)) => {
            attachments::write("banktransaction", row, view, out);
            write_moved(row, &transfer, view, out);
            return;
        }
        Some((Entity::Prepayments, prepayment)) => out.key("PrepaymentID").guid(prepayment.id),
        Some((Entity::Overpayments, overpayment)) => out.key("OverpaymentID").guid(overpayment.id),
        _ => {}
    }
    let document = document(row, view);
    currencies::write_foreign_rate(document.rate, out);
    attachments::write("banktransaction", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    write_rest(row, &document, view, out);
}

/// The reference of a bank transaction.
pub(super) fn reference(row: &Row) -> Versioned<&'static str> {
    let mut rng = draw::rng_of(row, Aspect::Head);
    Versioned(draw::one_of(&mut rng, REFERENCES), row.version)
}

/// Writes the rest of a transfer's side: money without a contact, an account or tax.
fn write_moved(row: &Row, transfer: &Row, view: View<'_>, out: &mut Json) {
    let base = currencies::base(view.books);
    common_fields::day("DateString", "Date", bank_transfers::date(transfer), out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string("NoTax");
    common_fields::empty(&["LineItems"], out);
    let amount = Transfer::of(transfer).amount;
    for (key, amount) in [("SubTotal", amount), ("TotalTax", 0), ("Total", amount)] {
        out.key(key).decimal(amount, base.decimals);
    }
    common_fields::updated(row, out);
    out.key("CurrencyCode").string(base.code);
}

fn write_rest(row: &Row, document: &Document<'_>, view: View<'_>, out: &mut Json) {
    common_fields::day("DateString", "Date", document.date, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines_with(LineFields::BANK, view, out);
    document.write_totals(out);
    common_fields::updated(row, out);
    out.key("CurrencyCode").string(document.currency.code);
}
