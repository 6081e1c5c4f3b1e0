//! Linked transactions: a line of a bill that a customer is charged for.

use super::document_kind::Side;
use super::draw::{self, Aspect};
use super::{Books, Row, View, invoice_stub, line_items};
use crate::entity::Entity;
use crate::json::Json;

/// The documents that a linked transaction links.
struct Link {
    /// The table of the source.
    table: Entity,
    source: Row,
    /// The invoice that charges the customer, if there is one yet.
    target: Option<Row>,
}

impl Link {
    fn of(row: &Row, books: &dyn Books) -> Self {
        let mut rng = draw::rng_of(row, Aspect::Links);
        let is_charged = rng.u8(..10) < 6;
        let table = match rng.u8(..100) {
            0 if books.named(Entity::Receipts) > 0 => Entity::Receipts,
            0..=25 => Entity::BankTransactions,
            _ => Entity::Invoices,
        };
        let is_bought = |row: &Row| table == Entity::Receipts || Side::of(row) == Side::Purchases;
        let bought = |source: &Row| is_bought(source) && can_be_linked(source);
        let sold = |target: &Row| Side::of(target) == Side::Sales && can_be_linked(target);
        let source = draw::any_that(books, table, &mut rng, bought);
        // No text to mark an edit in: each charges another invoice.
        let others = |first: Row| {
            let rows = books.rows(Entity::Invoices);
            let start = rows.partition_point(|row| row.number < first.number);
            let named = books.named(Entity::Invoices);
            let next = rows[start..].iter().chain(&rows[..start]);
            let mut sales = next.filter(|row| row.number <= named && sold(row)).cycle();
            let edits = (row.version as usize).saturating_sub(1);
            sales.nth(edits).cloned().unwrap_or(first)
        };
        let target = || others(draw::any_that(books, Entity::Invoices, &mut rng, sold));
        Self {
            table,
            source,
            target: is_charged.then(target),
        }
    }
}

/// Whether the first line of a document can be charged: the document is neither the bank's side of
/// another one, nor of a status that nobody knows, nor a draft, which can lose its lines. Only the first
/// status counts, so that a linked transaction links the same documents for good.
fn can_be_linked(document: &Row) -> bool {
    let is_of_another = matches!(
        document.of,
        Some((
            Entity::BankTransfers | Entity::Prepayments | Entity::Overpayments,
            _
        ))
    );
    let first = document.past.first();
    let status = first.map_or(document.status, |past| past.status);
    !is_of_another && !matches!(status, "ONHOLD" | "DRAFT")
}

/// The status of a linked transaction, which follows from that of its documents.
pub(crate) fn status(row: &Row, books: &dyn Books) -> &'static str {
    let link = Link::of(row, books);
    if matches!(link.source.status, "VOIDED" | "DELETED") {
        return "VOIDED";
    }
    let (document, open, drafted) = match &link.target {
        Some(target) => (target, "BILLED", "ONDRAFT"),
        None => (&link.source, "APPROVED", "DRAFT"),
    };
    match document.status {
        "DRAFT" | "SUBMITTED" => drafted,
        "VOIDED" | "DELETED" => "VOIDED",
        _ => open,
    }
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let link = Link::of(row, view.books);
    let customer = match &link.target {
        Some(target) => invoice_stub::document(target, view).contact,
        None => {
            let turn = u64::from(row.version) + row.seed % 1000;
            draw::numbered(view.books, Entity::Contacts, turn)
        }
    };

    out.key("LinkedTransactionID").guid(row.id);
    out.key("SourceTransactionID").guid(link.source.id);
    out.key("SourceLineItemID")
        .guid(line_items::first_id(&link.source));
    out.key("ContactID").guid(customer.id);
    if let Some(target) = &link.target {
        out.key("TargetTransactionID").guid(target.id);
        out.key("TargetLineItemID")
            .guid(line_items::first_id(target));
    }
    out.key("Status").string(row.status);
    out.key("Type").string("BILLABLEEXPENSE");
    // The only list whose stamps are in ISO 8601, in whole seconds and without a zone.
    out.key("UpdatedDateUTC").date_string(row.updated);
    // RECEIPT is in no list of Xero's, but seen.
    let code = match link.table {
        Entity::Receipts => "RECEIPT",
        Entity::BankTransactions => "SPEND",
        _ => "ACCPAY",
    };
    out.key("SourceTransactionTypeCode").string(code);
}
