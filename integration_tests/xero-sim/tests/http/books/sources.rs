//! Which documents post, and the `SourceType` that their journals carry.

use serde_json::Value;

use super::fields::{list, text};
use super::reader::Books;

/// A `SourceType` with the stream of its documents, the field that holds their type, and the
/// types that it stands for.
type Source = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// Refunds of prepayments and overpayments are payments of their own, and Xero documents no
/// `SourceType` for them: they may carry that of what they refund.
#[rustfmt::skip]
const SOURCES: &[Source] = &[
    ("ACCREC",          "invoices",          "Type",        &["ACCREC"]),
    ("ACCPAY",          "invoices",          "Type",        &["ACCPAY"]),
    ("ACCRECCREDIT",    "credit_notes",      "Type",        &["ACCRECCREDIT"]),
    ("ACCPAYCREDIT",    "credit_notes",      "Type",        &["ACCPAYCREDIT"]),
    ("ACCRECPAYMENT",   "payments",          "PaymentType", &["ACCRECPAYMENT"]),
    ("ACCPAYPAYMENT",   "payments",          "PaymentType", &["ACCPAYPAYMENT"]),
    ("ARCREDITPAYMENT", "payments",          "PaymentType", &["ARCREDITPAYMENT"]),
    ("APCREDITPAYMENT", "payments",          "PaymentType", &["APCREDITPAYMENT"]),
    ("ARPREPAYMENT",    "prepayments",       "Type",        &["RECEIVE-PREPAYMENT", "ARPREPAYMENT"]),
    ("ARPREPAYMENT",    "payments",          "PaymentType", &["ARPREPAYMENTPAYMENT"]),
    ("APPREPAYMENT",    "prepayments",       "Type",        &["SPEND-PREPAYMENT", "APPREPAYMENT"]),
    ("APPREPAYMENT",    "payments",          "PaymentType", &["APPREPAYMENTPAYMENT"]),
    ("AROVERPAYMENT",   "overpayments",      "Type",        &["RECEIVE-OVERPAYMENT", "AROVERPAYMENT"]),
    ("AROVERPAYMENT",   "payments",          "PaymentType", &["AROVERPAYMENTPAYMENT"]),
    ("APOVERPAYMENT",   "overpayments",      "Type",        &["SPEND-OVERPAYMENT", "APOVERPAYMENT"]),
    ("APOVERPAYMENT",   "payments",          "PaymentType", &["APOVERPAYMENTPAYMENT"]),
    ("CASHREC",         "bank_transactions", "Type",        &["RECEIVE"]),
    ("CASHPAID",        "bank_transactions", "Type",        &["SPEND"]),
    ("TRANSFER",        "bank_transfers",    "",            &[""]),
    ("MANJOURNAL",      "manual_journals",   "",            &[""]),
    ("EXPCLAIM",        "expense_claims",    "",            &[""]),
];

/// Documents outside the Accounting API.
const WITHOUT_DOCUMENT: &[&str] = &["PAYSLIP", "WAGEPAYABLE"];

/// The streams whose documents post.
pub const POSTING: &[&str] = &[
    "invoices",
    "credit_notes",
    "payments",
    "prepayments",
    "overpayments",
    "bank_transactions",
    "bank_transfers",
    "manual_journals",
    "expense_claims",
];

/// Whether a document stands in the books.
pub fn is_posted(stream: &str, row: &Value) -> bool {
    // A transfer, a prepayment and an overpayment post once, not again with their bank lines.
    let is_posted_elsewhere = stream == "bank_transactions" && text(row, "Type").contains('-');
    !is_posted_elsewhere && matches!(text(row, "Status"), "AUTHORISED" | "PAID" | "POSTED")
}

/// Whether a document was taken out of the books: its journals were reversed.
pub fn was_posted(stream: &str, row: &Value) -> bool {
    match text(row, "Status") {
        "VOIDED" => true,
        // Others are deleted as drafts, that never posted.
        "DELETED" => matches!(stream, "payments" | "bank_transactions" | "bank_transfers"),
        "ARCHIVED" => stream == "manual_journals",
        _ => false,
    }
}

/// The document that a payment settles, and its stream. A refund of a credit note names the credit
/// note as its invoice, or as its credit note.
pub fn paid<'a>(books: &'a Books, payment: &Value) -> Option<(&'static str, &'a Value)> {
    let found = [
        ("invoices", "Invoice.InvoiceID"),
        ("credit_notes", "Invoice.InvoiceID"),
        ("credit_notes", "CreditNote.CreditNoteID"),
        ("prepayments", "Prepayment.PrepaymentID"),
        ("overpayments", "Overpayment.OverpaymentID"),
    ];
    let mut found = found.into_iter();
    found.find_map(|(stream, path)| Some((stream, books.find(stream, text(payment, path))?)))
}

/// Why a journal's source is wrong, if it is.
pub fn wrong_source(books: &Books, journal: &Value) -> Option<String> {
    let (kind, id) = (text(journal, "SourceType"), text(journal, "SourceID"));
    if kind == "EXPPAYMENT" {
        let mut claims = books.rows("expense_claims").iter();
        let pays = |claim: &Value| {
            let mut payments = list(claim, "Payments").iter();
            payments.any(|payment| text(payment, "PaymentID") == id)
        };
        // The payment of a claim that was voided is shown nowhere, and taken back.
        let journals = ["journals", "journals_cash"].map(|list| {
            let own = books.rows(list).iter();
            own.filter(|journal| text(journal, "SourceID") == id)
                .count()
        });
        let found = claims.any(pays) || journals.iter().all(|count| count % 2 == 0);
        return (!found).then(|| format!("no claim has the payment {id}"));
    }
    // Opening balances have neither.
    if WITHOUT_DOCUMENT.contains(&kind) || kind.is_empty() && id.is_empty() {
        return None;
    }
    let mut sources = SOURCES.iter().filter(|source| source.0 == kind).peekable();
    sources.peek()?;
    let found = sources.find_map(|(_, stream, field, types)| {
        let row = books.find(stream, id)?;
        Some((*stream, row, *field, *types))
    });
    let Some((stream, row, field, types)) = found else {
        return Some(format!("no document {id} of {kind}"));
    };
    let own = if field.is_empty() {
        ""
    } else {
        text(row, field)
    };
    if !types.contains(&own) {
        return Some(format!("{kind} of {stream} {id} of type {own}"));
    }
    let posted = is_posted(stream, row) || was_posted(stream, row);
    (!posted).then(|| format!("{stream} {id} is {}", text(row, "Status")))
}

/// Whether a `SourceType` is one that Xero documents and the books have.
pub fn is_known(kind: &str) -> bool {
    let known = SOURCES.iter().any(|source| source.0 == kind);
    known || kind.is_empty() || kind == "EXPPAYMENT" || WITHOUT_DOCUMENT.contains(&kind)
}
