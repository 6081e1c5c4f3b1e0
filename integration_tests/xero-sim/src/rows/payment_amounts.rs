//! The day, the rate and the amount of each payment, and how the paid document shows them.

use super::document::Document;
use super::draw::{self, Aspect, Versioned};
use super::invoice_settlement::Settlement;
use super::payment_targets::{paid, target};
use super::sample_texts::REFERENCES;
use super::{Books, Row, View, common_fields, credit_documents, currencies, invoice_stub};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// A payment of credit pays back a tenth of it.
const CREDIT_PARTS: i64 = 10;

/// The day of a payment, never before that of what it pays.
pub(super) fn day(payment: &Row, document: &Document<'_>) -> Millis {
    common_fields::midnight(payment.created).max(document.date)
}

/// The rate of the day on which a payment came, which is not that of what it pays.
pub(super) fn rate(payment: &Row, document: &Document<'_>, books: &dyn Books) -> i64 {
    let mut rng = draw::rng_of(payment, Aspect::Terms);
    currencies::rate(document.currency, books, &mut rng)
}

/// What a payment of an amount is in the currency of the bank account, that of the books.
pub(super) fn bank_amount(
    payment: &Row,
    amount: i64,
    document: &Document<'_>,
    books: &dyn Books,
) -> i64 {
    let rate = rate(payment, document, books);
    currencies::in_base(amount, document.currency, rate, books)
}

/// What each payment of a document of credit pays back of it.
pub(super) fn part_of_credit(document: &Document<'_>) -> i64 {
    document.total / CREDIT_PARTS
}

/// A payment with what it pays and how much of it.
pub(super) struct Paid<'a> {
    /// The invoice or whatever is paid.
    pub(super) row: Row,
    pub(super) document: Document<'a>,
    pub(super) amount: i64,
    /// The amount in the bank account's currency, that of the books.
    pub(super) bank_amount: i64,
}

impl<'a> Paid<'a> {
    pub(super) fn of(payment: &Row, view: View<'a>) -> Self {
        let row = paid(payment, view.books);
        let document = match target(payment) {
            Entity::Invoices => invoice_stub::document(&row, view),
            credit => credit_documents::document(credit, &row, view),
        };
        let amount = match target(payment) {
            Entity::Invoices => {
                let settlement = Settlement::of(&row, document.total, view.books);
                settlement.part(payment, document.total)
            }
            _ => part_of_credit(&document),
        };
        let bank_amount = bank_amount(payment, amount, &document, view.books);
        Self {
            row,
            document,
            amount,
            bank_amount,
        }
    }

    /// Writes the invoice and the amount as part of an element of a batch's `Payments`.
    pub(super) fn write_of_batch(&self, out: &mut Json) {
        out.key("Invoice").open_object();
        out.key("InvoiceID").guid(self.row.id);
        out.key("CurrencyCode").string(self.document.currency.code);
        invoice_stub::write_empty_arrays(out);
        out.close_object();
        self.document.amount("Amount", self.amount, out);
    }
}

/// Writes a payment as an element of `Payments` of what it pays.
pub(super) fn write_of_document(
    payment: &Row,
    amount: i64,
    document: &Document<'_>,
    books: &dyn Books,
    out: &mut Json,
) {
    out.open_object();
    out.key("PaymentID").guid(payment.id);
    out.key("Date").date(day(payment, document));
    document.amount("Amount", amount, out);
    write_reference(payment, out);
    currencies::write_rate(rate(payment, document, books), out);
    out.key("HasAccount").bool(false);
    out.key("HasValidationErrors").bool(false);
    out.close_object();
}

/// What the payments of a document of credit pay back.
pub(super) fn paid_back(payments: &[Row], document: &Document<'_>) -> i64 {
    payments.len() as i64 * part_of_credit(document)
}

/// Writes `Payments` of a document of credit.
pub(super) fn write_of_credit(
    payments: &[Row],
    document: &Document<'_>,
    books: &dyn Books,
    out: &mut Json,
) {
    out.key("Payments").open_array();
    for payment in payments {
        write_of_document(payment, part_of_credit(document), document, books, out);
    }
    out.close_array();
}

pub(super) fn write_reference(payment: &Row, out: &mut Json) {
    let mut rng = draw::rng_of(payment, Aspect::Head);
    let reference = draw::one_of(&mut rng, REFERENCES);
    out.key("Reference")
        .display(Versioned(reference, payment.version));
}
