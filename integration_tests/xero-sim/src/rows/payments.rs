//! Payments.

use super::accounts;
use super::credit_documents::{self, CreditNoteNumber};
use super::document_kind::Side;
use super::draw::{self, Aspect};
use super::invoice_stub::{self, InvoiceNumber};
use super::payment_amounts::{Paid, write_reference};
use super::{
    Books, Row, View, batch_payments, chart_of_accounts, common_fields, contact_stub, currencies,
    invoices,
};
use crate::entity::Entity;
use crate::json::Json;

/// The account that the money goes through: its batch's, if it is part of one.
pub(super) fn account(payment: &Row, books: &dyn Books) -> Row {
    match batch_payments::of(payment, books) {
        Some(batch) => batch_payments::account(&batch, books),
        None => accounts::any(
            books,
            chart_of_accounts::BANK,
            &mut draw::rng_of(payment, Aspect::Links),
        ),
    }
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let paid = Paid::of(row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    let batch = batch_payments::of(row, view.books);
    out.key("PaymentID").guid(row.id);
    if let Some(batch) = &batch {
        out.key("BatchPaymentID").guid(batch.id);
        batch_payments::write_nested(batch, view, out);
    }
    out.key("Date").date(paid.date);
    let decimals = currencies::base(view.books).decimals;
    out.key("BankAmount").decimal(paid.bank_amount, decimals);
    paid.document.amount("Amount", paid.amount, out);
    write_reference(row, out);
    currencies::write_rate(paid.rate, out);
    out.key("PaymentType").string(payment_type(&paid));
    out.key("Status").string(row.status);
    common_fields::updated_twice(row, out);
    out.key("HasAccount").bool(true);
    out.key("IsReconciled").bool(rng.bool());
    if draw::one_in(&mut rng, 10) {
        out.key("BankAccountNumber").string("01-0123-0123456-00");
        out.key("Particulars").string("Rārangi/1");
        out.key("Code").string("A1");
        out.key("Details").string("");
    }
    write_account(&account(row, view.books), view, out);
    write_paid(&paid, view, out);
    out.key("HasValidationErrors").bool(false);
}

fn write_account(account: &Row, view: View<'_>, out: &mut Json) {
    if view.is_single() {
        accounts::write_stub("Account", account, out);
        return;
    }
    out.key("Account").open_object();
    out.key("AccountID").guid(account.id);
    accounts::write_code(account, out);
    out.close_object();
}

fn payment_type(paid: &Paid<'_>) -> &'static str {
    let side = Side::of(&paid.row);
    match paid.entity {
        Entity::CreditNotes => side.choose("ARCREDITPAYMENT", "APCREDITPAYMENT"),
        Entity::Prepayments => side.choose("ARPREPAYMENTPAYMENT", "APPREPAYMENTPAYMENT"),
        Entity::Overpayments => side.choose("AROVERPAYMENTPAYMENT", "APOVERPAYMENTPAYMENT"),
        _ => side.choose("ACCRECPAYMENT", "ACCPAYPAYMENT"),
    }
}

/// Writes what is paid: trimmed in lists, in full when the payment was fetched by its id.
/// Credit notes, too, appear under `Invoice`.
fn write_paid(paid: &Paid<'_>, view: View<'_>, out: &mut Json) {
    match paid.entity {
        Entity::Prepayments => write_prepaid("Prepayment", "PrepaymentID", paid, out),
        Entity::Overpayments => write_prepaid("Overpayment", "OverpaymentID", paid, out),
        Entity::Invoices if view.is_single() => {
            out.key("Invoice").open_object();
            invoices::render(&paid.row, view, out);
            out.close_object();
        }
        entity => {
            let credit = entity == Entity::CreditNotes;
            out.key("Invoice").open_object();
            out.key("Type").string(if credit {
                credit_documents::credit_note_type(&paid.row)
            } else {
                invoice_stub::kind(&paid.row)
            });
            out.key("InvoiceID").guid(paid.row.id);
            if credit {
                let number = CreditNoteNumber(&paid.row);
                out.key("InvoiceNumber").display(number);
            } else {
                let number = InvoiceNumber(&paid.row);
                out.key("InvoiceNumber").display(number);
            }
            invoice_stub::write_empty_arrays(out);
            contact_stub::write(&paid.document.contact, out);
            out.key("CurrencyCode").string(paid.document.currency.code);
            out.close_object();
        }
    }
}

fn write_prepaid(key: &str, id: &str, paid: &Paid<'_>, out: &mut Json) {
    out.key(key).open_object();
    out.key(id).guid(paid.row.id);
    out.key("ID").guid(paid.row.id);
    contact_stub::write(&paid.document.contact, out);
    out.key("CurrencyCode").string(paid.document.currency.code);
    common_fields::empty(&["LineItems", "Allocations", "Payments"], out);
    out.close_object();
}
