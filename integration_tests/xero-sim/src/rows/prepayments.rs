//! Prepayments: money that came before an invoice.

use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::{Row, View, credits, currencies, invoices};
use crate::entity::Entity;
use crate::json::Json;

/// The common part of a prepayment.
pub(super) fn document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = DocumentKind {
        most_lines: 2,
        ..DocumentKind::of(Side::of(row))
    };
    Document::draw(row, kind, view)
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = self::document(row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    let invoice = draw::any(view.books, Entity::Invoices, &mut rng);
    let theme = draw::any(view.books, Entity::BrandingThemes, &mut rng);
    out.key("PrepaymentID").guid(row.id);
    out.key("ID").guid(row.id);
    currencies::write_rate(document.rate, out);
    out.key("Type")
        .string(Side::of(row).choose("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"));
    out.key("BrandingThemeID").guid(theme.id);
    // Reference has always been the invoice's number; InvoiceNumber came in 2026.
    out.key("Reference")
        .display(Versioned(invoices::InvoiceNumber(&invoice), row.version));
    out.key("InvoiceNumber")
        .display(invoices::InvoiceNumber(&invoice));
    credits::write_shared_fields(Entity::Prepayments, row, &document, view, out);
}
