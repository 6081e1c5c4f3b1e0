//! What credit notes, prepayments and overpayments share: credit that is used for invoices until
//! none remains.

use super::credit_documents::{self, CreditNoteNumber};
use super::document::Document;
use super::draw;
use super::invoice_stub::{self, InvoiceNumber};
use super::line_items::LineFields;
use super::payment_amounts;
use super::settlements::Settlement;
use super::{Row, View, attachments, common_fields, contacts, currencies};
use crate::entity::Entity;
use crate::json::Json;

/// Writes the payments, the allocations and what remains. In short forms the arrays are empty.
pub(super) fn write_use(
    entity: Entity,
    row: &Row,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    let (key, settlements) = ((entity, row.number), view.books.settlements());
    payment_amounts::write_payments(key, document, view, out);
    let applied: i64 = settlements.by(key).map(|it| it.amount).sum();
    let remaining = document.total - applied - settlements.paid(key);
    document.amount("RemainingCredit", remaining, out);
    out.key("Allocations").open_array();
    if view.is_long() {
        for allocation in settlements.by(key) {
            write_allocation(allocation, document, view, out);
        }
    }
    out.close_array();
    if view.is_long() && applied != 0 {
        document.amount("AppliedAmount", applied, out);
    }
}

fn write_allocation(
    allocation: &Settlement,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    let invoice = draw::row(view.books, allocation.of);
    out.open_object();
    out.key("AllocationID").guid(allocation.id);
    document.amount("Amount", allocation.amount, out);
    out.key("Date").date(allocation.date);
    out.key("Invoice").open_object();
    out.key("InvoiceID").guid(invoice.id);
    out.key("InvoiceNumber").display(InvoiceNumber(&invoice));
    invoice_stub::write_empty_arrays(out);
    out.close_object();
    out.key("IsDeleted").bool(false);
    out.close_object();
}

/// Writes an invoice's `CreditNotes`, `Prepayments` and `Overpayments`; in short forms they are
/// empty.
pub(super) fn write_of_invoice(
    invoice: &Row,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    let key = (Entity::Invoices, invoice.number);
    for (entity, name, id) in [
        (Entity::CreditNotes, "CreditNotes", "CreditNoteID"),
        (Entity::Prepayments, "Prepayments", "PrepaymentID"),
        (Entity::Overpayments, "Overpayments", "OverpaymentID"),
    ] {
        out.key(name).open_array();
        if view.is_long() {
            let allocations = view.books.settlements().of(key);
            for allocation in allocations.filter(|it| it.by.0 == entity) {
                write_credit(id, allocation, document, view, out);
            }
        }
        out.close_array();
    }
}

fn write_credit(
    id: &str,
    allocation: &Settlement,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    let entity = allocation.by.0;
    let credit = draw::row(view.books, allocation.by);
    let own = credit_documents::document(entity, &credit, view);
    out.open_object();
    out.key(id).guid(credit.id);
    out.key("ID").guid(credit.id);
    if entity == Entity::CreditNotes {
        out.key("CreditNoteNumber")
            .display(CreditNoteNumber(&credit));
    }
    out.key("Date").date(own.date);
    document.amount("AppliedAmount", allocation.amount, out);
    own.amount("Total", own.total, out);
    currencies::write_rate(own.rate, out);
    out.key("HasErrors").bool(false);
    common_fields::empty(&["LineItems"], out);
    out.close_object();
}

/// Writes the fields that prepayments and overpayments share.
pub(super) fn write_shared_fields(
    entity: Entity,
    row: &Row,
    document: &Document<'_>,
    view: View<'_>,
    out: &mut Json,
) {
    write_use(entity, row, document, view, out);
    attachments::write("banktransaction", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    common_fields::day("DateString", "Date", document.date, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines_with(LineFields::ENTERED, view, out);
    document.write_totals(out);
    common_fields::updated_twice(row, out);
    out.key("CurrencyCode").string(document.currency.code);
}
