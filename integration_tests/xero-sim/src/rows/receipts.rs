//! Receipts, which expense claims collect.

use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::line_items::LineFields;
use super::sample_texts::REFERENCES;
use super::{Books, Row, View, attachments, common_fields, contacts, users};
use crate::entity::Entity;
use crate::json::Json;

/// The fields that a receipt shares with other documents.
pub(super) fn document<'a>(receipt: &Row, view: View<'a>) -> Document<'a> {
    let kind = DocumentKind {
        most_lines: 3,
        in_base_currency: true,
        ..DocumentKind::of(Side::Purchases)
    };
    Document::draw(receipt, kind, view)
}

/// The user who entered a claim, or a receipt: that of its claim, if it is in one.
pub(super) fn user(row: &Row, books: &dyn Books) -> Row {
    if let Some((_, claim)) = draw::origin(row, books) {
        return user(&claim, books);
    }
    draw::any(books, Entity::Users, &mut draw::rng_of(row, Aspect::Links))
}

/// Writes a receipt. Line items appear only if it is fetched by its id.
pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = document(row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    out.key("ReceiptID").guid(row.id);
    // A number here, not a string as in other documents.
    out.key("ReceiptNumber").integer(row.number.cast_signed());
    out.key("Status").string(row.status);
    users::write_nested(&user(row, view.books), out);
    contacts::write_of_document(&document.contact, view, out);
    out.key("Date").date(document.date);
    common_fields::updated(row, out);
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    if draw::one_in(&mut rng, 8) {
        out.key("Url").string("https://expenses.example/r/1");
    }
    out.key("LineAmountTypes").string(document.types.name());
    if view.is_single() {
        document.write_lines_with(LineFields::ENTERED, view, out);
    } else {
        common_fields::empty(&["LineItems"], out);
    }
    document.write_totals(out);
    out.key("ID").guid(row.id);
    attachments::write("receipts", row, view, out);
}
