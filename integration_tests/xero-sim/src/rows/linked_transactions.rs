//! Linked transactions: a line of a bill that a customer is charged for.

use super::document_kind::Side;
use super::draw::{self, Aspect};
use super::{Row, View, common_fields, line_items};
use crate::entity::Entity;
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Links);
    let books = view.books;
    let spent = draw::one_in(&mut rng, 4);
    let table = if spent {
        Entity::BankTransactions
    } else {
        Entity::Invoices
    };
    let bought = |source: &Row| Side::of(source) == Side::Purchases;
    let sold = |target: &Row| Side::of(target) == Side::Sales;
    let source = draw::any_that(books, table, &mut rng, bought);
    let target = draw::any_that(books, Entity::Invoices, &mut rng, sold);
    // No text to mark an edit in: each charges another customer.
    let turn = u64::from(row.version) + row.seed % 1000;
    let customer = draw::numbered(books, Entity::Contacts, turn);

    out.key("LinkedTransactionID").guid(row.id);
    out.key("SourceTransactionID").guid(source.id);
    out.key("SourceLineItemID")
        .guid(line_items::first_id(&source));
    out.key("ContactID").guid(customer.id);
    if matches!(row.status, "BILLED" | "ONDRAFT") {
        out.key("TargetTransactionID").guid(target.id);
        out.key("TargetLineItemID")
            .guid(line_items::first_id(&target));
    }
    out.key("Status").string(row.status);
    out.key("Type").string("BILLABLEEXPENSE");
    common_fields::updated(row, out);
    // RECEIPT is in no list of Xero's, but seen.
    let code = match (spent, draw::one_in(&mut rng, 100)) {
        (_, true) => "RECEIPT",
        (true, _) => "SPEND",
        (false, _) => "ACCPAY",
    };
    out.key("SourceTransactionTypeCode").string(code);
}
