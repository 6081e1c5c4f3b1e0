//! The two bases: what is paid in full is earned alike, what is unpaid is not earned in cash.

use std::collections::HashMap;

use serde_json::Value;

use super::fields::{list, text};
use super::findings::prove;
use super::ledger::{Sums, by_source, is_of_profit};
use super::reader::{ACCRUAL, Books, CASH, name};

/// The payments of an invoice that stand.
fn payments(invoice: &Value) -> impl Iterator<Item = &str> {
    let payments = list(invoice, "Payments").iter();
    payments.map(|payment| text(payment, "PaymentID"))
}

/// What the journals of an invoice and of its payments post. Xero does not document which of the
/// two a cash journal names.
fn posted(sources: &HashMap<String, Sums>, invoice: &Value) -> Sums {
    let mut sums = Sums::default();
    let ids = payments(invoice).chain([text(invoice, "InvoiceID")]);
    for own in ids.filter_map(|id| sources.get(id)) {
        sums.extend(own);
    }
    sums
}

/// Sums on accounts of income, expenses and tax.
fn earned(books: &Books, sums: &Sums) -> Sums {
    let tax = books.system_account("GST");
    sums.only(|account| account == tax || is_of_profit(books, account))
}

#[test]
fn a_fully_paid_invoice_posts_the_same_on_both_bases() {
    prove(|books, findings| {
        let [accrual, cash] = [ACCRUAL, CASH].map(|list| by_source(books, list));
        for invoice in books.rows("invoices") {
            let is_paid = text(invoice, "Status") == "PAID"
                && books.currency(invoice) == books.base
                && books.amount(invoice, "AmountCredited") == 0;
            if is_paid {
                let [accrual, cash] = [&accrual, &cash]
                    .map(|sources| earned(books, &posted(sources, invoice)).shown(books));
                findings.equal(cash, accrual, || name("invoices", invoice));
            }
        }
    });
}

#[test]
fn an_unpaid_invoice_has_no_cash_journal() {
    prove(|books, findings| {
        let cash = by_source(books, CASH);
        for invoice in books.rows("invoices") {
            let settled =
                ["AmountPaid", "AmountCredited"].map(|field| books.own_amount(invoice, field));
            if text(invoice, "Status") != "AUTHORISED" || settled != [0, 0] {
                continue;
            }
            let id = text(invoice, "InvoiceID");
            let mut payments = books.rows("payments").iter();
            if payments.any(|payment| text(payment, "Invoice.InvoiceID") == id) {
                // Payments that were deleted leave journals that cancel each other.
                let sums = posted(&cash, invoice);
                findings.check(sums.is_empty(), || {
                    format!("{}: {}", name("invoices", invoice), sums.shown(books))
                });
            } else {
                findings.check(!cash.contains_key(id), || {
                    format!("{} has a cash journal", name("invoices", invoice))
                });
            }
        }
    });
}
