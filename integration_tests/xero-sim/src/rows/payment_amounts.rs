//! What each payment pays, the rate of its day, and how the paid document shows it.

use super::document::Document;
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::REFERENCES;
use super::settlements::Settlement;
use super::{
    Books, DocumentKey, Row, View, common_fields, credit_documents, currencies, invoice_stub,
};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// A payment with what it pays and how much of it.
pub(super) struct Paid<'a> {
    /// The table of what is paid.
    pub(super) entity: Entity,
    /// The invoice or whatever is paid.
    pub(super) row: Row,
    pub(super) document: Document<'a>,
    pub(super) date: Millis,
    pub(super) amount: i64,
    /// The rate of the day on which it came, which is not that of what it pays.
    pub(super) rate: i64,
    /// The amount in the bank account's currency, that of the books.
    pub(super) bank_amount: i64,
}

impl<'a> Paid<'a> {
    pub(super) fn of(payment: &Row, view: View<'a>) -> Self {
        let books = view.books;
        let settlement = books
            .settlements()
            .of_payment((Entity::Payments, payment.number));
        let entity = settlement.map_or(Entity::Invoices, |it| it.of.0);
        let row = match settlement {
            Some(settlement) => draw::row(books, settlement.of),
            None => draw::numbered(books, entity, payment.number),
        };
        let document = document_of(entity, &row, view);
        // Without invoices nothing is settled, and a payment names one that cannot be looked up.
        let whole = (common_fields::midnight(payment.created), document.total);
        let (date, amount) = settlement.map_or(whole, |it| (it.date, it.amount));
        let rate = rate(payment, &document, books);
        let bank_amount = currencies::in_base(amount, document.currency, rate, books);
        Self {
            entity,
            row,
            document,
            date,
            amount,
            rate,
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

/// The common part of an invoice or of a document of credit.
pub(super) fn document_of<'a>(entity: Entity, row: &Row, view: View<'a>) -> Document<'a> {
    match entity {
        Entity::Invoices => invoice_stub::document(row, view),
        credit => credit_documents::document(credit, row, view),
    }
}

fn rate(payment: &Row, document: &Document<'_>, books: &dyn Books) -> i64 {
    let mut rng = draw::rng_of(payment, Aspect::Terms);
    currencies::rate(document.currency, books, &mut rng)
}

/// Writes `Payments` of what is paid; in short forms it is empty.
pub(super) fn write_payments(
    key: DocumentKey,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    out.key("Payments").open_array();
    if view.is_long() {
        let settlements = view.books.settlements().of(key);
        for settlement in settlements.filter(|it| it.is_payment()) {
            write_payment(settlement, document, view.books, out);
        }
    }
    out.close_array();
}

fn write_payment(
    settlement: &Settlement,
    document: &Document<'_>,
    books: &dyn Books,
    out: &mut Json,
) {
    let payment = draw::row(books, settlement.by);
    out.open_object();
    out.key("PaymentID").guid(payment.id);
    out.key("Date").date(settlement.date);
    document.amount("Amount", settlement.amount, out);
    write_reference(&payment, out);
    currencies::write_rate(rate(&payment, document, books), out);
    out.key("HasAccount").bool(false);
    out.key("HasValidationErrors").bool(false);
    out.close_object();
}

pub(super) fn write_reference(payment: &Row, out: &mut Json) {
    out.key("Reference").display(reference(payment));
}

/// The reference of a payment.
pub(super) fn reference(payment: &Row) -> Versioned<&'static str> {
    let mut rng = draw::rng_of(payment, Aspect::Head);
    Versioned(draw::one_of(&mut rng, REFERENCES), payment.version)
}
