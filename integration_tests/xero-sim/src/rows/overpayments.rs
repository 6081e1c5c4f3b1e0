//! Overpayments: money beyond what was owed.

use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::REFERENCES;
use super::{Row, View, credit_documents, credits, currencies};
use crate::entity::Entity;
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = credit_documents::document(Entity::Overpayments, row, view);
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
