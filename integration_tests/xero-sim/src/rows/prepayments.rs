//! Prepayments: money that came before an invoice.

use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::invoice_stub::InvoiceNumber;
use super::{Row, View, credit_documents, credits, currencies};
use crate::entity::Entity;
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = credit_documents::document(Entity::Prepayments, row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    let invoice = match draw::origin(row, view.books) {
        Some((_, invoice)) => invoice,
        None => draw::any(view.books, Entity::Invoices, &mut rng),
    };
    let theme = draw::any(view.books, Entity::BrandingThemes, &mut rng);
    out.key("PrepaymentID").guid(row.id);
    out.key("ID").guid(row.id);
    currencies::write_rate(document.rate, out);
    out.key("Type")
        .string(Side::of(row).choose("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"));
    out.key("BrandingThemeID").guid(theme.id);
    // Reference has always been the invoice's number; InvoiceNumber came in 2026.
    out.key("Reference")
        .display(Versioned(InvoiceNumber(&invoice), row.version));
    out.key("InvoiceNumber").display(InvoiceNumber(&invoice));
    credits::write_shared_fields(Entity::Prepayments, row, &document, view, out);
}
