//! Billable expenses: the line that was bought and the line that it is sold with.

use serde_json::Value;

use super::super::fields::{has, list, text};
use super::super::findings::prove;
use super::super::reader::{Books, name};

/// The line of a document, if both exist.
fn line<'a>(document: Option<&'a Value>, id: &str) -> Option<&'a Value> {
    let mut lines = list(document?, "LineItems").iter();
    lines.find(|line| text(line, "LineItemID") == id)
}

/// The invoice that an expense is passed on with.
fn target<'a>(books: &'a Books, link: &Value) -> Option<&'a Value> {
    books.find("invoices", text(link, "TargetTransactionID"))
}

#[test]
fn the_source_is_a_line_of_a_bill_or_of_money_spent() {
    prove(|books, findings| {
        for link in books.rows("linked_transactions") {
            let case = |what: &str| format!("{}: {what}", name("linked_transactions", link));
            let kind = text(link, "SourceTransactionTypeCode");
            let stream = match kind {
                "ACCPAY" => "invoices",
                "SPEND" => "bank_transactions",
                _ => "receipts",
            };
            let source = books.find(stream, text(link, "SourceTransactionID"));
            let line = line(source, text(link, "SourceLineItemID"));
            findings.check(line.is_some(), || case("no such source line"));
            if let Some(source) = source.filter(|_| stream != "receipts") {
                findings.equal(text(source, "Type"), kind, || case("type of the source"));
            }
        }
    });
}

#[test]
fn the_target_is_a_line_of_an_invoice_to_the_customer() {
    prove(|books, findings| {
        for link in books.rows("linked_transactions") {
            let case = |what: &str| format!("{}: {what}", name("linked_transactions", link));
            let named = ["TargetTransactionID", "TargetLineItemID"].map(|id| has(link, id));
            findings.equal(named[0], named[1], || case("target and its line"));
            if !named[0] {
                continue;
            }
            let target = target(books, link);
            let line = line(target, text(link, "TargetLineItemID"));
            findings.check(line.is_some(), || case("no such target line"));
            if let Some(target) = target {
                findings.equal(text(target, "Type"), "ACCREC", || {
                    case("type of the target")
                });
                findings.equal(
                    text(link, "ContactID"),
                    text(target, "Contact.ContactID"),
                    || case("contact of the target"),
                );
            }
        }
    });
}

/// Whether a document is voided or deleted.
fn is_void(status: Option<&str>) -> bool {
    matches!(status, Some("VOIDED" | "DELETED"))
}

#[test]
fn the_status_follows_from_the_source_and_the_target() {
    prove(|books, findings| {
        for link in books.rows("linked_transactions") {
            let id = text(link, "SourceTransactionID");
            let mut streams = ["invoices", "bank_transactions", "receipts"].into_iter();
            let source = streams.find_map(|stream| books.find(stream, id));
            let [source, target] =
                [source, target(books, link)].map(|row| row.map(|row| text(row, "Status")));
            let is_free = !has(link, "TargetTransactionID");
            let is_draft = |status| matches!(status, Some("DRAFT" | "SUBMITTED"));
            let is_approved = |status| matches!(status, Some("AUTHORISED" | "PAID"));
            let holds = match text(link, "Status") {
                "DRAFT" => is_free && is_draft(source),
                "APPROVED" => is_free && is_approved(source),
                "ONDRAFT" => is_draft(target) && !is_void(source),
                "BILLED" => is_approved(target) && !is_void(source),
                // Xero documents it for a voided source. A voided target is in no other status.
                "VOIDED" => is_void(source) || is_void(target),
                _ => false,
            };
            findings.check(holds, || {
                let link = name("linked_transactions", link);
                format!("{link} with source {source:?} and target {target:?}")
            });
        }
    });
}
