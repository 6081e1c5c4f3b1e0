//! The sums, types and numbers of credit notes, prepayments and overpayments.

use std::fmt;

use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::{Row, View, chart_of_accounts};
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
    Document::draw(row, kind(entity, row), view)
}

/// What a credit note, prepayment or overpayment may hold.
pub(super) fn kind(entity: Entity, row: &Row) -> DocumentKind {
    let side = Side::of(row);
    let any = DocumentKind::of(side);
    match entity {
        Entity::CreditNotes => DocumentKind {
            most_lines: 4,
            ..any
        },
        Entity::Prepayments => DocumentKind {
            most_lines: 2,
            ..any
        },
        // Its one line is on the account of what contacts owe or are owed, and never taxed.
        _ => DocumentKind {
            most_lines: 1,
            taxed: false,
            account: Some(chart_of_accounts::control(side)),
            ..any
        },
    }
}
