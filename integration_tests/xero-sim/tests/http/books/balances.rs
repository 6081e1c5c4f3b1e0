//! The balances of a contact are its open documents.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::fields::{day, has, text};
use super::findings::prove;
use super::reader::{Books, name};
use super::worlds;

/// What is open with a contact: of customers and of suppliers, each all and overdue, with the
/// number of documents that were converted.
type Open = [(i128, i128); 4];

/// Adds the open part of the documents of a stream. Credit counts against what is owed but not
/// against what is overdue: Xero's examples show more overdue than outstanding.
fn add_open<'a>(
    books: &'a Books,
    stream: &str,
    field: &str,
    today: NaiveDate,
    open: &mut HashMap<&'a str, Open>,
) {
    for row in books.rows(stream) {
        let due = books.own_amount(row, field);
        if text(row, "Status") != "AUTHORISED" || due == 0 {
            continue;
        }
        let (is_receivable, sign) = match text(row, "Type") {
            "ACCREC" => (true, 1),
            "ACCPAY" => (false, 1),
            "ACCRECCREDIT" => (true, -1),
            "ACCPAYCREDIT" => (false, -1),
            kind => (kind.starts_with("RECEIVE"), -1),
        };
        let due = books.at_rate(row, due);
        let sums = open.entry(text(row, "Contact.ContactID")).or_default();
        let at = if is_receivable { 0 } else { 2 };
        let is_overdue = sign > 0 && has(row, "DueDate") && day(row, "DueDate") < Some(today);
        for at in [Some(at), is_overdue.then_some(at + 1)]
            .into_iter()
            .flatten()
        {
            sums[at].0 += sign * due.floor();
            sums[at].1 += due.slack();
        }
    }
}

#[test]
fn balances_are_the_open_documents() {
    prove(|books, findings| {
        let mut open = HashMap::new();
        let today = worlds::today(books);
        add_open(books, "invoices", "AmountDue", today, &mut open);
        for stream in ["credit_notes", "prepayments", "overpayments"] {
            add_open(books, stream, "RemainingCredit", today, &mut open);
        }
        for contact in books.rows("contacts") {
            let balances = [
                "Balances.AccountsReceivable.Outstanding",
                "Balances.AccountsReceivable.Overdue",
                "Balances.AccountsPayable.Outstanding",
                "Balances.AccountsPayable.Overdue",
            ];
            let open = open
                .get(text(contact, "ContactID"))
                .copied()
                .unwrap_or_default();
            for (balance, (expected, converted)) in balances.into_iter().zip(open) {
                let found = books.amount(contact, balance);
                findings.check((found - expected).abs() <= converted, || {
                    let contact = name("contacts", contact);
                    format!("{contact}: {balance} is {found}, open {expected} +-{converted}")
                });
            }
        }
    });
}

#[test]
fn contacts_of_documents_are_customers_and_suppliers() {
    prove(|books, findings| {
        for invoice in books.rows("invoices") {
            if !matches!(text(invoice, "Status"), "AUTHORISED" | "PAID") {
                continue;
            }
            let is_sale = text(invoice, "Type") == "ACCREC";
            let flag = if is_sale { "IsCustomer" } else { "IsSupplier" };
            let contact = books.find("contacts", text(invoice, "Contact.ContactID"));
            let holds = contact.is_some_and(|contact: &Value| contact[flag] == true);
            findings.check(holds, || {
                format!("{}: its contact is no {flag}", name("invoices", invoice))
            });
        }
    });
}
