//! Credit notes.

use std::fmt;

use super::credits::Credit;
use super::document::{Document, Kind, Side};
use super::pick::{self, Aspect, Versioned};
use super::words::REFERENCES;
use super::{Row, View, attachments, contacts, currencies, fields};
use super::{united_kingdom, united_states};
use crate::entity::Entity;
use crate::json::Json;

/// A credit note's number; a supplier's has none of its own.
pub(super) struct Number<'a>(pub(super) &'a Row);

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Side::of(self.0) {
            Side::Sales => write!(f, "CN-{:04}", self.0.number),
            Side::Purchases => Ok(()),
        }
    }
}

/// Xero's Type of a credit note.
pub(super) fn kind(row: &Row) -> &'static str {
    Side::of(row).choose("ACCRECCREDIT", "ACCPAYCREDIT")
}

/// The common part of a credit note.
pub(super) fn document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = Kind {
        most_lines: 4,
        ..Kind::of(Side::of(row))
    };
    Document::draw(row, kind, view)
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = document(row, view);
    let mut rng = pick::dice(row, Aspect::Extras);
    let credit = Credit::of(Entity::CreditNotes, row, document.total, view);
    out.key("CreditNoteID").guid(row.id);
    out.key("CreditNoteNumber").display(Number(row));
    out.key("ID").guid(row.id);
    currencies::write_rate(document.rate, out);
    out.key("Type").string(kind(row));
    out.key("Reference")
        .display(Versioned(pick::one(&mut rng, REFERENCES), row.version));
    out.key("SentToContact").bool(rng.bool());
    credit.write(row, &document, view, out);
    if Side::of(row) == Side::Sales {
        let theme = pick::any(view.books, Entity::BrandingThemes, &mut rng);
        out.key("BrandingThemeID").guid(theme.id);
    }
    attachments::write("CreditNotes", row, view, out);
    contacts::write_of_document(&document.contact, view, out);
    fields::day("DateString", "Date", document.date, out);
    if pick::rarely(&mut rng, 2) {
        fields::day("DueDateString", "DueDate", document.date, out);
    }
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines(view, out);
    fields::totals(&document, out);
    united_kingdom::write_deduction(row, &document, view, out);
    fields::updated_twice(row, out);
    out.key("CurrencyCode").string(document.currency.code);
    if row.status == "PAID" {
        let paid_on = fields::midnight(row.updated);
        out.key("FullyPaidOnDate").date(paid_on);
    }
    if view.is_long() && united_states::applies(view) {
        united_states::write_addresses(out);
    }
}
