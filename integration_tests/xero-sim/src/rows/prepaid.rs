//! Prepayments and overpayments: money that came before, or beyond, an invoice.

use super::credits::Credit;
use super::document::{Document, Kind, Side};
use super::pick::{self, Aspect, Versioned};
use super::words::REFERENCES;
use super::{Row, View, attachments, contacts, currencies, fields, invoices};
use crate::entity::Entity;
use crate::json::Json;

/// The common part of a prepayment.
pub(super) fn prepayment_document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = Kind {
        most_lines: 2,
        ..Kind::of(Side::of(row))
    };
    Document::draw(row, kind, view)
}

/// The common part of an overpayment, which is never taxed.
pub(super) fn overpayment_document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = Kind {
        side: Side::of(row),
        most_lines: 1,
        taxed: false,
    };
    Document::draw(row, kind, view)
}

pub(super) fn prepayment(row: &Row, view: View<'_>, out: &mut Json) {
    let document = prepayment_document(row, view);
    let mut rng = pick::dice(row, Aspect::Extras);
    let invoice = pick::any(view.books, Entity::Invoices, &mut rng);
    let theme = pick::any(view.books, Entity::BrandingThemes, &mut rng);
    out.key("PrepaymentID").guid(row.id);
    out.key("ID").guid(row.id);
    currencies::write_rate(document.rate, out);
    out.key("Type")
        .string(Side::of(row).choose("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"));
    out.key("BrandingThemeID").guid(theme.id);
    // Reference has always been the invoice's number; InvoiceNumber came in 2026.
    out.key("Reference")
        .display(Versioned(invoices::Number(&invoice), row.version));
    out.key("InvoiceNumber").display(invoices::Number(&invoice));
    write_rest(Entity::Prepayments, row, &document, view, out);
}

pub(super) fn overpayment(row: &Row, view: View<'_>, out: &mut Json) {
    let document = overpayment_document(row, view);
    let mut rng = pick::dice(row, Aspect::Extras);
    out.key("OverpaymentID").guid(row.id);
    out.key("ID").guid(row.id);
    currencies::write_rate(document.rate, out);
    out.key("Type")
        .string(Side::of(row).choose("RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"));
    out.key("Reference")
        .display(Versioned(pick::one(&mut rng, REFERENCES), row.version));
    write_rest(Entity::Overpayments, row, &document, view, out);
}

fn write_rest(entity: Entity, row: &Row, document: &Document<'_>, view: View<'_>, out: &mut Json) {
    Credit::of(entity, row, document.total, view).write(row, document, view, out);
    attachments::write("banktransaction", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    fields::day("DateString", "Date", document.date, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines(view, out);
    fields::totals(document, out);
    fields::updated_twice(row, out);
    out.key("CurrencyCode").string(document.currency.code);
}
