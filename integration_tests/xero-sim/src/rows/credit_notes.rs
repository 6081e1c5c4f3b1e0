//! Credit notes.

use super::credit_documents::{self, CreditNoteNumber};
use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::REFERENCES;
use super::{Row, View, attachments, common_fields, contacts, credits, currencies, invoices};
use super::{cis_deduction, us_sales_tax};
use crate::entity::Entity;
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = credit_documents::document(Entity::CreditNotes, row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    out.key("CreditNoteID").guid(row.id);
    out.key("CreditNoteNumber").display(CreditNoteNumber(row));
    out.key("ID").guid(row.id);
    currencies::write_rate(document.rate, out);
    out.key("Type")
        .string(credit_documents::credit_note_type(row));
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    out.key("HasErrors").bool(false);
    if rng.bool() {
        out.key("SentToContact").bool(true);
    }
    credits::write_use(Entity::CreditNotes, row, &document, view, out);
    if Side::of(row) == Side::Sales {
        let theme = draw::any(view.books, Entity::BrandingThemes, &mut rng);
        out.key("BrandingThemeID").guid(theme.id);
    }
    attachments::write("CreditNotes", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    common_fields::day("DateString", "Date", document.date, out);
    if draw::one_in(&mut rng, 2) {
        common_fields::day("DueDateString", "DueDate", document.date, out);
    }
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines(view, out);
    document.write_totals(out);
    cis_deduction::write_deduction(row, &document, view, out);
    common_fields::updated_twice(row, out);
    out.key("CurrencyCode").string(document.currency.code);
    invoices::write_paid_on(Entity::CreditNotes, row, document.date, view, out);
    if us_sales_tax::has_addresses(row, view) {
        us_sales_tax::write_addresses(row, view, out);
    }
}
