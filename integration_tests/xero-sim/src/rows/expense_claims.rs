//! Expense claims: each collects three receipts.

use super::common_fields::{self, DAY};
use super::draw;
use super::{Books, Row, View, currencies, receipts, users};
use crate::entity::Entity;
use crate::json::Json;

/// Claim c collects the receipts 3c to 3c + 2.
const RECEIPTS_OF_A_CLAIM: usize = 3;

fn receipts_of(claim: &Row, books: &dyn Books) -> impl Iterator<Item = Row> {
    let first = draw::position(claim) * RECEIPTS_OF_A_CLAIM;
    (first..first + RECEIPTS_OF_A_CLAIM)
        .filter_map(move |position| draw::at(books, Entity::Receipts, position))
}

/// An expense claim: its receipts are shown only where it was fetched by its id.
pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let decimals = currencies::base(view.books).decimals;
    let base_amount = |receipt: Row| {
        let document = receipts::document(&receipt, view);
        currencies::in_base(document.total, document.currency, document.rate, view.books)
    };
    let total: i64 = receipts_of(row, view.books).map(base_amount).sum();
    let paid = if row.status == "PAID" { total } else { 0 };
    out.key("ExpenseClaimID").guid(row.id);
    out.key("Status").string(row.status);
    common_fields::updated(row, out);
    users::write_nested(&receipts::user(row, view.books), out);
    out.key("Receipts").open_array();
    if view.is_single() {
        for each in receipts_of(row, view.books) {
            out.open_object();
            receipts::render(&each, view, out);
            out.close_object();
        }
    }
    out.close_array();
    common_fields::empty(&["Payments"], out);
    out.key("Total").decimal(total, decimals);
    out.key("AmountDue").decimal(total - paid, decimals);
    out.key("AmountPaid").decimal(paid, decimals);
    // No text to mark an edit in: each puts the payment off by a day.
    let due = common_fields::midnight(row.created) + (13 + i64::from(row.version)) * DAY;
    out.key("PaymentDueDate").date(due);
    out.key("ReportingDate")
        .date(common_fields::midnight(row.created));
}
