//! What only organisations in the United Kingdom have: the Construction Industry Scheme,
//! under which a contractor withholds a fifth of what it pays.

use super::country::Country;
use super::document::Document;
use super::document_kind::Side;
use super::{Row, View};
use crate::json::Json;

/// Percent in two decimals.
const RATE: i64 = 2_000;

/// Writes what is withheld from a bill or its credit note.
pub(super) fn write_deduction(row: &Row, document: &Document<'_>, view: View<'_>, out: &mut Json) {
    let in_britain = Country::of(view.books) == Some(Country::UnitedKingdom);
    if in_britain && Side::of(row) == Side::Purchases {
        document.amount("CISDeduction", document.sub_total * RATE / 10_000, out);
        out.key("CISRate").decimal(RATE, 2);
    }
}
