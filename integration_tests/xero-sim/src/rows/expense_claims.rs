//! Expense claims: each collects up to three receipts.

use super::accounts;
use super::chart_of_accounts;
use super::common_fields::{self, DAY};
use super::draw::{self, Aspect};
use super::{Books, Row, View, currencies, receipts, users};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// The receipts that a claim collects.
pub(super) fn receipts_of(claim: &Row, books: &dyn Books) -> impl Iterator<Item = Row> {
    let receipts = books.made_for((Entity::ExpenseClaims, claim.number)).iter();
    receipts.map(|receipt| draw::row(books, *receipt))
}

/// The payment of a claim. Only the claim itself shows it.
pub(super) struct ClaimPayment {
    pub(super) id: u128,
    pub(super) date: Millis,
    /// The account that the money comes from.
    pub(super) account: Row,
}

impl ClaimPayment {
    /// The payment of a claim, if it is paid.
    pub(super) fn of(claim: &Row, books: &dyn Books) -> Option<Self> {
        let mut rng = draw::rng_of(claim, Aspect::Settlement);
        (claim.status == "PAID").then(|| Self {
            id: draw::child_id(claim.id, 0),
            date: day(claim),
            account: accounts::any(books, chart_of_accounts::BANK, &mut rng),
        })
    }
}

/// The day of a claim.
pub(super) fn day(claim: &Row) -> Millis {
    common_fields::midnight(claim.created)
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
    out.key("Payments").open_array();
    if let Some(payment) = ClaimPayment::of(row, view.books) {
        out.open_object();
        out.key("PaymentID").guid(payment.id);
        out.key("Date").date(payment.date);
        out.key("Amount").decimal(total, decimals);
        out.close_object();
    }
    out.close_array();
    out.key("Total").decimal(total, decimals);
    out.key("AmountDue").decimal(total - paid, decimals);
    out.key("AmountPaid").decimal(paid, decimals);
    // No text to mark an edit in: each puts the payment off by a day.
    let due = day(row) + (13 + i64::from(row.version)) * DAY;
    out.key("PaymentDueDate").date(due);
    out.key("ReportingDate").date(day(row));
}
