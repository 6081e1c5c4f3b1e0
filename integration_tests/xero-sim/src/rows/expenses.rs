//! Receipts and the expense claims that collect them.

use super::document::{Document, Kind, Side};
use super::fields::{self, DAY};
use super::pick::{self, Aspect, Versioned};
use super::words::REFERENCES;
use super::{Books, Row, View, attachments, contacts, currencies, users};
use crate::entity::Entity;
use crate::json::Json;

/// Claim c collects the receipts 3c to 3c + 2.
const RECEIPTS_OF_A_CLAIM: usize = 3;

fn receipts(claim: &Row, books: &dyn Books) -> impl Iterator<Item = Row> {
    let first = pick::position(claim) * RECEIPTS_OF_A_CLAIM;
    (first..first + RECEIPTS_OF_A_CLAIM)
        .filter_map(move |position| pick::at(books, Entity::Receipts, position))
}

fn document<'a>(receipt: &Row, view: View<'a>) -> Document<'a> {
    let kind = Kind {
        most_lines: 3,
        ..Kind::of(Side::Purchases)
    };
    Document::draw(receipt, kind, view)
}

fn user(row: &Row, books: &dyn Books) -> Row {
    pick::any(books, Entity::Users, &mut pick::dice(row, Aspect::Links))
}

/// A receipt: its lines are shown only where it was fetched by its id.
pub(super) fn receipt(row: &Row, view: View<'_>, out: &mut Json) {
    let document = document(row, view);
    let mut rng = pick::dice(row, Aspect::Extras);
    out.key("ReceiptID").guid(row.id);
    // A number here, not a string as in other documents.
    out.key("ReceiptNumber").integer(row.number.cast_signed());
    out.key("Status").string(row.status);
    users::write_nested(&user(row, view.books), out);
    contacts::write_of_document(&document.contact, view, out);
    out.key("Date").date(document.date);
    fields::updated(row, out);
    out.key("Reference")
        .display(Versioned(pick::one(&mut rng, REFERENCES), row.version));
    if pick::rarely(&mut rng, 8) {
        out.key("Url").string("https://expenses.example/r/1");
    }
    out.key("LineAmountTypes").string(document.types.name());
    if view.is_single() {
        document.write_lines(view, out);
    } else {
        fields::empty(&["LineItems"], out);
    }
    fields::totals(&document, out);
    out.key("ID").guid(row.id);
    attachments::write("receipts", row, view, out);
}

/// An expense claim: its receipts are shown only where it was fetched by its id.
pub(super) fn claim(row: &Row, view: View<'_>, out: &mut Json) {
    let decimals = currencies::base(view.books).decimals;
    let base_amount = |receipt: Row| {
        let document = document(&receipt, view);
        currencies::in_base(document.total, document.currency, document.rate, view.books)
    };
    let total: i64 = receipts(row, view.books).map(base_amount).sum();
    let paid = if row.status == "PAID" { total } else { 0 };
    out.key("ExpenseClaimID").guid(row.id);
    out.key("Status").string(row.status);
    fields::updated(row, out);
    users::write_nested(&user(row, view.books), out);
    out.key("Receipts").open_array();
    if view.is_single() {
        for each in receipts(row, view.books) {
            out.open_object();
            receipt(&each, view, out);
            out.close_object();
        }
    }
    out.close_array();
    fields::empty(&["Payments"], out);
    out.key("Total").decimal(total, decimals);
    out.key("AmountDue").decimal(total - paid, decimals);
    out.key("AmountPaid").decimal(paid, decimals);
    // No text to mark an edit in: each puts the payment off by a day.
    let due = fields::midnight(row.created) + (13 + i64::from(row.version)) * DAY;
    out.key("PaymentDueDate").date(due);
    out.key("ReportingDate").date(fields::midnight(row.created));
}
