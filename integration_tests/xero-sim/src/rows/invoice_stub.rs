//! An invoice as other documents show it: its number, its type and its sums.

use std::fmt;

use super::common_fields::{self, DAY};
use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect};
use super::{Row, View, repeating_invoices};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// An invoice's number. Bills have the supplier's, which is not unique.
pub(super) struct InvoiceNumber<'a>(pub(super) &'a Row);

impl fmt::Display for InvoiceNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Side::of(self.0) {
            Side::Sales => write!(f, "INV-{:04}", self.0.number),
            Side::Purchases => write!(f, "RPT{}/{}", self.0.seed % 900, self.0.number % 7),
        }
    }
}

/// Xero's Type of an invoice.
pub(super) fn kind(row: &Row) -> &'static str {
    Side::of(row).choose("ACCREC", "ACCPAY")
}

/// The common part of an invoice.
pub(super) fn document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let side = Side::of(row);
    let kind = match row.of {
        Some((Entity::RepeatingInvoices, _)) => repeating_invoices::kind(side),
        _ => DocumentKind::of(side),
    };
    Document::draw(row, kind, view)
}

/// Writes the empty arrays of an invoice that is nested in another document.
pub(super) fn write_empty_arrays(out: &mut Json) {
    common_fields::empty(
        &["Payments", "CreditNotes", "Prepayments", "Overpayments"],
        out,
    );
    common_fields::empty(&["InvoiceAddresses", "InvoicePaymentServices"], out);
    out.key("HasErrors").bool(false);
    out.key("IsDiscounted").bool(false);
    out.key("LineItems").empty_array();
}

/// When an invoice of a date has to be paid. It can be put off without a stamp.
pub(super) fn due(row: &Row, date: Millis) -> Millis {
    first_due(row, date) + i64::from(row.silent_edits) * DAY
}

/// When an invoice of a date had to be paid before anybody put it off.
pub(super) fn first_due(row: &Row, date: Millis) -> Millis {
    date + draw::rng_of(row, Aspect::Terms).i64(7..60) * DAY
}
