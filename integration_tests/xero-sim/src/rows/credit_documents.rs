//! The sums, types and numbers of credit notes, prepayments and overpayments.

use std::fmt;

use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::{Row, View};
use crate::entity::Entity;

/// A credit note's number; a supplier's has none of its own.
pub(super) struct CreditNoteNumber<'a>(pub(super) &'a Row);

impl fmt::Display for CreditNoteNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Side::of(self.0) {
            Side::Sales => write!(f, "CN-{:04}", self.0.number),
            Side::Purchases => Ok(()),
        }
    }
}

/// Xero's Type of a credit note.
pub(super) fn credit_note_type(row: &Row) -> &'static str {
    Side::of(row).choose("ACCRECCREDIT", "ACCPAYCREDIT")
}

/// The common part of a credit note, prepayment or overpayment.
pub(super) fn document<'a>(entity: Entity, row: &Row, view: View<'a>) -> Document<'a> {
    match entity {
        Entity::CreditNotes => credit_note(row, view),
        Entity::Prepayments => prepayment(row, view),
        _ => overpayment(row, view),
    }
}

/// The common part of a credit note.
pub(super) fn credit_note<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = DocumentKind {
        most_lines: 4,
        ..DocumentKind::of(Side::of(row))
    };
    Document::draw(row, kind, view)
}

/// The common part of a prepayment.
pub(super) fn prepayment<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = DocumentKind {
        most_lines: 2,
        ..DocumentKind::of(Side::of(row))
    };
    Document::draw(row, kind, view)
}

/// The common part of an overpayment, which is never taxed.
pub(super) fn overpayment<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    let kind = DocumentKind {
        side: Side::of(row),
        most_lines: 1,
        taxed: false,
    };
    Document::draw(row, kind, view)
}
