//! What credit notes, prepayments and overpayments share: credit that is allocated to
//! invoices until none remains.

use super::credit_documents::{self, CreditNoteNumber};
use super::document::Document;
use super::document_kind::Side;
use super::draw::{self, Aspect};
use super::invoice_stub::{self, InvoiceNumber};
use super::{
    Row, View, attachments, common_fields, contacts, currencies, payment_amounts, payment_targets,
};
use crate::entity::Entity;
use crate::json::Json;

/// Where credit went: to invoices, or back by payments.
pub(super) struct Credit {
    /// Invoices and what they took.
    pub(super) allocations: Vec<(Row, i64)>,
    /// Payments that paid some of it back.
    pub(super) payments: Vec<Row>,
}

impl Credit {
    /// Divides the total of a document into allocations and payments.
    pub(super) fn of(entity: Entity, row: &Row, total: i64, view: View<'_>) -> Self {
        let mut rng = draw::rng_of(row, Aspect::Links);
        let amounts = match row.status {
            "PAID" if rng.bool() => vec![total / 2, total - total / 2],
            "PAID" => vec![total],
            "AUTHORISED" if rng.bool() => vec![total / 3],
            _ => Vec::new(),
        };
        let same_side = |invoice: &Row| Side::of(invoice) == Side::of(row);
        let allocation = |amount| {
            let invoice = draw::any_that(view.books, Entity::Invoices, &mut rng, same_side);
            (invoice, amount)
        };
        let payments = match row.status {
            "AUTHORISED" => payment_targets::standing(entity, row, view.books),
            _ => Vec::new(),
        };
        Self {
            allocations: amounts.into_iter().map(allocation).collect(),
            payments,
        }
    }

    /// Writes the payments, the allocations and what remains. In short forms the arrays
    /// are empty.
    pub(super) fn write(&self, row: &Row, document: &Document<'_>, view: View<'_>, out: &mut Json) {
        let shown = view.is_long();
        let payments = if shown { &self.payments[..] } else { &[] };
        payment_amounts::write_of_credit(payments, document, view.books, out);
        let applied: i64 = self.allocations.iter().map(|(_, amount)| amount).sum();
        let paid_back = payment_amounts::paid_back(&self.payments, document);
        document.amount("RemainingCredit", document.total - applied - paid_back, out);
        out.key("Allocations").open_array();
        for (at, (invoice, amount)) in self.allocations.iter().enumerate().filter(|_| shown) {
            out.open_object();
            out.key("AllocationID")
                .guid(draw::child_id(row.id, 100 + at as u64));
            document.amount("Amount", *amount, out);
            out.key("Date").date(common_fields::midnight(row.updated));
            write_invoice(invoice, out);
            out.key("IsDeleted").bool(false);
            out.close_object();
        }
        out.close_array();
        if shown {
            document.amount("AppliedAmount", applied, out);
        }
    }
}

fn write_invoice(invoice: &Row, out: &mut Json) {
    out.key("Invoice").open_object();
    out.key("InvoiceID").guid(invoice.id);
    out.key("InvoiceNumber").display(InvoiceNumber(invoice));
    invoice_stub::write_empty_arrays(out);
    out.close_object();
}

/// Writes an invoice's `CreditNotes`, `Prepayments` and `Overpayments`. One of them holds the
/// credited amount, if there is one.
pub(super) fn write_of_invoice(
    invoice: &Row,
    credited: Option<i64>,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    let mut rng = draw::rng_of(invoice, Aspect::Links);
    let tables = [
        Entity::CreditNotes,
        Entity::CreditNotes,
        Entity::CreditNotes,
        Entity::Prepayments,
        Entity::Overpayments,
    ];
    let table = tables[rng.usize(..tables.len())];
    for (entity, key, id) in [
        (Entity::CreditNotes, "CreditNotes", "CreditNoteID"),
        (Entity::Prepayments, "Prepayments", "PrepaymentID"),
        (Entity::Overpayments, "Overpayments", "OverpaymentID"),
    ] {
        out.key(key).open_array();
        if let Some(amount) = credited.filter(|_| entity == table) {
            let credit = draw::any(view.books, entity, &mut rng);
            out.open_object();
            out.key(id).guid(credit.id);
            out.key("ID").guid(credit.id);
            if entity == Entity::CreditNotes {
                out.key("CreditNoteNumber")
                    .display(CreditNoteNumber(&credit));
            }
            let own = credit_documents::document(entity, &credit, view);
            out.key("Date").date(own.date);
            document.amount("AppliedAmount", amount, out);
            own.amount("Total", own.total, out);
            currencies::write_rate(own.rate, out);
            out.key("HasErrors").bool(false);
            common_fields::empty(&["LineItems"], out);
            out.close_object();
        }
        out.close_array();
    }
}

/// Writes the fields that prepayments and overpayments share.
pub(super) fn write_shared_fields(
    entity: Entity,
    row: &Row,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    Credit::of(entity, row, document.total, view).write(row, document, view, out);
    attachments::write("banktransaction", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    common_fields::day("DateString", "Date", document.date, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines(view, out);
    document.write_totals(out);
    common_fields::updated_twice(row, out);
    out.key("CurrencyCode").string(document.currency.code);
}
