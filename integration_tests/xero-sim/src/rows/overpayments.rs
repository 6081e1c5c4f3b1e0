//! Overpayments: money beyond what was owed.

use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::REFERENCES;
use super::{Row, View, credits, currencies};
use crate::entity::Entity;
use crate::json::Json;

/// The common part of an overpayment, which is never taxed.
pub(super) fn document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = DocumentKind {
        side: Side::of(row),
        most_lines: 1,
        taxed: false,
    };
    Document::draw(row, kind, view)
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = self::document(row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    out.key("OverpaymentID").guid(row.id);
    out.key("ID").guid(row.id);
    currencies::write_rate(document.rate, out);
    out.key("Type")
        .string(Side::of(row).choose("RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"));
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    credits::write_shared_fields(Entity::Overpayments, row, &document, view, out);
}
